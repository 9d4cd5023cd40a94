"""Whether an answer states the figures of the right one, however they are printed. Pure.

A figure is met within 1 % of it or within its last printed digit, whatever the currency sign, separators and per cent sign.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from apps.documents.tables.numbers import FigureKind
from apps.documents.tables.scales import SCALES
from apps.evaluation.grading.grades import Gold
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.figures.signs import DECREASED, LOSS

_NEAR = Decimal("0.01")
_LITTLE = Decimal("0.05")
_ONE = Decimal(1)
_SAID_SCALE = re.compile(r"\b(?:thousands?|millions?|billions?)\b|\b(?:Tsd|Mio|Mrd)\b|百万|千|億", re.IGNORECASE)
_PLAIN = re.compile(r"[^\d.,()+−–-]")
_FRAME = re.compile(
    r"^\W*(?:[\d.,()+−–\s$€£¥%-]|USD|EUR|million|billion|thousand|百万円|円|ポイント|倍|年|社|%)+\W*$", re.IGNORECASE
)
_POINTS = re.compile(r"\s?(?:ポイント|percentage points?)")


def is_figure(answer: str) -> bool:
    """Return whether an answer is a figure and nothing more."""
    return bool(figures_of(answer)) and _FRAME.match(answer.strip()) is not None


def figures_of(text: str) -> list[Mention]:
    """Return the figures of a right answer."""
    found = list(mentions_in(text))
    if not found and (whole := _whole(text)) is not None:
        return [whole]
    return found


def states(answer: str, wanted: Mention, gold: Gold) -> bool:
    """Return whether an answer states one figure of the right one."""
    return any(
        _meets(mention, value, step) and _sign_fits(mention, value, answer)
        for mention in _with_years(answer, wanted)
        for value, step in _worths(wanted, mention, gold)
    )


def _with_years(answer: str, wanted: Mention) -> Sequence[Mention]:
    """Return the figures of an answer; what reads like a year too, where one is wanted."""
    found = list(mentions_in(answer))
    digits = wanted.text.strip()
    if wanted.bare and digits.isdigit() and re.search(rf"(?<![\d.,]){digits}(?![\d]|[.,]\d)", answer):
        found.append(wanted)
    return found


def _worths(wanted: Mention, mention: Mention, gold: Gold) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield what a figure may be measured by: value and step, in the unit of the mention."""
    value, step = wanted.value, wanted.step
    is_rate = wanted.is_rate or gold.scale == "percent"
    if is_rate:
        yield value, step
        if not mention.is_rate and mention.bare is False and mention.scale == 1 and not mention.currency:
            yield value / 100, step / 100
        if not mention.is_rate and mention.bare is False and mention.kind is not FigureKind.AMOUNT:
            yield value / 100, step / 100
        return
    if mention.is_rate and mention.kind is not FigureKind.MULTIPLE:
        if abs(value) <= 1:
            yield value * 100, step * 100
        return
    for scale in _scales(wanted, mention, gold):
        yield value * scale, step * scale


def _scales(wanted: Mention, mention: Mention, gold: Gold) -> Iterable[Decimal]:
    """Return by what the figure may be multiplied. What is said with one of the two alone is taken to be meant for both."""
    if wanted.scale != 1:
        return (_ONE, _ONE / wanted.scale) if mention.scale == 1 else (_ONE,)
    said = {SCALES.get(gold.scale.casefold(), _ONE)} | {
        SCALES.get(match.group().casefold().rstrip("s"), _ONE) for match in _SAID_SCALE.finditer(gold.question)
    }
    scales = said | {_ONE}
    if said == {_ONE} and mention.scale != 1:
        scales = scales | {mention.scale}
    return scales


def _meets(mention: Mention, value: Decimal, step: Decimal) -> bool:
    """Whether a figure is within 1 %, or the last printed digit of one whose last digit says little of it; whole numbers are off
    by one digit only where more is printed."""
    off = abs(abs(mention.value) - abs(value))
    if off <= abs(value) * _NEAR:
        return True
    if step > abs(value) * _LITTLE:
        return off * 2 <= step and mention.step < step
    return off <= step if step < 1 else off < step and mention.step < step


def _sign_fits(mention: Mention, value: Decimal, answer: str) -> bool:
    if not value or (mention.value < 0) == (value < 0):
        return True
    start = max(answer.rfind(". ", 0, mention.start), answer.rfind("\n", 0, mention.start)) + 1
    around = answer[start : mention.end + 80]
    return bool(DECREASED.search(around) or LOSS.search(around)) or value > 0


def _whole(text: str) -> Mention | None:
    """Return a text that is a number and nothing else, such as a year."""
    plain = _PLAIN.sub("", _POINTS.sub("", text)).replace(",", "").replace("−", "-").strip()
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    exponent = value.as_tuple().exponent
    step = _ONE.scaleb(exponent) if isinstance(exponent, int) else _ONE
    return Mention(0, len(text), plain, value, step, bare=plain.isdigit(), digits=(0, len(text)))
