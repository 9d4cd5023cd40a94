"""Health for machines (live, ready) and for people (the page of states)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.serving.health import model_state
from apps.web.checks import Part, check_all
from apps.web.views import Request, page


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Name every dependency. 503 if one is down without which no page can be served; less than that is `degraded`."""
    parts = check_all()
    broken = any(part.needed and not part.is_up for part in parts)
    lesser = any(not part.is_up for part in parts)
    body = {
        "status": "down" if broken else "degraded" if lesser else "ok",
        "parts": {part.name: _public(part) for part in parts},
    }
    return JsonResponse(body, status=503 if broken else 200)


@page
@never_cache
@require_safe
def status(request: Request) -> HttpResponse:
    context = {"parts": check_all(), "model": model_state()}
    return render(request, "web/status.html", context)


def _public(part: Part) -> dict[str, object]:
    """Anybody may ask whether the installation is ready, so the sentences, which may name hosts, stay inside."""
    return {"state": part.state, "needed": part.needed}
