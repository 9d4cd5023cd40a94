"""What is stored of a version, as its parser returned it: the other way of `saving`, without the file being read anew."""

import itertools
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, IntegerField, Q

from apps.documents.models import Block, Page, Version
from apps.documents.parsing import Block as ParsedBlock
from apps.documents.parsing import BlockKind, Cell, Line, Quality, Table, TableCheck
from apps.documents.parsing import Page as ParsedPage

_AT_ONCE = 1000
"""Blocks of a page that are handed on at once; what a file without pages holds has no limit."""


_MOST_CELLS = 4000
"""Cells of a table that is loaded as one; a sheet of a workbook may have a million."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table of a version, and by what it is found there: the number of its page and the ordinal of its block."""

    version_id: uuid.UUID
    page: int
    ordinal: int
    block: ParsedBlock


def stored_tables(places: Collection[tuple[uuid.UUID, int | None, tuple[int, int] | None]]) -> list[StoredTable]:
    """Return the tables at places of versions: on a page or, in a format without pages, touching a range of the text. Tables of more
    than 4,000 cells are left out. One query."""
    wanted = Q()
    for version, page, span in places:
        at = {"span_start__lt": span[1], "span_end__gt": span[0]} if span else {"page__number": page or 1}
        wanted |= Q(version=version, **at)
    if not wanted:
        return []
    cells = Func(F("cells"), function="jsonb_array_length", output_field=IntegerField())
    rows = (
        Block.objects.filter(wanted, kind=BlockKind.TABLE)
        .annotate(size=cells)
        .filter(size__gt=0, size__lte=_MOST_CELLS)
    )
    return [
        StoredTable(row.version_id, row.page.number, row.ordinal, _block(row))
        for row in rows.select_related("page").order_by("version", "ordinal")
    ]


def stored_pages(version: Version) -> Iterator[ParsedPage]:
    """Yield the pages of a version in order, those with very many blocks in parts; pages without a block are left out."""
    blocks = Block.objects.filter(version=version).select_related("page").order_by("ordinal")
    for page, rows in itertools.groupby(blocks.iterator(_AT_ONCE), key=lambda block: block.page):
        while part := tuple(itertools.islice(rows, _AT_ONCE)):
            yield _page(page, part)


def _page(page: Page, blocks: tuple[Block, ...]) -> ParsedPage:
    return ParsedPage(
        number=page.number,
        width=page.width,
        height=page.height,
        blocks=tuple(_block(block) for block in blocks),
        quality=Quality(page.quality),
        confidence=page.confidence,
        recognised=page.recognised,
        label=page.label,
    )


def _block(row: Block) -> ParsedBlock:
    return ParsedBlock(
        kind=BlockKind(row.kind),
        text=row.text,
        level=row.level,
        boxes=tuple(tuple(box) for box in row.boxes),
        lines=tuple(Line(line["text"], tuple(line["box"])) for line in row.lines),
        span=(row.span_start, row.span_end) if row.span_start is not None and row.span_end is not None else None,
        cells=tuple(_cell(cell) for cell in row.cells),
        table=_table(row.table) if row.table else None,
        language=row.language,
        confidence=row.confidence,
    )


def _cell(stored: dict[str, Any]) -> Cell:
    box = stored.get("box")
    return Cell(**stored | {"box": tuple(box) if box else None})


def _table(stored: dict[str, Any]) -> Table:
    return Table(
        **stored
        | {
            "row_paths": tuple(tuple(path) for path in stored["row_paths"]),
            "column_paths": tuple(tuple(path) for path in stored["column_paths"]),
            "checks": tuple(_check(check) for check in stored.get("checks", ())),
        }
    )


def _check(stored: dict[str, Any]) -> TableCheck:
    return TableCheck(**stored | {"inputs": tuple((row, column) for row, column in stored["inputs"])})
