"""The auditor's list and one record."""

from typing import Any

from django.http import HttpResponse

from apps.core.errors import NotFound
from apps.web.views import Request, page


@page
def records(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def record(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def verify(request: Request, **_: Any) -> HttpResponse:
    raise NotFound
