"""The asker's own questions, searched and narrowed."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.reasoning.history import history
from apps.reasoning.models import Effort, Outcome
from apps.web.history_page import found_rows, is_narrowed, query_of, wanted_of
from apps.web.views import Request, page

_ROWS = 25


@page
@require_GET
def questions(request: Request) -> HttpResponse:
    wanted = wanted_of(request.GET)
    own = history(request.scope, wanted).prefetch_related("claims")
    rows = Paginator(own, _ROWS).get_page(request.GET.get("page"))
    context = {
        "section": "ask",
        "rows": rows,
        "hits": found_rows(request.scope, list(rows), wanted.words),
        "wanted": wanted,
        "narrowed": is_narrowed(wanted),
        "query": query_of(wanted),
        "outcomes": Outcome.choices,
        "efforts": Effort.choices,
    }
    return render(request, "web/questions.html", context)
