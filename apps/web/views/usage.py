"""What answers cost: everybody's own, and everything for administrators and auditors."""

from dataclasses import asdict, fields
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.usage.reports import Filters, Report, report, sees_all
from apps.web.usage_asked import BY_NAMES, PERIODS, Asked, asked_of
from apps.web.usage_page import usage_page
from apps.web.views import Request, page


@page
@require_GET
def usage(request: Request) -> HttpResponse:
    of_all = sees_all(request.scope)
    asked = asked_of(request.GET, of_all=of_all)
    found = report(request.scope, asked.period, asked.filters)
    context = {
        "section": "usage",
        "tab": "usage",
        "of_all": of_all,
        "asked": asked,
        "periods": PERIODS.items(),
        "dimensions": [(name, label) for name, label in BY_NAMES.items() if of_all or name != "user"],
        "by_name": BY_NAMES[asked.by],
        "chosen": _chosen(request, asked, found),
        "matters": [row.key for row in found.by["matter"] if row.key],
        "csv": _csv_address(asked),
        "total": found.total,
        "usage": usage_page(found, asked.by, lambda key: _address(request, **{asked.by: key})),
    }
    return render(request, "web/usage.html", context)


def _chosen(request: Request, asked: Asked, found: Report) -> list[tuple[str, str, tuple[str, str], str]]:
    """Return the filters at work: name, what it is called, its value and that in words, and the address without it."""
    chosen = []
    for each in fields(Filters):
        if value := getattr(asked.filters, each.name):
            label = next((row.label for row in found.by[each.name] if row.key == value), value)
            chosen.append((each.name, str(BY_NAMES[each.name]), (value, label), _address(request, **{each.name: ""})))
    return chosen


def _address(request: Request, **changed: str) -> str:
    """Return the address of this page with some of what it asks for changed, or left out where empty."""
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{reverse('usage')}?{query.urlencode()}"


def _csv_address(asked: Asked) -> str:
    wanted = {name: value for name, value in asdict(asked.filters).items() if value}
    period = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    return f"{reverse('api:usage')}?{urlencode({**period, 'by': asked.by, **wanted, 'format': 'csv'})}"
