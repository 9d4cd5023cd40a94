"""Around every page: who acts, and what an expected error looks like."""

import re
import uuid
from collections.abc import Callable

import redis
import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from apps.accounts.adapters import address_of
from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.audit.actors import Actor, acting
from apps.core.errors import ToulminError, Unavailable
from apps.web.views.errors import error_page

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)  # what a proxy may give; it goes into records as it is

GetResponse = Callable[[HttpRequest], HttpResponse]


class ActingMiddleware:
    """Names the actor for the record, and puts the scope of a signed-in person on the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.request_id = request_id  # type: ignore[attr-defined]  # read by error pages
        user = request.user
        if isinstance(user, User):
            scope = Scope.of_user(user, address=address_of(request), request_id=request_id)
            # Asked for while `scope` is still the server's, which knows whether the connection is a secure one.
            request.installation = request.build_absolute_uri("/")  # type: ignore[attr-defined]  # see views.Request
            request.scope = scope  # type: ignore[attr-defined]  # see views.Request
            actor = scope.actor
        else:
            actor = Actor("user", "", "Nobody signed in", address_of(request), request_id)
        with acting(actor):
            response = self.get_response(request)
        response.headers.setdefault("X-Request-ID", request_id)
        return response


class ErrorMiddleware:
    """Turns an expected error into a page, or into a fragment where HTMX asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, redis.RedisError):
            log.warning("redis.does_not_answer", error=type(error).__name__)
            error = Unavailable(gettext("Redis does not answer. Nothing is lost; try again in a moment."))
        return error_page(request, error) if isinstance(error, ToulminError) else None
