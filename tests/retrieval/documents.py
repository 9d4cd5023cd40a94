"""Parsed documents for tests, as parsers return them."""

from collections.abc import Sequence

from apps.documents.parsing import Block, BlockKind, Cell, Line, Page, Parsed


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
        placed.append(
            Block(block.kind, block.text, level=block.level, span=(start, start + len(block.text)), cells=block.cells)
        )
        start += len(block.text) + 2
    return Parsed(paged=False, pages=(Page(1, 0.0, 0.0, tuple(placed)),), language=language)


def text(*lines: str, top: float = 0.1) -> Block:
    return _printed(BlockKind.TEXT, lines, top)


def heading(words: str, level: int = 1, top: float = 0.05) -> Block:
    return _printed(BlockKind.HEADING, (words,), top, level=level)


def listing(*lines: str, top: float = 0.5) -> Block:
    return _printed(BlockKind.LIST, lines, top)


def table(*rows: Sequence[str], headers: int = 1, top: float = 0.3) -> Block:
    cells = tuple(
        Cell(row, column, words, header=row < headers)
        for row, cells in enumerate(rows)
        for column, words in enumerate(cells)
    )
    return _printed(BlockKind.TABLE, ["  ".join(cells) for cells in rows], top, cells=cells)


def _printed(
    kind: BlockKind, lines: Sequence[str], top: float, *, level: int = 0, cells: tuple[Cell, ...] = ()
) -> Block:
    printed = tuple(
        Line(words, (0.1, round(top + 0.01 * n, 5), 0.9, round(top + 0.01 * n + 0.008, 5)))
        for n, words in enumerate(lines)
    )
    box = (0.1, top, 0.9, printed[-1].box[3])
    return Block(kind, "\n".join(lines), level=level, boxes=(box,), lines=printed, cells=cells)
