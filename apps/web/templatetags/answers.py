"""Filters of the answer's and the auditor's pages: the forms of `apps.web.wording`."""

from datetime import UTC, datetime

from django import template
from django.template.defaultfilters import date
from django.utils.translation import gettext

from apps.web import wording

register = template.Library()
register.filter("grouped", wording.count)
register.filter("grouped_hash", wording.grouped_hash)
register.filter("short_hash", wording.short_hash)
register.filter("in_seconds", wording.seconds)
register.filter("outcome_word", wording.outcome)
register.filter("effort_word", wording.effort)
register.filter("many", wording.many)
register.filter("money", wording.money)
register.filter("share", wording.share)
register.filter("place", wording.place)
register.filter("utc_moment", wording.utc_moment)


@register.filter
def utc_time(moment: datetime) -> str:
    """Return the time of day in UTC, to the second."""
    return date(moment.astimezone(UTC), "H:i:s")


@register.filter
def utc_day(moment: datetime) -> str:
    return date(moment.astimezone(UTC), gettext("j F Y"))
