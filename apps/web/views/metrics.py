"""The page that Prometheus reads. It names no person and no document, and is not for everybody all the same."""

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.adapters import address_of
from apps.web.exposition import CONTENT_TYPE
from apps.web.metrics import metrics_text


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all metrics to whoever has the token; while none is set, to this machine alone."""
    if not _may_read(request):
        refusal = HttpResponse(
            "This page wants the token of TOULMIN_METRICS_TOKEN.\n", "text/plain; charset=utf-8", 401
        )
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    return HttpResponse(metrics_text(), CONTENT_TYPE)


def _may_read(request: HttpRequest) -> bool:
    token = settings.ENV.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this machine speaks for others: what it forwards is not from here.
    if "X-Forwarded-For" in request.headers:
        return False
    try:
        return ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        return False
