"""Relations across the columns of a table: totals of columns, changes between two, shares of a whole.

A relation between columns is meant where it holds in most rows; then every row is tested by it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from apps.documents.parsing import TableCheck
from apps.documents.tables.amounts import Amounts, Place, looks_averaged
from apps.documents.tables.words import CHANGE, TOTAL

_FEWEST_ROWS = 3
_ENOUGH = 3.0
"""Digits that must agree in all rows together before columns are believed to be related."""
_MOST_FAILING = 0.2
_MOST_IN_VAIN = 3
_REACH = 8
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class _Tested:
    """One row tested by a relation: what it gives there, from what, and within which tolerance."""

    place: Place
    inputs: tuple[Place, ...]
    computed: float
    holds: bool
    evidence: float
    proven: bool


@dataclass(frozen=True, slots=True)
class _Relation:
    kind: str
    rows: tuple[_Tested, ...]

    @property
    def proven(self) -> int:
        return sum(row.holds and row.proven for row in self.rows)

    @property
    def failing(self) -> int:
        return sum(not row.holds for row in self.rows)

    @property
    def evidence(self) -> float:
        return sum(row.evidence for row in self.rows if row.holds and row.proven)

    def convinces(self) -> bool:
        return (
            self.proven >= _FEWEST_ROWS
            and self.failing <= _MOST_FAILING * (self.proven + self.failing)
            and self.evidence >= _ENOUGH
        )


def checks_across(amounts: Amounts, column_paths: Sequence[tuple[str, ...]]) -> Iterator[TableCheck]:
    """Yield what was tested of columns that follow from others: for each the relation that holds in most rows."""
    for column in amounts.columns:
        heading = " ".join(column_paths[column]) if column < len(column_paths) else ""
        if column in amounts.rates:
            candidates = [*_changes_in_percent(amounts, column, heading), *_shares(amounts, column)]
        else:
            candidates = [*_sums(amounts, column, heading), *_changes(amounts, column, heading)]
        meant = [relation for relation in candidates if relation.convinces()]
        if meant:
            best = max(meant, key=lambda relation: (relation.proven - relation.failing, relation.evidence))
            for row in best.rows:
                if row.proven:
                    yield amounts.check(best.kind, row.place, row.inputs, row.computed, holds=row.holds)


def _sums(amounts: Amounts, column: int, heading: str) -> Iterator[_Relation]:
    """Yield sums of neighbouring columns, on the left or on the right; not called a total, of three at least."""
    plain = [other for other in amounts.columns if other not in amounts.rates]
    at = plain.index(column)
    fewest = 2 if TOTAL.search(heading) else 3
    for side in (plain[max(0, at - 2 * _REACH) : at][::-1], plain[at + 1 : at + 1 + 2 * _REACH]):
        for count in range(fewest, len(side) + 1):
            yield _relation(amounts, "sum", column, side[:count], _added)


def _changes(amounts: Amounts, column: int, heading: str) -> Iterator[_Relation]:
    if not CHANGE.search(heading):
        return
    for newer, older in _pairs(amounts, column):
        yield _relation(amounts, "difference", column, (newer, older), _taken_away)


def _pairs(amounts: Amounts, column: int) -> Iterator[tuple[int, int]]:
    near = [c for c in amounts.columns if c not in amounts.rates and c != column and abs(c - column) <= _REACH]
    yield from ((first, second) for first in near for second in near if first != second)


Rule = Callable[[Sequence[int], Sequence[float]], tuple[float, float] | None]
"""From values and half steps to a result and its tolerance; None where the relation says nothing."""


def _added(values: Sequence[int], halves: Sequence[float]) -> tuple[float, float] | None:
    return sum(values), sum(halves)


def _taken_away(values: Sequence[int], halves: Sequence[float]) -> tuple[float, float] | None:
    return values[0] - values[1], sum(halves)


def _relation(amounts: Amounts, kind: str, column: int, others: Sequence[int], rule: Rule) -> _Relation:
    tested: list[_Tested] = []
    failing = 0
    for row in amounts.rows:
        if failing > _MOST_IN_VAIN and 2 * failing > len(tested):
            break
        place = (row, column)
        inputs = tuple(at for other in others if (at := (row, other)) in amounts.values)
        if place not in amounts.values or len(inputs) < (2 if kind == "difference" else 1):
            continue
        values = [amounts.values[at] for at in inputs]
        result = rule(values, [amounts.halves[at] for at in inputs])
        if result is None:
            continue
        computed, slack = result
        tolerance = slack + amounts.halves[place]
        holds = abs(computed - amounts.values[place]) <= tolerance
        if not holds and (amounts.is_nothing(place) or looks_averaged(amounts.values[place], values)):
            continue
        failing += not holds
        proven = sum(value != 0 for value in values) > 1
        tested.append(_Tested(place, inputs, computed, holds, amounts.significance(place, tolerance), proven))
    return _Relation(kind, tuple(tested))


def _changes_in_percent(amounts: Amounts, column: int, heading: str) -> Iterator[_Relation]:
    if not CHANGE.search(heading) and "%" not in heading:
        return
    for newer, older in _pairs(amounts, column):
        rows = [
            tested
            for row in amounts.rows
            if (tested := _tested_rate(amounts, (row, column), (row, newer), (row, older), less=1)) is not None
        ]
        yield _Relation("change", tuple(rows))


def _shares(amounts: Amounts, column: int) -> Iterator[_Relation]:
    """Yield shares of each amount column, the whole being in a row at 100 %, or the first or last row."""
    wholes = {row for row in amounts.rows if amounts.rate((row, column)) == _WHOLE} or {
        amounts.rows[0],
        amounts.rows[-1],
    }
    for other in amounts.columns:
        if other in amounts.rates or abs(other - column) > _REACH:
            continue
        for whole in wholes:
            rows = [
                tested
                for row in amounts.rows
                if row != whole
                and (tested := _tested_rate(amounts, (row, column), (row, other), (whole, other), less=0)) is not None
            ]
            yield _Relation("share", tuple(rows))


def _tested_rate(amounts: Amounts, place: Place, part: Place, whole: Place, *, less: int) -> _Tested | None:
    """Test a printed percentage against part / whole - less; a change is measured by the size of what changed."""
    shown, value, base = amounts.rate(place), amounts.values.get(part), amounts.values.get(whole)
    if shown is None or value is None or not base or (less and base < 0):
        return None
    computed = _WHOLE * (value / base - less)
    slack = _WHOLE * (amounts.halves[part] + abs(value / base) * amounts.halves[whole]) / abs(base)
    tolerance = slack + amounts.rate_half(place)
    if tolerance > max(1.0, abs(shown) / 2):  # too coarse to say anything
        return None
    holds = abs(computed - shown) <= tolerance + 1e-9
    evidence = amounts.rate_significance(tolerance)
    return _Tested(place, (part, whole), computed * 10**amounts.decimals, holds, evidence, proven=value != base)
