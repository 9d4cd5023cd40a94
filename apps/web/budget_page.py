"""Budgets as bars: what is spent, what is set aside for answers being written, and where it begins to warn."""

import uuid
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.usage.budgets import BudgetState
from apps.usage.models import Budget, Principal
from apps.web import wording


@dataclass(frozen=True, slots=True)
class BudgetBar:
    """Widths and the soft line in per cent of the limit. `tone` is empty, part or bad; `warning` says why."""

    id: uuid.UUID
    name: str
    kind: str
    spent: float
    reserved: float
    soft: float
    figures: str
    tone: str
    warning: str
    renews: str
    hard: bool


def bar_of(state: BudgetState) -> BudgetBar:
    budget = state.budget
    limit = budget.limit or Decimal(1)
    spent = min(float(100 * state.spent / limit), 100.0)
    return BudgetBar(
        id=budget.pk,
        name=name_of(budget),
        kind=kind_of(budget),
        spent=round(spent, 1),
        reserved=round(min(float(100 * state.reserved / limit), 100.0 - spent), 1),
        soft=float(100 * budget.soft_share),
        figures=_("%(spent)s of %(limit)s")
        % {"spent": amount(state.spent, budget), "limit": amount(budget.limit, budget)},
        tone={"warn": "part", "spent": "bad"}.get(state.state, ""),
        warning=_warning(state),
        renews=_("renews on %(day)s") % {"day": date_format(state.renews_on, "j F")},
        hard=budget.hard,
    )


def name_of(budget: Budget) -> str:
    return _("Everybody") if budget.principal == Principal.ORGANISATION else budget.principal_label


def kind_of(budget: Budget) -> str:
    every = _("every day") if budget.period == "day" else _("every month")
    if budget.principal == Principal.ORGANISATION:
        return every
    return _("%(kind)s, %(every)s") % {"kind": budget.get_principal_display(), "every": every}


def amount(value: Decimal, budget: Budget) -> str:
    """Return money, or tokens, as people read them."""
    if budget.currency:
        return wording.money(value.quantize(Decimal("0.01"), ROUND_CEILING), budget.currency)
    return _("%(count)s tokens") % {"count": wording.many(float(value))}


def _warning(state: BudgetState) -> str:
    budget = state.budget
    said = {"day": date_format(state.renews_on, "j F"), "left": amount(state.left, budget)}
    if state.state == "spent":
        if budget.hard:
            return _("Spent. Questions are refused until it renews on %(day)s.") % said
        return _("Spent. Questions are still answered; it renews on %(day)s.") % said
    if state.state == "warn":
        return _("%(left)s left until it renews on %(day)s.") % said
    return ""
