"""Tables: rows whose cells stand under each other.

In the text of a table each row is one line, its cells two spaces apart; a label that runs over two printed lines is one row
with its figures. Nothing is written that is not on the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.core.geometry import Box, union
from apps.documents.layout.drawing import Drawing
from apps.documents.layout.table_columns import (
    Column,
    column_of,
    columns_of,
    header_rows,
    part_headings,
    split_at_columns,
)
from apps.documents.layout.table_headings import headings_of
from apps.documents.layout.table_runs import Row, join_units
from apps.documents.layout.words import is_number, run_on

CELL_GAP = "  "
_MOST_LINES = 6
_LONG_LINE = 40
_TIGHT = 0.7
"""In units of a line's height: how high a row may be, and how much white is between its lines at most."""

_CLOSER, _FEWEST_PITCHES, _FULL = 0.85, 3, 0.6
"""A share of how far apart rows are, and from how many of them that is told; how far towards the figures a full line reaches."""

_UNFINISHED = re.compile(r"(?:,|\b(?:and|or|of|the|to|in|for|from|by|with|on|at|net of|und|der|die|des|et|de|y))$")


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell at its first row and column; `header` says that it heads columns."""

    row: int
    column: int
    text: str
    box: Box
    header: bool = False
    column_span: int = 1
    row_span: int = 1


@dataclass(frozen=True, slots=True)
class ReadTable:
    """The cells of a table in reading order, how many rows head it, and how many columns hold labels (0 if unknown)."""

    cells: tuple[TableCell, ...]
    header_rows: int
    header_columns: int = 0

    @property
    def box(self) -> Box:
        return union(cell.box for cell in self.cells)

    @property
    def has_columns(self) -> bool:
        """Whether anything stands beside the first column."""
        return any(cell.column > 0 for cell in self.cells)

    def rows(self) -> list[tuple[str, Box]]:
        """Return the text of each row that holds any, and the box around every printed line of it."""
        by_row: dict[int, list[TableCell]] = {}
        for cell in self.cells:
            by_row.setdefault(cell.row, []).append(cell)
        return [(CELL_GAP.join(cell.text for cell in row), union(cell.box for cell in row)) for row in by_row.values()]


_Cells = list[TableCell]


def read_table(rows: Sequence[Row], drawing: Drawing) -> ReadTable:
    """Return the rows of a table with their cells in columns; labels that run over lines are put together."""
    joined = split_at_columns([join_units(row) for row in rows])
    header = header_rows(joined)
    columns = columns_of(joined, header, drawing)
    heads = headings_of(part_headings(joined[:header], columns), columns, drawing)
    cells = [
        TableCell(number, head.first, head.text, head.box, header=True, column_span=head.last - head.first + 1)
        for number, row in enumerate(heads)
        for head in row
    ]
    for number, row in enumerate(_body(joined[header:], columns, drawing), len(heads)):
        cells += [TableCell(number, cell.column, cell.text, cell.box) for cell in row]
    return ReadTable(tuple(cells), len(heads))


def _body(rows: Sequence[Row], columns: Sequence[Column], drawing: Drawing) -> list[_Cells]:
    left, right = columns[0][0], columns[-1][1]
    bands = _with_white_between(drawing.bands(left, right))
    pitch = _pitch(rows)
    room = (left, columns[1][0] if len(columns) > 1 else right)
    merged: list[_Cells] = []
    for row in rows:
        cells = _placed(row, columns)
        if not merged:
            merged.append(cells)
            continue
        above = merged[-1]
        parted = drawing.parts(_middle(above), _middle(cells), left, right)
        goes_on = _in_one_band(above, cells, bands) or (
            not parted
            and (
                _continues_label(above, cells)
                or _continues_text(above, cells)
                or _is_set_close(above, cells, pitch, room)
            )
        )
        if goes_on or _is_same_line(above, cells):
            merged[-1] = _joined(above, cells)
        else:
            merged.append(cells)
    return merged


def _pitch(rows: Sequence[Row]) -> float:
    """Return how far apart rows with figures that follow each other are at least; 0 where too few do."""
    pitches = sorted(
        below[-1].baseline - above[-1].baseline
        for above, below in pairwise(rows)
        if all(any(cell.is_number for cell in row[1:]) for row in (above, below))
    )
    return pitches[len(pitches) // 4] if len(pitches) >= _FEWEST_PITCHES else 0.0


def _is_set_close(above: _Cells, below: _Cells, pitch: float, room: tuple[float, float]) -> bool:
    """Return whether two lines of one label stand closer than rows do, only one of them with figures, and the first is full."""
    label, following = above[0], below[0]
    if label.column != following.column or (len(above) > 1 and len(below) > 1) or label.text.endswith(":"):
        return False
    full = label.box[2] - room[0] > _FULL * (room[1] - room[0])
    return full and following.box[3] - label.box[3] < _CLOSER * pitch


def _with_white_between(bands: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the shaded areas and the white ones between them: where every other row is shaded, each is one row."""
    white = [(above[1], below[0]) for above, below in pairwise(bands) if below[0] > above[1]]
    return [*bands, *white] if len(bands) > 2 else list(bands)


def _placed(row: Row, columns: Sequence[Column]) -> _Cells:
    """Give each cell its column; cells of one column become one."""
    cells: _Cells = []
    for fragment in row:
        cell = TableCell(0, column_of(fragment, columns), fragment.text, fragment.box)
        cells = _joined(cells, [cell])
    return cells


def _joined(first: _Cells, second: _Cells) -> _Cells:
    """Return the cells of both, those of one column made one, from the left."""
    by_column = {cell.column: cell for cell in first}
    for cell in second:
        before = by_column.get(cell.column)
        if before is None:
            by_column[cell.column] = cell
        else:
            text, box = run_on(before.text, cell.text), union([before.box, cell.box])
            by_column[cell.column] = TableCell(0, cell.column, text, box)
    return [by_column[column] for column in sorted(by_column)]


def _is_same_line(above: _Cells, below: _Cells) -> bool:
    """Cells of one row set a little higher or lower: they overlap in height and are in different columns."""
    overlap = max(cell.box[3] for cell in above) - min(cell.box[1] for cell in below)
    lowest = min(cell.box[3] - cell.box[1] for cell in (*above, *below))
    return overlap > 0.2 * lowest and not {cell.column for cell in above} & {cell.column for cell in below}


def _in_one_band(above: _Cells, below: _Cells, bands: Sequence[tuple[float, float]]) -> bool:
    """Return whether both stand closely on one area, no higher than a row may be, and not both have figures."""
    first, second = _middle(above), _middle(below)
    height = max(cell.box[3] - cell.box[1] for cell in below)
    if min(cell.box[1] for cell in below) - max(cell.box[3] for cell in above) > _TIGHT * height:
        return False
    if not any(top < first < second < bottom and bottom - top < _MOST_LINES * height for top, bottom in bands):
        return False
    return not all(any(is_number(cell.text) for cell in cells) for cells in (above, below))


def _continues_text(above: _Cells, below: _Cells) -> bool:
    """Return whether a line of words goes on in every one of its columns, closely below words."""
    height = max(cell.box[3] - cell.box[1] for cell in below)
    if min(c.box[1] for c in below) - max(c.box[3] for c in above) > _TIGHT * height:
        return False
    if below[0].column == above[0].column:
        return _goes_on_beside_label(above, below)
    if len(below) > 1 and not any(cell.text[:1].islower() for cell in below):
        return False
    words = {cell.column for cell in above if not is_number(cell.text)}
    return all(cell.column in words and not is_number(cell.text) for cell in below)


def _goes_on_beside_label(above: _Cells, below: _Cells) -> bool:
    """Return whether a long text goes on in lower case beside a short label that goes on, too."""
    last, following = above[-1], below[-1]
    return (
        len(below) == 2
        and last.column == following.column
        and following.text[:1].islower()
        and min(len(last.text), len(following.text)) > _LONG_LINE > len(below[0].text)
        and not any(is_number(cell.text) for cell in (*above, *below))
    )


def _continues_label(above: _Cells, below: _Cells) -> bool:
    """A label goes on where the next begins in lower case, or the one above ends on a word that cannot end one."""
    if above[0].column != below[0].column or (len(above) > 1 and len(below) > 1):
        return False
    label, following = above[0].text, below[0].text
    in_brackets = len(below) == 1 and ")" in following and label.rfind("(") > label.rfind(")")
    return following[:1].islower() or in_brackets or bool(_UNFINISHED.search(label) and len(above) == 1)


def _middle(cells: _Cells) -> float:
    """Return the middle height of the last line of a row."""
    lowest = max(cells, key=lambda cell: cell.box[3])
    return lowest.box[3] - 0.5 * min(cell.box[3] - cell.box[1] for cell in cells)
