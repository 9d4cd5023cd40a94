"""Views: parse, call one service, render. `page` is how each of them begins."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from apps.accounts.models import User
from apps.accounts.scope import Scope

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A request as the middleware leaves it for a signed-in reader. `installation` is its own address, ending in a slash."""

    user: User
    installation: str
    scope: Scope
    request_id: str
    htmx: "HtmxDetails"


View = TypeVar("View", bound=Callable[..., Any])


def page(view: View) -> View:
    """Only for people who are signed in; everybody else goes to the sign-in page and comes back. Takes async views too."""
    if iscoroutinefunction(view):

        @wraps(view)
        async def asynchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return await view(request, *args, **kwargs) if _is_signed_in(request) else _sign_in(request)

        return cast(View, asynchronous)

    @wraps(view)
    def synchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if _is_signed_in(request) else _sign_in(request)

    return cast(View, synchronous)


def _is_signed_in(request: HttpRequest) -> bool:
    # Under ASGI a request has a `scope` of the connection until the middleware puts the reader's there.
    return isinstance(getattr(request, "scope", None), Scope)


def _sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # A fragment cannot hold the sign-in page: the whole page goes there.
        back = request.headers.get("HX-Current-URL", "/")
        target = redirect_to_login(back if back.startswith("/") else "/" + back.partition("://")[2].partition("/")[2])
        return HttpResponse(status=204, headers={"HX-Redirect": target.url})
    return redirect_to_login(request.get_full_path(), resolve_url("account_login"))


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Return what sends the browser on after a form, sent as a page or from a dialog."""
    url = resolve_url(to, *args, **kwargs)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url, status=303)


def uuids(texts: list[str]) -> list[uuid.UUID]:
    """Return those of the texts that are ids."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
