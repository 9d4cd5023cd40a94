"""Collections, and the documents in them."""

from typing import Any

from django.http import HttpResponse

from apps.core.errors import NotFound
from apps.web.views import Request, page


@page
def library(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def new_collection(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def collection(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def rows(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def upload(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def access(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def settings_of(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def delete(request: Request, **_: Any) -> HttpResponse:
    raise NotFound
