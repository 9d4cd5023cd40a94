"""What the shell of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the organisation's name and the scope of the reader, if signed in."""
    return {"organisation": settings.ENV.organisation, "scope": getattr(request, "scope", None)}
