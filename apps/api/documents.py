"""Documents as JSON: with their place in the queue; and what was read of them, page by page where it is long, so that it is
never held whole."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja.responses import NinjaJSONEncoder

from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.documents.content import document_object, load_pages
from apps.documents.models import Document, Status, Version
from apps.documents.walls import reading
from apps.ingestion.queue import positions

_AT_ONCE = 50


def document_objects(scope: Scope, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Return the REST Documents, those that wait with their place in the queue, and attachments as far as they may be read."""
    waiting = [each.latest.pk for each in documents if each.latest and each.latest.status == Status.QUEUED]
    ahead = positions(waiting) if waiting else {}
    noted = [row for each in documents if each.latest for row in each.latest.attachments.all()]
    attached = {row.document_id for row in noted if row.document_id}
    readable = set(Document.objects.visible_to(scope).filter(pk__in=attached).values_list("pk", flat=True))
    return [
        document_object(each, ahead=ahead.get(each.latest_id) if each.latest_id else None, readable=readable)
        for each in documents
    ]


def shown(scope: Scope, document: Document) -> dict[str, Any]:
    """Return one REST Document."""
    return document_objects(scope, [document])[0]


async def content_response(scope: Scope, version: Version, first: int | None, last: int | None) -> HttpResponseBase:
    """Return the content of the pages from `first` to `last`, else of all. Raises `NotFound` where there is none of them.

    A long one ends where its reader may no longer read it.
    """
    head = {"document": str(version.document_id), "version": version.number, "paged": version.paged}
    beginning = await sync_to_async(_batch)(scope, version, first or 1, last)
    if not beginning and (first is not None or last is not None):
        raise NotFound
    if len(beginning) < _AT_ONCE:
        return JsonResponse({**head, "pages": beginning}, encoder=NinjaJSONEncoder)
    return StreamingHttpResponse(_written(scope, head, version, beginning, last), content_type="application/json")


async def _written(
    scope: Scope, head: dict[str, Any], version: Version, pages: list[dict[str, Any]], last: int | None
) -> AsyncIterator[str]:
    yield json.dumps(head)[:-1] + ', "pages": ['
    separator = ""
    while pages:
        for page in pages:
            yield separator + json.dumps(page, cls=NinjaJSONEncoder)
            separator = ", "
        full = len(pages) == _AT_ONCE
        pages = await sync_to_async(_batch)(scope, version, pages[-1]["number"] + 1, last) if full else []
    yield "]}"


def _batch(scope: Scope, version: Version, first: int, last: int | None) -> list[dict[str, Any]]:
    """Return the next pages, and give the connection back: a slow reader may take minutes."""
    try:
        until = first + _AT_ONCE - 1
        with reading(scope):
            return load_pages(version, first, until if last is None else min(last, until))
    finally:
        if not connection.in_atomic_block:
            close_old_connections()
