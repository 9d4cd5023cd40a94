"""Sums and differences down the columns of a table.

Rows are taken from the top as in adding on paper: a row that is the sum of the last few stands for them from there on, so that a
total may add up subtotals. How many rows it adds is found from the figures: the number with which most columns agree.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

from apps.documents.parsing import TableCheck
from apps.documents.tables.amounts import Amounts, Place, looks_averaged
from apps.documents.tables.words import RESULT, TOTAL

_MOST_ADDED, _MOST_ADDED_UNNAMED = 80, 24
_MANY_ROWS = 120
"""A table of more rows is a list: only rows that are called totals are tested."""
_MOST_SUBTRACTED = 4
_FAR_LESS = 20
_ENOUGH_DESPITE = 1.0
"""How many more must agree where a column departs."""
_ENOUGH_NAMED, _ENOUGH_ALONE, _ENOUGH_SUBTRACTED = 1.0, 3.0, 5.0
"""Digits that must agree beyond what the number of tries makes likely: for a row called a total or a result, for a sum that is
not, and for a difference that is not."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """Rows, each with the sign that it is added with, and what comes of them in the columns.

    `proven` columns have at least two figures to add; `natural` rows are a whole section, or all that stand under the last total; with `one_digit_off` each column that fails does so
    by one digit.
    """

    rows: tuple[int, ...]
    signs: tuple[int, ...]
    holding: tuple[int, ...]
    failing: tuple[int, ...]
    proven: int
    evidence: float
    natural: bool = False
    one_digit_off: bool = False

    @property
    def adds(self) -> bool:
        return -1 not in self.signs

    @property
    def rank(self) -> tuple[float, float, float]:
        return (self.proven - len(self.failing), self.evidence, -len(self.rows))


@dataclass(slots=True)
class _Column:
    """What the rows taken so far come to in one column."""

    value: int = 0
    half: float = 0.0
    parts: int = 0

    def add(self, value: int, half: float) -> None:
        self.value += value
        self.half += half
        self.parts += value != 0


def checks_down(amounts: Amounts) -> Iterator[TableCheck]:
    """Yield what was tested of the rows that add up others."""
    items: list[int] = []
    starts: set[int] = set()
    before = -1
    for row in amounts.rows:
        if not any((row, column) in amounts.values for column in amounts.columns):
            continue
        if before < 0 or any(amounts.grid.row_texts(between) for between in range(before + 1, row)):
            starts.add(row)
        before = row
        found = _Search(amounts, row, items, starts).best()
        if found is None:
            items.append(row)
            continue
        yield from _checks(amounts, row, found)
        items = [*items[: len(items) - len(found.rows)], row]


class _Search:
    """Looks for the rows above that a row adds up."""

    def __init__(self, amounts: Amounts, row: int, items: Sequence[int], starts: set[int]) -> None:
        label = " ".join(amounts.grid.labels(row))
        self.amounts, self.row, self.items, self.starts = amounts, row, items, starts
        self.is_total = bool(TOTAL.search(label))
        self.is_named = self.is_total or bool(RESULT.search(label))
        self.columns = [column for column in amounts.columns if (row, column) in amounts.values]
        self.tried = 0

    def best(self) -> _Terms | None:
        """Return the rows and signs that convince most; None if none do."""
        if not self.is_named and len(self.amounts.rows) > _MANY_ROWS:
            return None
        sums = [terms for terms in self._sums() if self._convinces(terms, named=self.is_total)]
        if sums:
            return max(sums, key=lambda terms: terms.rank)
        differences = list(self._differences())
        return max(
            (terms for terms in differences if self._convinces(terms, named=self.is_named)),
            key=lambda terms: terms.rank,
            default=None,
        )

    def _sums(self) -> list[_Terms]:
        found = []
        running = {column: _Column() for column in self.columns}
        taken: list[int] = []
        for item in reversed(self.items[-_MOST_ADDED if self.is_named else -_MOST_ADDED_UNNAMED :]):
            taken.append(item)
            self._add(running, item, 1)
            if len(taken) > 1:
                self.tried += 1
                rows = tuple(reversed(taken))
                natural = item in self.starts or len(taken) == len(self.items)
                found.append(self._terms(running, rows, (1,) * len(rows), natural=natural))
        return found

    def _differences(self) -> Iterator[_Terms]:
        for count in range(2, min(len(self.items), _MOST_SUBTRACTED if self.is_named else 2) + 1):
            rows = tuple(self.items[-count:])
            for rest in product((1, -1), repeat=count - 1):
                if -1 not in rest:
                    continue
                self.tried += 1
                running = {column: _Column() for column in self.columns}
                for item, sign in zip(rows, (1, *rest), strict=True):
                    self._add(running, item, sign)
                yield self._terms(running, rows, (1, *rest))

    def _add(self, running: dict[int, _Column], item: int, sign: int) -> None:
        for column, sums in running.items():
            value = self.amounts.values.get((item, column))
            if value is not None:
                sums.add(sign * value, self.amounts.halves[item, column])

    def _terms(
        self, running: dict[int, _Column], rows: tuple[int, ...], signs: tuple[int, ...], *, natural: bool = False
    ) -> _Terms:
        holding, failing, evidence, proven, one_digit_off = [], [], 0.0, 0, True
        for column, sums in running.items():
            place = (self.row, column)
            tolerance = sums.half + self.amounts.halves[place]
            difference = abs(sums.value - self.amounts.values[place])
            if difference > tolerance:
                failing.append(column)
                one_digit_off &= sums.parts > 1 and _is_one_digit(difference, self.amounts.decimals)
                continue
            holding.append(column)
            if sums.parts > 1:
                proven += 1
                evidence += self.amounts.significance(place, tolerance)
        return _Terms(rows, signs, tuple(holding), tuple(failing), proven, evidence, natural, one_digit_off)

    def _convinces(self, terms: _Terms, *, named: bool) -> bool:
        if named and terms.natural and terms.holding and not terms.failing:
            return True
        if self.is_total and terms.natural and not terms.proven and len(terms.failing) == 1 and terms.one_digit_off:
            return True
        enough = _ENOUGH_NAMED if named else _ENOUGH_ALONE if terms.adds else _ENOUGH_SUBTRACTED
        tried = 1 if terms.natural else self.tried
        beyond = terms.evidence - math.log10(tried) - enough
        if not terms.proven or beyond < 0:
            return False
        if not terms.failing:
            return named or terms.proven > 1
        return beyond >= _ENOUGH_DESPITE and terms.proven >= len(terms.failing) * (1 if named and terms.adds else 2)


def _is_one_digit(difference: int, decimals: int) -> bool:
    """Whether figures differ by one digit, not the last: what a misread one does, and chance hardly ever."""
    digits = str(difference).rstrip("0")
    return len(digits) == 1 and difference >= 10 ** (decimals + 1)


def _checks(amounts: Amounts, row: int, terms: _Terms) -> Iterator[TableCheck]:
    kind = "sum" if terms.adds else "difference"
    usual = median(_largest(amounts, terms.rows, column) for column in terms.holding or terms.failing)
    for column in sorted((*terms.holding, *terms.failing)):
        parts = [
            ((each, column), sign * amounts.values[each, column])
            for each, sign in zip(terms.rows, terms.signs, strict=True)
            if (each, column) in amounts.values
        ]
        values = [value for _, value in parts]
        if sum(value != 0 for value in values) < 2:
            continue
        holds = column in terms.holding
        if not holds and _is_of_something_else(amounts, (row, column), values, usual):
            continue
        yield amounts.check(kind, (row, column), [place for place, _ in parts], sum(values), holds=holds)


def _largest(amounts: Amounts, rows: Sequence[int], column: int) -> int:
    return max((abs(amounts.values.get((row, column), 0)) for row in rows), default=0)


def _is_of_something_else(amounts: Amounts, place: Place, values: Sequence[int], usual: float) -> bool:
    """Whether a column in which a sum fails is one of means, of rates without a sign, or has no total at all."""
    if amounts.is_nothing(place) or looks_averaged(amounts.values[place], values):
        return True
    return max(map(abs, values)) * _FAR_LESS < usual
