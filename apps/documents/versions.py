"""Which version of a document searches and answers use: the newest that has been read and whose day has come."""

from datetime import date

from django.db.models import Q

from apps.documents.models import UNFINISHED, Document, Status, Version

_STILL_ANSWERS = [Status.READY, *UNFINISHED]
"""A version that was read before goes on answering while it is read again."""


def choose_in_force(document: Document, today: date) -> Version | None:
    """Return the latest version that has been read and whose day has come by `today`; None where there is none."""
    effective = Q(effective_from__isnull=True) | Q(effective_from__lte=today)
    read = Q(ready_at__isnull=False, status__in=_STILL_ANSWERS)
    return document.versions.filter(effective, read).order_by("-number").first()


def is_effective(version: Version, today: date) -> bool:
    """Whether the day of a version has come."""
    return version.effective_from is None or version.effective_from <= today
