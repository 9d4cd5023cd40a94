"""What was read of a version, as the objects of the REST contract.

The text of a format without pages, in which spans count, is its blocks' texts joined by an empty line.
"""

from typing import Any

from apps.core.errors import NotFound
from apps.documents.models import Block, Document, Page, Version


def load_content(version: Version, *, page: int | None = None) -> dict[str, Any]:
    """Return the pages of a version with their blocks, or only page `page`; raises `NotFound` if there is no such page."""
    pages = load_pages(version, page, page)
    if page is not None and not pages:
        raise NotFound
    return {
        "document": str(version.document_id),
        "version": version.number,
        "paged": version.paged,
        "pages": pages,
    }


def load_pages(version: Version, first: int | None = None, last: int | None = None) -> list[dict[str, Any]]:
    """Return the pages from number `first` to `last`, with their blocks; those that there are."""
    rows = version.pages.all()
    if first is not None:
        rows = rows.filter(number__gte=first)
    if last is not None:
        rows = rows.filter(number__lte=last)
    pages = {row.pk: {**_page_object(row), "blocks": []} for row in rows}
    for block in Block.objects.filter(page__in=pages).order_by("ordinal").defer("lines"):
        pages[block.page_id]["blocks"].append(_block_object(block))
    return list(pages.values())


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
