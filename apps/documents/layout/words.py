"""The smallest things with a place: words, and the pieces of printed lines that they make up.

Places are in points. Each word is in the frame in which it reads from left to right and lines follow downwards, whichever way
it stands on the page; `Frame` leads back to the page as displayed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from apps.core.geometry import Box, rounded


class Frame(Enum):
    """How text stands on the displayed page: upright, turned by quarters counter-clockwise, or slanting across it."""

    UPRIGHT = 0
    SLANTING = 45
    UPWARDS = 90
    UPSIDE_DOWN = 180
    DOWNWARDS = 270

    def enter(self, box: Box, width: float, height: float) -> Box:
        """Return a box of the displayed page, in points, as it is in this frame."""
        x0, y0, x1, y1 = box
        match self:
            case Frame.UPRIGHT | Frame.SLANTING:
                return box
            case Frame.UPWARDS:
                return (height - y1, x0, height - y0, x1)
            case Frame.UPSIDE_DOWN:
                return (width - x1, height - y1, width - x0, height - y0)
            case Frame.DOWNWARDS:
                return (y0, width - x1, y1, width - x0)

    def leave(self, box: Box, width: float, height: float) -> Box:
        """Return a box of this frame on the displayed page, in points; undoes `enter`."""
        x0, y0, x1, y1 = box
        match self:
            case Frame.UPRIGHT | Frame.SLANTING:
                return box
            case Frame.UPWARDS:
                return (y0, height - x1, y1, height - x0)
            case Frame.UPSIDE_DOWN:
                return (width - x1, height - y1, width - x0, height - y0)
            case Frame.DOWNWARDS:
                return (width - y1, x0, width - y0, x1)

    def fraction(self, box: Box, width: float, height: float) -> Box:
        """Return a box of this frame as fractions of the displayed page."""
        x0, y0, x1, y1 = self.leave(box, width, height)
        return rounded((x0 / width, y0 / height, x1 / width, y1 / height))


class Word(NamedTuple):
    """A run of characters without a blank. A named tuple because a long document has millions of them."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    baseline: float
    size: float
    bold: bool
    frame: Frame = Frame.UPRIGHT


_CODE = "AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|NOK|PLN|RMB|SEK|SGD|TRY|USD|ZAR"
_BEFORE = rf"(?:US\$|HK\$|[ACRS]\$|[$€£¥₩₹]|kr\.?|Rs\.?|(?:{_CODE})(?=[\s\d(+–—−-]))"
_AFTER = rf"(?:€|kr\.?|zł|Kč|{_CODE})"
_NUMBER = re.compile(
    rf"^[(\[]?[-–—−+]?\s?{_BEFORE}?\s?[(]?[-–—−+]?\d(?:[\d,.’'` ]*\d)?\.?\s?[%xX×]?[)\]]?"
    rf"\s?(?:{_AFTER}|%|bps|pts|x|million|billion|m|bn|years?|yrs?|months?|weeks?|days?)?[)\]]?[*†]*$"
)
_AMOUNT = re.compile(rf"^{_BEFORE}?\s?\d{{1,3}}(?:[,.’'`]\d{{2,3}})+(?![\d%])(?!\s?%)")
_PLACEHOLDERS = frozenset(
    {"—", "–", "-", "−", "*", "N/A", "n/a", "NM", "nm", "N/M", "n/m", "$", "€", "£", "%", "$—", "$–", "—%", "n.a."}
)


@lru_cache(maxsize=1 << 14)
def is_number(text: str) -> bool:
    """Return whether a cell holds a figure, or what stands in the place of one."""
    text = text.strip()
    return text in _PLACEHOLDERS or bool(_NUMBER.match(text)) or text.replace(" ", "") in _PLACEHOLDERS


def begins_with_amount(text: str) -> bool:
    """Return whether a cell begins with an amount, and words follow it."""
    return bool(_AMOUNT.match(text))


_YEAR = re.compile(
    r"^\(?(?:FY|CY)?\s?(?:19|20)\d\d(?:[AEFP]|/\d\d)?\)?(?:\s?[*†‡]|\s?\(\w\))?$|^(?:[1-4]?Q[1-4]?|[HS][12])\s?['’]?(?:\d\d){1,2}$"
)


def is_year(text: str) -> bool:
    """Return whether a cell names a year or a part of one, as a heading does."""
    return bool(_YEAR.match(text.strip()))


def run_on(first: str, second: str) -> str:
    """Return two printed lines as one text; a word parted between them is put together around its soft hyphen."""
    return first + second if first.endswith("\u00ad") else f"{first} {second}"


@dataclass(slots=True)
class Fragment:
    """Words that follow each other on one printed line without a wide gap. Grows while lines are put together, then stays."""

    words: list[Word]
    x0: float
    y0: float
    x1: float
    y1: float
    baseline: float
    size: float
    order: int
    right_to_left: bool = False

    @classmethod
    def of(cls, words: Sequence[Word], order: int) -> "Fragment":
        """Return the fragment of one or more words."""
        longest = max(words, key=lambda word: len(word.text))
        return cls(
            list(words),
            min(word.x0 for word in words),
            min(word.y0 for word in words),
            max(word.x1 for word in words),
            max(word.y1 for word in words),
            longest.baseline,
            longest.size,
            order,
        )

    def add(self, word: Word) -> None:
        """Put a word at the end."""
        self.words.append(word)
        self.x0, self.y0 = min(self.x0, word.x0), min(self.y0, word.y0)
        self.x1, self.y1 = max(self.x1, word.x1), max(self.y1, word.y1)
        if word.size > self.size:
            self.size, self.baseline = word.size, word.baseline

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        return (self.x0, self.y0, self.x1, self.y1)

    @property
    def bold(self) -> bool:
        return all(word.bold for word in self.words)

    @property
    def is_number(self) -> bool:
        """Whether it is a figure, its raised marks of footnotes left aside."""
        if len(self.words) == 1:
            return is_number(self.words[0].text)
        return is_number(" ".join(word.text for word in self.words if word.size > 0.8 * self.size))


def merge(fragments: Sequence[Fragment]) -> Fragment:
    """Return one fragment of several on the same line, in the order given."""
    merged = Fragment.of([word for fragment in fragments for word in fragment.words], min(f.order for f in fragments))
    merged.right_to_left = 2 * sum(f.right_to_left for f in fragments) > len(fragments)
    return merged
