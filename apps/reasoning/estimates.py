"""What an answer is likely to take, told before the question is sent: seconds, tokens and money.

From the last answers of the same endpoint, model and effort, whoever asked for them: only their figures are read. Where there
are too few, from other efforts' rate of words on that model, and where it has written nothing yet from a rate that is assumed;
`basis` says which. A reader who is shown an estimate is also shown how many answers it is from.
"""

import hashlib
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, TypeVar

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.core.errors import Invalid
from apps.reasoning.effort import limits_for
from apps.reasoning.models import AnswerStatus, Effort
from apps.reasoning.routing import AUTO, Proposal, propose_effort
from apps.serving.endpoints import Served, endpoints_in_order
from apps.serving.health import ModelState, recall, remember, states_by_id
from apps.serving.prices import Hardware, Price
from apps.usage.accounts import plain
from apps.usage.models import Charge

Figure = TypeVar("Figure", float, Decimal)
Basis = Literal["history", "rate", "assumed", "no_model"]

_ENOUGH = 3
_RECENT = 200
_SINCE = timedelta(days=30)
_KEPT = 60
_ASSUMED_RATE = 30.0
"""Tokens a second of one stream: what R1's distillations write at on one GPU when they are not alone, and hosts of R1 too."""

_ASSUMED_FIRST = 2.0
_TYPICAL_SHARE = 0.5
"""Of what an effort allows to be thought and written, used until there is a history."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What half of such answers take at most, and nine of ten (`seconds_high`, `amount_high`). `amount` is None where no
    price is known, `tokens` counts what is read and written."""

    effort: Effort
    basis: Basis
    seconds: float | None = None
    seconds_high: float | None = None
    tokens: int | None = None
    amount: Decimal | None = None
    amount_high: Decimal | None = None
    currency: str = ""
    of_answers: int = 0
    model: str = ""
    routed: Proposal | None = None


def estimate(scope: Scope, effort: str, *, question: str = "") -> Estimate:
    """Return what an answer of this effort is likely to take; `auto` is the effort that fits the question. At most three
    queries, kept for a minute. Raises `NotAllowed`, and `Invalid` for an effort that there is none of."""
    scope.require(Permission.ASK)
    proposal = propose_effort(question) if effort == AUTO else None
    if proposal is None and effort not in Effort.values:
        raise Invalid(_("Effort is one of auto, quick, standard and deep."), errors={"effort": [_("Unknown effort.")]})
    chosen = proposal.effort if proposal else Effort(effort)
    served, state = _first_in_line()
    if served is None:
        return Estimate(chosen, "no_model", routed=proposal)
    key = "estimate:" + hashlib.sha256(f"{served.id} {state.name} {chosen}".encode()).hexdigest()
    known: Estimate | None = recall(key)
    if known is None:
        known = _estimated(served, state, chosen)
        remember(key, known, _KEPT)
    return replace(known, routed=proposal)


def estimate_object(found: Estimate) -> dict[str, Any]:
    """Return an estimate as the REST contract shows it."""
    return {
        "effort": found.effort.value,
        "routed": {"kind": found.routed.kind.value, "why": found.routed.why} if found.routed else None,
        "seconds": found.seconds,
        "seconds_high": found.seconds_high,
        "tokens": found.tokens,
        "amount": plain(found.amount) if found.amount is not None else None,
        "amount_high": plain(found.amount_high) if found.amount_high is not None else None,
        "currency": found.currency or None,
        "basis": {"code": found.basis, "sentence": basis_sentence(found)},
        "of_answers": found.of_answers,
        "model": found.model or None,
    }


def basis_sentence(found: Estimate) -> str:
    """Return in words what an estimate rests on."""
    return {
        "history": _("From the last %(count)s answers of this effort with this model."),
        "rate": _("From how fast this model has written %(count)s answers of other efforts."),
        "assumed": _("This model has written too few answers here to tell. A usual speed is assumed."),
        "no_model": _("No model is set up. Questions are answered with passages only."),
    }[found.basis] % {"count": found.of_answers}


def _first_in_line() -> tuple[Served | None, ModelState]:
    """Return the endpoint that would be asked now as far as is known, without asking it; the first where none is ready."""
    endpoints = endpoints_in_order()
    known = states_by_id([one.id for one in endpoints]) if endpoints else {}
    able = [one for one in endpoints if one.id in known and known[one.id].can_answer]
    served = next(iter(able or endpoints), None)
    return served, known.get(served.id, ModelState("none")) if served else ModelState("none")


@dataclass(frozen=True, slots=True)
class _Past:
    """What an earlier answer took."""

    effort: str
    seconds: float
    decode: float | None
    read: int
    written: int
    amount: Decimal | None
    currency: str


def _estimated(served: Served, state: ModelState, effort: Effort) -> Estimate:
    past = _history(served, state)
    own = [one for one in past if one.effort == effort]
    if len(own) >= _ENOUGH:
        return replace(_from_history(own, effort), model=state.name)
    rates = [one.written / one.decode for one in past if one.decode and one.written]
    enough = len(rates) >= _ENOUGH
    limits = limits_for(effort, context=state.context, demonstration=state.demonstration)
    written = int((limits.thinking + limits.answer) * _TYPICAL_SHARE)
    seconds = (state.first_token_seconds or _ASSUMED_FIRST) + written / (
        statistics.median(rates) if enough else _ASSUMED_RATE
    )
    amount, currency = _money(served.price, served.hardware, read=limits.prompt, written=written, seconds=seconds)
    return Estimate(
        effort,
        "rate" if enough else "assumed",
        seconds=round(seconds, 1),
        seconds_high=round(seconds / _TYPICAL_SHARE, 1),
        tokens=limits.prompt + written,
        amount=amount,
        amount_high=None if amount is None else amount / Decimal(str(_TYPICAL_SHARE)),
        currency=currency,
        of_answers=len(rates) if enough else 0,
        model=state.name,
    )


def _history(served: Served, state: ModelState) -> list[_Past]:
    """Return the latest answers that this model wrote here and ended. One query."""
    rows = Charge.objects.filter(
        endpoint=served.id,
        model=state.name,
        status=AnswerStatus.DONE,
        total_seconds__isnull=False,
        asked_at__gt=timezone.now() - _SINCE,
    ).order_by("-asked_at")
    figures = rows.annotate(written=F("reasoning_tokens") + F("answer_tokens")).values_list(
        "effort", "total_seconds", "decode_seconds", "prompt_tokens", "written", "amount", "currency"
    )
    return [_Past(effort, seconds or 0.0, *rest) for effort, seconds, *rest in figures[:_RECENT]]


def _from_history(past: Sequence[_Past], effort: Effort) -> Estimate:
    seconds = sorted(one.seconds for one in past)
    currency = past[0].currency
    amounts = sorted(one.amount for one in past if one.amount is not None and one.currency == currency)
    return Estimate(
        effort,
        "history",
        seconds=round(statistics.median(seconds), 1),
        seconds_high=round(_nine_of_ten(seconds), 1),
        tokens=round(statistics.median(one.read + one.written for one in past)),
        amount=_exact(statistics.median(amounts)) if amounts else None,
        amount_high=_exact(_nine_of_ten(amounts)) if amounts else None,
        currency=currency if amounts else "",
        of_answers=len(past),
    )


def _nine_of_ten(ordered: Sequence[Figure]) -> Figure:
    return ordered[min(len(ordered) * 9 // 10, len(ordered) - 1)]


def _money(
    price: Price | None, hardware: Hardware | None, *, read: int, written: int, seconds: float
) -> tuple[Decimal | None, str]:
    """Return what so much costs, and in what currency; hardware as if nobody else used it."""
    if price is not None:
        return _exact(price.of(prompt=read, cached=0, output=written)), price.currency
    if hardware is not None:
        return _exact(hardware.of(Decimal(str(seconds)))), hardware.currency
    return None, ""


def _exact(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)
