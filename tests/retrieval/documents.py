"""Parsed documents for tests, as parsers return them."""

from collections.abc import Sequence
from dataclasses import replace

from apps.core.geometry import Box
from apps.documents.parsing import Block, BlockKind, Cell, Line, Page, Parsed
from apps.documents.tables import Carried, describe_tables


def paged(*pages: Sequence[Block], language: str = "en") -> Parsed:
    return Parsed(
        paged=True,
        pages=tuple(Page(number, 595.0, 842.0, tuple(blocks)) for number, blocks in enumerate(pages, start=1)),
        language=language,
    )


def flowing(*blocks: Block, language: str = "en") -> Parsed:
    """Return a document without pages, whose blocks' spans count in their texts joined by an empty line."""
    placed, start = [], 0
    for block in blocks:
        placed.append(replace(block, span=(start, start + len(block.text)), boxes=(), lines=()))
        start += len(block.text) + 2
    return Parsed(paged=False, pages=(Page(1, 0.0, 0.0, tuple(placed)),), language=language)


def text(*lines: str, top: float = 0.1) -> Block:
    return _printed(BlockKind.TEXT, lines, top)


def heading(words: str, level: int = 1, top: float = 0.05) -> Block:
    return _printed(BlockKind.HEADING, (words,), top, level=level)


def listing(*lines: str, top: float = 0.5) -> Block:
    return _printed(BlockKind.LIST, lines, top)


def table(*rows: Sequence[str], headers: int = 1, top: float = 0.3) -> Block:
    """A table as a reader hands it on, described; blanks before a label set it in."""
    cells = tuple(
        Cell(row, column, words.strip(), header=row < headers, box=_cell_box(row, column, words, top))
        for row, cells in enumerate(rows)
        for column, words in enumerate(cells)
        if words.strip()
    )
    lines = ["  ".join(words.strip() for words in cells if words.strip()) for cells in rows]
    return described(_printed(BlockKind.TABLE, lines, top, cells=cells))


def described(block: Block) -> Block:
    """Return a table with what leads to its cells."""
    page, _ = describe_tables(Page(1, 595.0, 842.0, (replace(block, table=None),)), Carried())
    return page.blocks[0]


def _cell_box(row: int, column: int, words: str, top: float) -> Box:
    left = 0.1 + (0.3 + 0.1 * column if column else 0.01 * (len(words) - len(words.lstrip())))
    return (round(left, 5), round(top + 0.01 * row, 5), round(left + 0.08, 5), round(top + 0.01 * row + 0.008, 5))


def _printed(
    kind: BlockKind, lines: Sequence[str], top: float, *, level: int = 0, cells: tuple[Cell, ...] = ()
) -> Block:
    printed = tuple(
        Line(words, (0.1, round(top + 0.01 * n, 5), 0.9, round(top + 0.01 * n + 0.008, 5)))
        for n, words in enumerate(lines)
    )
    box = (0.1, top, 0.9, printed[-1].box[3])
    return Block(kind, "\n".join(lines), level=level, boxes=(box,), lines=printed, cells=cells)
