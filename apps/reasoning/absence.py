"""The certificate of absence: what was searched, and how, where the documents do not answer."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, Sum

from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document, Page, Status
from apps.documents.parsing import Quality
from apps.documents.walls import reading
from apps.retrieval.passages import SearchResult, passage_object

_NEAREST = 5
_UNREADABLE = 50


def certify_absence(
    scope: Scope,
    question: str,
    found: SearchResult,
    *,
    collections: Sequence[uuid.UUID],
    documents: Sequence[uuid.UUID],
) -> dict[str, Any]:
    """Return what was searched for and in what, what could not be read there, and the passages that came nearest."""
    with reading(scope):
        rows = Document.objects.visible_to(scope)
        within = Collection.objects.visible_to(scope)
        if collections:
            rows, within = rows.filter(collection__in=collections), within.filter(pk__in=collections)
        if documents:
            rows = rows.filter(pk__in=documents)
            within = within.filter(documents__in=documents).distinct()
        ready = Q(latest__status=Status.READY)
        counts = rows.aggregate(
            documents=Count("pk"), read=Count("pk", filter=ready), pages=Sum("latest__page_count", filter=ready)
        )
        poor = Page.objects.filter(version__in=rows.filter(ready).values("latest")).exclude(quality=Quality.READ)
        return {
            "queries": [{"text": question, "legs": list(found.legs)}],
            "collections": [{"id": str(pk), "name": name} for pk, name in within.values_list("pk", "name")],
            "searched": {
                "documents": counts["documents"],
                "documents_read": counts["read"],
                "pages": counts["pages"] or 0,
                "pages_read": (counts["pages"] or 0) - poor.count(),
                "passages": found.searched,
                "index_generation": found.generation,
            },
            "unreadable": _unread_documents(rows) + _poor_pages(poor),
            "nearest": [passage_object(passage) for passage in found.passages[:_NEAREST]],
        }


def _unread_documents(rows: Any) -> list[dict[str, Any]]:
    unread = rows.exclude(latest__status=Status.READY).select_related("latest").order_by("title")[:_UNREADABLE]
    return [
        {
            "document": {"id": str(document.pk), "title": document.title},
            "pages": [],
            "code": document.latest.error_code or document.latest.status if document.latest else "unread",
            "detail": document.latest.error_detail if document.latest else "",
        }
        for document in unread
    ]


def _poor_pages(pages: Any) -> list[dict[str, Any]]:
    """Return documents with pages that were read badly or not at all."""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for page in pages.select_related("version__document").order_by("version__document__title", "number")[:500]:
        document = page.version.document
        entry = found.setdefault(
            document.pk,
            {
                "document": {"id": str(document.pk), "title": document.title},
                "pages": [],
                "code": "low_parse_confidence",
                "detail": "",
            },
        )
        entry["pages"].append(page.number)
    return list(found.values())[:_UNREADABLE]
