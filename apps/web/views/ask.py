"""Asking, answers, and the asker's own questions."""

from typing import Any

from django.http import HttpResponse

from apps.core.errors import NotFound
from apps.web.views import Request, page


@page
def ask(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def questions(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def answer(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def stream(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def stop(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def feedback(request: Request, **_: Any) -> HttpResponse:
    raise NotFound
