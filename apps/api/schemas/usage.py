"""What answers cost, and what may be spent."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from apps.api.schemas.parts import Body, Id, Shown, Time

PeriodName = Literal["day", "month"]
PrincipalName = Literal["organisation", "group", "user", "token"]
DimensionName = Literal[
    "day", "user", "group", "collection", "model", "effort", "matter", "endpoint", "token", "answer"
]


class UsageFilters(Body):
    """What to count only: the `key` by which that dimension lists it."""

    user: str = ""
    group: str = ""
    collection: str = ""
    model: str = ""
    effort: str = ""
    matter: str = ""
    endpoint: str = ""
    token: str = ""


class Money(Shown):
    amount: str
    currency: str


class Sums(Shown):
    """Of some answers together. Money is never added across currencies."""

    answers: int
    accepted: int = Field(description="Called right by their askers.")
    failed: int
    tokens: int
    prompt_tokens: int
    cached_tokens: int = Field(description="Of the prompt tokens, those that endpoints say they had cached.")
    reasoning_tokens: int
    answer_tokens: int
    reasoning_share: float | None = Field(description="Of what models wrote; null where they wrote nothing.")
    cached_share: float | None = Field(description="Of the prompts of endpoints that say what they cached.")
    seconds: float
    energy_wh: float
    claims: int
    claims_supported: int
    unpriced: int = Field(description="Answers without an amount.")
    cost: list[Money]
    cost_per_accepted: list[Money] = Field(description="All that was spent, by the number of accepted answers.")


class UsageRow(Sums):
    key: str = Field(description="What to filter by; empty: the answers that belong to none.")
    label: str


class Usage(Shown):
    first: str = Field(alias="from")
    to: str
    by: DimensionName
    overlapping: bool = Field(
        description="An answer may count in several rows, so they may add up to more than the total."
    )
    total: Sums
    items: list[UsageRow]
    next: str | None


class BudgetPrincipal(Body):
    """Whom a budget binds; the organisation has no id."""

    type: PrincipalName
    id: UUID | None = None


class ShownPrincipal(Shown):
    type: PrincipalName
    id: Id | None
    label: str


class Budget(Shown):
    id: Id
    principal: ShownPrincipal
    period: PeriodName
    limit: str = Field(description="Money of `currency`, or a number of tokens.")
    currency: str | None = Field(description="Null: the limit is in tokens.")
    soft_share: float = Field(description="From which share of the limit on it warns.")
    hard: bool = Field(description="Whether it refuses what it has no room for.")
    spent: str
    reserved: str = Field(description="Set aside for answers that are being written.")
    left: str
    state: Literal["ok", "warn", "spent"]
    renews_on: str
    created_at: Time


class NewBudget(Body):
    principal: BudgetPrincipal
    period: PeriodName
    limit: Decimal = Field(ge=0)
    currency: str = Field("", max_length=3, description="ISO 4217; empty: the limit is in tokens.")
    soft_share: Decimal = Field(Decimal("0.8"), gt=0, le=1)
    hard: bool = True


class BudgetChange(Body):
    limit: Decimal | None = Field(None, ge=0)
    soft_share: Decimal | None = Field(None, gt=0, le=1)
    hard: bool | None = None


class BudgetList(Shown):
    items: list[Budget]
    next: str | None


class BudgetLeft(Shown):
    """What is left of the tightest of the budgets that a question of the caller is charged to."""

    left: str
    currency: str | None
    limit: str
    state: Literal["ok", "warn", "spent"]
    renews_on: str
    budgets: list[Budget] = Field(description="All of them, the tightest first.")


class Matter(Shown):
    id: Id
    code: str
    name: str
    open: bool = Field(description="Whether questions may name it.")
    created_at: Time


class NewMatter(Body):
    code: str = Field(max_length=40)
    name: str = Field("", max_length=200)


class MatterChange(Body):
    name: str | None = Field(None, max_length=200)
    open: bool | None = None


class MatterList(Shown):
    items: list[Matter]
    next: str | None
    suggested: list[str] = Field(description="Codes that the caller’s own questions named last, the latest first.")
