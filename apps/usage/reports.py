"""What was spent on what: the numbers of the usage page and of `GET /usage`, from the charges. A fixed number of queries.

`report` has everything the page shows, `breakdown` one table of it. An answer of somebody in two groups, or one that cites two
collections, counts in full under each of both: such rows may add up to more than the total, which counts every answer once.
Money is kept by currency and never added across currencies. People see their own charges; administrators and auditors all.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.core.errors import Invalid
from apps.usage.budgets import BudgetState, all_states, states_of
from apps.usage.models import Charge
from apps.usage.periods import Period

DIMENSIONS = ("day", "user", "group", "collection", "model", "effort", "matter", "endpoint", "token")
OVERLAPPING = frozenset({"group", "collection"})
LONGEST_PERIOD = 3660
STAGES = ("queue", "retrieve", "prefill", "decode", "verify", "total")

_KEYS = {  # what identifies a row, and what it is called
    "day": ("c.day::text", "''"),
    "user": ("c.asker::text", "max(c.asker_label)"),
    "model": ("c.model", "''"),
    "effort": ("c.effort", "''"),
    "matter": ("c.matter", "''"),
    "endpoint": ("c.endpoint", "max(c.endpoint_name)"),
    "token": ("c.token::text", "max(c.token_label)"),
    "group": ("one.key::text", "max(one.name)"),
    "collection": ("one.key::text", "max(one.name)"),
}
_UNNESTED = {
    "group": "CROSS JOIN LATERAL unnest(c.groups, c.group_names) AS one(key, name)",
    "collection": "CROSS JOIN LATERAL unnest(c.collections, c.collection_names) AS one(key, name)",
}
_SUMS = """count(*), count(*) FILTER (WHERE c.accepted), count(*) FILTER (WHERE c.status = 'failed'),
    coalesce(sum(c.prompt_tokens), 0), coalesce(sum(c.cached_tokens), 0),
    coalesce(sum(c.prompt_tokens) FILTER (WHERE c.cached_tokens IS NOT NULL), 0),
    coalesce(sum(c.reasoning_tokens), 0), coalesce(sum(c.answer_tokens), 0), coalesce(sum(c.total_seconds), 0),
    coalesce(sum(c.energy_wh), 0), coalesce(sum(c.claims), 0), coalesce(sum(c.claims_supported), 0),
    coalesce(sum(c.claims_unchecked), 0), count(c.amount), sum(c.amount)"""


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
class Sums:
    """Of some answers together. `priced` of them have an amount; `cached_of` are the prompt tokens of those whose endpoint
    says what it had cached."""

    answers: int = 0
    accepted: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    cached_of: int = 0
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    energy_wh: float = 0.0
    claims: int = 0
    claims_supported: int = 0
    claims_unchecked: int = 0
    priced: int = 0
    costs: dict[str, Decimal] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens

    @property
    def reasoning_share(self) -> float | None:
        """Return which share of what models wrote was reasoning; None where they wrote nothing."""
        written = self.reasoning_tokens + self.answer_tokens
        return self.reasoning_tokens / written if written else None

    @property
    def cached_share(self) -> float | None:
        """Return which share of the prompts came out of a cache; None where no endpoint said."""
        return self.cached_tokens / self.cached_of if self.cached_of else None

    @property
    def cost_per_accepted(self) -> dict[str, Decimal]:
        """Return what an answer cost that its asker called right: all that was spent, by their number."""
        return {currency: cost / self.accepted for currency, cost in self.costs.items()} if self.accepted else {}

    @property
    def supported_share(self) -> float | None:
        """Return which share of the claims that were checked is supported; None where none was."""
        checked = self.claims - self.claims_unchecked
        return self.claims_supported / checked if checked else None

    def plus(self, other: "Sums") -> "Sums":
        """Return both together."""
        numbers = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.name != "costs"}
        costs = dict(self.costs)
        for currency, cost in other.costs.items():
            costs[currency] = costs.get(currency, Decimal(0)) + cost
        return Sums(**numbers, costs=costs)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: `key` is the id or name to filter by, `label` what to call it."""

    key: str
    label: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Stage:
    """Seconds that a stage took: half of the answers less than `median`, one in twenty more than `p95`."""

    name: str
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """What one answer cost in a currency: half of them less than `median`, one in twenty more than `p95`."""

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
    """Return what was spent in a period. Eight queries, however much was."""
    filters = filters or Filters()
    where, params = _where(scope, period, filters)
    by = _by_plain_dimensions(where, params)
    total = by.pop("")[0].sums if by.get("") else Sums()
    by = {name: _sorted(name, by.get(name, [])) for name in _KEYS}
    by["day"] = _without_gaps(period, by["day"])
    for name in sorted(OVERLAPPING):
        by[name] = _sorted(name, _rows_of(name, where, params))
    stages, people, callers = _stages(where, params)
    return Report(
        period=period,
        filters=filters,
        total=total,
        by=by,
        stages=stages,
        spreads=_spreads(where, params),
        people=people,
        callers=callers,
        budgets=all_states() if sees_all(scope) else states_of(scope),
        of_all=sees_all(scope),
    )


def breakdown(scope: Scope, period: Period, by: str, filters: Filters | None = None) -> tuple[list[Row], Sums]:
    """Return the rows of one dimension and the total of all answers. Two queries. Raises `Invalid` for no dimension."""
    if by not in DIMENSIONS:
        message = _("Usage is shown by %(names)s.") % {"names": ", ".join(DIMENSIONS)}
        raise Invalid(message, errors={"by": [message]})
    where, params = _where(scope, period, filters or Filters())
    total = [each for _key, each in _merged(_select("''", "''", "", where, params))]
    return _sorted(by, _rows_of(by, where, params)), total[0].sums if total else Sums()


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


def _by_plain_dimensions(where: str, params: list[Any]) -> dict[str, list[Row]]:
    """Return the rows of every dimension of which an answer has one value, and under "" the total, in one pass."""
    names = [name for name in DIMENSIONS if name not in OVERLAPPING]
    columns = [_KEYS[name][0].removesuffix("::text") for name in names]
    sets = ", ".join(f"({column}, c.currency)" for column in columns)
    labels = ", ".join(_KEYS[name][1] for name in names)
    sql = f"""SELECT grouping({", ".join(columns)}), {", ".join(f"{column}::text" for column in columns)}, {labels},
        c.currency, {_SUMS} FROM usage_charge c WHERE {where} GROUP BY GROUPING SETS ({sets}, (c.currency))"""  # noqa: S608
    found: dict[str, dict[str, Row]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for mask, *rest in cursor.fetchall():
            at = next((n for n in range(len(names)) if not mask >> (len(names) - 1 - n) & 1), None)
            key, label = ("", "") if at is None else (rest[at], rest[len(names) + at])
            sums = _sums(rest[2 * len(names) :])
            _add(found.setdefault("" if at is None else names[at], {}), key, label, sums)
    return {name: list(rows.values()) for name, rows in found.items()}


def _rows_of(name: str, where: str, params: list[Any]) -> list[Row]:
    key, label = _KEYS[name]
    return [row for _key, row in _merged(_select(key, label, _UNNESTED.get(name, ""), where, params))]


def _select(key: str, label: str, join: str, where: str, params: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield key, label, currency and sums. All but `params` is written in this module."""
    sql = f"""SELECT {key}, {label}, c.currency, {_SUMS} FROM usage_charge c {join} WHERE {where} GROUP BY 1, c.currency"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor.fetchall()


def _merged(found: Iterator[tuple[Any, ...]]) -> Sequence[tuple[str, Row]]:
    """Return one row for each key, its currencies side by side."""
    rows: dict[str, Row] = {}
    for key, label, *rest in found:
        _add(rows, key, label, _sums(rest))
    return list(rows.items())


def _add(rows: dict[str, Row], key: str | None, label: str | None, sums: Sums) -> None:
    name = key or ""
    known = rows.get(name)
    rows[name] = replace(known, sums=known.sums.plus(sums)) if known else Row(name, label or name, sums)


def _sums(values: Sequence[Any]) -> Sums:
    currency, *numbers, amount = values
    names = [f.name for f in fields(Sums) if f.name != "costs"]
    whole: dict[str, Any] = {
        name: float(number) if name in {"seconds", "energy_wh"} else int(number)
        for name, number in zip(names, numbers, strict=True)
    }
    return Sums(**whole, costs={currency: amount} if currency and amount is not None else {})


def _sorted(name: str, rows: list[Row]) -> list[Row]:
    """Return days in order, everything else by what it cost; where nothing has a price, by its tokens."""
    if name == "day":
        return sorted(rows, key=lambda row: row.key)
    return sorted(rows, key=lambda row: (-sum(row.sums.costs.values(), Decimal(0)), -row.sums.tokens, row.label))


def _without_gaps(period: Period, rows: list[Row]) -> list[Row]:
    known = {row.key: row for row in rows}
    return [known.get(day.isoformat(), Row(day.isoformat(), day.isoformat(), Sums())) for day in period.days]


def _stages(where: str, params: list[Any]) -> tuple[list[Stage], int, int]:
    columns = ", ".join(
        f"percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY c.{name}_seconds)" for name in STAGES
    )
    sql = f"SELECT count(DISTINCT c.asker), count(DISTINCT c.token), {columns} FROM usage_charge c WHERE {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        people, callers, *found = cursor.fetchone()
    halves = [each or (None, None) for each in found]
    return [Stage(name, *each) for name, each in zip(STAGES, halves, strict=True)], people, callers


def _spreads(where: str, params: list[Any]) -> list[Spread]:
    sql = f"""SELECT c.currency, percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY c.amount)
        FROM usage_charge c WHERE {where} AND c.amount IS NOT NULL GROUP BY c.currency ORDER BY count(*) DESC"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Spread(currency, *pair) for currency, pair in cursor.fetchall()]
