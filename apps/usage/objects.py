"""Usage, charges and budgets as the REST contract has them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.usage.accounts import plain
from apps.usage.budgets import BudgetState
from apps.usage.models import Charge, Matter
from apps.usage.reports import Row, Sums

LINE_COLUMNS = ("key", "label")
SUM_COLUMNS = (
    "answers",
    "accepted",
    "failed",
    "tokens",
    "prompt_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "answer_tokens",
    "reasoning_share",
    "cached_share",
    "seconds",
    "energy_wh",
    "claims",
    "claims_supported",
    "unpriced",
)


def sums_object(sums: Sums) -> dict[str, Any]:
    """Return what some answers took together; money as one entry for each currency."""
    return {
        "answers": sums.answers,
        "accepted": sums.accepted,
        "failed": sums.failed,
        "tokens": sums.tokens,
        "prompt_tokens": sums.prompt_tokens,
        "cached_tokens": sums.cached_tokens,
        "reasoning_tokens": sums.reasoning_tokens,
        "answer_tokens": sums.answer_tokens,
        "reasoning_share": _share(sums.reasoning_share),
        "cached_share": _share(sums.cached_share),
        "seconds": round(sums.seconds, 3),
        "energy_wh": round(sums.energy_wh, 6),
        "claims": sums.claims,
        "claims_supported": sums.claims_supported,
        "unpriced": sums.answers - sums.priced,
        "cost": _money(sums.costs),
        "cost_per_accepted": _money(sums.cost_per_accepted),
    }


def row_object(row: Row) -> dict[str, Any]:
    """Return one line of a breakdown. `key` is what to filter by; empty: the answers that belong to none."""
    return {"key": row.key, "label": row.label, **sums_object(row.sums)}


def row_cells(row: Row) -> list[Any]:
    """Return one line of a breakdown for a table: `LINE_COLUMNS` and `SUM_COLUMNS`, then the money as text."""
    value = row_object(row)
    money = [
        "; ".join(f"{each['amount']} {each['currency']}" for each in value[name])
        for name in ("cost", "cost_per_accepted")
    ]
    return [value[name] for name in (*LINE_COLUMNS, *SUM_COLUMNS)] + money


CHARGE_COLUMNS = (
    "answer",
    "asked_at",
    "day",
    "asker",
    "asker_label",
    "token",
    "token_label",
    "groups",
    "collections",
    "matter",
    "model",
    "endpoint",
    "endpoint_name",
    "effort",
    "status",
    "outcome",
    "prompt_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "answer_tokens",
    "queue_seconds",
    "retrieve_seconds",
    "prefill_seconds",
    "decode_seconds",
    "verify_seconds",
    "total_seconds",
    "amount",
    "currency",
    "energy_wh",
    "accepted",
)


def charge_cells(charge: Charge) -> list[Any]:
    """Return one charge for a table with `CHARGE_COLUMNS`; groups and collections by name."""
    shown: dict[str, Any] = {
        "asked_at": charge.asked_at.isoformat(),
        "groups": "; ".join(charge.group_names),
        "collections": "; ".join(charge.collection_names),
        "amount": None if charge.amount is None else plain(charge.amount),
    }
    return [shown[name] if name in shown else getattr(charge, name) for name in CHARGE_COLUMNS]


def budget_object(state: BudgetState) -> dict[str, Any]:
    """Return a budget with what is spent, set aside and left of it. Amounts are text: money, or a number of tokens."""
    budget = state.budget
    return {
        "id": str(budget.pk),
        "principal": {
            "type": budget.principal,
            "id": str(budget.principal_id) if budget.principal_id else None,
            "label": budget.principal_label,
        },
        "period": budget.period,
        "limit": plain(budget.limit),
        "currency": budget.currency or None,
        "soft_share": float(budget.soft_share),
        "hard": budget.hard,
        "spent": plain(state.spent),
        "reserved": plain(state.reserved),
        "left": plain(state.left),
        "state": state.state,
        "renews_on": state.renews_on.isoformat(),
        "created_at": budget.created_at.isoformat(),
    }


def matter_object(matter: Matter) -> dict[str, Any]:
    return {
        "id": str(matter.pk),
        "code": matter.code,
        "name": matter.name,
        "open": matter.open,
        "created_at": matter.created_at.isoformat(),
    }


def _money(costs: Mapping[str, Decimal]) -> list[dict[str, str]]:
    exact = Decimal("0.000000001")
    return [{"amount": plain(cost.quantize(exact)), "currency": currency} for currency, cost in sorted(costs.items())]


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
