"""Every change to budgets and matters: permission, change and record in one place."""

import re
import uuid
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import ApiToken, Group, User
from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound
from apps.usage.budgets import hold_budgets_alone
from apps.usage.charges import spent_before
from apps.usage.matters import checked_code
from apps.usage.models import Budget, Every, Matter, Principal, Spending
from apps.usage.periods import begins, today

_LONGEST_NAME = 200
_LARGEST = Decimal(10) ** 13
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def create_budget(
    scope: Scope,
    *,
    principal: str,
    principal_id: uuid.UUID | None = None,
    period: str,
    limit: Decimal,
    currency: str = "",
    soft_share: Decimal = Decimal("0.8"),
    hard: bool = True,
) -> Budget:
    """Return a new budget, which counts what was spent in its period before. Without a currency the limit is in tokens.

    Raises `Invalid` for what makes no budget, `NotFound` for a principal that does not exist, `Conflict` for one that has
    such a budget already.
    """
    scope.require(Permission.ADMINISTER)
    if period not in Every.values:
        raise _invalid("period", _("A budget is for every day or for every month."))
    if currency and not _CURRENCY.fullmatch(currency):
        raise _invalid("currency", _("A currency has three capital letters, as EUR."))
    budget = Budget(
        principal=principal,
        principal_id=principal_id,
        principal_label=_label(principal, principal_id),
        period=period,
        limit=_checked_limit(limit, currency),
        currency=currency,
        soft_share=_checked_share(soft_share),
        hard=hard,
    )
    with transaction.atomic():
        hold_budgets_alone()
        try:
            with transaction.atomic():
                budget.save(force_insert=True)
        except IntegrityError:
            raise Conflict(_("There is such a budget already. Change that one.")) from None
        Spending.objects.create(budget=budget, begins=begins(period, today()), spent=spent_before(budget))
        log.record(Action.BUDGET_CREATED, budget, data=_as_record(budget), actor=scope.actor)
    return budget


def change_budget(
    scope: Scope,
    budget: Budget,
    *,
    limit: Decimal | None = None,
    soft_share: Decimal | None = None,
    hard: bool | None = None,
) -> Budget:
    """Return the budget as changed; what is not given stays. Whose it is, its period and its currency are never changed."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        hold_budgets_alone()
        row = Budget.objects.filter(pk=budget.pk).first()
        if row is None:
            raise NotFound
        before = _as_record(row)
        if limit is not None:
            row.limit = _checked_limit(limit, row.currency)
        if soft_share is not None:
            row.soft_share = _checked_share(soft_share)
        if hard is not None:
            row.hard = hard
        row.save()
        after = _as_record(row)
        changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changed:
            log.record(Action.BUDGET_CHANGED, row, data=changed, actor=scope.actor)
    return row


def delete_budget(scope: Scope, budget: Budget) -> None:
    """Remove a budget and what was set aside of it. Removing one that is gone succeeds."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        hold_budgets_alone()
        row = Budget.objects.filter(pk=budget.pk).first()
        if row is None:
            return
        spent = Spending.objects.filter(budget=row, begins=begins(row.period, today())).first()
        data = _as_record(row) | {"spent": f"{spent.spent if spent else Decimal(0):f}"}
        log.record(Action.BUDGET_DELETED, row, data=data, actor=scope.actor)
        row.delete()


def create_matter(scope: Scope, *, code: str, name: str = "") -> Matter:
    """Return a new matter, open. From the first one on, questions may name only matters that are listed and open.

    Raises `Invalid` for a code that cannot be used, `Conflict` for one that is listed.
    """
    scope.require(Permission.ADMINISTER)
    code, name = checked_code(code), _checked_name(name)
    with transaction.atomic():
        try:
            with transaction.atomic():
                matter = Matter.objects.create(code=code, name=name)
        except IntegrityError:
            raise Conflict(_("The matter %(code)s is listed already. Change that one.") % {"code": code}) from None
        log.record(Action.MATTER_CREATED, matter, data={"code": code, "name": name}, actor=scope.actor)
    return matter


def change_matter(scope: Scope, matter: Matter, *, name: str | None = None, open: bool | None = None) -> Matter:
    """Return the matter as changed: its name, and whether questions may still name it. Its code stays."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        row = Matter.objects.select_for_update().filter(pk=matter.pk).first()
        if row is None:
            raise NotFound
        wanted: dict[str, Any] = {"name": None if name is None else _checked_name(name), "open": open}
        changed = {
            field: [getattr(row, field), value]
            for field, value in wanted.items()
            if value is not None and getattr(row, field) != value
        }
        for field, (_before, value) in changed.items():
            setattr(row, field, value)
        row.save()
        if changed:
            log.record(Action.MATTER_CHANGED, row, data=changed, actor=scope.actor)
    return row


def _label(principal: str, principal_id: uuid.UUID | None) -> str:
    """Return what a principal is called. Raises `Invalid` or `NotFound` for what is none."""
    if principal == Principal.ORGANISATION:
        if principal_id is not None:
            raise _invalid("principal", _("The organisation has no id. Leave it out."))
        return ""
    kinds: dict[str, type[User] | type[Group] | type[ApiToken]] = {
        Principal.USER: User,
        Principal.GROUP: Group,
        Principal.TOKEN: ApiToken,
    }
    if principal not in kinds:
        raise _invalid("principal", _("A budget belongs to the organisation, a group, a user or a token."))
    found = kinds[principal]._default_manager.filter(pk=principal_id).first() if principal_id else None
    if found is None:
        raise NotFound
    return str(found)[:254]


def _checked_limit(limit: Decimal, currency: str) -> Decimal:
    try:
        exact = Decimal(limit).quantize(Decimal("0.000001") if currency else Decimal(1), ROUND_DOWN)
    except InvalidOperation:
        raise _invalid("limit", _("A limit is an amount of money or a number of tokens.")) from None
    if not 0 <= exact < _LARGEST:
        raise _invalid("limit", _("A limit is not less than nothing, and less than ten trillion."))
    return exact


def _checked_share(share: Decimal) -> Decimal:
    if not 0 < share <= 1:
        raise _invalid("soft_share", _("The share from which on a budget warns lies above 0 and not above 1."))
    return Decimal(share).quantize(Decimal("0.001"))


def _checked_name(name: str) -> str:
    words = " ".join(name.replace("\x00", "").split())
    if len(words) > _LONGEST_NAME:
        raise _invalid("name", _("This name is too long. At most 200 characters."))
    return words


def _as_record(budget: Budget) -> dict[str, Any]:
    return {
        "principal": {"type": budget.principal, "id": str(budget.principal_id or ""), "label": budget.principal_label},
        "period": budget.period,
        "limit": f"{budget.limit:f}",
        "currency": budget.currency,
        "soft_share": f"{budget.soft_share:f}",
        "hard": budget.hard,
    }


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, errors={field: [message]})
