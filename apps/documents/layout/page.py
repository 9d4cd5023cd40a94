"""One page: words to blocks in reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.core.geometry import Box, union
from apps.documents.layout.columns import regions_of
from apps.documents.layout.drawing import NOTHING_DRAWN, Drawing
from apps.documents.layout.lines import fragments_of, rows_of
from apps.documents.layout.lists import is_contents, with_markers
from apps.documents.layout.paragraphs import Paragraph, Style, paragraphs_of
from apps.documents.layout.table_captions import title_above, title_below, unit_in
from apps.documents.layout.table_runs import bottom_of, table_runs
from apps.documents.layout.tables import read_table
from apps.documents.layout.words import Fragment, Frame, Word, merge
from apps.documents.parsing import Block, BlockKind, Cell, Line, Table


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What of a page its layout depends on besides its words: size as displayed, in points, and the document's style.

    `drawn_in_order` is false where the order of the words says nothing, as after character recognition.
    """

    width: float
    height: float
    style: Style
    drawn_in_order: bool = True
    drawing: Drawing = NOTHING_DRAWN


def arrange(words: Sequence[Word], page: PageLayout) -> tuple[Block, ...]:
    """Return the blocks that the words make: first those that stand as most of the page does, then the turned ones."""
    by_frame: dict[Frame, list[Word]] = {}
    for word in words:
        by_frame.setdefault(word.frame, []).append(word)
    blocks: list[Block] = []
    for frame in sorted(by_frame, key=lambda frame: -len(by_frame[frame])):
        pieces = fragments_of(by_frame[frame])
        drawing = page.drawing.within(frame, page.width, page.height)
        for region in regions_of(pieces, drawn_in_order=page.drawn_in_order):
            blocks += _Region(page, frame, drawing).blocks(rows_of(region))
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Region:
    page: PageLayout
    frame: Frame
    drawing: Drawing

    def blocks(self, rows: list[list[Fragment]]) -> Iterator[Block]:
        """Yield the tables of a column and the paragraphs between them."""
        rows = with_markers(rows)
        runs = table_runs(rows, self.drawing)
        between = [self._running(rows[end:start]) for end, start in _gaps(runs, len(rows))]
        for number, (start, end) in enumerate(runs):
            above, below = between[number], between[number + 1]
            yield from map(self._paragraph, above)
            if is_contents(rows[start:end]):
                yield self._paragraph(Paragraph([_line(row) for row in rows[start:end]], BlockKind.LIST))
            else:
                yield self._table(rows[start:end], above, below)
        yield from map(self._paragraph, between[-1])

    def _running(self, rows: Sequence[list[Fragment]]) -> list[Paragraph]:
        return paragraphs_of([_line(row) for row in rows], self.page.style)

    def _paragraph(self, paragraph: Paragraph) -> Block:
        lines = tuple(Line(fragment.text, self._place(fragment.box)) for fragment in paragraph.lines)
        return Block(
            paragraph.kind,
            "\n".join(line.text for line in lines),
            level=paragraph.level,
            boxes=(union(line.box for line in lines),),
            lines=lines,
        )

    def _table(self, rows: Sequence[list[Fragment]], above: Sequence[Paragraph], below: Sequence[Paragraph]) -> Block:
        read = read_table(rows, self.drawing)
        caption, unit = title_above(above, min(piece.y0 for piece in rows[0]))
        caption = caption or title_below(below, bottom_of(rows[-1]))
        unit = unit or next(filter(None, (unit_in(cell.text) for cell in read.cells if cell.header)), "")
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
            table=Table(header_rows=read.header_rows, caption=caption, unit=unit),
        )

    def _place(self, box: Box) -> Box:
        return self.frame.fraction(box, self.page.width, self.page.height)


def _gaps(runs: Sequence[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges before, between and after the runs."""
    position = 0
    for start, end in runs:
        yield position, start
        position = end
    yield position, count


def _line(row: list[Fragment]) -> Fragment:
    return merge(row) if len(row) > 1 else row[0]
