"""Calculations over figures: a small grammar, computed in exact decimals with units and scales carried along.

An expression is a tree of operands, constants and operators. What can not be computed, such as a division by nought or millions
added to per cents, is `Incomputable`, with the reason in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext

from apps.documents.tables.numbers import FigureKind
from apps.verification.figures.grounds import Fact
from apps.verification.figures.quantities import Quantity, quantity_of

ONE, HUNDRED = Decimal(1), Decimal(100)
_DIGITS = 40
_MOST_POWER = 200


class Incomputable(ValueError):
    """A calculation that has no value."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure of the calculation as written, and what it is worth there. `fact` is what it stands for in the passages; None for a
    constant or one found nowhere."""

    text: str
    quantity: Quantity
    fact: Fact | None = None

    @property
    def is_unfounded(self) -> bool:
        return self.fact is None and not self.quantity.is_constant


@dataclass(frozen=True, slots=True)
class Operation:
    """`+ - * / ^` over two or more, or `-` and `abs` of one."""

    operator: str
    parts: tuple["Expression", ...]


Expression = Operand | Operation

_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "^": "^"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


def operands_of(expression: Expression) -> Iterator[Operand]:
    """Yield the operands from left to right."""
    if isinstance(expression, Operand):
        yield expression
    else:
        for part in expression.parts:
            yield from operands_of(part)


def shown(expression: Expression) -> str:
    """Return the calculation as it is printed: `(1,204 − 1,087) ÷ 1,087`."""
    return _shown(expression, 0, is_right=False)


def _shown(expression: Expression, outer: int, *, is_right: bool) -> str:
    if isinstance(expression, Operand):
        negative = expression.quantity.value < 0 and expression.fact is not None
        return f"({expression.text})" if negative and outer and not expression.text.startswith("(") else expression.text
    if expression.operator == "abs":
        return f"|{_shown(expression.parts[0], 0, is_right=False)}|"
    binds = _BINDS[expression.operator]
    if len(expression.parts) == 1:
        text = f"−{_shown(expression.parts[0], 3, is_right=True)}"
        return f"({text})" if outer else text
    parts = [_shown(part, binds, is_right=index > 0) for index, part in enumerate(expression.parts)]
    text = f" {_SIGNS[expression.operator]} ".join(parts)
    return f"({text})" if binds < outer or (binds == outer and is_right) else text


def computed(expression: Expression) -> Quantity:
    """Return the value of an expression; raise Incomputable where it has none."""
    with localcontext() as context:
        context.prec = _DIGITS
        try:
            return _computed(expression)
        except (DivisionByZero, InvalidOperation, Overflow) as error:
            raise Incomputable("no value") from error


def _computed(expression: Expression) -> Quantity:
    if isinstance(expression, Operand):
        return expression.quantity
    values = [_computed(part) for part in expression.parts]
    if len(values) == 1:
        single = values[0]
        turned = abs(single.value) if expression.operator == "abs" else -single.value
        return replace(single, value=turned, step=Decimal(0))
    result = values[0]
    for value in values[1:]:
        result = _APPLY[expression.operator](result, value)
    return result


def _scaled_alike(one: Quantity, other: Quantity) -> tuple[Quantity, Quantity]:
    """Take the scale that is said of one amount for the other, of which nothing is said."""
    if one.is_rate or other.is_rate or one.is_ratio or other.is_ratio:
        return one, other
    if one.scale is None and other.scale is not None and not other.is_constant:
        one = replace(one, value=one.value * other.scale, scale=other.scale)
    elif other.scale is None and one.scale is not None and not one.is_constant:
        other = replace(other, value=other.value * one.scale, scale=one.scale)
    return one, other


def _added(one: Quantity, other: Quantity, sign: int = 1) -> Quantity:
    if one.is_rate and other.is_rate:
        points = FigureKind.POINTS if sign < 0 else one.kind
        if one.kind is other.kind:
            return Quantity(one.value + sign * other.value, one.kind if one.kind is not FigureKind.PERCENT else points)
        return Quantity(one.per_cent + sign * other.per_cent, points)
    if one.is_rate != other.is_rate:
        rate, plain = (one, other) if one.is_rate else (other, one)
        if not plain.is_ratio and not plain.is_constant and plain.scale not in (None, ONE):
            raise Incomputable("rates and amounts")
        if plain.is_constant or plain.is_ratio:
            return Quantity(one.as_factor + sign * other.as_factor, is_ratio=True)
        return Quantity(one.value + sign * other.value, rate.kind)
    one, other = _scaled_alike(one, other)
    if one.is_constant and other.is_constant:
        return Quantity(one.value + sign * other.value, is_constant=True)
    amount = other if one.is_constant else one
    if amount.is_ratio:
        return Quantity(one.value + sign * other.value, is_ratio=True)
    times = amount.scale or ONE  # a number beside amounts in millions is so many millions
    first = one.value * times if one.is_constant else one.value
    second = other.value * times if other.is_constant else other.value
    currency = one.currency or other.currency
    return Quantity(first + sign * second, currency=currency, scale=amount.scale)


def _subtracted(one: Quantity, other: Quantity) -> Quantity:
    return _added(one, other, -1)


def _multiplied(one: Quantity, other: Quantity) -> Quantity:
    if one.is_constant and not other.is_constant:
        one, other = other, one
    if other.is_constant:
        if other.value == HUNDRED and one.is_ratio:
            return Quantity(one.value * 100, FigureKind.PERCENT)
        return replace(one, value=one.value * other.value, step=Decimal(0))
    if one.is_rate and other.is_rate:
        return Quantity(one.per_cent * other.per_cent / 100, FigureKind.PERCENT)
    if one.is_rate or one.is_ratio:
        one, other = other, one
    value = one.value * other.as_factor
    if one.is_rate or one.is_ratio:
        return Quantity(value, one.kind, is_ratio=one.is_ratio)
    scale = one.scale if other.is_rate or other.is_ratio else _larger(one.scale, other.scale)
    return Quantity(value, currency=one.currency or other.currency, scale=scale)


def _larger(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return max(one or ONE, other or ONE) if one or other else None


def _divided(one: Quantity, other: Quantity) -> Quantity:
    if other.value == 0:
        raise Incomputable("division by nought")
    if other.is_constant and not one.is_constant:
        return replace(one, value=one.value / other.value, step=Decimal(0))
    if one.is_constant and other.is_constant:
        return Quantity(one.value / other.value, is_ratio=True)
    if other.is_rate or other.is_ratio:
        divisor = other.as_factor
        if one.is_rate:
            return Quantity(one.as_factor / divisor, is_ratio=True)
        return replace(one, value=one.value / divisor, step=Decimal(0))
    one, other = _scaled_alike(one, other)
    return Quantity(one.as_factor / other.as_factor, scale=one.scale, is_ratio=True)


def _raised(one: Quantity, other: Quantity) -> Quantity:
    if abs(other.as_factor) > _MOST_POWER or (one.as_factor < 0 and other.as_factor != int(other.as_factor)):
        raise Incomputable("power")
    return Quantity(one.as_factor**other.as_factor, is_ratio=not one.is_constant, is_constant=one.is_constant)


_APPLY = {"+": _added, "-": _subtracted, "*": _multiplied, "/": _divided, "^": _raised}


def operand_of(fact: Fact, text: str = "") -> Operand:
    """Return a figure of the passages as an operand, printed as `text` or as it stands there."""
    return Operand(text or fact.text, quantity_of(fact), fact)


def constant(value: Decimal, text: str = "") -> Operand:
    return Operand(text or format(value, "f"), Quantity(value, is_constant=True))


def difference(one: Expression, other: Expression) -> Expression:
    return Operation("-", (one, other))


def change(before: Expression, after: Expression) -> Expression:
    """Return the change from one to the other as a share of the first."""
    return Operation("/", (Operation("-", (after, before)), before))


def average(parts: tuple[Expression, ...]) -> Expression:
    return Operation("/", (Operation("+", parts), constant(Decimal(len(parts)))))


def growth(before: Expression, after: Expression, periods: Expression) -> Expression:
    """Return the rate at which the first grows to the second in so many periods."""
    root = Operation("/", (constant(ONE), periods))
    return Operation("-", (Operation("^", (Operation("/", (after, before)), root)), constant(ONE)))


def rises(expression: Expression) -> bool | None:
    """Return whether a difference, or a change as a share, is that of a later period over an earlier one; None if that is not to be seen."""
    if isinstance(expression, Operand) or expression.operator not in "-/*" or len(expression.parts) != 2:
        return None
    first, second = expression.parts
    if expression.operator != "-":
        return rises(first)
    if not (isinstance(first, Operand) and isinstance(second, Operand) and first.fact and second.fact):
        return None
    later, earlier = first.fact.years, second.fact.years
    if not later or not earlier or max(later) == max(earlier):
        return None
    return max(later) > max(earlier)
