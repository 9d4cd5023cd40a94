"""Turn: what is kept of an earlier question and its answer for the next one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question with its final answer, without marks of passages. `reasoning` is for models that must have it back."""

    question: str
    answer: str = ""
    reasoning: str = ""
