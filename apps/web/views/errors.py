"""Errors as pages: what is so, what it means, what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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

STATUS: dict[type[ToulminError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    NotSignedIn: 401,
    Invalid: 422,
    Conflict: 409,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
}


def status_of(error: ToulminError) -> int:
    """Return the HTTP status of an error of the vocabulary."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def error_page(request: HttpRequest, error: ToulminError) -> HttpResponse:
    """Return the page, or for HTMX the notice, for an expected error."""
    template = "errors/error.html#notice" if request.headers.get("HX-Request") else "errors/error.html"
    return render(request, template, {"error": error}, status=status_of(error))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request, NotAllowed("This form was open for too long. Go back, reload the page and send it again.")
    )
