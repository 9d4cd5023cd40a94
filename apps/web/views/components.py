"""Every component in every state, from the real partials. Only where the installation is being worked on."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.errors import NotFound
from apps.web.specimens import specimens


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise NotFound
    return render(request, "web/components.html", specimens())
