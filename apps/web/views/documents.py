"""One document."""

from typing import Any

from django.http import HttpResponse

from apps.core.errors import NotFound
from apps.web.views import Request, page


@page
def document(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def picture(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def original(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def rename(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def read_again(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def stop(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def delete(request: Request, **_: Any) -> HttpResponse:
    raise NotFound
