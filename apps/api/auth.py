"""Who calls: a bearer token, or a signed-in person's own browser. Either becomes a `Scope`, on `request.auth`."""

from datetime import timedelta
from typing import Any, NoReturn

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from apps.accounts.adapters import address_of
from apps.accounts.models import ApiToken
from apps.accounts.scope import Scope
from apps.core.errors import NotAllowed, NotSignedIn

_SAFE = {"GET", "HEAD", "OPTIONS"}
_NOTED_EVERY = timedelta(minutes=1)


class Call(HttpRequest):
    """A request that has been authenticated."""

    auth: Scope


class Bearer(HttpBearer):
    """`Authorization: Bearer <token>`, else the session of the browser, whose writes carry the CSRF token."""

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" in request.headers:
            return super().__call__(request) or _refuse()
        scope = getattr(request, "scope", None)
        if not isinstance(scope, Scope):
            raise NotSignedIn(_("Send a token: “Authorization: Bearer …”. You issue one in your account."))
        if request.method not in _SAFE and not _carries_csrf_token(request):
            raise NotAllowed(_("Writes from a browser need its CSRF token. Send a bearer token instead."))
        return scope

    def authenticate(self, request: HttpRequest, token: str) -> Scope:
        """Return the scope of a token. Unknown, revoked and expired ones are refused in the same words."""
        found = ApiToken.objects.filter(hash=ApiToken.hash_of(token)).usable().select_related("user").first()
        if found is None:
            _refuse()
        now = timezone.now()
        # At most one write a minute, so that reading with a token stays reading.
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - _NOTED_EVERY)
        if found.last_used_at is None or found.last_used_at < now - _NOTED_EVERY:
            ApiToken.objects.filter(unnoted, pk=found.pk).update(last_used_at=now)
        return Scope.of_token(found, address=address_of(request), request_id=str(getattr(request, "request_id", "")))


class _Csrf(CsrfViewMiddleware):
    """Django's check, which answers with the reason instead of with a page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _carries_csrf_token(request: HttpRequest) -> bool:
    def nothing(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    check = _Csrf(nothing)
    check.process_request(request)
    return check.process_view(request, nothing, (), {}) is None


def _refuse() -> NoReturn:
    raise NotSignedIn(_("This token is not valid, or no longer. Issue a new one in your account."))
