"""Documents without pictures of their pages: blocks one after another in one text, each with its span in it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from apps.documents.parsing import Block, BlockKind, Cell, Page, Parsed

SEPARATOR = "\n\n"
"""Stands between two blocks in the document's text."""

CELL_GAP = "  "
"""Stands between the cells of a row in the text of a table: nothing is added that was not in the document."""


def flowing(blocks: Iterable[Block], *, title: str = "", language: str = "") -> Parsed:
    """Return the document made of these blocks, those without text left out."""
    placed, position = [], 0
    for block in blocks:
        if not block.text:
            continue
        placed.append(replace(block, span=(position, position + len(block.text))))
        position += len(block.text) + len(SEPARATOR)
    return Parsed(paged=False, pages=(Page(1, 0.0, 0.0, tuple(placed)),), title=title, language=language)


def turning(parts: Iterable[tuple[str, Iterable[Block]]], *, title: str = "", language: str = "") -> Parsed:
    """Return the document whose slides, sheets or chapters have these names and blocks; spans count through all of them."""
    return Parsed(paged=True, pages=_turned(parts), title=title, language=language)


def _turned(parts: Iterable[tuple[str, Iterable[Block]]]) -> Iterator[Page]:
    position = 0
    for number, (label, blocks) in enumerate(parts, start=1):
        placed = []
        for block in blocks:
            if block.text:
                placed.append(replace(block, span=(position, position + len(block.text))))
                position += len(block.text) + len(SEPARATOR)
        yield Page(number, 0.0, 0.0, tuple(placed), label=label)


def table_block(rows: Sequence[Sequence[tuple[int, str]]], *, header_rows: int = 0) -> Block:
    """Return a table from rows of (column, text): one line a row, its cells two spaces apart."""
    cells = tuple(
        Cell(row, column, text, header=row < header_rows)
        for row, contents in enumerate(rows)
        for column, text in contents
    )
    lines = (CELL_GAP.join(text for _, text in contents if text) for contents in rows)
    return Block(BlockKind.TABLE, "\n".join(line for line in lines if line), cells=cells)
