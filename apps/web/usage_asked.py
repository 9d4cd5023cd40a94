"""What the address of the usage page asks for: a period, filters, and by what the costs are listed."""

from dataclasses import dataclass, fields
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.usage.periods import Period, today
from apps.usage.reports import DIMENSIONS, LONGEST_PERIOD, Filters

PERIODS = {
    "month": _("This month"),
    "last_month": _("Last month"),
    "30_days": _("30 days"),
    "90_days": _("90 days"),
    "year": _("12 months"),
    "own": _("From and to"),
}
BY_NAMES = {
    "user": _("Person"),
    "group": _("Group"),
    "collection": _("Collection"),
    "model": _("Model"),
    "endpoint": _("Endpoint"),
    "effort": _("Effort"),
    "matter": _("Matter"),
    "token": _("Token"),
}
_FIRST_BY = "model"


@dataclass(frozen=True, slots=True)
class Asked:
    """`name` is that of the period, a key of `PERIODS`."""

    name: str
    period: Period
    filters: Filters
    by: str


def asked_of(query: QueryDict, *, of_all: bool) -> Asked:
    """Return what an address asks for. What cannot be understood of it is left out, so that a shortened link still opens."""
    name, period = _period(query)
    names = [each.name for each in fields(Filters)]
    filters = Filters(**{each: query.get(each, "")[:200] for each in names})
    by = query.get("by", "")
    allowed = [each for each in DIMENSIONS if each in BY_NAMES and (of_all or each != "user")]
    return Asked(name, period, filters, by if by in allowed else "user" if of_all and not by else _FIRST_BY)


def _period(query: QueryDict) -> tuple[str, Period]:
    now = today()
    first, last = _date(query.get("from", "")), _date(query.get("to", ""))
    name = query.get("period", "")
    if first and (name in ("own", "")):
        last = min(last or now, first + timedelta(days=LONGEST_PERIOD))
        return "own", Period(min(first, last), max(first, last))
    month = now.replace(day=1)
    match name:
        case "last_month":
            last_of_it = month - timedelta(days=1)
            return name, Period(last_of_it.replace(day=1), last_of_it)
        case "30_days" | "90_days":
            return name, Period(now - timedelta(days=int(name.split("_")[0]) - 1), now)
        case "year":
            return name, Period(month.replace(year=month.year - 1), now)
    return "month", Period(month, now)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
