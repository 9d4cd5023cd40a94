"""Write what an answer cost, and spend it from the budgets it belongs to, in the transaction that ends the answer."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from apps.usage.accounts import Account, Window
from apps.usage.budgets import ChargedTo, hold_budgets, settle
from apps.usage.models import Budget, Charge, Principal
from apps.usage.periods import begins, day_of, today
from apps.usage.rolling import stale

_SAME_MACHINE_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Named:
    """Something an answer is charged to, by value. An empty `id`: nothing."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, when, and where the answer belongs."""

    at: datetime
    asker: Named | None = None
    groups: tuple[Named, ...] = ()
    token: Named | None = None
    matter: str = ""

    @property
    def charged_to(self) -> ChargedTo:
        return ChargedTo(
            uuid.UUID(self.asker.id) if self.asker else None,
            tuple(uuid.UUID(group.id) for group in self.groups),
            uuid.UUID(self.token.id) if self.token else None,
        )


@dataclass(frozen=True, slots=True)
class Took:
    """What an answer took. `usage` is the answer's, as the REST contract has it; `held` when the model wrote it."""

    effort: str
    status: str
    outcome: str = ""
    model: str = ""
    endpoint: Named | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    held: Window | None = None
    collections: tuple[Named, ...] = ()
    documents: tuple[uuid.UUID, ...] = ()
    claims: dict[str, int] = field(default_factory=dict)


def charge(answer_id: uuid.UUID, asked: Asked, took: Took, account: Account) -> Charge:
    """Return the charge of an answer that has ended, spent from every budget that it belongs to."""
    usage, seconds = took.usage, took.usage.get("seconds", {})
    day = day_of(asked.at)
    row = Charge.objects.create(
        answer=answer_id,
        day=day,
        asked_at=asked.at,
        asker=uuid.UUID(asked.asker.id) if asked.asker else None,
        asker_label=asked.asker.name[:254] if asked.asker else "",
        groups=[uuid.UUID(group.id) for group in asked.groups],
        group_names=[group.name[:150] for group in asked.groups],
        token=uuid.UUID(asked.token.id) if asked.token else None,
        token_label=asked.token.name[:254] if asked.token else "",
        collections=[uuid.UUID(one.id) for one in took.collections],
        collection_names=[one.name[:200] for one in took.collections],
        documents=list(took.documents),
        matter=asked.matter,
        model=took.model[:200],
        endpoint=took.endpoint.id if took.endpoint else "",
        endpoint_name=took.endpoint.name[:200] if took.endpoint else "",
        effort=took.effort,
        status=took.status,
        outcome=took.outcome,
        **{name: usage.get(name) or 0 for name in ("prompt_tokens", "reasoning_tokens", "answer_tokens")},
        cached_tokens=usage.get("cached_tokens"),
        token_source=usage.get("source", {}),
        **{
            f"{name}_seconds": seconds.get(name)
            for name in ("queue", "retrieve", "prefill", "decode", "verify", "total")
        },
        held_from=took.held[0] if took.held else None,
        held_until=took.held[1] if took.held else None,
        amount=account.amount,
        currency=account.currency,
        basis=account.basis,
        energy_wh=account.energy_wh,
        claims=sum(took.claims.values()),
        claims_supported=took.claims.get("supported", 0),
        claims_partly=took.claims.get("partly", 0),
        claims_unchecked=took.claims.get("unchecked", 0),
    )
    tokens = row.prompt_tokens + row.reasoning_tokens + row.answer_tokens
    settle(answer_id, asked.charged_to, day, tokens=tokens, amounts=account.amounts)
    stale(day)
    return row


def note_opinion(answer_id: uuid.UUID, *, accepted: bool | None) -> None:
    """Keep whether the asker accepts the answer, None where they no longer say, for the cost of one that is accepted, in the caller's transaction."""
    charge = Charge.objects.filter(answer=answer_id).first()
    if charge is not None and charge.accepted != accepted:
        hold_budgets()
        Charge.objects.filter(pk=charge.pk).update(accepted=accepted)
        stale(charge.day)


def windows_at(endpoint: str, mine: Window) -> list[Window]:
    """Return when other answers, which have ended, held the same endpoint while this one did. One query."""
    rows = Charge.objects.filter(endpoint=endpoint, held_until__gt=mine[0], held_from__lt=mine[1])
    found = rows.values_list("held_from", "held_until")[:_SAME_MACHINE_AT_MOST]
    return [(since, until) for since, until in found if since and until]


def spent_before(budget: Budget) -> Decimal:
    """Return what a new budget has spent already in the current period: what was charged to it before it was made."""
    rows = Charge.objects.filter(day__gte=begins(budget.period, today()))
    if budget.principal == Principal.USER:
        rows = rows.filter(asker=budget.principal_id)
    elif budget.principal == Principal.GROUP:
        rows = rows.filter(groups__contains=[budget.principal_id])
    elif budget.principal == Principal.TOKEN:
        rows = rows.filter(token=budget.principal_id)
    if budget.currency:
        return rows.filter(currency=budget.currency).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    sums: Iterable[int | None] = rows.aggregate(
        a=Sum("prompt_tokens"), b=Sum("reasoning_tokens"), c=Sum("answer_tokens")
    ).values()
    return Decimal(sum(each or 0 for each in sums))
