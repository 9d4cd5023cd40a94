"""Figures as printed, and what they are: the one place that reads a number out of text.

A figure may carry a sign (brackets, a minus before or after, △), a currency, a word or letter of scale, a percent sign and the mark of
a footnote; digits may be grouped and divided in several ways. `1,234` and `1.234` are each a thousand in one country and one and
a bit in another: `notation_of` decides from everything printed nearby, and `parse_figure` then reads each. What is not a figure as a
whole, such as a date, a range or a section number, is none.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from apps.documents.tables.scales import CURRENCIES, CURRENCY, LARGE, SCALE, SCALES


class Notation(StrEnum):
    """The mark that divides whole and part; the other one, blanks and apostrophes may group digits."""

    POINT = "."
    COMMA = ","

    @property
    def other(self) -> "Notation":
        return Notation.COMMA if self is Notation.POINT else Notation.POINT


class FigureKind(StrEnum):
    """What a figure is of. A rate has its value as printed: 12.3 for 12.3 %, 40 for 40 basis points."""

    AMOUNT = "amount"
    PERCENT = "percent"
    PERMILLE = "permille"
    BASIS_POINTS = "basis points"
    POINTS = "percentage points"
    MULTIPLE = "multiple"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed figure.

    `step` is the worth of one in its last printed digit, so that the true value lies within half a step; a dash is an exact zero.
    `bare` says that it is printed as digits and nothing else, as years and the numbers of notes are.
    """

    value: Decimal
    step: Decimal
    kind: FigureKind = FigureKind.AMOUNT
    currency: str = ""
    bare: bool = False

    @property
    def may_be_year(self) -> bool:
        """Whether this may as well be a year."""
        return self.bare and self.step == 1 and 1900 <= self.value <= 2100


_GROUPING = "'’‘`´ʼ٬ \u00a0\u2007\u2008\u2009\u202f"
_MINUS = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63"
_NEGATIVE = _MINUS + "△▲▵"
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.333", "⅔": "0.667", "⅛": "0.125", "⅜": "0.375", "⅝": "0.625", "⅞": "0.875"}  # fmt: skip
KINDS = {
    FigureKind.PERCENT: r"%|٪|percent|per cent|pct\.?|Prozent",
    FigureKind.PERMILLE: "‰",
    FigureKind.BASIS_POINTS: "bps|bp|basis points?|Basispunkte",
    FigureKind.POINTS: r"pp|ppts?|p\.p\.|pts?|percentage points?|Prozentpunkte",
    FigureKind.MULTIPLE: "[x×X]",
}
"""How each kind of rate is marked after its figure."""

_ANY_KIND = "|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in KINDS.items())
_MARKS = r"(?:\s?(?:[*†‡§#¹²³⁰⁴-⁹]+|\([a-z]{1,2}\)|\(\d\)|\[\w{1,2}\]))*"
_NOTHING = re.compile(
    rf"[(\s]*(?:{CURRENCY})?[(\s]*(?:[{re.escape(_MINUS)}]{{1,3}}|nil)[)\s]*(?:{CURRENCY}|%)?[)\s]*{_MARKS}",
    re.IGNORECASE,
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LONGEST = 60


def _pattern(notation: Notation) -> re.Pattern[str]:
    divider, other = rf"[{notation}٫]", notation.other.value
    mark = "[" + re.escape(other + _GROUPING) + "]"
    part = rf"(?:{divider}(?P<part>\d+))?"
    grouped = rf"\d{{1,3}}(?P<mark>{mark})\d{{3}}(?:(?P=mark)\d{{3}})*"
    indian = rf"\d{{1,2}}(?:{re.escape(other)}\d\d)+{re.escape(other)}\d{{3}}"
    large = rf"(?:[\d,]+(?:\.\d+)?\s?[{LARGE}]\s?)+\d[\d,]*(?:\.\d+)?\s?[{LARGE}]?"
    numeral = rf"(?P<whole>{grouped}|{indian}|\d+|(?={divider}\d)){part}(?P<power>[eE][+-]?\d{{1,2}})?"
    sign = rf"[(+\s{re.escape(_NEGATIVE)}]*"
    return re.compile(
        rf"(?P<before>{sign}(?P<currency>{CURRENCY})?{sign})"
        rf"(?:(?P<large>{large})|{numeral}(?:\s?(?P<fraction>[{''.join(_FRACTIONS)}]))?|(?P<only>[{''.join(_FRACTIONS)}]))"
        rf"(?P<scale>{SCALE})?(?P<inside>[)\s]*)(?P<unit>{CURRENCY})?(?:\s?(?:{_ANY_KIND}))?(?P<after>[)\s{re.escape(_MINUS)}]*){_MARKS}"
    )


_PATTERNS = {notation: _pattern(notation) for notation in Notation}


def parse_figure(text: str, notation: Notation = Notation.POINT) -> Figure | None:
    """Return the figure that `text` is; None where it is none. What can only be read in the other notation is read in it."""
    return _parsed(text, notation) if len(text) <= _LONGEST else None


@lru_cache(maxsize=20_000)
def _parsed(text: str, notation: Notation) -> Figure | None:
    plain = text.strip() if text.isascii() else _plain(text)
    if _NOTHING.fullmatch(plain):
        return Figure(Decimal(0), Decimal(0), FigureKind.NOTHING)
    for each in (notation, notation.other):
        match = _PATTERNS[each].fullmatch(plain)
        if match:
            return _figure(match, plain)
    return None


def _plain(text: str) -> str:
    """Return the text with digits, signs and full-width letters of all scripts in their plain form, but no raised digit lowered."""
    shown = (chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in _UNSEEN.sub("", text))
    return "".join(str(int(c)) if c.isdecimal() else c for c in shown).strip()


def _figure(match: re.Match[str], plain: str) -> Figure | None:
    signs = match["before"] + match["inside"] + match["after"]
    opened, closed, minus = signs.count("("), signs.count(")"), sum(signs.count(c) for c in _NEGATIVE)
    if opened != closed or opened > 1 or minus > 1:
        return None
    read = _large(match["large"]) if match["large"] else _numeral(match)
    if read is None:
        return None
    value, step = read
    if match["scale"]:
        scale = SCALES[match["scale"].strip().rstrip(".")]
        value, step = value * scale, step * scale
    kind = next((FigureKind[name] for name in _NAMES if match[name]), FigureKind.AMOUNT)
    currency = match["currency"] or match["unit"] or ""
    return Figure(
        -value if opened or minus else value, step, kind, CURRENCIES.get(currency) or currency, plain.isdigit()
    )


_NAMES = tuple(kind.name for kind in KINDS)


def _numeral(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    if match["only"]:
        value = Decimal(_FRACTIONS[match["only"]])
        return value, Decimal("0.001")
    whole, part = re.sub(r"\D", "", match["whole"]), match["part"] or ""
    if (len(whole) > 1 and whole[0] == "0") or len(whole) > 18:
        return None  # a code or an account
    power = int(match["power"][1:]) if match["power"] else 0
    value = Decimal(f"{whole or 0}.{part}" if part else whole).scaleb(power)
    step = Decimal(1).scaleb(power - len(part))
    if match["fraction"]:
        return value + Decimal(_FRACTIONS[match["fraction"]]), Decimal("0.001")
    return value, step


def _large(text: str) -> tuple[Decimal, Decimal]:
    """Read a figure of several scales, such as 12億3,450万."""
    value, step = Decimal(0), Decimal(1)
    for number, scale in re.findall(rf"([\d.,]+)\s?([{LARGE}]?)", text):
        times = SCALES.get(scale, Decimal(1))
        digits = Decimal(number.replace(",", ""))
        value += digits * times
        step = Decimal(1).scaleb(int(str(digits.as_tuple().exponent))) * times
    return value, step


_MANY = re.compile(r"\d+(?:[.,'’٫٬]\d+|[ \u00a0\u2009\u202f]\d{3}(?!\d))+|\d+")


def notation_of(texts: Iterable[str], default: Notation = Notation.POINT) -> Notation:
    """Return the notation in which most of the texts, cells or sentences, must be read; the default where none says so."""
    votes: Counter[Notation] = Counter()
    open_to_both: Counter[str] = Counter()
    whole = 0
    for text in texts:
        for numeral in _MANY.findall(text):
            said = _divider_of(numeral)
            if said is not None:
                votes[said] += 1
            elif mark := next((c for c in numeral if c in ".,"), ""):
                open_to_both[mark] += 1
            elif numeral.isdigit() and len(numeral) <= 3:
                whole += 1
    if votes[Notation.POINT] != votes[Notation.COMMA]:
        return max(Notation, key=lambda notation: votes[notation])
    # Beside whole numbers of up to three digits, `1.234` is the next larger one and no fraction.
    if whole and len(open_to_both) == 1:
        return Notation(next(iter(open_to_both))).other
    return default


def _divider_of(numeral: str) -> Notation | None:
    """Return what divides whole and part in a numeral, if it can be read in one way only."""
    marks = [c for c in numeral if c in ".,"]
    last = numeral.rfind(marks[-1]) if marks else -1
    if not marks:
        return None
    after, mark = len(numeral) - last - 1, Notation(marks[-1])
    if len(set(marks)) == 2:
        return mark if marks.count(mark) == 1 else None
    if len(marks) > 1:
        return mark.other if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", numeral) else None
    before = numeral[:last]
    if after != 3 or before == "0" or not before.isdigit() or len(before) > 3:
        return mark
    return None
