"""What the shell of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.scope import Permission, Scope
from apps.reasoning.health import model_state


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the organisation's name and, for a signed-in reader, what the top bar shows."""
    scope = getattr(request, "scope", None)
    if not isinstance(scope, Scope):
        return {"organisation": settings.ENV.organisation, "scope": None}
    return {
        "organisation": settings.ENV.organisation,
        "scope": scope,
        "reader": request.user,
        "is_auditor": scope.may(Permission.AUDIT),
        "model_state": model_state(),
    }
