"""What was read of a version: kept as rows, given back as the objects of the REST contract.

The text of a format without pages, in which spans count, is its blocks' texts joined by an empty line.
"""

from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from apps.core.errors import NotFound
from apps.documents.language import detect_language
from apps.documents.models import Block, Document, Page, Version
from apps.documents.parsing import PARSER_VERSION, Cell, Parsed, Quality, notes_of
from apps.documents.parsing import Block as ParsedBlock

_SAMPLE_BLOCKS = 200


def save_parsed(version: Version, parsed: Parsed) -> None:
    """Replace what is kept of this version by what has now been read, and note its language unless one was given."""
    read = tuple(parsed.pages)
    parsed = replace(parsed, pages=read)
    with transaction.atomic():
        version.pages.all().delete()
        pages = Page.objects.bulk_create(
            Page(
                version=version,
                number=page.number,
                width=page.width,
                height=page.height,
                quality=page.quality.value,
                confidence=page.confidence,
                recognised=page.recognised,
                label=page.label[:200],
            )
            for page in read
        )
        placed = [(row, block) for row, page in zip(pages, read, strict=True) for block in page.blocks]
        Block.objects.bulk_create(
            (_block_row(version, row, ordinal, block) for ordinal, (row, block) in enumerate(placed)), batch_size=1000
        )
        said = {(note.page, note.code) for note in parsed.warnings}
        follows = (note for page in read for note in notes_of(page))
        notes = [*parsed.warnings, *(note for note in follows if (note.page, note.code) not in said)]
        version.paged = parsed.paged
        version.page_count = len(read) if parsed.paged else 0
        version.parser_version = PARSER_VERSION
        version.warnings = [{"page": note.page, "code": note.code, "detail": note.detail} for note in notes]
        version.metadata = dict(parsed.metadata)
        version.poor_pages = sum(page.quality is Quality.POOR for page in read)
        version.unread_pages = sum(page.quality is Quality.UNREAD for page in read)
        version.language = version.language or parsed.language or detect_language(_sample(parsed))
        version.save(
            update_fields=[
                "paged",
                "page_count",
                "parser_version",
                "warnings",
                "language",
                "metadata",
                "poor_pages",
                "unread_pages",
            ]
        )


def load_content(version: Version, *, page: int | None = None) -> dict[str, Any]:
    """Return the pages of a version with their blocks, or only page `page`; raises `NotFound` if there is no such page."""
    rows = version.pages.all() if page is None else version.pages.filter(number=page)
    pages = {row.pk: {**_page_object(row), "blocks": []} for row in rows}
    if page is not None and not pages:
        raise NotFound
    for block in Block.objects.filter(page__in=pages).order_by("ordinal").defer("lines"):
        pages[block.page_id]["blocks"].append(_block_object(block))
    return {
        "document": str(version.document_id),
        "version": version.number,
        "paged": version.paged,
        "pages": list(pages.values()),
    }


def document_object(document: Document) -> dict[str, Any]:
    """Return the REST Document. For lists, fetch with `DocumentQuerySet.with_versions`, else each costs a query or two."""
    version = document.latest
    shown: dict[str, Any] = {
        "id": str(document.pk),
        "title": document.title,
        "collection": str(document.collection_id),
        "versions": [_version_object(row) for row in document.versions.all()],
        "created_at": document.created_at.isoformat(),
    }
    if version is None:
        return shown
    shown |= {
        "filename": version.filename,
        "media_type": version.media_type,
        "bytes": version.bytes,
        "sha256": version.sha256,
        "language": version.language,
        "status": version.status,
        "stage": version.stage,
        "progress": version.progress,
        "pages": version.page_count,
        "passages": version.passage_count,
        "warnings": version.warnings,
        "version": version.number,
        "ready_at": version.ready_at.isoformat() if version.ready_at else None,
    }
    if version.error_code:
        shown["error"] = {"code": version.error_code, "detail": version.error_detail}
    return shown


def _version_object(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "filename": version.filename,
        "bytes": version.bytes,
        "sha256": version.sha256,
        "status": version.status,
        "created_at": version.created_at.isoformat(),
    }


def _page_object(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "quality": page.quality,
        "confidence": page.confidence,
        "recognised": page.recognised,
        "label": page.label,
    }


def _block_object(block: Block) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": block.kind, "text": block.text, "boxes": block.boxes}
    if block.level:
        shown["level"] = block.level
    if block.cells:
        shown["cells"] = block.cells
    if block.table:
        shown["table"] = block.table
    if block.language:
        shown["language"] = block.language
    if block.confidence < 1:
        shown["confidence"] = block.confidence
    if block.span_start is not None:
        shown["span"] = [block.span_start, block.span_end]
    return shown


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


def _sample(parsed: Parsed) -> str:
    """Text from the middle of the document, where there is more of it than of names and addresses."""
    blocks = [block.text for page in parsed.pages for block in page.blocks if len(block.text) > 40]
    middle = len(blocks) // 3
    return " ".join(blocks[middle : middle + _SAMPLE_BLOCKS] or (b.text for page in parsed.pages for b in page.blocks))
