"""The certificate of absence: what was searched, and how, where the documents do not answer."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document, Page, Status
from apps.documents.parsing import Quality
from apps.documents.walls import reading
from apps.reasoning.answerability import terms_held, words_missing
from apps.reasoning.languages import language_of
from apps.reasoning.models import CandidateReason
from apps.reasoning.selection import Considered
from apps.reasoning.trace import stop_terms
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
    considered: Sequence[Considered] = (),
) -> dict[str, Any]:
    """Return what was searched for and in what, what could not be read there, and the passages that came nearest, each with why
    it does not answer."""
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
            "languages": {"question": language_of(question), "documents": _languages(rows.filter(ready))},
            "unreadable": _unread_documents(rows) + _poor_pages(poor),
            "nearest": list(_misses(question, found, considered)),
        }


def _languages(documents: Any) -> list[dict[str, Any]]:
    """Return the languages of documents by their code, the commonest first; "" are those that could not be told."""
    counted = documents.order_by().values_list("latest__language").annotate(count=Count("pk"))
    return [{"language": language, "documents": count} for language, count in counted.order_by("-count")]


def _misses(question: str, found: SearchResult, considered: Sequence[Considered]) -> Iterable[dict[str, Any]]:
    """Yield the nearest passages, each with the words of the question that it lacks, and why it does not answer."""
    fates = {one.passage.id: one for one in considered}
    common = stop_terms(question)
    for passage in found.passages[:_NEAREST]:
        lacks = words_missing(question, terms_held(passage) | common)
        fate = fates.get(passage.id)
        yield passage_object(passage) | {"lacks": list(lacks), "why": _why_not(fate, lacks)}


def _why_not(fate: Considered | None, lacks: Sequence[str]) -> str:
    """Return in a sentence why a passage that came near does not answer."""
    if fate is not None and fate.reason == CandidateReason.INSTRUCTION_LIKE:
        return _("It addresses the model instead of a reader, so the model was not given it.")
    if lacks:
        words = ", ".join(f"“{word}”" for word in lacks)
        return _("It does not say anything of %(words)s.") % {"words": words}
    if fate is None or fate.marker is None:
        return _("The model was not given it.")
    return _("The model read it and found no answer in it, although it has the words of the question.")


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
