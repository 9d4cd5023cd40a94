"""Sums over charges: what is added up, by what, and how that is said in SQL. Every query of reports and rollups is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Final

DIMENSIONS: Final = ("day", "user", "group", "collection", "model", "effort", "matter", "endpoint", "token")
OVERLAPPING: Final = frozenset({"group", "collection"})
"""Dimensions of which an answer may have several values, so that it counts in several rows."""

TOTAL: Final = "total"
"""The dimension that every answer is in once."""

KEYS = {  # what identifies a row, and what it is called
    TOTAL: ("''", "''"),
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
UNNESTED = {
    "group": "CROSS JOIN LATERAL unnest(c.groups, c.group_names) AS one(key, name)",
    "collection": "CROSS JOIN LATERAL unnest(c.collections, c.collection_names) AS one(key, name)",
}
SUMS = """count(*), count(*) FILTER (WHERE c.accepted), count(*) FILTER (WHERE c.status = 'failed'),
    coalesce(sum(c.prompt_tokens), 0), coalesce(sum(c.cached_tokens), 0),
    coalesce(sum(c.prompt_tokens) FILTER (WHERE c.cached_tokens IS NOT NULL), 0),
    coalesce(sum(c.reasoning_tokens), 0), coalesce(sum(c.answer_tokens), 0), coalesce(sum(c.total_seconds), 0),
    coalesce(sum(c.energy_wh), 0), coalesce(sum(c.claims), 0), coalesce(sum(c.claims_supported), 0),
    coalesce(sum(c.claims_unchecked), 0), count(c.amount), sum(c.amount)"""


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


def sums_of(values: Sequence[Any]) -> Sums:
    """Return the sums that a query selected: the currency, then `SUMS`."""
    currency, *numbers, amount = values
    names = [f.name for f in fields(Sums) if f.name != "costs"]
    whole: dict[str, Any] = {
        name: float(number) if name in {"seconds", "energy_wh"} else int(number)
        for name, number in zip(names, numbers, strict=True)
    }
    return Sums(**whole, costs={currency: amount} if currency and amount is not None else {})


def select(dimension: str, where: str) -> str:
    """Return the query of key, label, currency and sums by a dimension, under a condition on charges `c`."""
    key, label = KEYS[dimension]
    join = UNNESTED.get(dimension, "")
    return f"SELECT coalesce({key}, ''), coalesce({label}, ''), c.currency, {SUMS} FROM usage_charge c {join} WHERE {where} GROUP BY 1, c.currency"  # noqa: S608
