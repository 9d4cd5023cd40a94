"""What the model says as a judge, read from the last line of its reply. A reply without a verdict is none, and is counted."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from apps.evaluation.grading.grades import By, Gold, Grade, Label
from apps.evaluation.judging.prompts import filled

Say = Callable[[str], str]
"""Asks the judge something, and returns its reply."""

Better = Literal["first", "second", "tie"]

_GRADE = re.compile(r"GRADE\W{0,4}(correct|incorrect|refusal)\b", re.IGNORECASE)
_SCORE = re.compile(r"SCORE\W{0,4}(10|[1-9])(?![\d.]\d|\d)", re.IGNORECASE)
_BETTER = re.compile(r"BETTER\W{0,4}(A|B|tie)\b", re.IGNORECASE)
_LONGEST_WHY = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """A number from 1 to 10, and why."""

    score: int
    why: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Which of two answers is better; `swapped` is what was said of them in the other order, told by the same names. Only a verdict
    that does not turn with the order counts; None where either reply had none."""

    straight: Better | None
    swapped: Better | None

    @property
    def better(self) -> Better | None:
        if self.straight is None or self.swapped is None:
            return None
        return self.straight if self.straight == self.swapped else "tie"

    @property
    def is_steady(self) -> bool:
        return self.straight is not None and self.straight == self.swapped


def judged_grade(say: Say, gold: Gold, answer: str) -> Grade | None:
    """Return the grade that the judge gives; None if its reply has none."""
    reference = "\n".join(f"{answer} {gold.scale}".strip() for answer in gold.answers)
    reply = say(filled("grade", question=gold.question, reference=reference, answer=answer or "(nothing)"))
    found = _last(_GRADE, reply)
    return Grade(Label(found.casefold()), By.MODEL, is_sure=True, why=_why(reply)) if found else None


def score(say: Say, *, rubric: str, turns: Sequence[str], reference: str, answer: str) -> Verdict | None:
    """Return how good an answer is to the last of `turns`; None if the reply does not say."""
    reply = say(filled("score", rubric=rubric, question=_talk(turns), reference=reference or "(none)", answer=answer))
    found = _last(_SCORE, reply)
    return Verdict(int(found), _why(reply)) if found else None


def compare(say: Say, *, rubric: str, turns: Sequence[str], reference: str, first: str, second: str) -> Pair:
    """Return which of two answers the judge finds better, asked twice with their order swapped."""

    def asked(one: str, other: str) -> str:
        parts = {"rubric": rubric, "question": _talk(turns), "reference": reference or "(none)"}
        return _last(_BETTER, say(filled("pair", **parts, first=one, second=other))).casefold()

    straight: dict[str, Better] = {"a": "first", "b": "second", "tie": "tie"}
    swapped: dict[str, Better] = {"a": "second", "b": "first", "tie": "tie"}
    return Pair(straight.get(asked(first, second)), swapped.get(asked(second, first)))


def _talk(turns: Sequence[str]) -> str:
    return "\n\n".join(turns)


def _last(pattern: re.Pattern[str], reply: str) -> str:
    found: list[str] = pattern.findall(reply)
    return found[-1] if found else ""


def _why(reply: str) -> str:
    return " ".join(re.sub(r"(?:GRADE|SCORE)\W.*\Z", "", reply, flags=re.DOTALL).split())[:_LONGEST_WHY]
