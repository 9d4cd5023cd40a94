"""Who calls."""

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Router

from apps.accounts.models import ApiToken, User
from apps.accounts.scope import Scope
from apps.api.auth import Call
from apps.api.schemas.people import Me
from apps.usage.budgets import states_of
from apps.usage.objects import budget_object

router = Router(tags=["Me"])


@router.get("", response=Me, summary="Who the token is")
def me(request: Call) -> dict[str, Any]:
    scope = request.auth
    user = get_object_or_404(User, pk=scope.user_id)
    token = ApiToken.objects.get(pk=scope.actor.id) if scope.actor.type == "token" else None
    roles = {"administrator": user.is_administrator, "auditor": user.is_auditor}
    return {
        "user": {"id": str(user.pk), "email": user.email, "name": user.name},
        "token": token
        and {
            "id": str(token.pk),
            "name": token.name,
            "ending": token.ending,
            "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        },
        "roles": [role for role, held in roles.items() if held],
        "scopes": sorted(scope.permissions),
        "budget": _budget(scope),
    }


def _budget(scope: Scope) -> dict[str, Any] | None:
    """Return what is left of the tightest budget, and all of them; None where there is none."""
    states = [budget_object(state) for state in states_of(scope)]
    if not states:
        return None
    names = ("left", "currency", "limit", "state", "renews_on")
    return {name: states[0][name] for name in names} | {"budgets": states}
