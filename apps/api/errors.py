"""The vocabulary of errors as `application/problem+json`, and the same shape for whatever else goes wrong."""

from typing import Any

import structlog
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from redis.exceptions import RedisError

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

log = structlog.get_logger(__name__)

STATUS: dict[type[ToulminError], int] = {
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
TITLES = {
    400: gettext_lazy("Not understood"),
    401: gettext_lazy("Not signed in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("No such method"),
    409: gettext_lazy("In conflict with what is there"),
    412: gettext_lazy("Another version is spoken here"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Not in this form"),
    422: gettext_lazy("Not usable"),
    429: gettext_lazy("Too many calls"),
    460: gettext_lazy("Damaged on its way"),
    500: gettext_lazy("Failed"),
    503: gettext_lazy("Not available now"),
}
TITLES_OF_CODES = {"budget_exceeded": gettext_lazy("Over budget")}
"""Titles that say more than the status does."""

PROBLEMS = (
    ("malformed", 400, gettext_lazy("The request is not the JSON or the form that it says it is.")),
    ("not_signed_in", 401, gettext_lazy("There is no token, or it is not valid any more.")),
    ("not_allowed", 403, gettext_lazy("The caller sees the thing but may not do this to it.")),
    ("withheld", 403, gettext_lazy("What the answer rests on may no longer be opened by its asker.")),
    (
        "not_found",
        404,
        gettext_lazy("There is nothing at the address, or it is not the caller’s to see: both look alike."),
    ),
    ("method_not_allowed", 405, gettext_lazy("The address exists and does not know the method.")),
    (
        "conflict",
        409,
        gettext_lazy("What is asked for contradicts what is there, or the key was used for another call."),
    ),
    (
        "precondition_failed",
        412,
        gettext_lazy("The header that says which version of tus is spoken is missing or another."),
    ),
    ("too_large", 413, gettext_lazy("More was sent than is accepted.")),
    ("unsupported_media_type", 415, gettext_lazy("A piece of an upload was sent as something else.")),
    ("invalid", 422, gettext_lazy("What was sent cannot be used; “errors” says why, by field.")),
    ("checksum_mismatch", 460, gettext_lazy("A piece of an upload is not what its checksum says; send it again.")),
    ("too_many", 429, gettext_lazy("A limit was reached; “Retry-After” says for how many seconds.")),
    (
        "budget_exceeded",
        429,
        gettext_lazy("A budget has no room for this question; “Retry-After” says when to ask again."),
    ),
    ("failed", 500, gettext_lazy("Nobody foresaw this. The log has more under the request id.")),
    ("unavailable", 503, gettext_lazy("A part of the system is down. Nothing of the caller’s is wrong.")),
    ("transient", 503, gettext_lazy("The same again, soon, may work.")),
)
"""Every code that may be met, its status and its meaning, for the reference. Reading a document has codes of its own."""

CODES = {400: "malformed", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def status_of(error: ToulminError) -> int:
    """Return the HTTP status of an error of the vocabulary."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 422)


def problem_body(
    request: HttpRequest, status: int, code: str, detail: str, errors: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """Return the Problem object; `type` is the place in the reference that explains the code."""
    body: dict[str, Any] = {
        "type": f"/api/v1/docs#{code}",
        "title": str(TITLES_OF_CODES.get(code) or TITLES.get(status, TITLES[500])),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": str(getattr(request, "request_id", "")),
    }
    if status == 422:
        body["errors"] = errors or {}
    return body


def problem(
    request: HttpRequest, status: int, code: str, detail: str, errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    """Return a problem+json response."""
    return JsonResponse(
        problem_body(request, status, code, detail, errors),
        status=status,
        content_type="application/problem+json",
    )


def problem_of(request: HttpRequest, error: ToulminError) -> HttpResponse:
    """Return the response for an error of the vocabulary."""
    errors = error.errors if isinstance(error, Invalid) else None
    response = problem(request, status_of(error), error.code, error.detail, errors)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """Return the response for what nobody foresaw; the log holds the rest under the same request id."""
    return problem(
        request,
        500,
        "failed",
        _("Something failed here. Nothing was changed. Give your administrator the request id."),
    )


def add_handlers(api: NinjaAPI) -> None:
    """Have every error of the interface answered as a problem."""
    api.add_exception_handler(ToulminError, _expected)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Http404, lambda request, _error: problem_of(request, NotFound()))
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(BadRequest, _malformed)
    api.add_exception_handler(SuspiciousOperation, _malformed)
    for kind in (RedisError, OperationalError, InterfaceError):
        api.add_exception_handler(kind, _unavailable)
    api.add_exception_handler(Exception, _unforeseen)


# Ninja types what it hands over as an instance or a class of the error; it is always the instance.


def _expected(request: HttpRequest, error: Any) -> HttpResponse:
    return problem_of(request, error)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for each in error.errors:
        # ("query", "cursor") → cursor; in ("body", "body", "question") the second name is only our parameter's.
        path = [str(part) for part in each["loc"][2 if each["loc"][0] == "body" else 1 :]]
        errors.setdefault(".".join(path) or "body", []).append(_in_words(each))
    names = ", ".join(sorted(errors))
    return problem_of(request, Invalid(_("Please correct: %(names)s.") % {"names": names}, errors=errors))


def _in_words(error: dict[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return _("There is no such field.")
    if error["type"] == "missing":
        return _("This field is needed.")
    message = str(error["msg"]).removeprefix("Value error, ")
    return message if message.endswith(".") else f"{message}."


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        return problem_of(request, NotSignedIn(_("This token is not valid, or no longer.")))
    if error.status_code == 400:
        return _malformed(request, error)
    status = int(error.status_code)
    return problem(request, status, CODES.get(status, "failed"), str(error))


def _malformed(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(request, 400, "malformed", _("The body is not the JSON or the form that it says it is."))


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:
    return problem_of(request, TooLarge(_("What was sent is too large. Send files as multipart form data.")))


def _unavailable(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("api.part_down", error=str(error))
    return problem_of(request, Unavailable(_("A part of the system is not reachable. Try again in a minute.")))


def _unforeseen(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("api.failed", path=request.path, exc_info=error)
    return failed(request)
