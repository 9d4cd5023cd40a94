"""Turn: what is kept of an earlier question and its answer for the next one."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question with its final answer, without marks of passages. `reasoning` is for models that must have it back;
    `documents` are what the answer is written from."""

    question: str
    answer: str = ""
    reasoning: str = ""
    documents: frozenset[uuid.UUID] = frozenset()
