"""A table's cells by row and column, with what their figures are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from apps.documents.parsing import Cell, Table
from apps.documents.tables.numbers import Figure, FigureKind, Notation, notation_of, parse_figure

_MOST_SPREAD = 200_000
_MOST_LABEL_COLUMNS = 3
_LONGEST_LABEL = 60
_SHORT = 40
_SAMPLE = 400
_MOSTLY = 0.6
_RANGE = re.compile(r"(?!(?:19|20)\d\d\D)[$€£]?[\d.,]+ ?%? ?(?:[-–—]|to|bis|à) ?[$€£]?[\d.,]+ ?[%x]?(?: \w+)?")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells stand at every place that they span; figures only at their first."""

    rows: int
    columns: int
    cells: dict[tuple[int, int], Cell]
    figures: dict[tuple[int, int], Figure]
    header_rows: int
    header_columns: int
    notation: Notation

    @property
    def body(self) -> range:
        return range(self.header_rows, self.rows)

    @property
    def value_columns(self) -> range:
        return range(self.header_columns, self.columns)

    def text(self, row: int, column: int) -> str:
        cell = self.cells.get((row, column))
        return " ".join(cell.text.split()) if cell else ""

    def row_texts(self, row: int) -> tuple[str, ...]:
        return tuple(self.text(row, column) for column in range(self.columns))

    def labels(self, row: int) -> tuple[str, ...]:
        """Return what stands in each label column of a row; a cell over several of them only in its first."""
        cells = [self.cells.get((row, column)) for column in range(self.header_columns)]
        return tuple(
            "" if cell is None or cell in cells[:index] else " ".join(cell.text.split())
            for index, cell in enumerate(cells)
        )

    def amounts(self, row: int) -> list[int]:
        """Return the columns in which the row has a figure that is no year."""
        return [c for c in self.value_columns if (f := self.figures.get((row, c))) is not None and not f.may_be_year]

    def is_pictured(self) -> bool:
        return any(cell.box is not None for cell in self.cells.values())


def grid_of(cells: Sequence[Cell], given: Table, default: Notation) -> Grid:
    """Return the grid of a table's cells; the file's own word on headings comes first, then what the figures show."""
    rows = 1 + max((cell.row for cell in cells), default=-1)
    columns = 1 + max((cell.column for cell in cells), default=-1)
    notation = notation_of(sample_texts(cells), default)
    figures = {(c.row, c.column): f for c in cells if (f := _figure(c, notation)) is not None}
    spread = _spread(cells, rows, columns)
    header_rows = given.header_rows or _header_rows(cells, figures, rows)
    header_columns = given.header_columns or _header_columns(cells, figures, header_rows, rows, columns)
    return Grid(rows, columns, spread, figures, min(header_rows, rows), min(header_columns, columns), notation)


def sample_texts(cells: Iterable[Cell]) -> Iterator[str]:
    """Yield as many texts as show how figures are printed."""
    return (cell.text for cell in islice(cells, _SAMPLE))


def _figure(cell: Cell, notation: Notation) -> Figure | None:
    """Return the figure in a cell; the exact value behind it counts, as finely as it is shown."""
    if cell.value and "%" not in cell.text and _NUMBER.fullmatch(cell.value):
        shown = cell.text.rpartition(notation)[2] if notation in cell.text else ""
        decimals = sum(map(str.isdigit, shown))
        bare = not decimals and cell.text.isdigit()
        return Figure(Decimal(cell.value), Decimal(1).scaleb(-decimals), bare=bare)
    return parse_figure(cell.text, notation)


def _spread(cells: Sequence[Cell], rows: int, columns: int) -> dict[tuple[int, int], Cell]:
    spread = {(cell.row, cell.column): cell for cell in cells}
    left = _MOST_SPREAD
    for cell in cells:
        if cell.row_span == 1 and cell.column_span == 1:
            continue
        last_row, last_column = min(cell.row + cell.row_span, rows), min(cell.column + cell.column_span, columns)
        left -= (last_row - cell.row) * (last_column - cell.column)
        if left < 0:
            break
        for row in range(cell.row, last_row):
            for column in range(cell.column, last_column):
                spread.setdefault((row, column), cell)
    return spread


def _header_rows(cells: Sequence[Cell], figures: dict[tuple[int, int], Figure], rows: int) -> int:
    by_row: dict[int, list[Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    if any(cell.header and (cell.column > 0 or cell.column_span > 1) for cell in cells):
        return _flagged_rows(by_row, rows)
    return _unflagged_rows(by_row, figures, rows)


def _flagged_rows(by_row: dict[int, list[Cell]], rows: int) -> int:
    """Return how many rows from the top the file calls headings; a title over them is one too."""
    count = 0
    for row in range(rows):
        cells = by_row.get(row, [])
        if not all(cell.header for cell in cells):
            break
        if any(cell.column > 0 for cell in cells) or not cells:
            count = row + 1
    return count


def _unflagged_rows(by_row: dict[int, list[Cell]], figures: dict[tuple[int, int], Figure], rows: int) -> int:
    """Return how many rows stand over the first with an amount, if the one right over it has something over each."""
    for row in range(min(rows, 6)):
        amounts = [c.column for c in by_row.get(row, []) if c.column and _is_amount(figures.get((row, c.column)))]
        if amounts:
            above = {c.column + n for c in by_row.get(row - 1, []) for n in range(min(c.column_span, 100))}
            return row if above >= set(amounts) else 0
    first = by_row.get(0, [])
    wide = max((len(cells) for cells in by_row.values()), default=0)
    is_heading = rows > 2 and len(first) == wide > 2 and all(0 < len(cell.text) <= _SHORT for cell in first)
    return 1 if is_heading and len({cell.text for cell in first}) == wide else 0


def _header_columns(
    cells: Sequence[Cell], figures: dict[tuple[int, int], Figure], header_rows: int, rows: int, columns: int
) -> int:
    """Return how many columns from the left hold labels: those of short words before the first of figures, and at least one."""
    if columns < 2 or rows <= header_rows:
        return min(columns, 1)
    body = [cell for cell in cells if cell.row >= header_rows]
    flagged = {cell.column for cell in body if cell.header}
    plain = {cell.column for cell in body if not cell.header}
    leading = next((column for column in range(columns) if column not in flagged or column in plain), columns)
    if leading:
        return min(leading, columns - 1)
    filled: dict[int, list[Cell]] = {}
    for cell in body:
        filled.setdefault(cell.column, []).append(cell)
    height = rows - header_rows
    # A column of footnote marks, or of nothing, may stand before the labels.
    labels = next((c for c in range(columns - 1) if len(filled.get(c, ())) >= _MOSTLY * height), 0)
    for column in range(labels + 1, min(columns, labels + 1 + _MOST_LABEL_COLUMNS)):
        listed = filled.get(column, [])
        data = sum((cell.row, cell.column) in figures or bool(_RANGE.fullmatch(cell.text)) for cell in listed)
        if data > 0.5 * len(listed) or not listed:
            return min(column, labels + _MOST_LABEL_COLUMNS)
        if len(listed) < _MOSTLY * height or any(len(cell.text) > _LONGEST_LABEL for cell in listed):
            break
    return labels + 1


def _is_amount(figure: Figure | None) -> bool:
    return figure is not None and not figure.may_be_year and figure.kind is not FigureKind.NOTHING
