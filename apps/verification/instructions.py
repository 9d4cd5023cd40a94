"""Text that addresses a model instead of a reader: orders, roles, forged turns of a chat, in plain sight or hidden. Pure.

Signs in several languages are looked for and add up where they stand near each other, since each alone has honest uses: a manual
gives orders, a policy speaks of assistants. What is written so that no reader sees it needs no further sign.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

CERTAIN = 1.0
"""The score from which a text counts."""

_NEAR = 240  # characters within which signs add up
_HIDDEN_LETTERS = 6  # letters between which nothing is seen, from which they are meant to be hidden
_FILE = Path(__file__).with_name("instruction_signs.toml")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TAGGED = re.compile("[\U000e0020-\U000e007e]{4,}")
_SPELLED_APART = re.compile(
    r"(?:[^\W\d_][\u200b\u2060\u2061-\u2064\ufeff\u00ad]+){%d,}" % _HIDDEN_LETTERS  # noqa: UP031  # braces
)
_TURNED_ROUND = re.compile("\u202e[^\u202c\n]{6,}")
_SUSPECT = 0.6
_TAGS = 0xE0000  # where ASCII stands once more, without being shown
_NOT_SHOWN = re.compile(f"{_INVISIBLE.pattern}|[\U000e0020-\U000e007e]")


class Kind(StrEnum):
    """What a text does to a model; the first that applies names it."""

    HIDDEN = "hidden"
    OVERRIDE = "override"
    CONTROL = "control"
    ADDRESSED = "addressed"
    ROLE = "role"
    DEMAND = "demand"
    ACTIVE = "active"
    CONCEALED = "concealed"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A half-open range of a text that addresses a model, how it does, and how surely; `score` is 1 or more."""

    start: int
    end: int
    kind: Kind
    score: float


@dataclass(frozen=True, slots=True)
class _Sign:
    start: int
    end: int
    kind: Kind
    weight: float


def instructions_in(text: str) -> list[Instruction]:
    """Return where a text addresses a model, in order; ranges do not overlap."""
    seen, places = _as_read(text)
    found = sorted([*_hidden(text), *_signs(seen, places)], key=lambda sign: (sign.start, sign.end))
    groups: list[list[_Sign]] = []
    for sign in found:
        if groups and sign.start - max(each.end for each in groups[-1]) <= _NEAR:
            groups[-1].append(sign)
        else:
            groups.append([sign])
    return [instruction for group in groups if (instruction := _added_up(group))]


def _added_up(group: list[_Sign]) -> Instruction | None:
    """Return what signs near each other amount to; each kind counts once."""
    weights = {sign.kind: sign.weight for sign in group}
    score = sum(weights.values())
    if score < CERTAIN:
        return None
    kind = next(kind for kind in Kind if kind in weights)
    return Instruction(min(sign.start for sign in group), max(sign.end for sign in group), kind, round(score, 3))


def _signs(seen: str, places: Sequence[int]) -> Iterator[_Sign]:
    for kind, (weight, pattern) in _patterns().items():
        for match in pattern.finditer(seen):
            yield _Sign(places[match.start()], places[max(match.end() - 1, match.start())] + 1, kind, weight)


def _hidden(text: str) -> Iterator[_Sign]:
    """Yield what is written in characters that are not shown."""
    if text.isascii():
        return
    for pattern, weight in ((_TAGGED, CERTAIN), (_SPELLED_APART, CERTAIN), (_TURNED_ROUND, _SUSPECT)):
        for match in pattern.finditer(text):
            yield _Sign(match.start(), match.end(), Kind.HIDDEN, weight)


def _as_read(text: str) -> tuple[str, Sequence[int]]:
    """Return the text as a model reads it, hidden characters shown or left out, and where each character was."""
    if text.isascii() or not _NOT_SHOWN.search(text):
        return text, range(len(text) + 1)
    shown: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if not _INVISIBLE.match(char):
            code = ord(char)
            shown.append(chr(code - _TAGS) if _TAGS < code < _TAGS + 0x7F else char)
            places.append(place)
    return "".join(shown), [*places, len(text)]


@cache
def _patterns() -> dict[Kind, tuple[float, re.Pattern[str]]]:
    signs = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    models = "(?:" + "|".join([*signs["ai"]["words"], *signs["ai"]["anywhere"]]) + ")"
    made = {}
    for name, sign in signs.items():
        if name == "ai":
            continue
        words = [rf"(?<!\w)(?:{'|'.join(sign['words'])})(?!\w)"] if sign["words"] else []
        # A printed line may break anywhere.
        pattern = "|".join([*words, *sign["anywhere"]]).replace("{ai}", models)
        made[Kind(name)] = sign["weight"], re.compile(_any_blank(pattern), re.IGNORECASE)
    return made


def _any_blank(pattern: str) -> str:
    """Return a pattern in which every blank outside brackets meets any number of blanks and line ends."""
    return re.sub(r" (?![^\[\]]*\])", r"\\s+", pattern)
