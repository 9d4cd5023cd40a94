"""What is said of an answer beside the one that people know to be right."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Label(StrEnum):
    """Of an answer; `refusal` says that the documents do not answer, or that whoever answers cannot."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    REFUSAL = "refusal"


class By(StrEnum):
    """What decided."""

    OUTCOME = "outcome"
    REFUSAL = "refusal"
    FIGURE = "figure"
    DATE = "date"
    POLARITY = "polarity"
    WORDS = "words"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Gold:
    """What is known to answer a question. Each of `answers` does by itself. `scale` is in what their figures stand, as `million`,
    where that is not said with them."""

    question: str
    answers: tuple[str, ...]
    scale: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """`is_sure`: figures, dates or a refusal said in so many words decided; otherwise a model may know better."""

    label: Label
    by: By
    is_sure: bool
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label.value, "by": self.by.value, "sure": self.is_sure, "why": self.why}
