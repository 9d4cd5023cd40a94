"""What answers cost, budgets, and the matters that answers are charged to."""

import csv
import io
import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from apps.accounts.scope import Permission, Scope
from apps.api.auth import Call
from apps.api.idempotency import idempotent
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import usage as wire
from apps.usage import services
from apps.usage.budgets import all_states, states_of
from apps.usage.matters import suggestions_for
from apps.usage.models import Budget, Charge, Matter
from apps.usage.objects import (
    CHARGE_COLUMNS,
    LINE_COLUMNS,
    SUM_COLUMNS,
    budget_object,
    charge_cells,
    matter_object,
    row_cells,
    row_object,
    sums_object,
)
from apps.usage.periods import Period
from apps.usage.reports import OVERLAPPING, Filters, breakdown, charges_after, sees_all

router = Router(tags=["Usage"])
budgets = Router(tags=["Usage"])
matters = Router(tags=["Usage"])

_RISKY = ("=", "+", "-", "@", "\t", "\r")  # at the head of a cell a spreadsheet would compute

First = Annotated[date | None, Query(alias="from", description="First day; without it, the first of the month.")]
Last = Annotated[date | None, Query(alias="to", description="Last day, included; without it, today.")]


@router.get("", response=wire.Usage, summary="What answers took", by_alias=True)
async def usage(
    request: Call,
    first: First = None,
    last: Last = None,
    by: wire.DimensionName = "day",
    filters: Query[wire.UsageFilters] = ...,  # type: ignore[assignment]  # Ninja's mark for a set of parameters
    format: Annotated[str, Query(pattern="^(json|csv)$")] = "json",
) -> dict[str, Any] | HttpResponseBase:
    """Your own; for administrators and auditors everybody's. With `format=csv` as a table; `by=answer` is the table of every
    single charge, and only that."""
    scope, this_month = request.auth, Period.this_month()
    period = Period(first or this_month.first, last or this_month.last)
    wanted = Filters(**filters.model_dump())
    if by == "answer":
        beginning = await sync_to_async(_charges)(scope, period, wanted, 0)
        return _table("answers", period, _every_charge(scope, period, wanted, beginning))
    rows, total = await sync_to_async(breakdown)(scope, period, by, wanted)
    if format == "csv":
        header = [*LINE_COLUMNS, *SUM_COLUMNS, "cost", "cost_per_accepted"]
        text = _lines([header, *(row_cells(row) for row in rows)])
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=_named(by, period))
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "by": by,
        "overlapping": by in OVERLAPPING,
        "total": sums_object(total),
        "items": [row_object(row) for row in rows],
        "next": None,
    }


@budgets.get("", response=wire.BudgetList, summary="List budgets")
def list_budgets(request: Call) -> dict[str, Any]:
    """All, for administrators and auditors; for others those that their questions are charged to."""
    states = all_states() if sees_all(request.auth) else states_of(request.auth)
    return {"items": [budget_object(state) for state in states], "next": None}


@budgets.post("", response={201: wire.Budget}, summary="Set a budget")
@idempotent
def add_budget(request: Call, body: wire.NewBudget) -> Status[Any]:
    made = services.create_budget(
        request.auth,
        principal=body.principal.type,
        principal_id=body.principal.id,
        period=body.period,
        limit=body.limit,
        currency=body.currency,
        soft_share=body.soft_share,
        hard=body.hard,
    )
    return Status(201, _shown(made))


@budgets.patch("/{uuid:id}", response=wire.Budget, summary="Change a budget")
@idempotent
def change_budget(request: Call, id: uuid.UUID, body: wire.BudgetChange) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    changed = services.change_budget(
        request.auth,
        get_object_or_404(Budget, pk=id),
        limit=body.limit,
        soft_share=body.soft_share,
        hard=body.hard,
    )
    return Status(200, _shown(changed))


@budgets.delete("/{uuid:id}", response={204: None}, summary="Remove a budget")
@idempotent
def delete_budget(request: Call, id: uuid.UUID) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    services.delete_budget(request.auth, get_object_or_404(Budget, pk=id))
    return Status(204, None)


@matters.get("", response=wire.MatterList, summary="List matters")
def list_matters(request: Call, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    """Those that questions may name; for administrators also the closed ones."""
    rows = Matter.objects.all() if request.auth.may(Permission.ADMINISTER) else Matter.objects.filter(open=True)
    found, following = page_of(rows, cursor=cursor, limit=limit)
    return {
        "items": [matter_object(matter) for matter in found],
        "next": following,
        "suggested": suggestions_for(request.auth),
    }


@matters.post("", response={201: wire.Matter}, summary="List a matter")
@idempotent
def add_matter(request: Call, body: wire.NewMatter) -> Status[Any]:
    return Status(201, matter_object(services.create_matter(request.auth, code=body.code, name=body.name)))


@matters.patch("/{uuid:id}", response=wire.Matter, summary="Rename, close or open a matter")
@idempotent
def change_matter(request: Call, id: uuid.UUID, body: wire.MatterChange) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    matter = services.change_matter(request.auth, get_object_or_404(Matter, pk=id), name=body.name, open=body.open)
    return Status(200, matter_object(matter))


def _shown(budget: Budget) -> dict[str, Any]:
    return next(budget_object(state) for state in all_states() if state.budget.pk == budget.pk)


def _charges(scope: Scope, period: Period, filters: Filters, after: int) -> list[Charge]:
    """Return the next charges, and give the connection back: a slow reader may take minutes."""
    try:
        return charges_after(scope.renewed(), period, filters, after)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


async def _every_charge(scope: Scope, period: Period, filters: Filters, beginning: list[Charge]) -> AsyncIterator[str]:
    yield _lines([CHARGE_COLUMNS])
    found = beginning
    while found:
        yield _lines(charge_cells(charge) for charge in found)
        found = await sync_to_async(_charges)(scope, period, filters, found[-1].pk)


def _table(name: str, period: Period, lines: AsyncIterator[str]) -> HttpResponseBase:
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=_named(name, period))


def _named(name: str, period: Period) -> dict[str, str]:
    file = f"usage-by-{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
    return {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "private, no-store"}


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula, however somebody named their group."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value
