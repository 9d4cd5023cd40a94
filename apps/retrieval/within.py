"""Within: what one search may look at, settled before it begins."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from apps.accounts.scope import Scope
from apps.documents.models import Access
from apps.retrieval.index import live_generation
from apps.retrieval.models import IndexedPassage, IndexedPassageQuerySet, IndexGeneration


@dataclass(frozen=True, slots=True)
class Within:
    """A generation, the permitted accesses, and the documents if the search was narrowed to some.

    Nothing of a search reads passages but through `sql` or `passages`.
    """

    generation: IndexGeneration
    accesses: tuple[int, ...]
    documents: tuple[uuid.UUID, ...]

    @property
    def sql(self) -> str:
        """The condition, for queries on passages named `p`. Ids are literals, so that the planner sees them."""
        narrowed = " AND p.document_id = ANY(%(documents)s::uuid[])" if self.documents else ""
        return f"p.generation_id = %(generation)s AND p.in_force AND p.access_id = ANY(%(accesses)s::int[]){narrowed}"

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "generation": self.generation.pk,
            "accesses": list(self.accesses),
            "documents": list(self.documents),
        }

    def passages(self) -> IndexedPassageQuerySet:
        """Return the same passages as a queryset."""
        rows = IndexedPassage.objects.filter(generation=self.generation, in_force=True, access__in=self.accesses)
        return rows.filter(document__in=self.documents) if self.documents else rows

    def languages(self) -> dict[str, int]:
        """Return the languages of what may be searched, each with its number of passages."""
        counted = self.passages().order_by().values("language").annotate(n=Count("*"))
        return dict(counted.values_list("language", "n"))


def within(
    scope: Scope, *, collections: Sequence[uuid.UUID | str] = (), documents: Sequence[uuid.UUID | str] = ()
) -> Within | None:
    """Return what the scope may search of this; None where it may search nothing, or nothing was indexed."""
    permitted = Access.objects.visible_to(scope)
    if collections:
        permitted = permitted.filter(collection__in=[uuid.UUID(str(c)) for c in collections])
    accesses = tuple(permitted.values_list("pk", flat=True))
    generation = live_generation() if accesses else None
    return Within(generation, accesses, tuple(uuid.UUID(str(d)) for d in documents)) if generation else None
