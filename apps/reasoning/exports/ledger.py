"""The workbook of an answer's figures, made from the lineage that was stored and sealed with it: nothing is looked up or matched anew.

A calculation is read back from its printed form, whose operands the lineage places; it becomes a formula only if it gives the stored value.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.documents.tables.numbers import FigureKind
from apps.reasoning.exports.links import Links
from apps.verification.figures.expressions import Expression, Incomputable, Operand, Operation, computed
from apps.verification.figures.grounds import Fact, Place
from apps.verification.figures.lineage import Author, Figure, Input, Source, Verdict
from apps.verification.figures.quantities import Flaw, Quantity
from apps.verification.figures.scaled import Unit
from apps.verification.figures.workbook import workbook_of

_KINDS = {"%": FigureKind.PERCENT} | {kind.value: kind for kind in (FigureKind.PERMILLE, FigureKind.BASIS_POINTS)}
_KINDS |= {FigureKind.POINTS.value: FigureKind.POINTS, FigureKind.MULTIPLE.value: FigureKind.MULTIPLE}
_SIGNS = {"+": "+", "−": "-", "×": "*", "÷": "/", "^": "^"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_UNARY = 3
_SAME = Decimal("1e-9")
"""Values that differ by less than this share are the same: a ratio was stored in so many digits."""


def ledger_workbook(answer: Mapping[str, Any], links: Links) -> bytes:
    """Return the figures of an answer as an XLSX file whose formulas live and whose sources lead to their pages."""
    passages = {each["marker"]: each["passage"] for each in answer["candidates"] if each["marker"]}
    cited = {each["marker"] for each in answer["citations"]}

    def address(place: Place) -> str:
        passage = passages.get(place.marker)
        if passage is None:
            return ""
        return links.citation(passage, place.marker) if place.marker in cited else links.passage(passage)

    return workbook_of(stored_figures(answer["figures"]), address)


def stored_figures(objects: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Return the figures that `verification.figures.objects` wrote, with their calculations where these can be read back."""
    return [_figure(each) for each in objects]


def _figure(stored: Mapping[str, Any]) -> Figure:
    inputs = tuple(map(_input, stored["inputs"]))
    exact = None if stored["exact"] is None else Decimal(stored["exact"])
    tree = _calculation(stored["expression"] or "", inputs, exact) if stored["source"] == Source.COMPUTED else None
    return Figure(
        start=stored["span"][0],
        end=stored["span"][1],
        text=stored["text"],
        value=Decimal(stored["value"]),
        unit=stored["unit"],
        source=Source(stored["source"]),
        verdict=Verdict(stored["verdict"]),
        flaws=tuple(map(Flaw, stored["flaws"])),
        corrected=stored["corrected"] or "",
        expression=stored["expression"] or "",
        exact=exact,
        by=Author(stored["by"]) if stored["by"] else None,
        inputs=inputs,
        years=tuple(stored["years"]),
        scale_said=stored["scale_said"],
        tree=tree,
    )


def _input(stored: Mapping[str, Any]) -> Input:
    start, end = stored["at"]
    place = None if stored["place"] is None else _place(stored["place"])
    return Input(stored["text"], Decimal(stored["value"]), stored["unit"], place, (start, end), stored["constant"])


def _place(stored: Mapping[str, Any]) -> Place:
    if "table" not in stored:
        return Place(stored["marker"], start=stored["span"][0], end=stored["span"][1])
    return Place(
        stored["marker"],
        stored["table"],
        stored["row"],
        stored["column"],
        row_path=tuple(stored["row_path"]),
        column_path=tuple(stored["column_path"]),
    )


def _calculation(printed: str, inputs: Sequence[Input], exact: Decimal | None) -> Expression | None:
    """Return what a printed calculation computes; None if it can not be read or does not give the value that was stored."""
    try:
        tree = _Printed(printed.partition(" = ")[0], inputs).whole()
        found = computed(tree)
    except (Incomputable, ValueError, IndexError):
        return None
    if exact is None:
        return None
    return tree if any(abs(value - exact) <= _SAME * abs(exact) for value in (found.value, found.as_factor)) else None


class _Printed:
    """A reader of calculations as `expressions.shown` prints them, their operands known by their places."""

    def __init__(self, text: str, inputs: Sequence[Input]) -> None:
        self.text, self.at = text, 0
        self.inputs = {each.at[0]: each for each in inputs if each.at[1] > each.at[0]}

    def whole(self) -> Expression:
        found = self._from(1)
        if self.at < len(self.text):
            raise ValueError(self.text)
        return found

    def _from(self, least: int) -> Expression:
        """Read what binds at least so tightly. Equal operators join from the left; a sum of several is one operation."""
        left = self._one()
        while (operator := _SIGNS.get(self._peek(), "")) and _BINDS[operator] >= least:
            self.at = self.text.index(self._peek(), self.at) + 1
            left = Operation(operator, (left, self._from(_BINDS[operator] + 1)))
        return left

    def _one(self) -> Expression:
        sign = self._peek()
        if self.at in self.inputs:
            found = self.inputs[self.at]
            self.at = found.at[1]
            return _operand(found)
        self.at += 1
        if sign == "−":
            return Operation("-", (self._from(_UNARY),))
        if sign not in {"(", "|"}:
            raise ValueError(self.text)
        inside = self._from(1)
        if self._peek() != {"(": ")", "|": "|"}[sign]:
            raise ValueError(self.text)
        self.at += 1
        return inside if sign == "(" else Operation("abs", (inside,))

    def _peek(self) -> str:
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""


def _operand(found: Input) -> Operand:
    kind = _KINDS.get(found.unit, FigureKind.AMOUNT)
    currency = "" if found.unit in _KINDS else found.unit
    quantity = Quantity(found.value, kind, currency, is_constant=found.is_constant)
    fact = None
    if found.place is not None:
        unit = Unit(None, currency, kind)
        fact = Fact(found.place, found.text, found.value, Decimal(0), unit, "", frozenset())
    return Operand(found.text, quantity, fact)
