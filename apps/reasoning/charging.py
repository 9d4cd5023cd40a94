"""What an answer may take before it is asked, and what it took when it has ended: from a question to budgets and charges."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from apps.accounts.models import Group
from apps.accounts.scope import Scope
from apps.documents.models import Collection
from apps.reasoning.effort import Limits, estimate_tokens, limits_for
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.written import Written
from apps.serving.endpoints import Served, endpoints_in_order, find_endpoint
from apps.serving.slots import in_use
from apps.usage.accounts import Account, Part, Window, account_of, plain, shared_seconds
from apps.usage.budgets import Estimate, reserve
from apps.usage.charges import Asked, Named, Took, charge, windows_at
from apps.usage.models import Charge

_ROOMY = 131_072  # tokens of context: no effort is shortened by it
_SLOWEST = 20  # tokens a second, at which a server of one's own still serves people
_HISTORY = timedelta(days=30)
_ENOUGH = 20  # answers, from which on the longest of them says more than the slowest rate


def reserve_for(scope: Scope, answer: Answer) -> dict[str, Any]:
    """Set aside what an answer may take and return whom it is charged to, with warnings, as `Answer.account` has it.

    In the caller's transaction; raises `BudgetExceeded`.
    """
    reserved = reserve(scope, answer.pk, lambda: worst_case(answer.effort))
    token = scope.actor if scope.actor.type == "token" else None
    names = Group.objects.filter(pk__in=scope.group_ids).order_by("name").values_list("pk", "name")
    return {
        "charged_to": {
            "groups": [{"id": str(pk), "name": name} for pk, name in (names if scope.group_ids else ())],
            "token": {"id": token.id, "name": token.label} if token else None,
        },
        "warnings": reserved.warnings,
    }


def worst_case(effort: str) -> Estimate:
    """Return the most that an answer may take, whichever endpoint writes it.

    A second call may follow, which reads the prompt and the reasoning again and answers: so tokens are bounded twice over. What
    an endpoint took that failed before another stood in comes on top, and may be more than was set aside.
    A server of one's own is charged by time: the longest that this effort has taken there in a month, or, before there are
    twenty such answers, the tokens at the slowest useful rate; never more than the deadline of an answer.
    """
    limits = limits_for(effort, context=_ROOMY)
    prompt, output = 2 * limits.prompt + limits.thinking, limits.thinking + 2 * limits.answer
    amounts: dict[str, Decimal] = {}
    for served in endpoints_in_order():
        if served.price:
            currency, amount = served.price.currency, served.price.of(prompt=prompt, cached=0, output=output)
        elif served.hardware:
            seconds = _longest(served, effort, limits)
            currency, amount = served.hardware.currency, served.hardware.of(Decimal(str(seconds)))
        else:
            continue
        amounts[currency] = max(amounts.get(currency, Decimal(0)), amount)
    return Estimate(prompt + output, amounts)


def charge_answer(answer: Answer, written: Written) -> dict[str, Any]:
    """Charge an answer that has ended, in the caller's transaction, and return its account, as `Answer.account` has it."""
    usage = written.usage if written.model or not written.reasoning else _interrupted(answer, written)
    attempts = usage.get("attempts", [])
    account = account_of([_part(answer, attempt) for attempt in attempts])
    charged_to = answer.account.get("charged_to", {})
    charge(
        answer.pk,
        Asked(
            at=answer.created_at,
            asker=Named(str(answer.asker_id), str(answer.asker)) if answer.asker_id else None,
            groups=tuple(Named(**group) for group in charged_to.get("groups", [])),
            token=Named(**charged_to["token"]) if charged_to.get("token") else None,
            matter=answer.matter,
        ),
        Took(
            effort=answer.effort,
            status=written.status.value,
            outcome=written.outcome,
            model=attempts[-1]["model"] if attempts else "",
            endpoint=Named(attempts[-1]["endpoint_id"], attempts[-1]["endpoint_name"]) if attempts else None,
            usage=usage,
            held=_window(attempts[-1]) if attempts else None,
            collections=_collections(written),
            documents=tuple(sorted({quoted.passage.document_id for quoted in written.citations})),
            claims=Counter(judged.verdict.value for judged in written.claims),
        ),
        account,
    )
    return {**answer.account, **account_object(account)}


def account_object(account: Account) -> dict[str, Any]:
    """Return an account as it is kept with an answer and sealed into its record."""
    return {
        "amount": plain(account.amount) if account.amount is not None else None,
        "currency": account.currency or None,
        "basis": account.basis,
        "energy_wh": account.energy_wh,
    }


def _interrupted(answer: Answer, written: Written) -> dict[str, Any]:
    """Return what an answer took whose worker died while a model reasoned: estimated from what had been streamed, and charged
    to the endpoint that is asked first, since which one it was died with the worker."""
    endpoints = endpoints_in_order()
    if not endpoints or answer.started_at is None:
        return written.usage
    first = endpoints[0]
    tokens = {
        "prompt_tokens": sum(estimate_tokens(one.passage.text) for one in written.considered if one.marker),
        "reasoning_tokens": estimate_tokens(written.reasoning),
        "answer_tokens": estimate_tokens(written.text),
    }
    attempt = {
        "endpoint_id": first.id,
        "endpoint_name": first.name,
        "model": first.model,
        "from": answer.started_at.isoformat(),
        "until": timezone.now().isoformat(),
        "cached_tokens": None,
        **tokens,
    }
    return {**written.usage, **tokens, "source": dict.fromkeys(tokens, "estimated"), "attempts": [attempt]}


def _found(id: str, name: str) -> Served:
    """Return an endpoint. One that is gone has no price any more."""
    return find_endpoint(id) or Served(id=id, name=name, kind="", base_url="", model="")


def _part(answer: Answer, attempt: dict[str, Any]) -> Part:
    """Return what one endpoint did, from what `failover.Attempt.as_json` says of it."""
    served, held = _found(attempt["endpoint_id"], attempt["endpoint_name"]), _window(attempt)
    whole = (held[1] - held[0]).total_seconds()
    return Part(
        prompt_tokens=attempt["prompt_tokens"],
        cached_tokens=attempt["cached_tokens"],
        output_tokens=attempt["reasoning_tokens"] + attempt["answer_tokens"],
        held_seconds=whole,
        shared_seconds=shared_seconds(held, _others(answer, served, held)) if served.hardware else whole,
        price=served.price,
        hardware=served.hardware,
    )


def _window(attempt: dict[str, Any]) -> Window:
    """Return from when to when an endpoint was asked."""
    return datetime.fromisoformat(attempt["from"]), datetime.fromisoformat(attempt["until"])


def _others(answer: Answer, served: Served, held: Window) -> Iterable[Window]:
    """Return when other answers held the same server. Those that are still being written count from when they were begun,
    as many of them as have a slot there now."""
    writing = Answer.objects.filter(status=AnswerStatus.REASONING, started_at__lt=held[1]).exclude(pk=answer.pk)
    begun = [since for since in writing.order_by("started_at").values_list("started_at", flat=True) if since]
    running = [(since, held[1]) for since in begun[: in_use([served])[served.id]]]
    return [*windows_at(served.id, held), *running]


def _longest(served: Served, effort: str, limits: Limits) -> float:
    """Return the seconds for which an answer of this effort may hold a server of one's own."""
    recent: QuerySet[Charge] = Charge.objects.filter(
        endpoint=served.id, effort=effort, held_until__gt=timezone.now() - _HISTORY
    )
    seen = recent.annotate(held=F("held_until") - F("held_from")).aggregate(longest=Max("held"))["longest"]
    known = seen.total_seconds() if seen and recent.count() >= _ENOUGH else 0.0
    bound = known or (limits.thinking + 2 * limits.answer) / _SLOWEST
    return min(bound, settings.ENV.answer_deadline)


def _collections(written: Written) -> tuple[Named, ...]:
    """Return the collections that were cited; where nothing was, those that were read from."""
    cited = {quoted.passage.collection_id for quoted in written.citations}
    ids = cited or {one.passage.collection_id for one in written.considered if one.marker}
    rows = Collection.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name") if ids else ()
    return tuple(Named(str(pk), name) for pk, name in rows)
