"""Health of the parts."""

from typing import Any

from django.http import HttpResponse

from apps.core.errors import NotFound
from apps.web.views import Request, page


@page
def status(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def live(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def ready(request: Request, **_: Any) -> HttpResponse:
    raise NotFound
