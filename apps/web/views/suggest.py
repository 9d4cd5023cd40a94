"""What fields suggest while somebody types."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.scope import Permission
from apps.core.errors import NotFound
from apps.web import suggesting
from apps.web.suggesting import Option
from apps.web.views import Request, page


@page
@require_GET
def people(request: Request) -> HttpResponse:
    return _options(request, _principals(request, groups=False))


@page
@require_GET
def readers(request: Request) -> HttpResponse:
    """People and groups."""
    return _options(request, _principals(request, groups=True))


@page
@require_GET
def holders(request: Request) -> HttpResponse:
    """Whoever may have a budget: people, groups and tokens."""
    request.scope.require(Permission.ADMINISTER)
    return _options(request, suggesting.holders(request.GET.get("q", "")))


@page
@require_GET
def documents(request: Request) -> HttpResponse:
    return _options(request, suggesting.documents(request.scope, request.GET.get("q", "")))


def _principals(request: Request, *, groups: bool) -> list[Option]:
    if not suggesting.may_look_up_people(request.scope):
        raise NotFound
    return suggesting.people(request.GET.get("q", ""), groups=groups)


def _options(request: Request, options: list[Option]) -> HttpResponse:
    response = render(request, "components/options.html", {"options": options})
    response.headers["Cache-Control"] = "no-store"
    return response
