"""Test an endpoint: is it there, does it know the model, where does its reasoning come, does it keep budgets, what does it
count, how fast is it and what does it cost. Findings come one by one, each with a code and a sentence for administrators.

It asks two small questions at most. Nothing that the model says is kept.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.serving.catalogue import ModelEntry
from apps.serving.client import OpenAICompatible
from apps.serving.endpoints import Served, client_of, entry_of
from apps.serving.faults import Fault
from apps.serving.kinds import takes_budget
from apps.serving.llm import ChatRequest, Finish, ModelError, ServedModel, Usage
from apps.serving.thinking import Reasoning, Reclassified, Text, Unopened
from apps.serving.trial_words import words_of

Step = Literal["reach", "model", "answer", "reasoning", "usage", "speed", "budget", "price", "retires"]

_SILENCE = 30.0
_LONGEST = 90.0  # seconds that one question may take; a slow machine is judged by what it wrote until then
_TOKENS, _ANSWER = 1024, 256
_BUDGET, _SLACK = 128, 32
_CHARACTERS = 4  # of a token, where the endpoint does not count
_QUESTION = (
    "Three sisters share 84 apples so that each gets twice as many as the one before. How many does the second get?"
    " Think it through, then answer with one sentence."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `state`: fine, worth knowing, or in the way. `advice` is empty where nothing is to be done;
    `values` are the figures behind the sentence."""

    step: Step
    code: str
    state: Literal["ok", "note", "bad"]
    text: str
    advice: str = ""
    values: dict[str, Any] | None = None


@dataclass(slots=True)
class _Heard:
    """What came of one question."""

    reasoning: str = ""
    text: str = ""
    source: str = "none"
    field: str = ""
    finish: str = ""
    usage: Usage | None = None
    first: float | None = None
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        if self.usage and self.usage.completion_tokens:
            return self.usage.completion_tokens
        return (len(self.reasoning) + len(self.text)) // _CHARACTERS

    @property
    def thought(self) -> int:
        """Return the tokens of reasoning; a server that says 0 in spite of a trace has not counted."""
        counted = self.usage.reasoning_tokens if self.usage else None
        return counted or len(self.reasoning) // _CHARACTERS

    @property
    def rate(self) -> float | None:
        """Return tokens in a second after the first."""
        lasted = self.seconds - (self.first or 0)
        return (self.tokens - 1) / lasted if self.first is not None and self.tokens > 1 and lasted > 0 else None


def try_out(served: Served) -> Iterator[Finding]:
    """Yield what is found, ending with the first thing that is in the way of all others."""
    try:
        client = client_of(served, silence=_SILENCE, attempts=1)
    except Invalid as error:
        text = _("The key was sealed under another secret key and cannot be opened.")
        advice = _("Give it again, or name the former secret key in TOULMIN_FORMER_SECRET_KEYS.")
        yield Finding("reach", error.code, "bad", text, advice)
        return
    try:
        name, engine = yield from _reach(served, client)
        if not name:
            return
        entry = entry_of(served, name)
        heard = _ask(client, name, entry, budget=None)
    except ModelError as error:
        yield _in_the_way(served, error)
        return
    yield Finding("answer", "answers", "ok", _("The model answers.")) if heard.text.strip() else _no_answer(heard)
    yield _reasoning(heard)
    yield _usage(heard)
    yield _speed(heard)
    yield _budget(served, client, name, entry, engine, heard)
    yield _price(served, heard)
    if entry.retires_on:
        yield _retires(entry.retires_on)


def _reach(served: Served, client: OpenAICompatible) -> Generator[Finding, None, tuple[str, str]]:
    """Return the model to ask and how the server names itself; no name where there is nothing to ask."""
    try:
        listed = client.list_models()
    except ModelError as error:
        if error.fault not in {Fault.PLACE, Fault.FORM} or not served.model:
            raise
        listed = []  # a gateway without a list can be asked all the same
    if listed or client.wire.models_url is None:
        yield Finding("reach", "reached", "ok", _("%(host)s answers.") % {"host": served.host})
    names = [model.name for model in listed]
    name = served.model or (names[0] if names else "")
    if not name:
        yield Finding(
            "model",
            "no_model",
            "bad",
            _("The endpoint lists no model, and none is named."),
            _("Give the name of the model to ask."),
        )
    elif client.wire.lists_deployments and names:
        yield _listed(name, names)
    return name, next((model.owner for model in listed if _is(model, name)), "")


def _is(model: ServedModel, name: str) -> bool:
    return model.name == name


def _listed(name: str, names: list[str]) -> Finding:
    if name in names:
        return Finding("model", "listed", "ok", _("The model %(name)s is listed.") % {"name": name})
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return Finding(
        "model",
        "not_listed",
        "note",
        _("The endpoint does not list %(name)s. It lists: %(names)s.") % {"name": name, "names": shown},
        _("Correct the name if the next step fails."),
        {"listed": names[:50]},
    )


def _ask(client: OpenAICompatible, name: str, entry: ModelEntry, *, budget: int | None) -> _Heard:
    """Return what came of the question. Raises `ModelError`."""
    request = ChatRequest(
        model=name,
        messages=({"role": "user", "content": _QUESTION},),
        max_tokens=_TOKENS if budget is None else budget + _ANSWER,
        temperature=entry.temperature,
        top_p=entry.top_p,
        thinking_budget=budget,
        opened_in_prompt=entry.think_prefix != "none",
    )
    heard, begun = _Heard(), time.monotonic()
    with closing(client.stream(request)) as deltas:
        for delta in deltas:
            match delta:
                case Reasoning(text, source):
                    heard.reasoning, heard.source = heard.reasoning + text, source
                case Text(text):
                    heard.text += text
                case Reclassified():
                    heard.reasoning, heard.text, heard.source = heard.reasoning + heard.text, "", "tag"
                case Unopened():
                    heard.reasoning, heard.text, heard.source = "", heard.reasoning + heard.text, "none"
                case Usage():
                    heard.usage = delta
                case Finish(reason):
                    heard.finish = reason
            if heard.first is None and isinstance(delta, Reasoning | Text):
                heard.first = time.monotonic() - begun
            if time.monotonic() - begun > _LONGEST:
                break
    heard.seconds = time.monotonic() - begun
    heard.field = client.reasoning_field
    return heard


def _in_the_way(served: Served, error: ModelError) -> Finding:
    text, advice = words_of(error.fault, kind=served.kind, host=served.host, said=error.detail)
    step: Step = "model" if error.fault == Fault.MODEL else "reach"
    return Finding(step, error.fault or error.code, "bad", text, advice, {"said": error.detail})


def _no_answer(heard: _Heard) -> Finding:
    if heard.reasoning:
        return Finding(
            "answer",
            "only_thought",
            "note",
            _("The model thought for %(tokens)s tokens and had not begun to answer.") % {"tokens": heard.thought},
            _("Answers are written all the same: the thinking is stopped here and the answer asked for."),
        )
    return Finding("answer", "empty", "bad", _("The model sent nothing."), _("Look into the log of the endpoint."))


def _reasoning(heard: _Heard) -> Finding:
    if heard.source == "field" and heard.field == "reasoning_content":
        text = _("Its reasoning comes in the field reasoning_content, as DeepSeek and older versions of vLLM call it.")
        return Finding("reasoning", "old_field", "ok", text)
    if heard.source == "field":
        return Finding("reasoning", "field", "ok", _("Its reasoning comes in a field of its own."))
    if heard.source == "tag":
        return Finding(
            "reasoning", "tags", "ok", _("Its reasoning comes inside the text, between tags, and is told apart.")
        )
    return Finding(
        "reasoning",
        "none",
        "note",
        _("No reasoning is sent."),
        _(
            "Answers will show none. If the model reasons, check whether the server hides it; vLLM needs --reasoning-parser."
        ),
    )


def _usage(heard: _Heard) -> Finding:
    usage = heard.usage or Usage()
    fields = {
        _("prompt"): usage.prompt_tokens,
        _("cached"): usage.cached_tokens,
        _("written"): usage.completion_tokens,
        _("reasoning"): usage.reasoning_tokens,
    }
    present = [name for name, value in fields.items() if value is not None]
    absent = [name for name, value in fields.items() if value is None]
    values = {"present": present, "absent": absent}
    if not absent:
        return Finding("usage", "usage_whole", "ok", _("It counts all its tokens."), values=values)
    if not present:
        text, advice = _("It counts no tokens."), _("Tokens are estimated here, and costs with them.")
        return Finding("usage", "usage_none", "note", text, advice, values)
    text = _("It counts these tokens: %(present)s. It does not say: %(absent)s.") % {
        "present": ", ".join(present),
        "absent": ", ".join(absent),
    }
    advice = _("What is missing is counted or estimated here, and marked so.")
    return Finding("usage", "usage_part", "note", text, advice, values)


def _speed(heard: _Heard) -> Finding:
    rate = heard.rate
    values = {
        "first_token_seconds": None if heard.first is None else round(heard.first, 2),
        "tokens_per_second": None if rate is None else round(rate, 1),
    }
    if heard.first is None:
        return Finding("speed", "speed_unknown", "note", _("Nothing was written to measure."), values=values)
    if rate is None:
        text = _("The first word came after %(first).1f seconds.") % {"first": heard.first}
        return Finding("speed", "speed_first", "ok", text, values=values)
    text = _("The first word came after %(first).1f seconds, then %(rate).0f tokens each second.")
    return Finding("speed", "speed", "ok", text % {"first": heard.first, "rate": rate}, values=values)


def _budget(
    served: Served, client: OpenAICompatible, name: str, entry: ModelEntry, engine: str, heard: _Heard
) -> Finding:
    """Return whether a small budget is kept, by asking again with one where the endpoint takes a number."""
    ours = _("Budgets hold all the same: the thinking is counted here, stopped, and the answer asked for.")
    if entry.efforts:
        text = _("It takes an effort in words, not a number of tokens.")
        return Finding("budget", "budget_words", "note", text, ours)
    if not takes_budget(served.kind, engine, entry):
        return Finding("budget", "budget_ours", "note", _("It takes no budget for thinking."), ours)
    if heard.thought <= _BUDGET + _SLACK:
        text = _("The model thought too little to tell whether it keeps a budget.")
        return Finding("budget", "budget_untold", "note", text, ours)
    try:
        short = _ask(client, name, entry, budget=_BUDGET)
    except ModelError as error:
        text = _("It refused a request with a budget for thinking.")
        return Finding(
            "budget", "budget_refused", "bad", text, _("Check the kind of the endpoint."), {"said": error.detail}
        )
    values = {"budget": _BUDGET, "thought": short.thought}
    if short.thought <= _BUDGET + _SLACK:
        text = _("It keeps a budget for thinking: of %(budget)s tokens, %(thought)s were used.") % values
        return Finding("budget", "budget_kept", "ok", text, values=values)
    text = _("It does not keep a budget for thinking: %(thought)s tokens instead of %(budget)s.") % values
    return Finding("budget", "budget_not_kept", "note", text, ours, values)


def _price(served: Served, heard: _Heard) -> Finding:
    if price := served.price:
        values = {
            "prompt": _amount(price.prompt / 1000),
            "output": _amount(price.output / 1000),
            "currency": price.currency,
        }
        text = _("A thousand tokens cost %(prompt)s %(currency)s read and %(output)s %(currency)s written.") % values
        return Finding("price", "price_tokens", "ok", text, values=values)
    if (hardware := served.hardware) and (rate := heard.rate):
        each = hardware.of(Decimal(1000) / Decimal(rate)).quantize(Decimal("0.00001"))
        values = {"output": _amount(each), "currency": hardware.currency}
        text = _("A thousand tokens cost %(output)s %(currency)s at this speed, answered alone.") % values
        return Finding("price", "price_hardware", "ok", text, values=values)
    return Finding(
        "price",
        "price_none",
        "note",
        _("No price is given."),
        _("Answers will show no cost, and budgets cannot count them. Give prices, or those of your hardware."),
    )


def _amount(money: Decimal) -> str:
    return f"{money.normalize():f}"


def _retires(day: date) -> Finding:
    values = {"day": day.isoformat()}
    if day < date.today():
        text = _("The provider has retired this model on %(day)s.") % values
        return Finding("retires", "retired", "bad", text, _("Choose another model."), values)
    text = _("The provider retires this model on %(day)s.") % values
    return Finding("retires", "retires", "note", text, _("Choose another model before that day."), values)
