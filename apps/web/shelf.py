"""What the library shows of many documents at once: how their pages were read, and which need a look.

A constant number of queries, whatever the number of documents.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.scope import Scope
from apps.documents.models import UNFINISHED, Collection, Document, DocumentQuerySet, Page, Status, Version
from apps.documents.parsing import PARSER_VERSION, Quality
from apps.documents.walls import reading
from apps.ingestion.queue import positions
from apps.reasoning.models import Candidate
from apps.web.wording import count

_WIDTH = 1000
_LEAST = 14
"""A page that was not read well is never drawn narrower than this, or nobody would see it."""

_POORLY = 1 / 3
"""With more than this share of its pages not read well, a document counts as poorly read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A page in a bar that was not read well; places count from 0 to 1000."""

    x: float
    width: float
    quality: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Pages by how they were read, for `components/pagebar.html`."""

    pages: int
    poor: int
    unread: int
    marks: tuple[Mark, ...]

    @property
    def read(self) -> int:
        return self.pages - self.poor - self.unread

    @property
    def needs_look(self) -> int:
        return self.poor + self.unread


@dataclass(frozen=True, slots=True)
class Tile:
    """A collection among others. `pages` are printed ones; in the bar a document without pages counts as one."""

    collection: Collection
    documents: int
    pages: int
    unfinished: int
    need_look: int
    bar: Bar


@dataclass(frozen=True, slots=True)
class Totals:
    """What a collection holds, and how much of it needs a look."""

    documents: int
    pages: int
    poor: int
    unread: int
    failed: int


@dataclass(frozen=True, slots=True)
class Row:
    """A document among others of its collection. `ahead`: how many wait to be read before it; `files`: attached to it."""

    document: Document
    version: Version
    bar: Bar
    cited: int
    ahead: int = 0
    files: int = 0

    @property
    def state(self) -> str:
        """Return what the row shows: running, failed, stopped, poor or ready."""
        if self.version.is_unfinished:
            return "running"
        if self.version.status in (Status.FAILED, Status.CANCELLED):
            return self.version.status
        return "poor" if self.bar.needs_look > _POORLY * max(self.bar.pages, 1) else "ready"

    @property
    def percent(self) -> int:
        return round(100 * self.version.progress)

    @property
    def doing(self) -> str:
        """Return what is being done with a document that is not finished, as a sentence without its full stop."""
        if self.version.status == Status.PARSING:
            return _("Reading, %(percent)s %%") % {"percent": self.percent}
        if self.version.status == Status.EMBEDDING:
            return _("Indexing, %(percent)s %%") % {"percent": self.percent}
        if not self.ahead:
            return _("Waiting, the next to be read")
        return ngettext(
            "Waiting, %(count)s document before it", "Waiting, %(count)s documents before it", self.ahead
        ) % {"count": count(self.ahead)}

    @property
    def wants_password(self) -> bool:
        return self.version.error_code in ("encrypted", "wrong_password")

    @property
    def earlier_answers(self) -> bool:
        """Return whether an earlier version than the one in the row answers."""
        return self.document.in_force_id is not None and self.document.in_force_id != self.version.pk


def collection_tiles(scope: Scope) -> list[Tile]:
    """Return the collections that the scope may read, by name."""
    collections = list(Collection.objects.visible_to(scope))
    seen = Document.objects.visible_to(scope)
    rows = seen.filter(collection__in=collections, latest__isnull=False).order_by("created_at")
    shelves: dict[uuid.UUID, list[tuple[uuid.UUID, int, str]]] = defaultdict(list)
    with reading(scope):
        lying = list(rows.values_list("collection_id", "latest_id", "latest__page_count", "latest__status"))
    for collection, version, pages, status in lying:
        shelves[collection].append((version, pages, status))
    faults = _faults([version for shelf in shelves.values() for version, _, _ in shelf])
    return [_tile(collection, shelves[collection.pk], faults) for collection in collections]


def document_rows(scope: Scope, documents: Iterable[Document]) -> list[Row]:
    """Return the rows for documents that were fetched with their latest version and what they were attached to."""
    documents = [document for document in documents if document.latest is not None]
    versions = [document.latest for document in documents if document.latest is not None]
    faults = _faults([version.pk for version in versions])
    ahead = positions([version.pk for version in versions if version.status == Status.QUEUED])
    keys = [document.pk for document in documents]
    cited = dict(
        Candidate.objects.filter(document_id__in=keys, citations__isnull=False)
        .values_list("document_id")
        .annotate(answers=Count("answer", distinct=True))
    )
    files = dict(
        Document.objects.visible_to(scope)
        .filter(attached_to__in=keys)
        .values_list("attached_to")
        .annotate(files=Count("pk"))
        .order_by()
    )
    return [
        Row(
            document,
            version,
            _bar([(version.pk, version.page_count or 1)], faults),
            cited.get(document.pk, 0),
            ahead.get(version.pk, 0),
            files.get(document.pk, 0),
        )
        for document, version in zip(documents, versions, strict=True)
    ]


def totals_of(scope: Scope, collection: Collection) -> Totals:
    """Return what a collection holds that the scope may read, counting the latest version of each document. One query."""
    ready = Q(latest__status=Status.READY)
    with reading(scope):
        sums = documents_in(scope, collection).aggregate(
            documents=Count("pk"),
            pages=Sum("latest__page_count", filter=ready, default=0),
            poor=Sum("latest__poor_pages", filter=ready, default=0),
            unread=Sum("latest__unread_pages", filter=ready, default=0),
            failed=Count("pk", filter=Q(latest__status=Status.FAILED)),
        )
    return Totals(**sums)


def documents_in(scope: Scope, collection: Collection) -> DocumentQuerySet:
    """Return the documents of a collection that the scope may read."""
    return Document.objects.visible_to(scope).filter(collection=collection, latest__isnull=False)


def page_bar(version: Version) -> Bar:
    """Return the bar of one version."""
    return _bar([(version.pk, version.page_count or 1)], _faults([version.pk]))


def being_read(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Return those of the documents that are not yet finished."""
    return documents.filter(latest__status__in=UNFINISHED)


def needing_a_look(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Return those that failed, were stopped, or have pages that were not read well."""
    stopped = Q(latest__status__in=[Status.FAILED, Status.CANCELLED])
    badly_read = Q(latest__status=Status.READY) & (Q(latest__poor_pages__gt=0) | Q(latest__unread_pages__gt=0))
    return documents.filter(stopped | badly_read)


def outdated(scope: Scope, collection: Collection) -> QuerySet[Document]:
    """Return the documents whose latest version was read by an older reader than the present one."""
    return documents_in(scope, collection).filter(
        latest__status=Status.READY, latest__parser_version__lt=PARSER_VERSION
    )


Faults = dict[uuid.UUID, list[tuple[int, str]]]


def _faults(versions: Sequence[uuid.UUID]) -> Faults:
    found: Faults = defaultdict(list)
    rows = Page.objects.filter(version__in=versions).exclude(quality=Quality.READ)
    for version, number, quality in rows.values_list("version_id", "number", "quality"):
        found[version].append((number, quality))
    return found


def _tile(collection: Collection, shelf: list[tuple[uuid.UUID, int, str]], faults: Faults) -> Tile:
    ready = [(version, pages or 1) for version, pages, status in shelf if status == Status.READY]
    stopped = sum(status in (Status.FAILED, Status.CANCELLED) for _, _, status in shelf)
    return Tile(
        collection=collection,
        documents=len(shelf),
        pages=sum(pages for _, pages, status in shelf if status == Status.READY),
        unfinished=sum(status in UNFINISHED for _, _, status in shelf),
        need_look=stopped + sum(version in faults for version, _ in ready),
        bar=_bar(ready, faults),
    )


def _bar(shelf: Sequence[tuple[uuid.UUID, int]], faults: Faults) -> Bar:
    """Lay the pages of the versions end to end."""
    total = sum(pages for _, pages in shelf)
    marks: list[Mark] = []
    before = 0
    for version, pages in shelf:
        for number, quality in faults.get(version, ()):
            x = _WIDTH * (before + number - 1) / total
            width = max(_WIDTH / total, _LEAST)
            marks.append(Mark(round(min(x, _WIDTH - width), 1), round(width, 1), quality))
        before += pages
    poor = sum(mark.quality == Quality.POOR for mark in marks)
    return Bar(total, poor, len(marks) - poor, tuple(marks))
