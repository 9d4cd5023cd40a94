"""Searching: passages as one types, within what the reader may see."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from apps.accounts.scope import Permission
from apps.retrieval.search import search as find_passages
from apps.web.search_page import Found, Wanted, chips_of, choices_of, found_of
from apps.web.search_record import note_typed, record_search
from apps.web.views import Request, page, uuids


@page
@require_GET
def search(request: Request) -> HttpResponse:
    """The page, or for HTMX what changes on it. Typing replaces the address, asking for a search adds one to go back to."""
    wanted = Wanted.of(request.GET)
    in_place = bool(request.htmx)
    typed = in_place and bool(request.GET.get("typed"))
    context = {
        "section": "search",
        "wanted": wanted,
        "found": _found(request, wanted, typed=typed) if wanted.query else None,
        "chips": chips_of(request.scope, wanted),
        "in_place": in_place,
    }
    if in_place:
        response = render(request, "web/search.html#results", context)
        response.headers["HX-Replace-Url" if typed else "HX-Push-Url"] = wanted.href
        return response
    context |= {"choices": choices_of(request.scope, wanted), "run": uuid.uuid4()}
    return render(request, "web/search.html", context)


def _found(request: Request, wanted: Wanted, *, typed: bool) -> Found:
    scope = request.scope
    scope.require(Permission.READ)
    result = find_passages(
        scope,
        wanted.query,
        collections=wanted.collections,
        documents=wanted.documents,
        filters=wanted.filters,
        limit=wanted.limit,
    )
    run = next(iter(uuids([request.GET.get("run", "")])), None)
    if typed and run:
        note_typed(scope, wanted, result, run)
    else:
        record_search(scope, wanted, result, run)
    return found_of(wanted, result, get_language() or "en")
