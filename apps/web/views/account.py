"""The reader's own account."""

from typing import Any

from django.http import HttpResponse

from apps.core.errors import NotFound
from apps.web.views import Request, page


@page
def account(request: Request, **_: Any) -> HttpResponse:
    raise NotFound


@page
def revoke(request: Request, **_: Any) -> HttpResponse:
    raise NotFound
