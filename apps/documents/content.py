"""What was read of a version, as the objects of the REST contract.

The text of a format without pages, in which spans count, is its blocks' texts joined by an empty line.
"""

import uuid
from collections.abc import Collection
from typing import Any

from apps.core.errors import NotFound
from apps.documents.models import Attachment, Block, Document, Page, Status, Version
from apps.documents.parsing import PARSER_VERSION


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


def document_object(
    document: Document, *, ahead: int | None = None, readable: Collection[uuid.UUID] = ()
) -> dict[str, Any]:
    """Return the REST Document; `ahead` is how many wait to be read before it, for one that waits, and `readable` are those
    documents made of its attachments that may be named.

    For lists, fetch with `DocumentQuerySet.with_versions`, else each costs a few queries.
    """
    version, in_force = document.latest, document.in_force
    shown: dict[str, Any] = {
        "id": str(document.pk),
        "title": document.title,
        "collection": str(document.collection_id),
        "folder": document.folder,
        "attached_to": str(document.attached_to_id) if document.attached_to_id else None,
        "in_force": in_force.number if in_force else None,
        "versions": [_version_object(row, document) for row in document.versions.all()],
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
        "metadata": version.metadata,
        "attachments": [_attachment_object(row, readable) for row in version.attachments.all()],
        "reading": {"unread": version.unread_pages, "poor": version.poor_pages},
        "outdated": version.status == Status.READY and version.parser_version < PARSER_VERSION,
        "version": version.number,
        "effective_from": _day(version),
        "ready_at": version.ready_at.isoformat() if version.ready_at else None,
    }
    if version.status == Status.QUEUED and ahead is not None:
        shown["queue"] = {"ahead": ahead}
    if version.error_code:
        shown["error"] = {"code": version.error_code, "detail": version.error_detail}
    return shown


def _version_object(version: Version, document: Document) -> dict[str, Any]:
    return {
        "number": version.number,
        "filename": version.filename,
        "bytes": version.bytes,
        "sha256": version.sha256,
        "status": version.status,
        "effective_from": _day(version),
        "in_force": version.pk == document.in_force_id,
        "created_at": version.created_at.isoformat(),
        "created_by": version.created_by.name if version.created_by else "",
        "ready_at": version.ready_at.isoformat() if version.ready_at else None,
    }


def _day(version: Version) -> str | None:
    return version.effective_from.isoformat() if version.effective_from else None


def _attachment_object(attachment: Attachment, readable: Collection[uuid.UUID]) -> dict[str, Any]:
    return {
        "name": attachment.name,
        "bytes": attachment.bytes,
        "document": str(attachment.document_id) if attachment.document_id in readable else None,
        "detail": attachment.detail,
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
