"""One page: words to blocks in reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.core.geometry import Box, union
from apps.documents.layout.columns import regions_of
from apps.documents.layout.lines import fragments_of, rows_of
from apps.documents.layout.paragraphs import BULLETS, Paragraph, Style, paragraphs_of
from apps.documents.layout.tables import cells_of, read_table, table_runs
from apps.documents.layout.words import Fragment, Frame, Word, merge
from apps.documents.parsing import Block, BlockKind, Cell, Line


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What of a page its layout depends on besides its words: size as displayed, in points, and the document's style.

    `drawn_in_order` is false where the order of the words says nothing, as after character recognition.
    """

    width: float
    height: float
    style: Style
    drawn_in_order: bool = True


def arrange(words: Sequence[Word], page: PageLayout) -> tuple[Block, ...]:
    """Return the blocks that the words make: first those that stand as most of the page does, then the turned ones."""
    by_frame: dict[Frame, list[Word]] = {}
    for word in words:
        by_frame.setdefault(word.frame, []).append(word)
    blocks: list[Block] = []
    for frame in sorted(by_frame, key=lambda frame: -len(by_frame[frame])):
        pieces = fragments_of(by_frame[frame])
        for region in regions_of(pieces, drawn_in_order=page.drawn_in_order):
            blocks += _Region(page, frame).blocks(rows_of(region))
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Region:
    page: PageLayout
    frame: Frame

    def blocks(self, rows: list[list[Fragment]]) -> Iterator[Block]:
        """Yield the tables of a column and the paragraphs between them."""
        rows = [_with_marker(row) for row in rows]
        position = 0
        for start, end in table_runs(rows):
            yield from self._running(rows[position:start])
            yield self._table(rows[start:end])
            position = end
        yield from self._running(rows[position:])

    def _running(self, rows: Sequence[list[Fragment]]) -> Iterator[Block]:
        lines = [merge(row) if len(row) > 1 else row[0] for row in rows]
        for paragraph in paragraphs_of(lines, self.page.style):
            yield self._paragraph(paragraph)

    def _paragraph(self, paragraph: Paragraph) -> Block:
        lines = tuple(Line(fragment.text, self._place(fragment.box)) for fragment in paragraph.lines)
        return Block(
            paragraph.kind,
            "\n".join(line.text for line in lines),
            level=paragraph.level,
            boxes=(union(line.box for line in lines),),
            lines=lines,
        )

    def _table(self, rows: Sequence[list[Fragment]]) -> Block:
        read = read_table(rows)
        lines = tuple(Line(row.text, self._place(row.box)) for row in read)
        cells = tuple(
            Cell(number, cell.column, cell.text, header=header, box=self._place(cell.box))
            for number, cell, header in cells_of(read)
        )
        return Block(
            BlockKind.TABLE,
            "\n".join(line.text for line in lines),
            boxes=(union(line.box for line in lines),),
            lines=lines,
            cells=cells,
        )

    def _place(self, box: Box) -> Box:
        return self.frame.fraction(box, self.page.width, self.page.height)


def _with_marker(row: list[Fragment]) -> list[Fragment]:
    """Join the mark of a list entry, which often stands apart, to its text."""
    if len(row) == 2 and (row[0].text in BULLETS or _is_marker(row[0].text)) and not row[1].is_number:
        return [merge(row)]
    return row


def _is_marker(text: str) -> bool:
    return len(text) <= 5 and (text[-1] in ".)" or text[0] == "(") and any(c.isalnum() for c in text)
