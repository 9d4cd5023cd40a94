"""What kind of question this is, and so the effort it deserves. Pure, and quick enough for every keystroke.

Nothing is learned and no language is guessed: the signs of routing_signs.toml are looked for in all languages at once, and
many are no words at all (two years, an operator, one relation inside another). A sign that is missed costs a shorter thought,
never an answer, and the asker overrules it by naming an effort.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from apps.reasoning.models import Effort

AUTO = "auto"
"""The effort to ask for so that one is proposed."""

_BROAD = 240
"""Characters from which a question says more than one thing."""

_END = 300
"""Characters that are read of either end of a long question."""

_FILE = Path(__file__).with_name("routing_signs.toml")
_UNSPACED = {"zh", "ja", "any"}


class Kind(StrEnum):
    LOOKUP = "lookup"
    COMPARISON = "comparison"
    CALCULATION = "calculation"
    MULTI_STEP = "multi_step"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An effort, the kind of question that it is for, and `why` in a sentence for the asker."""

    effort: Effort
    kind: Kind
    why: str


def propose_effort(question: str) -> Proposal:
    """Return the effort that fits a question."""
    kind = kind_of(question)
    if kind is Kind.MULTI_STEP:
        return Proposal(Effort.DEEP, kind, _("One thing has to be found before the other can be looked for."))
    if kind is Kind.CALCULATION:
        return Proposal(Effort.STANDARD, kind, _("A figure has to be worked out from others."))
    if kind is Kind.COMPARISON:
        return Proposal(Effort.STANDARD, kind, _("Several things are held against each other."))
    if len(question) > _BROAD or shows(_told(question), "open"):
        return Proposal(Effort.STANDARD, kind, _("It asks for more than one passage is likely to say."))
    return Proposal(Effort.QUICK, kind, _("One passage is likely to say it."))


def kind_of(question: str) -> Kind:
    """Return the kind of a question; what shows no sign of another is a lookup."""
    words = _told(question)
    times = len({time.casefold() for time in times_in(words)})
    compared = _is_compared(words, times)
    if compared and shows(words, "between_them"):
        return Kind.MULTI_STEP
    if _is_worked_out(words, times):
        return Kind.CALCULATION
    if compared:
        return Kind.COMPARISON
    if shows(words, "chained", "second_question"):
        return Kind.MULTI_STEP
    return Kind.LOOKUP


def times_in(question: str) -> list[str]:
    """Return the years and quarters that a question names, in its order."""
    return [found.group() for found in _sign("time").finditer(question)]


def shows(words: str, *signs: str) -> bool:
    """Return whether a question shows one of these signs, by the names that the file of signs gives them."""
    return any(_sign(sign).search(words) for sign in signs)


def _is_worked_out(words: str, times: int) -> bool:
    if shows(words, "arithmetic", "operator"):
        return True
    if times > 1 and shows(words, "gathered") and not shows(words, "apart"):
        return True
    if not shows(words, "change") or shows(words, "either_way"):
        return False
    return times > 1 or shows(words, "measured")


def _is_compared(words: str, times: int) -> bool:
    if shows(words, "compared", "superlative_of_many"):
        return True
    return (times > 1 or shows(words, "alternatives")) and shows(words, "degree")


def _told(question: str) -> str:
    """Return the part of a question that is read: all of one that is typed, both ends of one that was pasted."""
    words = question.strip()
    return words if len(words) <= 2 * _END else f"{words[:_END]}\n{words[-_END:]}"


@cache
def _sign(name: str) -> re.Pattern[str]:
    """Return the pattern of a sign over all languages; raises KeyError for one that the file does not have."""
    roles = "(?:" + "|".join(role for line in _signs()["role"].values() for role in line) + ")"
    words = [word for language, line in _signs()[name].items() if language not in _UNSPACED for word in line]
    parts = [part for language, line in _signs()[name].items() if language in _UNSPACED for part in line]
    whole = [rf"\b(?:{'|'.join(words)})\b"] if words else []
    return re.compile("|".join([*whole, *parts]).replace("{role}", roles), re.IGNORECASE)


@cache
def _signs() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
