"""Read a calculation as a model writes it, leniently: `(1,204 − 1,087) ÷ 1,087 = 10.76 %`, `percent change(1,087; 1,204)`,
`subtract(5174632.0, 5268794.0), divide(#0, 5268794.0)`. Labels between the figures are passed over; figures are not yet looked up.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.documents.tables.numbers import FigureKind, Notation
from apps.verification.figures.expressions import (
    ONE,
    Expression,
    Operand,
    Operation,
    average,
    change,
    constant,
    difference,
    growth,
)
from apps.verification.figures.mentions import Mention, mention_of, mentions_in
from apps.verification.figures.numbering import may_be_year
from apps.verification.figures.tokens import plain, tokens_of


@dataclass(frozen=True, slots=True)
class Literal:
    """A figure of a calculation, and the passage it is said to stand in, 0 if none is said."""

    mention: Mention
    marker: int = 0


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation that was proposed, with the result that was written after it, if any, and its text."""

    expression: Expression
    result: Mention | None
    text: str


Resolve = Callable[[Literal], Operand]

_MOST_TOKENS = 200
_DEEPEST = 20


def calculation_in(text: str, notation: Notation, resolve: Resolve) -> Calculation | None:
    """Return the calculation that a text holds, its figures resolved; None if it holds none that can be read."""
    parts = [part for part in re.split(r"=|≈|≒|⇒", plain(text)) if part.strip()]
    readable = []
    for index, part in enumerate(parts):
        expression = _Reader(part, notation, resolve).read()
        if isinstance(expression, Operation):
            readable.append((index, expression))
    if not readable:
        return None
    # Of several steps the one with most figures says it best: (a − b) ÷ b = 117 ÷ b = 10.76 %.
    index, expression = max(readable, key=lambda each: _size(each[1]))
    results = [mentions_in(part.strip(), notation) for part in parts[index + 1 :]]
    last = results[-1] if results else ()
    return Calculation(expression, last[0] if len(last) == 1 else None, " ".join(text.split()))


def _size(expression: Expression) -> int:
    return 1 if isinstance(expression, Operand) else sum(map(_size, expression.parts))


class _Unreadable(ValueError):
    pass


class _Reader:
    """A reader by precedence over the tokens of one calculation."""

    def __init__(self, text: str, notation: Notation, resolve: Resolve) -> None:
        self.notation, self.resolve = notation, resolve
        self.tokens = tokens_of(text, notation, _FUNCTIONS)
        self.at = 0
        self.steps: list[Expression] = []
        self.depth = 0

    def read(self) -> Expression | None:
        try:
            if len(self.tokens) > _MOST_TOKENS:
                return None
            self.steps.append(self._sum())
            while self._take(";") or self._take(","):
                if self.at < len(self.tokens):
                    self.steps.append(self._sum())
            return self.steps[-1] if self.at == len(self.tokens) else None
        except _Unreadable:
            return None

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _take(self, operator: str) -> bool:
        if self._peek() == ("operator", operator):
            self.at += 1
            return True
        return False

    def _sum(self) -> Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unreadable
        left = self._product()
        while self._peek()[0] == "operator" and self._peek()[1] in "+-":
            operator = self._next()
            left = _joined(operator, left, self._product())
        self.depth -= 1
        return left

    def _product(self) -> Expression:
        left = self._power()
        while self._peek()[0] == "operator" and self._peek()[1] in "*/":
            operator = self._next()
            left = _joined(operator, left, self._power())
        return left

    def _power(self) -> Expression:
        base = self._signed()
        return Operation("^", (base, self._power())) if self._take("^") else base

    def _signed(self) -> Expression:
        if self._take("-"):
            return Operation("-", (self._power(),))
        self._take("+")
        return self._single()

    def _single(self) -> Expression:
        kind, text = self._peek()
        if kind == "literal":
            self.at += 1
            return self._literal(text)
        if kind == "step":
            self.at += 1
            if int(text) >= len(self.steps):
                raise _Unreadable
            return self.steps[int(text)]
        if kind == "name":
            self.at += 1
            return self._call(text.casefold())
        if self._take("("):
            alone = self._peek()[0] == "literal"
            inside = self._sum()
            if not self._take(")"):
                raise _Unreadable
            return _in_brackets(inside) if alone and isinstance(inside, Operand) else inside
        raise _Unreadable

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _literal(self, text: str) -> Expression:
        digits, _, marker = text.partition("[")
        mention = mention_of(digits.strip(), self.notation)
        if mention is None:
            raise _Unreadable
        return self.resolve(Literal(mention, int(marker.rstrip("]")) if marker else 0))

    def _call(self, name: str) -> Expression:
        if not self._take("("):
            raise _Unreadable
        arguments: list[Expression] = [self._sum()]
        while self._take(",") or self._take(";"):
            arguments.append(self._sum())
        if not self._take(")"):
            raise _Unreadable
        return _FUNCTIONS[name](arguments)


def _in_brackets(operand: Operand) -> Operand:
    """Return a figure that stands alone in brackets: negative, if so it is printed in the passages."""
    if operand.fact is None or operand.fact.value >= 0 or operand.quantity.value < 0:
        return operand
    return replace(operand, text=f"({operand.text})", quantity=replace(operand.quantity, value=-operand.quantity.value))


def _joined(operator: str, left: Expression, right: Expression) -> Expression:
    """Return the operation; of several additions one sum is made, and of several products one product."""
    left, right = _with_counts(operator, left, right)
    if operator in "+*" and isinstance(left, Operation) and left.operator == operator and len(left.parts) > 1:
        return Operation(operator, (*left.parts, right))
    return Operation(operator, (left, right))


def _with_counts(operator: str, left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Return both sides with what can only be a number of its own as a constant, whatever in the passages reads the same: how many are
    averaged, a hundred times a ratio, one beside a ratio or a percentage."""
    if operator == "*":
        return left, _as_number(right, 100)
    if operator == "/":
        return left, _as_number(_as_number(right, 1), _size(left) if isinstance(left, Operation) else 1)
    if operator in "+-":
        if _is_share(left):
            return left, _as_number(right, 1)
        if _is_share(right):
            return _as_number(left, 1), right
    return left, right


def _is_share(expression: Expression) -> bool:
    if isinstance(expression, Operand):
        return expression.quantity.is_rate
    return expression.operator in "/^"


def _as_number(expression: Expression, number: int) -> Expression:
    if isinstance(expression, Operand) and expression.text.strip() in (str(number), f"{number}.0"):
        return constant(Decimal(number), expression.text)
    return expression


def _two(build: Callable[[Expression, Expression], Expression]) -> Callable[[Sequence[Expression]], Expression]:
    def built(arguments: Sequence[Expression]) -> Expression:
        if len(arguments) != 2:
            raise _Unreadable
        return build(arguments[0], arguments[1])

    return built


def _absolute(arguments: Sequence[Expression]) -> Expression:
    if len(arguments) != 1:
        raise _Unreadable
    return Operation("abs", (arguments[0],))


def _grown(arguments: Sequence[Expression]) -> Expression:
    if len(arguments) == 2:
        return change(arguments[0], arguments[1])
    if len(arguments) != 3:
        raise _Unreadable
    return growth(arguments[0], arguments[1], arguments[2])


_FUNCTIONS: dict[str, Callable[[Sequence[Expression]], Expression]] = {
    **dict.fromkeys(("subtract", "difference", "diff"), _two(difference)),
    **dict.fromkeys(("divide", "ratio", "quotient"), _two(lambda one, other: Operation("/", (one, other)))),
    **dict.fromkeys(
        ("add", "sum", "total"), lambda parts: Operation("+", tuple(parts)) if len(parts) > 1 else parts[0]
    ),
    **dict.fromkeys(
        ("multiply", "product"), lambda parts: Operation("*", tuple(parts)) if len(parts) > 1 else parts[0]
    ),
    **dict.fromkeys(("average", "avg", "mean"), lambda parts: average(tuple(parts))),
    **dict.fromkeys(("change", "percent_change", "percentage_change", "pct_change", "percent_increase"), _two(change)),
    **dict.fromkeys(("growth", "growth_rate", "cagr"), _grown),
    **dict.fromkeys(("power", "exp"), _two(lambda one, other: Operation("^", (one, other)))),
    "abs": _absolute,
}

CONSTANTS = frozenset(
    map(Decimal, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 52, 100, 360, 365, 366, 1000, 10_000, 1_000_000))
)
"""Numbers that a calculation may hold although no passage does: counts of things averaged, periods of a year, and powers of ten."""


def as_constant(mention: Mention) -> Operand | None:
    """Return a number of a calculation as a constant, if it may be one."""
    plain = mention.kind is FigureKind.AMOUNT and not mention.currency and mention.scale == ONE
    if plain and (mention.value in CONSTANTS or may_be_year(mention.text)):
        return constant(mention.value, mention.text)
    return None
