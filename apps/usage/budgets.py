"""Budgets that hold: what an answer may cost is set aside when it is asked and settled when it ends.

One row for every budget and period, `Spending`, is both the account and the lock. `reserve` changes it with one conditional
UPDATE, so of any number of questions at once exactly those are let in for which there is room; rows are changed in the order
of their budgets, so two askers cannot wait for each other. All of it happens in the caller's transaction: a refusal undoes
what was set aside elsewhere. Making or removing a budget waits for those at work (`_LOCK`), so no charge slips past its first sum.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import TooMany
from apps.usage.models import Budget, Principal, Reservation, Spending
from apps.usage.periods import begins, renews, seconds_until, today
from apps.usage.refusals import note_refusal

_LOCK = 0x62756467  # "budg": shared by those who reserve and settle, held alone by those who change budgets
_RETRY_SOON = 30
_TO_THE_CENT = Decimal("0.01")


class BudgetExceeded(TooMany):
    """A hard budget has no room for this. `retry_after`: until it renews, or soon where only what is set aside is in the way."""

    code: ClassVar[str] = "budget_exceeded"


@dataclass(frozen=True, slots=True)
class Estimate:
    """The most that an answer may take: tokens, and money by currency."""

    tokens: int = 0
    amounts: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, currency: str) -> Decimal:
        """Return the money in one currency, or the tokens for none."""
        return self.amounts.get(currency, Decimal(0)) if currency else Decimal(self.tokens)


@dataclass(frozen=True, slots=True)
class ChargedTo:
    """Whom an answer is charged to, beside the organisation."""

    user: uuid.UUID | None = None
    groups: Sequence[uuid.UUID] = ()
    token: uuid.UUID | None = None

    @classmethod
    def of(cls, scope: Scope) -> "ChargedTo":
        token = uuid.UUID(scope.actor.id) if scope.actor.type == "token" else None
        return cls(scope.user_id, tuple(sorted(scope.group_ids)), token)

    def budgets(self) -> "list[Budget]":
        """Return the budgets that this is spent from, in the order in which they are locked. One query."""
        return list(Budget.objects.filter(self.as_filter()).order_by("pk"))

    def as_filter(self) -> Q:
        return (
            Q(principal=Principal.ORGANISATION)
            | Q(principal=Principal.USER, principal_id=self.user)
            | Q(principal=Principal.GROUP, principal_id__in=list(self.groups))
            | Q(principal=Principal.TOKEN, principal_id=self.token)
        )


@dataclass(frozen=True, slots=True)
class Reserved:
    """What was set aside. `warnings` has a sentence for each budget that is nearly or more than spent."""

    warnings: list[str] = field(default_factory=list)


def reserve(scope: Scope, answer_id: uuid.UUID, estimate: Callable[[], Estimate]) -> Reserved:
    """Set aside what an answer may take of every budget it is charged to, in the caller's transaction. `estimate` is called
    only where there is a budget.

    Raises `BudgetExceeded` where a hard one has no room; the caller's transaction must then be given up.
    """
    hold_budgets()
    day = today()
    budgets = ChargedTo.of(scope).budgets()
    if not budgets:
        return Reserved()
    most = estimate()
    ends = timezone.now() + timedelta(seconds=2 * settings.ENV.answer_deadline + 3600)
    warnings, rows = [], []
    for budget, spending_id in zip(budgets, _spendings(budgets, day), strict=True):
        amount = most.of(budget.currency)
        room = Spending.objects.filter(pk=spending_id)
        if budget.hard:
            room = room.filter(spent__lte=Value(budget.limit - amount) - F("reserved"))
        if not room.update(reserved=F("reserved") + amount):
            note_refusal(budget.principal, budget.period)
            raise _refusal(budget, Spending.objects.get(pk=spending_id), amount, day)
        rows.append(Reservation(answer=answer_id, spending_id=spending_id, amount=amount, ends=ends))
        if warning := _warning(budget, spending_id, day):
            warnings.append(warning)
    Reservation.objects.bulk_create(rows)
    return Reserved(warnings)


def settle(
    answer_id: uuid.UUID, charged_to: ChargedTo, day: date, *, tokens: int, amounts: Mapping[str, Decimal]
) -> None:
    """Spend what an answer took, in the caller's transaction, and give back what was set aside for it.

    A budget that was made while the answer was being written is charged too.
    """
    hold_budgets()
    took = Estimate(tokens, amounts)
    budgets = charged_to.budgets()
    new = dict(zip(_spendings(budgets, day), budgets, strict=True))
    set_aside = _reservations_of(answer_id)
    # What was reserved is charged where it was reserved, even if the asker has changed groups since.
    reserved_of = {row.spending.budget_id: row for row in set_aside}
    changes: dict[int, tuple[uuid.UUID, Decimal, Decimal]] = {
        row.spending_id: (row.spending.budget_id, row.amount, took.of(row.spending.budget.currency))
        for row in set_aside
    }
    for spending_id, budget in new.items():
        if budget.pk not in reserved_of:
            changes[spending_id] = (budget.pk, Decimal(0), took.of(budget.currency))
    for spending_id, (_budget, reserved, spent) in sorted(changes.items(), key=lambda item: item[1][0]):
        Spending.objects.filter(pk=spending_id).update(reserved=F("reserved") - reserved, spent=F("spent") + spent)
    Reservation.objects.filter(pk__in=[row.pk for row in set_aside]).delete()


def release(answer_id: uuid.UUID) -> None:
    """Give back what was set aside for an answer that took nothing, in the caller's transaction."""
    hold_budgets()
    _give_back(_reservations_of(answer_id))


def release_expired() -> int:
    """Give back what is set aside for longer than any answer takes, whatever became of it; return how many reservations."""
    if not Reservation.objects.filter(ends__lt=timezone.now()).exists():
        return 0
    with transaction.atomic():
        hold_budgets()
        late = Reservation.objects.filter(ends__lt=timezone.now())
        rows = list(late.select_for_update(of=["self"]).select_related("spending").order_by("spending__budget", "pk"))
        _give_back(rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget in its current period. Money in `budget.currency`, or tokens where that is empty."""

    budget: Budget
    spent: Decimal
    reserved: Decimal
    renews_on: date

    @property
    def left(self) -> Decimal:
        """Return what may still be set aside, never less than nothing."""
        return max(self.budget.limit - self.spent - self.reserved, Decimal(0))

    @property
    def share(self) -> float:
        """Return which share is spent or set aside; 1 and more where nothing is left."""
        taken = self.spent + self.reserved
        return float(taken / self.budget.limit) if self.budget.limit else 1.0

    @property
    def state(self) -> str:
        """Return `ok`, `warn` from the soft share on, or `spent`."""
        if self.spent + self.reserved >= self.budget.limit:
            return "spent"
        return "warn" if self.share >= float(self.budget.soft_share) else "ok"


def states_of(scope: Scope) -> list[BudgetState]:
    """Return the budgets that a question of this scope is charged to, the tightest first. Two queries."""
    return sorted(_states(ChargedTo.of(scope).budgets()), key=lambda state: -state.share)


def all_states() -> list[BudgetState]:
    """Return all budgets, by whose they are. Two queries; for administrators and auditors."""
    return _states(list(Budget.objects.all()))


def hold_budgets_alone() -> None:
    """Wait, until the caller's transaction ends, for those who reserve and settle, and keep others from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def as_text(amount: Decimal, currency: str) -> str:
    """Return an amount for people, rounded up to the cent or to two digits that say something: 12.35 EUR, 0.0042 EUR."""
    if not currency:
        return _("%(count)s tokens") % {"count": f"{int(amount.to_integral_value(ROUND_CEILING)):,}"}
    step = _TO_THE_CENT if amount >= _TO_THE_CENT or not amount else Decimal(1).scaleb(amount.adjusted() - 1)
    return f"{amount.quantize(step, ROUND_CEILING):,f} {currency}"


def whose(budget: Budget) -> str:
    """Return whose a budget is, for people."""
    every = {"day": _("of the day"), "month": _("of the month")}[budget.period]
    if budget.principal == Principal.ORGANISATION:
        return _("The organisation’s budget %(every)s") % {"every": every}
    return _("The budget %(every)s of %(name)s") % {"every": every, "name": budget.principal_label}


def hold_budgets() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Budgets change in the transaction of the answer that they pay for."
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def _spendings(budgets: Sequence[Budget], day: date) -> list[int]:
    """Return the ids of the rows of the periods that the day lies in, made where there are none yet."""
    if not budgets:
        return []
    wanted = [(budget.pk, begins(budget.period, day)) for budget in budgets]
    known = _known(wanted)
    if len(known) < len(wanted):
        missing = [Spending(budget_id=pk, begins=first) for pk, first in wanted if (pk, first) not in known]
        Spending.objects.bulk_create(missing, ignore_conflicts=True)
        known = _known(wanted)
    return [known[each] for each in wanted]


def _known(wanted: Sequence[tuple[uuid.UUID, date]]) -> dict[tuple[uuid.UUID, date], int]:
    rows = Spending.objects.filter(
        budget__in={pk for pk, _first in wanted}, begins__in={first for _pk, first in wanted}
    )
    return {(budget, first): pk for pk, budget, first in rows.values_list("pk", "budget_id", "begins")}


def _reservations_of(answer_id: uuid.UUID) -> list[Reservation]:
    rows = Reservation.objects.filter(answer=answer_id).select_for_update(of=["self"])
    return list(rows.select_related("spending__budget").order_by("spending__budget", "pk"))


def _give_back(rows: Sequence[Reservation]) -> None:
    for row in rows:
        Spending.objects.filter(pk=row.spending_id).update(reserved=F("reserved") - row.amount)
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _states(budgets: Sequence[Budget]) -> list[BudgetState]:
    day = today()
    firsts = {begins(budget.period, day) for budget in budgets}
    rows = {(row.budget_id, row.begins): row for row in Spending.objects.filter(budget__in=budgets, begins__in=firsts)}
    states = []
    for budget in budgets:
        row = rows.get((budget.pk, begins(budget.period, day)))
        spent, reserved = (row.spent, row.reserved) if row else (Decimal(0), Decimal(0))
        states.append(BudgetState(budget, spent, reserved, renews(budget.period, day)))
    return states


def _warning(budget: Budget, spending_id: int, day: date) -> str:
    row = Spending.objects.get(pk=spending_id)
    state = BudgetState(budget, row.spent, row.reserved, renews(budget.period, day))
    if state.state == "ok":
        return ""
    said: dict[str, Any] = {
        "whose": whose(budget),
        "limit": as_text(budget.limit, budget.currency),
        "left": as_text(state.left, budget.currency),
        "day": date_format(state.renews_on),
    }
    if not budget.hard and state.state == "spent":
        return _("%(whose)s, %(limit)s, is spent. It renews on %(day)s.") % said
    return _("%(whose)s, %(limit)s, is nearly spent: %(left)s left. It renews on %(day)s.") % said


def _refusal(budget: Budget, row: Spending, amount: Decimal, day: date) -> BudgetExceeded:
    renewal = renews(budget.period, day)
    said = {
        "whose": whose(budget),
        "limit": as_text(budget.limit, budget.currency),
        "left": as_text(max(budget.limit - row.spent - row.reserved, Decimal(0)), budget.currency),
        "reserved": as_text(row.reserved, budget.currency),
        "wanted": as_text(amount, budget.currency),
        "day": date_format(renewal),
    }
    if row.spent + amount <= budget.limit:
        return BudgetExceeded(
            _(
                "%(whose)s, %(limit)s, has %(left)s left, and this question may take %(wanted)s. %(reserved)s is set aside "
                "for answers that are being written; ask again when they have ended, or with less effort."
            )
            % said,
            retry_after=_RETRY_SOON,
        )
    return BudgetExceeded(
        _(
            "%(whose)s, %(limit)s, has %(left)s left, and this question may take %(wanted)s. It renews on %(day)s; until "
            "then ask with less effort, or have an administrator raise it."
        )
        % said,
        retry_after=seconds_until(renewal),
    )
