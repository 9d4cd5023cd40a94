"""Tables in HTML: which of them hold data and which only lay out a page, and what stands in which cell."""

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from apps.documents.parsers.flow import CELL_GAP
from apps.documents.parsers.markup.words import squeezed, words_of
from apps.documents.parsing import Block, BlockKind, Cell, Table

_LARGEST_SPAN = 1000
_MOST_COLUMNS = 16_384
_ROWS_AT_ONCE = 200
_A_PAGE_IN_A_CELL = 1200


def is_data(table: LexborNode) -> bool:
    """Tell a table of data from one that places parts of a page: the former has rows and columns and no page in a cell."""
    if table.attributes.get("role") in ("presentation", "none"):
        return False
    if table.css_first("th, caption, thead") is not None and table.css_first("table table") is None:
        return True
    rows = _rows(table)
    if len(rows) < 2 or table.css_first("table table, td h1, td h2, td h3, td p + p + p") is not None:
        return False
    cells = [sum(cell.tag in ("td", "th") for cell in row.iter()) for row in rows]
    if max(cells) < 2:
        return False
    return all(len(cell.text()) < _A_PAGE_IN_A_CELL for cell in table.css("td"))


def table_blocks(table: LexborNode) -> Iterator[Block]:
    """Yield the caption of a table and the table itself, a very long one in pieces that say that they continue."""
    caption = table.css_first("caption")
    title = squeezed(words_of(caption)) if caption is not None else ""
    if title:
        yield Block(BlockKind.CAPTION, title)
    rows = _rows(table)
    headers = next((number for number, row in enumerate(rows) if not _is_header(row)), len(rows))
    headers = headers if headers < len(rows) or len(rows) == 1 else 1
    placed = list(_placed(rows, headers))
    labels = _label_columns(placed, headers)
    for start in range(0, len(placed), _ROWS_AT_ONCE):
        piece = placed[start : start + _ROWS_AT_ONCE]
        cells = tuple(cell for row in piece for cell in _counted_from(row, start))
        lines = (CELL_GAP.join(cell.text for cell in row if cell.text) for row in piece)
        about = Table(
            caption=title,
            header_rows=headers if not start else 0,
            header_columns=labels,
            continues=bool(start),
        )
        yield Block(BlockKind.TABLE, "\n".join(line for line in lines if line), cells=cells, table=about)


def _rows(table: LexborNode) -> list[LexborNode]:
    """The rows of this table, not of one in it; a foot comes last wherever it is written."""
    rows: list[LexborNode] = []
    foot: list[LexborNode] = []
    for part in table.iter():
        if part.tag == "tr":
            rows.append(part)
        elif part.tag in ("thead", "tbody", "tfoot"):
            (foot if part.tag == "tfoot" else rows).extend(row for row in part.iter() if row.tag == "tr")
    return rows + foot


def _placed(rows: Sequence[LexborNode], headers: int) -> Iterator[list[Cell]]:
    """Give every cell its column, past those that reach down from rows above."""
    reaching: dict[int, int] = {}
    for number, row in enumerate(rows):
        column, taken = 0, {c for c, left in reaching.items() if left > 0}
        reaching = {c: left - 1 for c, left in reaching.items() if left > 1}
        cells = []
        for node in row.iter():
            if node.tag not in ("td", "th"):
                continue
            while column in taken:
                column += 1
            if column >= _MOST_COLUMNS:
                break
            wide, deep = _span(node, "colspan"), min(_span(node, "rowspan"), len(rows) - number)
            header = number < headers or node.tag == "th"
            cells.append(Cell(number, column, squeezed(words_of(node)), header, row_span=deep, column_span=wide))
            if deep > 1:
                reaching |= dict.fromkeys(range(column, column + wide), deep - 1)
            column += wide
        yield cells


def _label_columns(rows: Sequence[Sequence[Cell]], headers: int) -> int:
    """How many columns from the left are marked as labels in nearly every row below the headers."""
    below = [row for row in rows[headers:] if row]
    count = 0
    while below and sum(any(c.column == count and c.header for c in row) for row in below) > 0.8 * len(below):
        count += 1
    return count


def _counted_from(row: Sequence[Cell], start: int) -> Iterator[Cell]:
    for cell in row:
        yield Cell(
            cell.row - start,
            cell.column,
            cell.text,
            cell.header,
            row_span=cell.row_span,
            column_span=cell.column_span,
        )


def _is_header(row: LexborNode) -> bool:
    if row.parent is not None and row.parent.tag == "thead":
        return True
    tags = [cell.tag for cell in row.iter()]
    return bool(tags) and all(tag == "th" for tag in tags)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(max(int(value), 1), _LARGEST_SPAN) if value.isascii() and value.isdigit() and len(value) < 9 else 1
