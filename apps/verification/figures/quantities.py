"""What a figure must meet: a value with its unit, whether it stands somewhere or was computed. And whether a printed figure meets it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from apps.documents.tables.numbers import FigureKind
from apps.verification.figures.grounds import Fact
from apps.verification.figures.mentions import Mention

ONE = Decimal(1)
_PER_CENT = {
    FigureKind.PERCENT: ONE,
    FigureKind.POINTS: ONE,
    FigureKind.PERMILLE: Decimal("0.1"),
    FigureKind.BASIS_POINTS: Decimal("0.01"),
}
_LOOSE_RATE = 1000
"""What is printed without a sign and is larger is no percentage."""
_DOLLARS = frozenset(["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN"])
_YENS = frozenset(["JPY", "CNY"])
_ROUGHEST = Decimal("0.1")
"""A figure that is said to be about right may be off by this share."""


class Flaw(StrEnum):
    """In what a figure departs from what it comes from."""

    VALUE = "value"
    SCALE = "scale"
    SIGN = "sign"
    CURRENCY = "currency"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact value. `is_ratio`: of amounts of one kind, so that it may be written in per cent. A rate has its value as printed.

    `scale` is that in which amounts like it are printed, None where it is not known: then `value` is as printed. `step` is the worth of
    one in the last digit of its source, 0 if it was computed.
    """

    value: Decimal
    kind: FigureKind = FigureKind.AMOUNT
    currency: str = ""
    scale: Decimal | None = None
    step: Decimal = Decimal(0)
    is_ratio: bool = False
    is_constant: bool = False

    @property
    def is_rate(self) -> bool:
        return self.kind in _PER_CENT

    @property
    def per_cent(self) -> Decimal:
        """A rate in per cent."""
        return self.value * _PER_CENT[self.kind]

    @property
    def as_factor(self) -> Decimal:
        """What multiplying by this means: 0.05 for 5 %."""
        return self.per_cent / 100 if self.is_rate else self.value


def quantity_of(fact: Fact) -> Quantity:
    """Return what a printed figure is worth in full."""
    if fact.is_nothing:
        return Quantity(Decimal(0), scale=fact.unit.scale)
    scale = fact.unit.scale or ONE
    kind = fact.unit.kind
    if kind is not FigureKind.AMOUNT:
        return Quantity(fact.value, kind, step=fact.step, scale=ONE)
    return Quantity(fact.value * scale, kind, fact.unit.currency, fact.unit.scale, fact.step * scale)


def flaws_against(mention: Mention, quantity: Quantity) -> tuple[Flaw, ...] | None:
    """Return in what a figure departs from a quantity whose digits it has, nothing if it meets it; None if its digits are others."""
    found: tuple[Flaw, ...] | None = None
    for value, step, flaws in _readings(mention, quantity):
        if _meets(mention, value, step):
            if not flaws:
                return _currency_flaw(mention, quantity)
            found = found or flaws
    return found


def _readings(mention: Mention, quantity: Quantity) -> Iterator[tuple[Decimal, Decimal, tuple[Flaw, ...]]]:
    """Yield what the figure may be measured by, in its own unit, and what is wrong with it where it is measured so."""
    value, step = quantity.value, quantity.step
    if mention.kind in _PER_CENT:
        yield from _as_rate(quantity, _PER_CENT[mention.kind])
    elif quantity.is_rate:
        if not mention.currency and mention.scale == 1:
            yield value, step, ()
            yield quantity.per_cent / 100, step / 100, ()
    elif quantity.is_ratio or quantity.is_constant or mention.kind is FigureKind.MULTIPLE:
        # An amount per head or per share may be written in the scale of the amount.
        times = quantity.scale or ONE
        yield value, step, () if mention.scale == 1 else (Flaw.SCALE,)
        if mention.scale != 1 and quantity.is_ratio:
            yield value * times, step * times, ()
    else:
        yield from _as_amount(mention, quantity)


def _as_rate(quantity: Quantity, per_cent: Decimal) -> Iterator[tuple[Decimal, Decimal, tuple[Flaw, ...]]]:
    value, step = quantity.value, quantity.step
    if quantity.is_rate:
        yield quantity.per_cent / per_cent, step / per_cent, ()
    elif quantity.is_ratio:
        yield value * 100 / per_cent, step * 100 / per_cent, ()
    elif not quantity.currency and quantity.scale in (None, ONE):
        if abs(value) < _LOOSE_RATE:
            yield value / per_cent, step / per_cent, ()
        if abs(value) <= 1:
            yield value * 100 / per_cent, step * 100 / per_cent, ()


def _as_amount(mention: Mention, quantity: Quantity) -> Iterator[tuple[Decimal, Decimal, tuple[Flaw, ...]]]:
    value, step, scale = quantity.value, quantity.step, quantity.scale
    if scale is None:  # nowhere is said in what the figures stand: a scale that the answer gives can not be judged
        yield value, step, ()
        yield value * mention.scale, step * mention.scale, ()
        return
    yield value, step, ()
    if scale != 1 and mention.scale == 1:
        yield value / scale, step / scale, (Flaw.SCALE,) if mention.currency else ()
    for power in (3, 6, 9, 12):
        times = ONE.scaleb(power)
        yield value * times, step * times, (Flaw.SCALE,)
        yield value / times, step / times, (Flaw.SCALE,)


def _meets(mention: Mention, value: Decimal, step: Decimal) -> bool:
    """Whether the figure is the value, rounded to its last digit, whatever their signs."""
    off = abs(abs(mention.value) - abs(value))
    if off == 0:
        return True
    if step > mention.step and not mention.approximate:
        return False
    if mention.approximate:
        return off <= max(min(_round_step(mention), abs(value) * _ROUGHEST), mention.step / 2)
    return off * 2 <= mention.step


def _round_step(mention: Mention) -> Decimal:
    """Return the worth of one in the last digit that is not a nought: about 1,200 is meant to the hundred."""
    value = mention.value.normalize()
    return max(mention.step, ONE.scaleb(int(str(value.as_tuple().exponent))) if mention.value else mention.step)


def _currency_flaw(mention: Mention, quantity: Quantity) -> tuple[Flaw, ...]:
    one, other = mention.currency, quantity.currency
    if not one or not other or one == other or quantity.is_ratio:
        return ()
    for sign, codes in (("$", _DOLLARS), ("¥", _YENS), ("￥", _YENS)):
        if (one == sign and other in codes) or (other == sign and one in codes):
            return ()
    return (Flaw.CURRENCY,) if len(one) == 3 or len(other) == 3 or {one, other} <= {"$", "¥"} else ()
