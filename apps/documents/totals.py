"""How much is in a collection, and how well it was read."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from apps.accounts.scope import Scope
from apps.documents.models import Document, Status
from apps.documents.walls import reading


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the latest versions of a collection’s documents; `failed` are documents, the others pages."""

    documents: int = 0
    pages: int = 0
    unread: int = 0
    poor: int = 0
    failed: int = 0


def totals_of(scope: Scope, collections: Iterable[uuid.UUID]) -> dict[uuid.UUID, Totals]:
    """Return the totals of each of these collections over the documents that the scope may read, in one query."""
    ids = list(collections)
    sums = {
        "documents": Count("pk"),
        "pages": Sum("latest__page_count", default=0),
        "unread": Sum("latest__unread_pages", default=0),
        "poor": Sum("latest__poor_pages", default=0),
        "failed": Count("pk", filter=Q(latest__status=Status.FAILED)),
    }
    rows = (
        Document.objects.visible_to(scope).filter(collection__in=ids).order_by().values("collection").annotate(**sums)
    )
    with reading(scope):
        found = {pk: Totals(*counts) for pk, *counts in rows.values_list("collection", *sums)}
    return {pk: found.get(pk, Totals()) for pk in ids}
