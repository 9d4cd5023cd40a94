"""Write figures as a text writes its own: the same grouping, the same mark before the decimals, as many decimals."""

import re
from decimal import ROUND_HALF_UP, Decimal

from apps.documents.tables.numbers import FigureKind, Notation
from apps.verification.figures.mentions import Mention
from apps.verification.figures.quantities import Quantity

ONE = Decimal(1)
_PER_UNIT = {
    FigureKind.PERCENT: 100,
    FigureKind.POINTS: 100,
    FigureKind.PERMILLE: 1000,
    FigureKind.BASIS_POINTS: 10_000,
}
_GROUPED = re.compile(r"\d([^\d]?)\d{3}(?!\d)")
_MOST_DECIMALS = 12


def number(
    value: Decimal, notation: Notation = Notation.POINT, *, decimals: int | None = None, group: str | None = None
) -> str:
    """Return a number with its thousands grouped; without `decimals` with as many as it has."""
    if decimals is not None:
        value = value.quantize(ONE.scaleb(-decimals), rounding=ROUND_HALF_UP)
    mark = notation.other.value if group is None else group
    text = format(value, ",f").replace(",", "\0").replace(".", notation.value).replace("\0", mark)
    return text.replace("-", "−")


def result(quantity: Quantity, like: Mention, notation: Notation) -> str:
    """Return an exact value as it is printed after a calculation, in the unit of the figure that it is for."""
    value = _in_unit_of(quantity, like)
    decimals = min(_MOST_DECIMALS, max(_decimals(like), 0))
    text = number(value, notation, decimals=decimals)
    if like.kind is FigureKind.AMOUNT or like.kind is FigureKind.MULTIPLE:
        return text
    return f"{text} {_SIGNS[like.kind]}"


_SIGNS = {FigureKind.PERCENT: "%", FigureKind.POINTS: "pp", FigureKind.PERMILLE: "‰", FigureKind.BASIS_POINTS: "bps"}


def corrected(mention: Mention, quantity: Quantity, notation: Notation) -> str:
    """Return the figure as it should read, in the words and the notation in which it was written."""
    value = _in_unit_of(quantity, mention)
    if (
        quantity.scale not in (None, ONE)
        and mention.scale == 1
        and not mention.currency
        and mention.kind is FigureKind.AMOUNT
    ):
        value = value / (quantity.scale or ONE)  # a figure as printed in its table is set right as printed there
    decimals = _decimals(mention)
    if not quantity.step and quantity.value and value == 0:
        decimals += 2
    while decimals < _MOST_DECIMALS and quantity.step and value != round(value, decimals):
        decimals += 1
    start, end = mention.digits[0] - mention.start, mention.digits[1] - mention.start
    before, after = mention.text[:start], mention.text[end:]
    before = re.sub(r"[-−–‐△▲▵+(]\s?", "", before)
    if mention.bracketed:
        after = after.replace(")", "", 1)
    digits = mention.text[start:end]
    grouped = _GROUPED.search(digits)
    group = grouped[1] if grouped and grouped[1] not in (notation.value,) else None
    shown = number(abs(value), notation, decimals=decimals, group=group)
    return f"{'−' if value < 0 else ''}{before}{shown}{after}"


def _in_unit_of(quantity: Quantity, mention: Mention) -> Decimal:
    """Return the value as a number in the unit and scale in which the figure is written."""
    if mention.kind in _PER_UNIT:
        return quantity.as_factor * _PER_UNIT[mention.kind] if quantity.is_rate or quantity.is_ratio else quantity.value
    if quantity.is_rate or quantity.is_ratio or quantity.is_constant:
        return quantity.value
    if quantity.scale is None:
        return quantity.value
    return quantity.value / mention.scale


def _decimals(mention: Mention) -> int:
    """Return how many decimals are printed."""
    return max(0, -int(str((mention.step / mention.scale).normalize().as_tuple().exponent)))
