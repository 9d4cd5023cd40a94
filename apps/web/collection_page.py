"""The documents of a collection as its page lists them: searched, filtered, ordered, one screen at a time.

What was attached to a document stands under it wherever the list goes by date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.accounts.scope import Scope
from apps.documents.formats import format_of
from apps.documents.models import Collection, Document
from apps.web import shelf

_ROWS = 25
_FOLDERS = 500
_SHOWS = {"all": lambda documents: documents, "reading": shelf.being_read, "look": shelf.needing_a_look}
_ORDERS = ("added", "-added", "title", "-title")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for, as far as it makes sense."""

    show: str
    query: str
    kind: str
    folder: str
    order: str

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Wanted":
        show, order = str(asked.get("show", "")), str(asked.get("sort", ""))
        return cls(
            show=show if show in _SHOWS else "all",
            query=str(asked.get("q", "")).strip()[:200],
            kind=str(asked.get("kind", ""))[:120],
            folder=str(asked.get("folder", ""))[:500],
            order=order if order in _ORDERS else "added",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.query or self.kind or self.folder)


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of document or a folder that the list can be narrowed to, and how many documents that leaves."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One screen of documents. `counts` says how many each filter by state would show."""

    wanted: Wanted
    rows: list[shelf.Row]
    screen: Page[Document]
    counts: dict[str, int]

    @property
    def watched(self) -> list[shelf.Row]:
        return [row for row in self.rows if row.state == "running"]


def listing(scope: Scope, collection: Collection, wanted: Wanted, page: str | None) -> Listing:
    """Return one screen of the documents of a collection that the scope may read, in a number of queries that does not depend on how many there are."""
    narrowed = _narrowed(shelf.documents_in(scope, collection), wanted)
    shown = {name: narrow(narrowed) for name, narrow in _SHOWS.items()}
    screen = Paginator(_ordered(shown[wanted.show], wanted.order), _ROWS).get_page(page)
    counts = {name: documents.count() for name, documents in shown.items()}
    return Listing(wanted, shelf.document_rows(scope, screen.object_list), screen, counts)


def rows_of(scope: Scope, collection: Collection, ids: list[Any]) -> list[shelf.Row]:
    """Return the rows of those of the collection's documents that are asked for by id."""
    return shelf.document_rows(scope, _with_versions(shelf.documents_in(scope, collection).filter(pk__in=ids)))


def kinds_of(scope: Scope, collection: Collection) -> list[Choice]:
    """Return the kinds of document in a collection, the most frequent first."""
    found = shelf.documents_in(scope, collection).values_list("latest__media_type")
    counted = found.annotate(number=Count("pk")).order_by("-number", "latest__media_type")
    return [
        Choice(media_type, known.label if (known := format_of(media_type)) else media_type, number)
        for media_type, number in counted
    ]


def folders_of(scope: Scope, collection: Collection) -> list[Choice]:
    """Return the folders that documents of a collection were added with, by name."""
    found = shelf.documents_in(scope, collection).exclude(folder="").values_list("folder")
    counted = found.annotate(number=Count("pk")).order_by("folder")[:_FOLDERS]
    return [Choice(folder, folder, number) for folder, number in counted]


def _narrowed(documents: QuerySet[Document], wanted: Wanted) -> QuerySet[Document]:
    if wanted.query:
        named = Q(title__icontains=wanted.query) | Q(latest__filename__icontains=wanted.query)
        documents = documents.filter(named | Q(folder__icontains=wanted.query))
    if wanted.kind:
        documents = documents.filter(latest__media_type=wanted.kind)
    if wanted.folder:
        documents = documents.filter(Q(folder=wanted.folder) | Q(folder__startswith=f"{wanted.folder}/"))
    return documents


def _ordered(documents: QuerySet[Document], order: str) -> QuerySet[Document]:
    documents = _with_versions(documents)
    if order in ("title", "-title"):
        return documents.order_by(order, "pk")
    added = Coalesce("attached_to__created_at", "created_at")
    together = Coalesce("attached_to", "pk"), F("attached_to").asc(nulls_first=True)
    return documents.order_by(added.asc() if order == "-added" else added.desc(), *together, "created_at", "pk")


def _with_versions(documents: QuerySet[Document]) -> QuerySet[Document]:
    return documents.select_related("latest", "attached_to", "access")
