"""What the shell of every page needs."""

from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest

from apps.accounts.scope import Permission, Scope
from apps.serving.health import ModelState, model_state


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
        "is_administrator": scope.may(Permission.ADMINISTER),
        "model_state": _model_state(),
    }


def _model_state() -> ModelState:
    """Return the model's state; a page is shown even while the place where it is noted does not answer."""
    try:
        return model_state()
    except redis.RedisError:
        return ModelState("down")
