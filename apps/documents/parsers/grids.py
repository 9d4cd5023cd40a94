"""Tables of documents and slides: rows of cells that may reach over several columns and rows."""

from collections.abc import Sequence
from typing import NamedTuple

from apps.documents.parsers.flow import CELL_GAP
from apps.documents.parsing import Block, BlockKind, Cell, Table

_MOST_HEADERS = 4


class GridCell(NamedTuple):
    """A cell by its column, at its first row; `text` may have several lines, which are joined."""

    column: int
    text: str
    column_span: int = 1
    row_span: int = 1
    value: str = ""


def grid_block(rows: Sequence[Sequence[GridCell]], table: Table | None = None) -> Block:
    """Return the table with one line a row in its text, rows without a word left out of the text only."""
    headers = table.header_rows if table else 0
    cells = tuple(
        Cell(
            at, cell.column, " ".join(cell.text.split()), at < headers, None,
            max(1, min(cell.row_span, len(rows) - at)), max(1, cell.column_span), value=cell.value,
        )
        for at, row in enumerate(rows)
        for cell in row
    )  # fmt: skip
    lines: list[list[str]] = [[] for _ in rows]
    for cell in cells:
        if cell.text:
            lines[cell.row].append(cell.text)
    return Block(BlockKind.TABLE, "\n".join(CELL_GAP.join(line) for line in lines if line), cells=cells, table=table)


def header_depth(rows: Sequence[Sequence[GridCell]], stated: int) -> int:
    """Return how many rows are headers: those stated, and those under headings of several columns that have no label either."""
    depth = stated
    while 0 < depth < min(len(rows) - 1, _MOST_HEADERS):
        spans = any(cell.column_span > 1 and cell.column > 0 and cell.text for cell in rows[depth - 1])
        labelled = any(cell.column == 0 and cell.text for cell in rows[depth])
        if not spans or labelled:
            break
        depth += 1
    return depth
