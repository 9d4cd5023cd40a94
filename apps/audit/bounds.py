"""Parts of the chain, named by number or by time."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils.dateparse import parse_date, parse_datetime

from apps.audit.models import Record
from apps.core.errors import Invalid


def moment(text: str, *, end: bool = False) -> datetime:
    """Return the moment that a date or time names, in UTC unless it says otherwise; `end` of a date is its last moment.

    Raises `Invalid` for anything else.
    """
    try:
        found = parse_datetime(text) if len(text) > len("2026-01-01") else None
        day: date | None = parse_date(text) if found is None else None
    except ValueError:
        found = day = None
    if day is not None:
        found = datetime.combine(day + timedelta(days=1) if end else day, time.min)
    if found is None:
        raise Invalid(f"“{text}” is neither a date nor a time. Write 2026-01-31 or 2026-01-31T09:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def numbers(first: str, last: str) -> tuple[int, int | None]:
    """Return the numbers of the first and last record of a part; each end is a number, a date, a time, or empty.

    The last is None where the part runs to the head of the chain. Numbers follow time, since each is given out under lock.
    """
    return _first(first), _last(last)


def _first(text: str) -> int:
    if not text:
        return 1
    if text.isdigit():
        return max(1, int(text))
    later = Record.objects.filter(occurred_at__gte=moment(text)).order_by("sequence")
    found = later.values_list("sequence", flat=True).first()
    if found is not None:
        return found
    return (Record.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0) + 1


def _last(text: str) -> int | None:
    if not text:
        return None
    if text.isdigit():
        return int(text)
    earlier = Record.objects.filter(occurred_at__lt=moment(text, end=True)).order_by("-sequence")
    return earlier.values_list("sequence", flat=True).first() or 0
