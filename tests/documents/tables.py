"""Tables for tests, written as rows of texts."""

from collections.abc import Sequence

from apps.core.geometry import Box
from apps.documents.parsing import Block, BlockKind, Cell, Page, Table
from apps.documents.tables import Carried, describe_tables

_LINE = 0.02


def table(*rows: Sequence[str], headers: int = 1, given: Table | None = None) -> Block:
    """A table of a format without pictures; an empty text is no cell, and `>` takes in the cell on its left."""
    cells: list[Cell] = []
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text and text != ">":
                width = 1 + next(
                    (n for n, other in enumerate(texts[column + 1 :]) if other != ">"), len(texts) - column - 1
                )
                cells.append(Cell(row, column, text, header=row < headers, column_span=width))
    return Block(BlockKind.TABLE, _text(rows), cells=tuple(cells), table=given)


def printed(*rows: Sequence[str], headers: int = 1, top: float = 0.1) -> Block:
    """A table on a page: each blank before a label sets it in; figures end under each other."""
    cells, boxes = [], []
    for row, texts in enumerate(rows):
        y0 = top + row * _LINE
        for column, text in enumerate(texts):
            if not text.strip():
                continue
            x0 = 0.1 + 0.01 * (len(text) - len(text.lstrip())) if column == 0 else 0.4 + 0.1 * column
            box: Box = (x0, y0, x0 + 0.08, y0 + 0.012)
            boxes.append(box)
            cells.append(Cell(row, column, text.strip(), header=row < headers, box=box))
    whole = (0.1, top, 0.9, top + len(rows) * _LINE)
    return Block(BlockKind.TABLE, _text(rows), boxes=(whole,), cells=tuple(cells))


def page(*blocks: Block, number: int = 1) -> Page:
    return Page(number, 595, 842, blocks)


def described(*blocks: Block, carried: Carried | None = None) -> Table:
    """Return what is found of the last of these blocks on one page."""
    read, _ = describe_tables(page(*blocks), carried or Carried())
    found = read.blocks[-1].table
    assert found is not None
    return found


def _text(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("  ".join(text.strip() for text in texts if text.strip() and text != ">") for texts in rows)
