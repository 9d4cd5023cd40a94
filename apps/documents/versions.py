"""Which version of a document searches and answers use: the newest that has been read and whose day has come."""

from datetime import date

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncDate

from apps.documents.models import UNFINISHED, Document, Status, Version

_STILL_ANSWERS = [Status.READY, *UNFINISHED]
"""A version that was read before goes on answering while it is read again."""

_COUNTS_FROM = Coalesce(F("effective_from"), TruncDate("created_at"))
"""The day from which a version counts: the one given, else the one on which it was added."""


def choose_in_force(document: Document, today: date) -> Version | None:
    """Return the latest version that has been read and whose day has come by `today`; None where there is none."""
    effective = Q(effective_from__isnull=True) | Q(effective_from__lte=today)
    read = Q(ready_at__isnull=False, status__in=_STILL_ANSWERS)
    return document.versions.filter(effective, read).order_by("-number").first()


def in_force_on(versions: QuerySet[Version], day: date) -> QuerySet[Version]:
    """Return of each document the version that searches would have used on a day, had all been read by then.

    A first version without a day counts from ever, since nothing came before it.
    """
    first = When(effective_from__isnull=True, number=1, then=Value(date.min))
    counts_from = Case(first, default=_COUNTS_FROM, output_field=DateField())
    read = versions.filter(ready_at__isnull=False, status__in=_STILL_ANSWERS).alias(counts_from=counts_from)
    return read.filter(counts_from__lte=day).order_by("document_id", "-number").distinct("document_id")


def counting_from(versions: QuerySet[Version], first: date | None, last: date | None) -> QuerySet[Version]:
    """Return the versions whose day, the one given or the one on which they were added, lies between two days."""
    between = Q(counts_from__gte=first or date.min, counts_from__lte=last or date.max)
    return versions.alias(counts_from=_COUNTS_FROM).filter(between)


def is_effective(version: Version, today: date) -> bool:
    """Whether the day of a version has come."""
    return version.effective_from is None or version.effective_from <= today
