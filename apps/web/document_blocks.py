"""One page of a version, ready to draw: its blocks as read, its lines over the picture, and what of it is lit.

A part that is not pictured may be very long (a sheet of 100,000 rows, a text of 500 pages in one): it is shown in windows of whole
blocks, so that no page of the interface is larger than a reader and a browser can take.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models.functions import Length

from apps.core.errors import NotFound
from apps.core.geometry import overlap
from apps.documents.formats import format_of
from apps.documents.layout.hyphens import SOFT_HYPHEN
from apps.documents.models import Block, Page, Version
from apps.documents.parsing import BlockKind, Quality
from apps.web.document_grid import Grid
from apps.web.document_place import Lit, as_box
from apps.web.document_table import grid_of, rows_in
from apps.web.drawing import BLANK_HEIGHT, Rect, TextLine, height_of, rect, text_line
from apps.web.parts import PartWords, named, named_among, part_of, words_of

_PARTED = re.compile(f"{SOFT_HYPHEN}\n")  # a word parted at the end of a printed line is one word again

_WINDOW = 40_000
"""Characters in a window, but for a single block that is longer."""


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block as read: its rectangles and lines on the picture, its text cut where it is lit, its table as a grid."""

    anchor: str
    ordinal: int
    kind: str
    level: int
    rects: tuple[Rect, ...]
    lines: tuple[TextLine, ...]
    lit: bool
    before: str
    marked: str
    after: str
    language: str = ""
    grid: Grid | None = None

    @property
    def heading(self) -> int:
        """Return the level of the heading under the document's own, as HTML counts: 2 to 6."""
        return min(max(self.level, 1) + 1, 6)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a long page is shown: the `number`-th of `count`."""

    number: int = 1
    count: int = 1

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page, slide, sheet or chapter of a version, or the whole of a document that has none of them.

    A page of a pictured format is drawn once something is known of it.
    """

    number: int
    count: int
    part: str
    label: str
    pictured: bool
    drawn: bool
    height: float
    quality: str
    recognised: bool
    blocks: tuple[ReadBlock, ...]
    marks: tuple[Rect, ...] = ()
    window: Window = field(default_factory=Window)
    lit: Lit = field(default_factory=Lit)

    @property
    def name(self) -> str:
        return named(self.part, self.number, self.label)

    @property
    def name_among(self) -> str:
        return named_among(self.part, self.number, self.count, self.label)

    @property
    def words(self) -> PartWords:
        return words_of(self.part)

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None

    @property
    def text(self) -> list[ReadBlock]:
        """Return the blocks but for the notes, which are set apart where a part is a slide."""
        return [block for block in self.blocks if block.kind != BlockKind.NOTE]

    @property
    def notes(self) -> list[ReadBlock]:
        return [block for block in self.blocks if block.kind == BlockKind.NOTE]


def leaf_of(version: Version, number: int, lit: Lit, *, window: int | None = None) -> Leaf:
    """Return one page of a version; raises `NotFound` if it has no such page. Unread versions have an empty first one."""
    count = max(version.page_count, 1)
    if not 1 <= number <= count:
        raise NotFound
    known = format_of(version.media_type)
    pictured = known is not None and known.pictured
    part = part_of(version.media_type)
    page = version.pages.filter(number=number).first()
    if page is None:
        return Leaf(number, count, part, "", pictured, False, BLANK_HEIGHT, Quality.UNREAD, False, (), lit=lit)
    height = height_of(page.width, page.height)
    here = lit if lit.page in (None, number) else Lit()
    rows = Block.objects.filter(page=page).order_by("ordinal")
    shown = Window()
    if not pictured:
        shown, first, last = _window(page, here, window)
        rows = rows.filter(ordinal__gte=first, ordinal__lte=last).defer("lines")
    return Leaf(
        number=number,
        count=count,
        part=part,
        label=page.label,
        pictured=pictured,
        drawn=pictured,
        height=height,
        quality=page.quality,
        recognised=page.recognised,
        blocks=tuple(_read_block(row, height, here, pictured=pictured) for row in rows),
        marks=tuple(rect(box, height) for box in here.boxes),
        window=shown,
        lit=here,
    )


def windows_of(page: Page) -> list[tuple[int, int]]:
    """Return the windows of a page as the ordinals of their first and last blocks. One query."""
    made: list[tuple[int, int]] = []
    size = 0
    for ordinal, length in page.blocks.order_by("ordinal").values_list("ordinal", Length("text")):
        if made and size + length <= _WINDOW:
            made[-1] = (made[-1][0], ordinal)
            size += length
        else:
            made.append((ordinal, ordinal))
            size = length
    return made or [(0, 0)]


def window_with(windows: Sequence[tuple[int, int]], ordinal: int) -> int:
    """Return the number of the window that holds a block, counting from 1."""
    return next((place for place, (_, last) in enumerate(windows, start=1) if ordinal <= last), len(windows))


def _window(page: Page, lit: Lit, wanted: int | None) -> tuple[Window, int, int]:
    """Return the window to show, which is the one with the lit place unless another is wanted, and its blocks' ordinals."""
    windows = windows_of(page)
    number = wanted or 0
    if not 1 <= number <= len(windows):
        ordinal = lit.block if lit.block is not None else _block_at(page, lit)
        number = 1 if ordinal is None else window_with(windows, ordinal)
    return Window(number, len(windows)), *windows[number - 1]


def _block_at(page: Page, lit: Lit) -> int | None:
    if lit.span is None:
        return None
    touched = page.blocks.filter(span_end__gt=lit.span[0], span_start__lt=lit.span[1])
    return touched.order_by("ordinal").values_list("ordinal", flat=True).first()


def _read_block(row: Block, height: float, lit: Lit, *, pictured: bool) -> ReadBlock:
    span = _lit_span(row, lit)
    start, end = span or (0, 0)
    boxes = [as_box(box) for box in row.boxes]
    here = lit.block == row.ordinal
    chosen = here and lit.cell is None
    on_boxes = lit.block is None and any(overlap(box, other) for box in boxes for other in lit.boxes)
    return ReadBlock(
        anchor=f"b{row.ordinal}",
        ordinal=row.ordinal,
        kind=row.kind,
        level=row.level,
        rects=tuple(rect(box, height) for box in boxes),
        lines=_lines(row, height) if pictured else (),
        lit=chosen or on_boxes or span is not None,
        before=row.text[:start] if span else _PARTED.sub(SOFT_HYPHEN, row.text),
        marked=row.text[start:end],
        after=row.text[end:] if span else "",
        language=row.language,
        grid=_grid(row, height, lit if here or lit.block is None else Lit(), span) if row.cells else None,
    )


def _grid(row: Block, height: float, lit: Lit, span: tuple[int, int] | None) -> Grid:
    lit_rows = rows_in(row.text, row.cells, *span) if span else frozenset()
    return grid_of(row.cells, row.table, height=height, lit=lit, lit_rows=lit_rows)


def _lines(row: Block, height: float) -> tuple[TextLine, ...]:
    """Return what can be selected on the picture: the printed lines, or a table's cells where these are known better."""
    placed = [cell for cell in row.cells if cell.get("box")] or row.lines
    made = (
        text_line(line["text"], as_box(line["box"]), height, row=line.get("row")) for line in placed if line.get("box")
    )
    return tuple(line for line in made if line is not None)


def _lit_span(row: Block, lit: Lit) -> tuple[int, int] | None:
    """Return the lit range of the block's own text. A quotation is narrower than its passage and wins."""
    if lit.span is None or row.span_start is None:
        return None
    start, end = max(lit.span[0] - row.span_start, 0), min(lit.span[1] - row.span_start, len(row.text))
    if start >= end:
        return None
    if lit.quote and lit.quote in row.text[start:end]:
        start = row.text.index(lit.quote, start)
        end = start + len(lit.quote)
    return start, end
