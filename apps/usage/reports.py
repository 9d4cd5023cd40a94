"""What was spent on what: the numbers of the usage page and of `GET /usage`, from the charges. A fixed number of queries.

`report` has everything the page shows, `breakdown` one table of it. An answer of somebody in two groups, or one that cites two
collections, counts in full under each of both: such rows may add up to more than the total, which counts every answer once.
Money is kept by currency and never added across currencies. People see their own charges; administrators and auditors all.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.core.errors import Invalid
from apps.usage.budgets import BudgetState, all_states, states_of
from apps.usage.models import Charge
from apps.usage.periods import Period
from apps.usage.rolling import Rolled, rolled_in
from apps.usage.sums import DIMENSIONS, KEYS, OVERLAPPING, SUMS, TOTAL, Row, Sums, select, sums_of

__all__ = ["DIMENSIONS", "OVERLAPPING", "Filters", "Report", "Row", "Spread", "Stage", "Sums", "breakdown", "report"]

LONGEST_PERIOD = 3660
STAGES = ("queue", "retrieve", "prefill", "decode", "verify", "total")
_LATEST = 20_000
"""Of how many answers medians are taken, the latest: a median of more is the same to look at, and sorting them is not quick."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What to count only. Each is the id or name by which `breakdown` lists it; empty: all."""

    user: str = ""
    group: str = ""
    collection: str = ""
    model: str = ""
    effort: str = ""
    matter: str = ""
    endpoint: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Seconds that a stage took: half of the answers less than `median`, one in twenty more than `p95`. Of the latest 20,000."""

    name: str
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """What one answer cost in a currency: half of them less than `median`, one in twenty more than `p95`. Of the latest 20,000."""

    currency: str
    median: Decimal
    p95: Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the usage page shows. `by` has the rows of every dimension, the costliest first, days in order and without
    gaps; `budgets` those that the reader may see; `people` and `callers` how many people and how many tokens asked."""

    period: Period
    filters: Filters
    total: Sums
    by: dict[str, list[Row]]
    stages: list[Stage]
    spreads: list[Spread]
    people: int
    callers: int
    budgets: list[BudgetState]
    of_all: bool


def report(scope: Scope, period: Period, filters: Filters | None = None) -> Report:
    """Return what was spent in a period. At most twelve queries, however much was."""
    filters = filters or Filters()
    where, params = _where(scope, period, filters)
    found = _sums_by([TOTAL, *DIMENSIONS], scope, period, filters)
    by = {name: _sorted(name, found[name].values()) for name in DIMENSIONS}
    by["day"] = _without_gaps(period, by["day"])
    return Report(
        period=period,
        filters=filters,
        total=_total(found),
        by=by,
        stages=_stages(where, params),
        spreads=_spreads(where, params),
        people=sum(1 for row in by["user"] if row.key),
        callers=sum(1 for row in by["token"] if row.key),
        budgets=all_states() if sees_all(scope) else states_of(scope),
        of_all=sees_all(scope),
    )


def breakdown(scope: Scope, period: Period, by: str, filters: Filters | None = None) -> tuple[list[Row], Sums]:
    """Return the rows of one dimension and the total of all answers. Raises `Invalid` for no dimension."""
    if by not in DIMENSIONS:
        message = _("Usage is shown by %(names)s.") % {"names": ", ".join(DIMENSIONS)}
        raise Invalid(message, errors={"by": [message]})
    found = _sums_by([TOTAL, by], scope, period, filters or Filters())
    return _sorted(by, found[by].values()), _total(found)


def charges_after(scope: Scope, period: Period, filters: Filters, after: int, *, most: int = 1000) -> list[Charge]:
    """Return the next charges after the one numbered `after`, in the order in which they were made."""
    where, params = _where(scope, period, filters)
    sql = f"SELECT c.* FROM usage_charge c WHERE {where} AND c.id > %s ORDER BY c.id LIMIT %s"  # noqa: S608
    return list(Charge.objects.raw(sql, [*params, after, most]))


def sees_all(scope: Scope) -> bool:
    """Return whether a scope sees what everybody spent."""
    return scope.may(Permission.ADMINISTER) or scope.may(Permission.AUDIT)


def _where(scope: Scope, period: Period, filters: Filters) -> tuple[str, list[Any]]:
    """Return the condition on charges `c`, with its parameters. What a scope may not see is never counted."""
    if period.last < period.first or (period.last - period.first).days > LONGEST_PERIOD:
        message = _("The first day comes before the last, and at most ten years lie between them.")
        raise Invalid(message, errors={"to": [message]})
    conditions = ["c.day BETWEEN %s AND %s"]
    params: list[Any] = [period.first, period.last]
    if not sees_all(scope):
        conditions.append("c.asker = %s")
        params.append(scope.user_id)
    for name, value in ((f.name, getattr(filters, f.name)) for f in fields(filters)):
        if not value:
            continue
        if name in OVERLAPPING:
            conditions.append(f"c.{name}s @> ARRAY[%s]::uuid[]")
            params.append(_uuid(name, value))
        elif name in {"user", "token"}:
            conditions.append(f"c.{'asker' if name == 'user' else name} = %s")
            params.append(_uuid(name, value))
        else:
            conditions.append(f"c.{name} = %s")
            params.append(value)
    return " AND ".join(conditions), params


def _uuid(name: str, value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError:
        message = _("This is not an id.")
        raise Invalid(message, errors={name: [message]}) from None


def _sums_by(dimensions: list[str], scope: Scope, period: Period, filters: Filters) -> dict[str, dict[str, Row]]:
    """Return the rows of each dimension by their keys: from rollups, where everything is asked for, else from the charges."""
    where, params = _where(scope, period, filters)
    rolled = rolled_in(period) if sees_all(scope) and filters == Filters() else Rolled()
    found: dict[str, dict[str, Row]] = {name: {} for name in dimensions}
    for name, key, label, *sums in rolled.rows(dimensions):
        _add(found[name], key, label, sums_of(sums))
    if rolled.days:
        where, params = (
            f"c.day = ANY(%s) AND {where}",
            [[day for day in period.days if day not in rolled.days], *params],
        )
    plain = [name for name in dimensions if name not in OVERLAPPING]
    for name, key, label, sums_ in _by_plain_dimensions(plain, where, params):
        _add(found[name], key, label, sums_)
    for name in OVERLAPPING & set(dimensions):
        for key, label, *sums in _fetch(select(name, where), params):
            _add(found[name], key, label, sums_of(sums))
    return found


def _by_plain_dimensions(
    names: list[str], where: str, params: list[Any]
) -> Iterable[tuple[str, str | None, str | None, Sums]]:
    """Yield dimension, key, label and sums for all dimensions of which an answer has one value, in one pass."""
    names = [name for name in names if name != TOTAL]
    columns = [KEYS[name][0].removesuffix("::text") for name in names]
    sets = "".join(f"({column}, c.currency), " for column in columns)
    grouping = f"grouping({', '.join(columns)})" if columns else "0"
    shown = "".join(f"{column}::text, " for column in columns) + "".join(f"{KEYS[name][1]}, " for name in names)
    sql = f"""SELECT {grouping}, {shown}c.currency, {SUMS} FROM usage_charge c WHERE {where}
        GROUP BY GROUPING SETS ({sets}(c.currency))"""  # noqa: S608
    for mask, *rest in _fetch(sql, params):
        # A bit is 0 for the column that this row is grouped by; all are 1 for the total.
        at = next((n for n in range(len(names)) if not mask >> (len(names) - 1 - n) & 1), None)
        sums = sums_of(rest[2 * len(names) :])
        yield (TOTAL, "", "", sums) if at is None else (names[at], rest[at], rest[len(names) + at], sums)


def _fetch(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _add(rows: dict[str, Row], key: str | None, label: str | None, sums: Sums) -> None:
    """Add sums to the row of a key: one row has every currency, and what comes from rollups and from charges."""
    name = key or ""
    known = rows.get(name)
    rows[name] = replace(known, sums=known.sums.plus(sums)) if known else Row(name, label or name, sums)


def _total(found: dict[str, dict[str, Row]]) -> Sums:
    row = found[TOTAL].get("")
    return row.sums if row else Sums()


def _sorted(name: str, rows: Iterable[Row]) -> list[Row]:
    """Return days in order, everything else by what it cost; where nothing has a price, by its tokens."""
    if name == "day":
        return sorted(rows, key=lambda row: row.key)
    return sorted(rows, key=lambda row: (-sum(row.sums.costs.values(), Decimal(0)), -row.sums.tokens, row.label))


def _without_gaps(period: Period, rows: list[Row]) -> list[Row]:
    known = {row.key: row for row in rows}
    return [known.get(day.isoformat(), Row(day.isoformat(), day.isoformat(), Sums())) for day in period.days]


def _latest(where: str) -> str:
    return f"(SELECT c.* FROM usage_charge c WHERE {where} ORDER BY c.day DESC, c.id DESC LIMIT {_LATEST}) c"  # noqa: S608


def _stages(where: str, params: list[Any]) -> list[Stage]:
    columns = ", ".join(
        f"percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY c.{name}_seconds)" for name in STAGES
    )
    (found,) = _fetch(f"SELECT {columns} FROM {_latest(where)}", params)  # noqa: S608
    return [Stage(name, *(pair or (None, None))) for name, pair in zip(STAGES, found, strict=True)]


def _spreads(where: str, params: list[Any]) -> list[Spread]:
    sql = f"""SELECT c.currency, percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY c.amount)
        FROM {_latest(f"{where} AND c.amount IS NOT NULL")} GROUP BY c.currency ORDER BY count(*) DESC"""  # noqa: S608
    return [Spread(currency, *pair) for currency, pair in _fetch(sql, params)]
