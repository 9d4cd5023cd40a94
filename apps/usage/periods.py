"""Days and months as the organisation counts them: in its time zone, from midnight to midnight. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @classmethod
    def this_month(cls) -> "Period":
        """Return the current month up to today."""
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        return cls(today.replace(day=1), today)

    @property
    def days(self) -> list[date]:
        """Return every day of the period."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def begins(every: str, day: date) -> date:
    """Return the first day of the period, `day` or `month`, in which a day lies."""
    return day.replace(day=1) if every == "month" else day


def renews(every: str, day: date) -> date:
    """Return the first day after the period in which a day lies."""
    if every == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=1)


def seconds_until(day: date) -> int:
    """Return the whole seconds, at least one, until a day begins in the organisation's time zone."""
    begins_at = timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
    return max(int((begins_at - timezone.now()).total_seconds()) + 1, 1)


def today() -> date:
    """Return the organisation's date of now, whatever time zone a visitor's screen is in."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """Return the organisation's date of a moment: the day that an answer asked then is charged to."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
