"""Tables in Word documents: cells with their spans, and which rows are headers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from apps.documents.parsers.grids import GridCell, grid_block, header_depth
from apps.documents.parsers.word.text import W
from apps.documents.parsing import Block, Table

CellText = Callable[[Any], str]
_FIGURE = re.compile(r"[-–−(]?\s*[$€£¥]?\s*\d[\d.,'’ ]*\s*[%€$£)]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIRST_ROW = 0x0020
_MOST_LAYOUT_CELLS = 4
_WIDEST_SPAN = 1000


def rows_of(table: Any) -> list[Any]:
    """Return the rows of a table, those of tables inside it left out."""
    return [row for row in table.iter(f"{W}tr") if _table_of(row) is table and not _is_deleted(row)]


def only_lays_out(table: Any) -> bool:
    """Whether a table only places text: it has one column, or a few cells of which one holds a table."""
    counts = [len(list(cells_of(row))) for row in rows_of(table)]
    nested = any(found is not table for found in table.iter(f"{W}tbl"))
    return max(counts, default=0) < 2 or (nested and sum(counts) <= _MOST_LAYOUT_CELLS)


def cells_of(row: Any) -> Iterator[tuple[int, int, Any]]:
    """Yield the cells of a row with their columns and how many of them each spans."""
    before = row.find(f"{W}trPr/{W}gridBefore")
    column = _number(before, 0)
    for child in row:
        cells = [child] if child.tag == f"{W}tc" else child.findall(f"{W}sdtContent/{W}tc")
        for cell in cells:
            span = max(_number(cell.find(f"{W}tcPr/{W}gridSpan"), 1), 1)
            yield column, span, cell
            column += span


def table_of(table: Any, cell_text: CellText, caption: str = "") -> Block:
    """Return a table as read."""
    rows = rows_of(table)
    placed = [list(cells_of(row)) for row in rows]
    grid = [
        [
            GridCell(column, cell_text(cell), span, _rows_down(placed, at, column))
            for column, span, cell in cells
            if not _goes_on(cell)
        ]
        for at, cells in enumerate(placed)
    ]
    headers = _stated_headers(rows)
    if not headers and len(rows) > 1 and _has_first_row(table) and not _has_figures(grid[0]):
        headers = header_depth(grid, 1)
    return grid_block(grid, Table(header_rows=min(headers, len(rows)), caption=" ".join(caption.split())))


def _stated_headers(rows: list[Any]) -> int:
    """Return how many rows the file repeats on every page."""
    count = 0
    for row in rows:
        stated = row.find(f"{W}trPr/{W}tblHeader")
        if stated is None or stated.get(f"{W}val", "1") in ("0", "false"):
            break
        count += 1
    return count


def _has_first_row(table: Any) -> bool:
    """Whether the first row is dressed as a header; where nothing is said, as programs do by default, it is taken for one."""
    look = table.find(f"{W}tblPr/{W}tblLook")
    if look is None:
        return True
    stated = look.get(f"{W}firstRow")
    if stated is not None:
        return stated in ("1", "true", "on")
    mask = look.get(f"{W}val", "")
    return bool(int(mask, 16) & _FIRST_ROW) if re.fullmatch(r"[0-9A-Fa-f]{1,8}", mask) else True


def _has_figures(cells: list[GridCell]) -> bool:
    figures = [cell.text for cell in cells if _FIGURE.fullmatch(cell.text.strip())]
    return any(not _YEAR.fullmatch(figure.strip()) for figure in figures)


def _rows_down(placed: list[list[tuple[int, int, Any]]], at: int, column: int) -> int:
    """Return over how many rows the cell at this place reaches."""
    below = at + 1
    while below < len(placed) and any(place == column and _goes_on(cell) for place, _, cell in placed[below]):
        below += 1
    return below - at


def _goes_on(cell: Any) -> bool:
    """Whether a cell is the part of a merged one that is below its first row."""
    merged = cell.find(f"{W}tcPr/{W}vMerge")
    return merged is not None and merged.get(f"{W}val") != "restart"


def _is_deleted(row: Any) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _table_of(row: Any) -> Any:
    parent = row.getparent()
    while parent is not None and parent.tag != f"{W}tbl":
        parent = parent.getparent()
    return parent


def _number(element: Any, default: int) -> int:
    text = element.get(f"{W}val", "") if element is not None else ""
    return min(int(text), _WIDEST_SPAN) if text.isascii() and text.isdigit() else default
