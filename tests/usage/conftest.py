"""Budgets and charges as the services leave them."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.accounts.scope import Scope
from apps.usage.accounts import Account
from apps.usage.budgets import Estimate
from apps.usage.charges import Asked, Named, Took, charge
from apps.usage.models import Budget, Charge
from apps.usage.services import create_budget
from tests.factories import UserFactory


def administrator() -> Scope:
    return Scope.of_user(UserFactory(is_administrator=True))


def budget(limit: object, currency: str = "EUR", **fields: Any) -> Budget:
    """Return a hard budget of the organisation for the month, unless `fields` say otherwise."""
    wanted = {"principal": "organisation", "period": "month"} | fields
    return create_budget(administrator(), limit=Decimal(str(limit)), currency=currency, **wanted)


def of_money(amount: object, currency: str = "EUR", tokens: int = 0) -> Estimate:
    return Estimate(tokens, {currency: Decimal(str(amount))})


def charged(
    scope: Scope, amount: object = "0.01", *, currency: str = "EUR", at: datetime | None = None, **fields: Any
) -> Charge:
    """Return the charge of an answer that this scope's person asked for and that has ended."""
    asked = {
        "asker": Named(str(scope.user_id), scope.actor.label),
        "token": Named(scope.actor.id, scope.actor.label) if scope.actor.type == "token" else None,
        **{name: fields.pop(name) for name in ("groups", "matter") if name in fields},
    }
    usage = {"prompt_tokens": 1000, "cached_tokens": 400, "reasoning_tokens": 300, "answer_tokens": 100}
    took = {
        "effort": "standard",
        "status": "done",
        "model": "r1",
        "endpoint": Named("environment", "Our server"),
        "usage": usage | {"seconds": {"total": 12.0, "queue": 1.0}},
    }
    account = (
        Account(basis={"code": "no_price"})
        if amount is None
        else Account(Decimal(str(amount)), currency, {currency: Decimal(str(amount))}, {"code": "tokens"})
    )
    answer = fields.pop("answer", None) or uuid.uuid4()
    return charge(answer, Asked(at=at or timezone.now(), **asked), Took(**took | fields), account)


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
