"""One page: words to blocks in reading order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from apps.core.geometry import Box, union
from apps.documents.layout.columns import regions_of
from apps.documents.layout.drawing import NOTHING_DRAWN, Drawing
from apps.documents.layout.grids import grids_of, read_grid
from apps.documents.layout.lines import fragments_of, rows_of
from apps.documents.layout.lists import is_contents, is_list, with_markers
from apps.documents.layout.paragraphs import Paragraph, Style, paragraphs_of
from apps.documents.layout.signatures import is_one_signature, with_signatures
from apps.documents.layout.table_captions import MOST_ABOVE, title_above, title_below, unit_in
from apps.documents.layout.table_runs import Row, table_runs
from apps.documents.layout.tables import ReadTable, read_table
from apps.documents.layout.words import Fragment, Frame, Word, merge
from apps.documents.parsing import Block, BlockKind, Cell, Line, Table

Part = Paragraph | ReadTable


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What of a page its layout depends on besides its words: size as displayed, in points, and the document's style.

    `drawn_in_order` is false where the order of the words says nothing, as after character recognition.
    """

    width: float
    height: float
    style: Style
    drawn_in_order: bool = True
    drawing: Callable[[], Drawing] = lambda: NOTHING_DRAWN


def arrange(words: Sequence[Word], page: PageLayout) -> tuple[Block, ...]:
    """Return the blocks that the words make: first those that stand as most of the page does, then the turned ones."""
    by_frame: dict[Frame, list[Word]] = {}
    for word in words:
        by_frame.setdefault(word.frame, []).append(word)
    blocks: list[Block] = []
    for frame in sorted(by_frame, key=lambda frame: -len(by_frame[frame])):
        blocks += _arranged(by_frame[frame], page, frame)
    return tuple(blocks)


def among(blocks: Sequence[Block], added: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks of a page with others put in at their place: each before the first one below it in its column."""
    result = list(blocks)
    for block in sorted(added, key=lambda block: (block.boxes[0][1], block.boxes[0][0])):
        x0, y0, x1, y1 = block.boxes[0]
        middle = (y0 + y1) / 2
        below = (
            i
            for i, (left, top, right, _) in enumerate(b.boxes[0] for b in result)
            if top > middle and left < x1 and x0 < right
        )
        result.insert(next(below, len(result)), block)
    return tuple(result)


def _arranged(words: Sequence[Word], page: PageLayout, frame: Frame) -> Iterator[Block]:
    """Yield the blocks of the words that stand in one frame."""
    pieces = fragments_of(words)
    drawing, ruled = NOTHING_DRAWN, list[ReadTable]()
    if _may_hold_tables(pieces):
        drawing = page.drawing().within(frame, page.width, page.height)
        ruled, others = _ruled(words, drawing)
        pieces = fragments_of(others) if ruled else pieces
    parts: list[Part] = []
    for region in regions_of(pieces, drawn_in_order=page.drawn_in_order):
        parts += _parts(with_signatures(with_markers(rows_of(region))), page.style, drawing)
    for table in ruled:
        _insert(parts, table)
    as_block = _Blocks(page, frame)
    for index, part in enumerate(parts):
        if isinstance(part, ReadTable):
            yield as_block.table(part, *_title(parts, index, part))
        else:
            yield as_block.paragraph(part)


def _may_hold_tables(pieces: Sequence[Fragment]) -> bool:
    """Return whether any two pieces stand beside each other: only then is it worth asking what is drawn on the page."""
    return len({round(piece.baseline) for piece in pieces}) < len(pieces)


def _ruled(words: Sequence[Word], drawing: Drawing) -> tuple[list[ReadTable], Sequence[Word]]:
    """Return the ruled tables, and the words that stand in none."""
    tables: list[ReadTable] = []
    for grid in grids_of(drawing):
        inside = [word for word in words if grid.holds(word)]
        table = read_grid(grid, inside) if inside else None
        if table is not None:
            tables.append(table)
            words = [word for word in words if not grid.holds(word)]
    return tables, words


def _parts(rows: Sequence[Row], style: Style, drawing: Drawing) -> Iterator[Part]:
    """Yield the tables of a column and the paragraphs between them."""
    position = 0
    for start, end in table_runs(rows, drawing):
        yield from paragraphs_of([_line(row) for row in rows[position:start]], style)
        table = read_table(rows[start:end], drawing)
        if is_contents(rows[start:end]):
            yield Paragraph([_line(row) for row in rows[start:end]], BlockKind.LIST)
        elif table.has_columns and not is_list(rows[start:end]) and not is_one_signature(rows[start:end]):
            yield table
        else:
            yield from paragraphs_of([_line(row) for row in rows[start:end]], style)
        position = end
    yield from paragraphs_of([_line(row) for row in rows[position:]], style)


def _insert(parts: list[Part], table: ReadTable) -> None:
    """Put a ruled table before the first part in its column that is below it."""
    x0, y0, x1, _ = table.box
    for index, part in enumerate(parts):
        left, top, right, _ = part.box
        if top > y0 and left < x1 and x0 < right:
            parts.insert(index, table)
            return
    parts.append(table)


def _title(parts: Sequence[Part], index: int, table: ReadTable) -> tuple[str, str]:
    """Return the title and the unit of a table, from what stands around it or in its headings."""
    above: list[Paragraph] = []
    for part in reversed(parts[max(index - MOST_ABOVE, 0) : index]):
        if isinstance(part, ReadTable):
            break
        above.insert(0, part)
    caption, unit = title_above(above, table.box[1])
    following = parts[index + 1] if index + 1 < len(parts) else None
    if not caption and isinstance(following, Paragraph):
        caption = title_below(following, table.box[3])
    return caption, unit or next(filter(None, (unit_in(cell.text) for cell in table.cells if cell.header)), "")


def _line(row: Row) -> Fragment:
    return merge(row) if len(row) > 1 else row[0]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Makes blocks, with places on the page as displayed, of what stands in one frame."""

    page: PageLayout
    frame: Frame

    def paragraph(self, paragraph: Paragraph) -> Block:
        lines = tuple(Line(fragment.text, self._place(fragment.box)) for fragment in paragraph.lines)
        return Block(
            paragraph.kind,
            "\n".join(line.text for line in lines),
            level=paragraph.level,
            boxes=(union(line.box for line in lines),),
            lines=lines,
        )

    def table(self, read: ReadTable, caption: str, unit: str) -> Block:
        lines = tuple(Line(text, self._place(box)) for text, box in read.rows())
        cells = tuple(
            Cell(
                cell.row,
                cell.column,
                cell.text,
                header=cell.header,
                box=self._place(cell.box),
                row_span=cell.row_span,
                column_span=cell.column_span,
            )
            for cell in read.cells
        )
        return Block(
            BlockKind.TABLE,
            "\n".join(line.text for line in lines),
            boxes=(union(line.box for line in lines),),
            lines=lines,
            cells=cells,
            table=Table(header_rows=read.header_rows, header_columns=read.header_columns, caption=caption, unit=unit),
        )

    def _place(self, box: Box) -> Box:
        return self.frame.fraction(box, self.page.width, self.page.height)
