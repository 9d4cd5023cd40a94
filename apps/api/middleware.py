"""Under `/api/` every error is a problem, also those that arise before or beside the interface's own code."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.api.errors import CODES, failed, problem, problem_of
from apps.core.errors import NotFound, TooLarge

_PREFIX = "/api/"


class ProblemMiddleware:
    """Replaces error pages under `/api/`: unknown addresses, wrong methods, bodies that Django refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(_PREFIX) or response.status_code < 400:
            return response
        if response.headers.get("Content-Type", "").startswith("application/problem+json"):
            return response
        return _replacement(request, response)


def _replacement(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    if status == 404:
        return problem_of(request, NotFound())
    if status == 413:
        return problem_of(request, TooLarge(_("What was sent is too large.")))
    if status >= 500:
        return failed(request)
    details = {
        400: _("The request could not be understood."),
        405: _("This address does not know the method %(method)s.") % {"method": request.method},
    }
    replaced = problem(request, status, CODES.get(status, "malformed"), details.get(status, response.reason_phrase))
    if "Allow" in response.headers:
        replaced["Allow"] = response.headers["Allow"]
    return replaced
