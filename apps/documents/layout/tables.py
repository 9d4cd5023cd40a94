"""Tables: rows whose cells stand under each other.

In the text of a table each row is one line, its cells two spaces apart; a label that runs over two printed lines is one row
with its figures. Nothing is written that is not on the page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from apps.core.geometry import Box, union
from apps.documents.layout.words import Fragment, is_number, merge

CELL_GAP = "  "
_FEWEST_ROWS = 2
_FEWEST_ROWS_WITHOUT_FIGURES = 3
_FEWEST_CELLS_IN_TWO_ROWS = 3
_MOST_LOOSE_ROWS = 4
_WIDEST_BREAK = 2.6
"""Rows further apart than this many times their type size are not one table."""

_YEAR = re.compile(r"^\(?(?:FY)?\s?(?:19|20)\d\d[A-Z]?\)?[*†]?$")
_OPENS = frozenset({"$", "€", "£", "¥", "(", "$ (", "$("})
_CLOSES = re.compile(r"^(?:\)|%|\)%|% \)|bps|pts|x|pp)$")

_UNFINISHED = re.compile(r"(?:,|\b(?:and|or|of|the|to|in|for|from|by|with|on|at|net of|und|der|die|des|et|de|y))$")


@dataclass(frozen=True, slots=True)
class TableCell:
    column: int
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as read; the box holds every printed line of it."""

    cells: tuple[TableCell, ...]
    header: bool

    @property
    def text(self) -> str:
        return CELL_GAP.join(cell.text for cell in self.cells)

    @property
    def box(self) -> Box:
        return union(cell.box for cell in self.cells)


Row = list[Fragment]


def table_runs(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Return the half-open ranges of rows that are tables."""
    runs: list[tuple[int, int]] = []
    start = 0
    while start < len(rows):
        end = _run_from(rows, start)
        if end > start:
            runs.append((_with_heading_row(rows, start, runs[-1][1] if runs else 0), end))
            start = end
        else:
            start += 1
    return runs


def read_table(rows: Sequence[Row]) -> list[TableRow]:
    """Return the rows of a table with their cells in columns; labels that run over lines are put together."""
    joined = [join_units(row) for row in rows]
    columns = _columns(joined)
    placed = [_placed(row, columns) for row in joined]
    header = _header_rows(placed)
    merged: list[list[TableCell]] = []
    for index, cells in enumerate(placed):
        if merged and _is_same_line(merged[-1], cells):
            merged[-1] = sorted([*merged[-1], *cells], key=lambda cell: cell.column)
        elif index > header and merged and _continues_label(merged[-1], cells):
            merged[-1] = _together(merged[-1], cells)
        else:
            merged.append(cells)
    return [TableRow(tuple(cells), header=index < header) for index, cells in enumerate(merged)]


def join_units(row: Row) -> Row:
    """Return the row with currency signs, brackets and percent signs joined to the figures that they belong to."""
    result: Row = []
    opening: list[Fragment] = []
    for cell in row:
        if cell.text in _OPENS:
            opening.append(cell)
            continue
        if _CLOSES.match(cell.text) and result and not opening and result[-1].is_number:
            result[-1] = merge([result[-1], cell])
            continue
        result.append(merge([*opening, cell]) if opening else cell)
        opening = []
    return result + opening


def _run_from(rows: Sequence[Row], start: int) -> int:
    """Return where the table that starts at `start` ends; `start` itself if none does."""
    if not _is_tabular(rows[start]):
        return start
    end, tabular, loose = start + 1, 1, 0
    for index in range(start + 1, len(rows)):
        if rows[index][0].y0 - _bottom(rows[index - 1]) > _WIDEST_BREAK * rows[index][0].size:
            break
        if _is_tabular(rows[index]):
            tabular, loose, end = tabular + 1, 0, index + 1
            continue
        loose += 1
        if loose > _MOST_LOOSE_ROWS or (loose > 1 and _is_running_text(rows[index], rows[start:end])):
            break
    return end if tabular >= _FEWEST_ROWS and _is_aligned(rows[start:end]) else start


def _is_tabular(row: Row) -> bool:
    return len(join_units(row)) > 1


def _is_running_text(row: Row, table: Sequence[Row]) -> bool:
    """A line that reaches under the figures is no label; without figures, a line of more than half the width is none."""
    figures = [cell.x0 for other in table for cell in other[1:] if cell.is_number]
    if figures:
        return row[-1].x1 > median(figures) + row[-1].size
    left, right = min(f.x0 for r in table for f in r), max(f.x1 for r in table for f in r)
    return row[-1].x1 - row[0].x0 > 0.6 * (right - left) and not row[0].bold


def _is_aligned(rows: Sequence[Row]) -> bool:
    """Figures, or edges that several rows share: without them, gaps are only wide blanks."""
    tabular = [joined for joined in map(join_units, rows) if len(joined) > 1]
    figures = sum(any(cell.is_number for cell in row[1:]) for row in tabular)
    if figures >= 0.5 * len(tabular):
        return True
    if len(tabular) < _FEWEST_ROWS_WITHOUT_FIGURES:
        return len({len(row) for row in tabular}) == 1 and len(tabular[0]) >= _FEWEST_CELLS_IN_TWO_ROWS
    edges = [[edge for cell in row[1:] for edge in (round(cell.x0 / 3), round(cell.x1 / 3))] for row in tabular]
    shared = 0
    for index, own in enumerate(edges):
        others = {edge for other, theirs in enumerate(edges) if other != index for edge in theirs}
        shared += any(edge in others for edge in own)
    return shared >= 0.6 * len(tabular)


def _with_heading_row(rows: Sequence[Row], start: int, earliest: int) -> int:
    """Take in the line above, where it stands over the columns of figures and not at the margin of the text."""
    if start <= earliest:
        return start
    above, first = rows[start - 1], rows[start]
    near = first[0].y0 - _bottom(above) < 1.5 * first[0].size
    over = len(above) == 1 and above[0].x0 > first[0].x0 + 4 * first[0].size and above[0].x0 > first[0].x1
    return start - 1 if near and over else start


def _bottom(row: Row) -> float:
    return max(fragment.y1 for fragment in row)


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return the ranges across the page in which the cells of the table stand, from the left."""
    figures = [(cell.x0, cell.x1) for row in rows if len(row) > 1 for cell in row if cell.is_number]
    usual = max((len(row) for row in rows), default=0)
    full = [row for row in rows if len(row) >= max(2, usual - 1)]
    cells = [(cell.x0, cell.x1) for row in full for cell in row]
    columns = _spread(figures if len(figures) > 0.4 * len(cells) else cells)
    for row in rows:
        for cell in row:
            if len(row) > 1 and not any(_shared(cell, column) > 0 for column in columns):
                columns = sorted([*columns, (cell.x0, cell.x1)])
    return columns or [(row[0].x0, row[0].x1) for row in rows[:1]]


def _spread(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    columns: list[tuple[float, float]] = []
    for x0, x1 in sorted(spans):
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _shared(cell: Fragment, column: tuple[float, float]) -> float:
    return min(cell.x1, column[1]) - max(cell.x0, column[0])


def _placed(row: Row, columns: Sequence[tuple[float, float]]) -> list[TableCell]:
    """Give each cell the column that it shares most with, or is nearest to; cells of one column become one."""
    cells: list[TableCell] = []
    for fragment in row:
        column = max(range(len(columns)), key=lambda index: _shared(fragment, columns[index]))
        same = next((i for i, cell in enumerate(cells) if cell.column == column), None)
        if same is None:
            cells.append(TableCell(column, fragment.text, fragment.box))
        else:
            before = cells[same]
            cells[same] = TableCell(column, f"{before.text} {fragment.text}", union([before.box, fragment.box]))
    return cells


def _header_rows(rows: Sequence[Sequence[TableCell]]) -> int:
    """Return how many rows stand above the first one that has a label and a figure other than a year."""
    for index, cells in enumerate(rows):
        figures = [cell.text for cell in cells if is_number(cell.text) and not _YEAR.match(cell.text)]
        if figures and not is_number(cells[0].text):
            return index if index < max(6, len(rows) / 2) else 0
    return 1 if len(rows) > _FEWEST_ROWS else 0


def _is_same_line(above: Sequence[TableCell], below: Sequence[TableCell]) -> bool:
    """Cells of one row set a little higher or lower: they overlap in height and are in different columns."""
    overlap = max(cell.box[3] for cell in above) - min(cell.box[1] for cell in below)
    lowest = min(cell.box[3] - cell.box[1] for cell in (*above, *below))
    return overlap > 0.2 * lowest and not {cell.column for cell in above} & {cell.column for cell in below}


def _continues_label(above: Sequence[TableCell], below: Sequence[TableCell]) -> bool:
    """A label goes on where the next begins in lower case, or the one above ends on a word that cannot end one."""
    if above[0].column != below[0].column or (len(above) > 1 and len(below) > 1):
        return False
    return below[0].text[:1].islower() or bool(_UNFINISHED.search(above[0].text) and len(above) == 1)


def _together(above: Sequence[TableCell], below: Sequence[TableCell]) -> list[TableCell]:
    label = TableCell(above[0].column, f"{above[0].text} {below[0].text}", union([above[0].box, below[0].box]))
    return [label, *above[1:], *below[1:]]


def cells_of(rows: Sequence[TableRow]) -> Iterator[tuple[int, TableCell, bool]]:
    """Yield every cell with the number of its row and whether it is a heading."""
    for number, row in enumerate(rows):
        for cell in row.cells:
            yield number, cell, row.header
