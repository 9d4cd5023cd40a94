"""Tables in rich text: rows whose cells end at distances from the margin, from which follows what lies over what."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.documents.parsers.flow import CELL_GAP
from apps.documents.parsing import Block, BlockKind, Cell, Table

_SAME_EDGE = 40  # twips
_ROWS_AT_ONCE = 200


@dataclass(slots=True)
class Row:
    """A row as it is being read: the texts of its cells, where each ends, and which go on from a cell above or beside."""

    texts: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    from_above: list[bool] = field(default_factory=list)
    from_beside: list[bool] = field(default_factory=list)
    header: bool = False


def table_blocks(rows: Sequence[Row]) -> list[Block]:
    """Return the table made of these rows, a very long one in pieces that say that they continue."""
    edges = _edges(rows)
    blocks = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        piece = rows[start : start + _ROWS_AT_ONCE]
        cells = [cell for number, row in enumerate(piece) for cell in _cells(number, row, edges)]
        headers = next((number for number, row in enumerate(piece) if not row.header), len(piece)) if not start else 0
        lines = (
            CELL_GAP.join(cell.text for cell in cells if cell.row == number and cell.text)
            for number in range(len(piece))
        )
        blocks.append(
            Block(
                BlockKind.TABLE,
                "\n".join(line for line in lines if line),
                cells=tuple(cells),
                table=Table(header_rows=headers, continues=bool(start)),
            )
        )
    return blocks


def _edges(rows: Sequence[Row]) -> list[int]:
    """The places where cells of any row end, those that hardly differ taken for one."""
    edges: list[int] = []
    for edge in sorted({edge for row in rows for edge in row.edges}):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    return edges


def _cells(number: int, row: Row, edges: Sequence[int]) -> list[Cell]:
    cells: list[Cell] = []
    column = 0
    for place, text in enumerate(row.texts):
        known = place < len(row.edges)
        end = max(_index(edges, row.edges[place]) + 1, column + 1) if known else column + 1
        if known and row.from_beside[place] and cells:
            last = cells.pop()
            both = " ".join(filter(None, (last.text, text)))
            cells.append(Cell(number, last.column, both, row.header, column_span=end - last.column))
        else:
            shown = "" if known and row.from_above[place] else text
            cells.append(Cell(number, column, shown, row.header, column_span=end - column))
        column = end
    return cells


def _index(edges: Sequence[int], edge: int) -> int:
    return min(bisect_left(edges, edge - _SAME_EDGE), len(edges) - 1)
