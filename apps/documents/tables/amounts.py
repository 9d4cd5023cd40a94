"""A table's figures as whole numbers of one small step, so that sums of them are exact and quick."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.documents.parsing import TableCheck
from apps.documents.tables.grid import Grid
from apps.documents.tables.numbers import Figure, FigureKind
from apps.documents.tables.paths import is_heading_again

Place = tuple[int, int]

_MOST_DECIMALS = 6
_ADDED = {FigureKind.AMOUNT, FigureKind.NOTHING}
_RATES = {FigureKind.PERCENT, FigureKind.PERMILLE, FigureKind.POINTS, FigureKind.BASIS_POINTS, FigureKind.MULTIPLE}


@dataclass(frozen=True, slots=True)
class Amounts:
    """`values` and `halves`, half of what the last printed digit is worth, count in units of 10 to the power of minus `decimals`."""

    grid: Grid
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    rates: frozenset[int]
    values: dict[Place, int]
    halves: dict[Place, float]
    decimals: int

    def significance(self, place: Place, tolerance: float) -> float:
        """Return how many decimal digits agree if this figure is met within a tolerance: how unlikely that is by chance."""
        return _digits(abs(self.values[place]), 2 * tolerance + 1)

    def is_nothing(self, place: Place) -> bool:
        """Return whether a dash stands there."""
        return self.grid.figures[place].kind is FigureKind.NOTHING

    def rate(self, place: Place) -> float | None:
        """Return the figure of a column of rates as printed; None where there is none."""
        figure = self.grid.figures.get(place)
        return float(figure.value) if figure is not None and figure.kind is not FigureKind.NOTHING else None

    def rate_half(self, place: Place) -> float:
        return float(self.grid.figures[place].step) / 2

    def rate_significance(self, tolerance: float) -> float:
        """Return the same for a rate, which could as well have been anything up to a hundred."""
        return _digits(100.0, 2 * tolerance)

    def shown(self, value: float) -> str:
        """Return a computed value as a decimal number."""
        number = Decimal(round(value, 2)).scaleb(-self.decimals)
        return format(round(number, self.decimals + 2).normalize() if number else Decimal(0), "f")

    def check(self, kind: str, place: Place, inputs: Sequence[Place], computed: float, *, holds: bool) -> TableCheck:
        cell = self.grid.cells[place]
        return TableCheck(kind, *place, tuple(inputs), self.shown(computed), " ".join(cell.text.split()), holds)


def amounts_of(grid: Grid, column_paths: Sequence[tuple[str, ...]]) -> Amounts:
    """Return the amounts of a table's body; columns of rates are known by their figures or their heading."""
    rows = tuple(row for row in grid.body if grid.amounts(row) and not is_heading_again(grid, row))
    columns = tuple(column for column in grid.value_columns)
    placed = {(r, c): f for r in rows for c in columns if (f := grid.figures.get((r, c))) is not None}
    kinds: dict[int, list[FigureKind]] = {column: [] for column in columns}
    for (_, column), figure in placed.items():
        if figure.kind is not FigureKind.NOTHING:
            kinds[column].append(figure.kind)
    rates = frozenset(column for column in columns if _is_of_rates(column, column_paths, kinds[column]))
    amounts = {place: figure for place, figure in placed.items() if figure.kind in _ADDED and place[1] not in rates}
    decimals = min(max((_decimals(figure) for figure in placed.values()), default=0), _MOST_DECIMALS)
    return Amounts(
        grid,
        rows,
        columns,
        rates,
        {place: int(figure.value.scaleb(decimals)) for place, figure in amounts.items()},
        {place: float(figure.step.scaleb(decimals)) / 2 for place, figure in amounts.items()},
        decimals,
    )


def _decimals(figure: Figure) -> int:
    return max(0, -int(figure.step.as_tuple().exponent)) if figure.step else 0


def _is_of_rates(column: int, column_paths: Sequence[tuple[str, ...]], kinds: Sequence[FigureKind]) -> bool:
    heading = " ".join(column_paths[column]) if column < len(column_paths) else ""
    if "%" in heading or "percent" in heading.casefold():
        return True
    return bool(kinds) and sum(kind in _RATES for kind in kinds) > 0.6 * len(kinds)


def _digits(value: float, width: float) -> float:
    return max(0.0, math.log10(value / width)) if value else 0.0


def looks_averaged(value: int, inputs: Iterable[int]) -> bool:
    """Whether a figure lies among those over it as a mean does, and so is no sum of them."""
    parts = [each for each in inputs if each]
    return len(parts) > 1 and min(parts) <= value <= max(parts) and min(parts) > 0
