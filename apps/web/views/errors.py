"""Errors as pages: what is so, what it means, what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.translation import gettext, gettext_lazy
from django_stubs_ext import StrOrPromise

from apps.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooMany,
    ToulminError,
    Unavailable,
)
from apps.documents.parsing import Unreadable
from apps.usage.budgets import BudgetExceeded

STATUS: dict[type[ToulminError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    NotSignedIn: 401,
    Invalid: 422,
    Unreadable: 422,
    Conflict: 409,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
}


HEADINGS: dict[type[ToulminError], StrOrPromise] = {
    NotFound: gettext_lazy("There is nothing at this address"),
    NotAllowed: gettext_lazy("You may not do this"),
    NotSignedIn: gettext_lazy("You are not signed in"),
    Invalid: gettext_lazy("This cannot be used as it was sent"),
    Conflict: gettext_lazy("This does not fit with what is there"),
    TooLarge: gettext_lazy("This is too large"),
    BudgetExceeded: gettext_lazy("There is not enough left of a budget"),
    TooMany: gettext_lazy("That was too often"),
    Unavailable: gettext_lazy("A part of this installation is down"),
}


def status_of(error: ToulminError) -> int:
    """Return the HTTP status of an error of the vocabulary."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def error_page(request: HttpRequest, error: ToulminError) -> HttpResponse:
    """Return the page, or for HTMX the notice, for an expected error."""
    template = "errors/error.html#notice" if request.headers.get("HX-Request") else "errors/error.html"
    heading = next((words for kind, words in HEADINGS.items() if isinstance(error, kind)), gettext("This failed"))
    context = {"detail": _detail(error), "heading": heading, "request_id": getattr(request, "request_id", "")}
    response = render(request, template, context, status=status_of(error))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _detail(error: ToulminError) -> str:
    if isinstance(error, NotFound):
        return gettext("Either it does not exist or you may not see it. Whoever sent you the link can tell you which.")
    return error.detail


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, NotFound())


def closed(request: HttpRequest) -> HttpResponse:
    """A page of a library that this installation does not have."""
    return error_page(request, NotFound())


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, NotAllowed(gettext("Your account does not reach this far. Ask an administrator.")))


def server_error(request: HttpRequest) -> HttpResponse:
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(get_template("errors/500.html").render(context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request, NotAllowed(gettext("This form was open for too long. Go back, reload the page and send it again."))
    )
