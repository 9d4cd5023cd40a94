"""The account of an answer: where the seconds went, tokens with who counted them, money with its basis, energy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.web import wording
from apps.web.answer_steps import reasoning_seconds

Answer = Mapping[str, Any]

_WIDTH, _GAP = 996, 2
_LEAST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class TimeBar:
    """Where the seconds went, as widths of a bar 1000 units long."""

    label: str
    style: str
    x: int
    width: int
    seconds: str


@dataclass(frozen=True, slots=True)
class TokenCount:
    """So many tokens of one sort; `source` says who counted them, empty where the endpoint did."""

    label: str
    count: str
    source: str


@dataclass(frozen=True, slots=True)
class Account:
    """What an answer took. `money` is empty where no price is set, `energy` where the draw is not known."""

    times: tuple[TimeBar, ...]
    tokens: tuple[TokenCount, ...]
    money: str
    basis: str
    energy: str
    matter: str


def account_of(answer: Answer) -> Account:
    cost = answer["cost"]
    amount, watt_hours = cost["amount"], cost.get("energy_wh")
    return Account(
        times=_times(answer["usage"]["seconds"]),
        tokens=_tokens(answer["usage"]),
        money="" if amount is None else wording.money(amount, cost["currency"]),
        basis=cost["basis"],
        energy="" if watt_hours is None else wording.energy(float(watt_hours)),
        matter=answer.get("matter") or "",
    )


def _times(spent: Mapping[str, Any]) -> tuple[TimeBar, ...]:
    queue, retrieve, verify = (spent.get(name) or 0.0 for name in ("queue", "retrieve", "verify"))
    prefill, decode = spent.get("prefill"), spent.get("decode")
    written = reasoning_seconds(spent) or 0.0
    if prefill is not None and decode is not None:
        model = [(_("Reading the prompt"), "fill-5", prefill), (_("Reasoning and answer"), "fill-1", decode)]
    else:
        model = [(_("Reasoning and answer"), "fill-1", written)]
    shares = [
        (_("Waiting"), "fill-4", queue),
        (_("Retrieving"), "fill-3", retrieve),
        *model,
        (_("Verifying"), "fill-2", verify),
    ]
    shares = [each for each in shares if each[2] >= _LEAST_SECONDS]
    total = sum(value for _label, _style, value in shares)
    bars: list[TimeBar] = []
    x = 0
    for label, style, value in shares:
        width = max(round(_WIDTH * value / total), 4)
        bars.append(TimeBar(label, style, x, width, wording.seconds(value)))
        x += width + _GAP
    return tuple(bars)


def _tokens(usage: Mapping[str, Any]) -> tuple[TokenCount, ...]:
    """Return the counts that are known. Cached tokens are part of the prompt's, and are left out where there are none."""
    if usage["prompt_tokens"] is None and usage["answer_tokens"] is None:
        return ()
    sources = usage.get("source") or {}
    labels = {
        "prompt_tokens": _("Prompt"),
        "cached_tokens": _("of it from the cache"),
        "reasoning_tokens": _("Reasoning"),
        "answer_tokens": _("Answer"),
    }
    return tuple(
        TokenCount(label, wording.count(usage[name]), _source(str(sources.get(name, ""))))
        for name, label in labels.items()
        if usage[name] or (usage[name] == 0 and name != "cached_tokens")
    )


def _source(code: str) -> str:
    return {
        "split": _("the endpoint’s sum, split by our own count"),
        "estimated": _("our own estimate"),
    }.get(code, "")
