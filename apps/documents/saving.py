"""What is read of a version, kept as rows while it comes."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db import connection
from django.db.models import Max

from apps.documents.models import Block, Page, Version
from apps.documents.parsing import PARSER_VERSION, Cell, Parsed, Quality, ReadingNote, notes_of
from apps.documents.parsing import Block as ParsedBlock
from apps.documents.parsing import Page as ParsedPage

_AT_ONCE = 1000
_OF_A_READING = [
    "paged", "page_count", "parser_version", "language", "warnings", "metadata", "poor_pages", "unread_pages",
]  # fmt: skip


_COPY_PAGES = f"""
INSERT INTO {Page._meta.db_table} (version_id, number, width, height, quality, confidence, recognised, label)
SELECT %(target)s, number, width, height, quality, confidence, recognised, label
FROM {Page._meta.db_table} WHERE version_id = %(source)s
"""  # noqa: S608
_COPY_BLOCKS = f"""
INSERT INTO {Block._meta.db_table} (version_id, page_id, ordinal, kind, level, text, boxes, lines, cells, "table", language,
                                    confidence, span_start, span_end)
SELECT %(target)s, mine.id, block.ordinal, block.kind, block.level, block.text, block.boxes, block.lines, block.cells,
       block."table", block.language, block.confidence, block.span_start, block.span_end
FROM {Block._meta.db_table} AS block
JOIN {Page._meta.db_table} AS theirs ON theirs.id = block.page_id
JOIN {Page._meta.db_table} AS mine ON mine.version_id = %(target)s AND mine.number = theirs.number
WHERE block.version_id = %(source)s
"""  # noqa: S608


class PageSaver:
    """Keeps the pages of one version, which are given in reading order, some at a time, each in the caller's transaction."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._ordinal = 0
        self._last: Page | None = None

    def begin(self, parsed: Parsed) -> None:
        """Remove what was read of the version before, and note what is known of it already."""
        forget_pages(self._version)
        version = self._version
        version.paged, version.page_count = parsed.paged, parsed.page_count if parsed.paged else 0
        version.language, version.metadata = parsed.language, dict(parsed.metadata)
        version.save(update_fields=["paged", "page_count", "language", "metadata"])

    def add(self, pages: Iterable[ParsedPage]) -> None:
        """Keep the next pages; one with the number of the page before it goes on with that."""
        placed: list[tuple[Page, ParsedBlock]] = []
        new: list[Page] = []
        for page in pages:
            if self._last is None or self._last.number != page.number:
                self._last = _page_row(self._version, page)
                new.append(self._last)
            placed += [(self._last, block) for block in page.blocks]
        Page.objects.bulk_create(new)
        rows = (_block_row(self._version, row, self._ordinal + at, block) for at, (row, block) in enumerate(placed))
        Block.objects.bulk_create(rows, batch_size=_AT_ONCE)
        self._ordinal += len(placed)

    def finish(self, parsed: Parsed) -> None:
        """Note what the pages amount to."""
        version, pages = self._version, self._version.pages
        notes = dict.fromkeys(parsed.warnings)
        said = {(note.page, note.code) for note in notes}
        for number, quality in pages.exclude(quality=Quality.READ).values_list("number", "quality"):
            notes |= {note: None for note in notes_of(number, Quality(quality)) if (note.page, note.code) not in said}
        version.page_count = (pages.aggregate(last=Max("number"))["last"] or 0) if parsed.paged else 0
        version.poor_pages = pages.filter(quality=Quality.POOR).count()
        version.unread_pages = pages.filter(quality=Quality.UNREAD).count()
        version.parser_version = PARSER_VERSION
        version.warnings = [_note_object(note) for note in notes]
        version.save(update_fields=_OF_A_READING)


def copy_pages(source: Version, target: Version) -> None:
    """Give `target`, whose bytes are the same, what was read of `source`, in the caller's transaction."""
    forget_pages(target)
    for name in _OF_A_READING:
        setattr(target, name, getattr(source, name))
    target.save(update_fields=_OF_A_READING)
    with connection.cursor() as cursor:
        for statement in (_COPY_PAGES, _COPY_BLOCKS):
            cursor.execute(statement, {"source": source.pk, "target": target.pk})


def forget_pages(version: Version) -> None:
    """Remove what was read of a version."""
    Block.objects.filter(version=version).delete()
    pages = Page.objects.filter(version=version)
    pages._raw_delete(pages.db)  # nothing refers to a page now, so none has to be fetched to find out


def forget_reading(version: Version) -> None:
    """Remove what was read of a version and what it amounted to."""
    forget_pages(version)
    version.page_count = version.poor_pages = version.unread_pages = 0
    version.warnings, version.metadata = [], {}
    version.save(update_fields=["page_count", "poor_pages", "unread_pages", "warnings", "metadata"])


def _note_object(note: ReadingNote) -> dict[str, Any]:
    return {"page": note.page, "code": note.code, "detail": note.detail}


def _page_row(version: Version, page: ParsedPage) -> Page:
    return Page(
        version=version,
        number=page.number,
        width=page.width,
        height=page.height,
        quality=page.quality.value,
        confidence=page.confidence,
        recognised=page.recognised,
        label=page.label[:200],
    )


def _block_row(version: Version, page: Page, ordinal: int, block: ParsedBlock) -> Block:
    start, end = block.span or (None, None)
    return Block(
        version=version,
        page=page,
        ordinal=ordinal,
        kind=block.kind.value,
        level=block.level,
        text=block.text,
        boxes=block.boxes,
        lines=[{"text": line.text, "box": line.box} for line in block.lines],
        cells=[_cell_object(cell) for cell in block.cells],
        table=asdict(block.table) if block.table else None,
        language=block.language,
        confidence=block.confidence,
        span_start=start,
        span_end=end,
    )


def _cell_object(cell: Cell) -> dict[str, Any]:
    """Return a cell; what is not said of it is what most cells are."""
    shown: dict[str, Any] = {
        "row": cell.row, "column": cell.column, "text": cell.text, "header": cell.header, "box": cell.box,
    }  # fmt: skip
    if cell.row_span > 1 or cell.column_span > 1:
        shown |= {"row_span": cell.row_span, "column_span": cell.column_span}
    if cell.address:
        shown["address"] = cell.address
    if cell.value:
        shown["value"] = cell.value
    return shown
