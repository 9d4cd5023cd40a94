"""Count what an answer takes: while a call runs, to hold its budget; afterwards, for its account. Pure.

The endpoint's own figures are taken where it gives any, then the tokens it sent one by one, then an estimate from the words;
and each figure says which it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.reasoning.effort import estimate_tokens
from apps.serving.llm import Delta, Prompted, Tokens, Usage
from apps.serving.thinking import Reasoning

_SLACK = 1.1
_SLACK_TOKENS = 48


@dataclass(slots=True)
class Meter:
    """What one call has taken so far. `thinking` is its budget, which may be overrun a little: endpoints that keep it
    themselves count in their own way."""

    thinking: int
    usage: Usage | None = None
    prompt_tokens: int | None = None
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    _estimated: int = 0
    _along: int = 0

    def take(self, delta: Delta, *, answering: bool) -> None:
        """Count a piece. `answering`: some of the answer has come."""
        match delta:
            case Tokens(count, reasoning):
                self.reasoning_tokens += count if reasoning else 0
                self.answer_tokens += 0 if reasoning else count
            case Prompted():
                self.prompt_tokens = delta.tokens
            case Usage():
                self.usage = delta
                if not answering:
                    self._along = delta.completion_tokens or 0
            case Reasoning(text):
                self._estimated += estimate_tokens(text)
            case _:
                pass

    @property
    def is_over(self) -> bool:
        """Return whether more was thought than the budget allows."""
        thought = self.reasoning_tokens or self._along or self._estimated
        return thought > int(self.thinking * _SLACK) + _SLACK_TOKENS

    def file_as_answer(self) -> None:
        """Count as answer what had been counted as reasoning."""
        self.answer_tokens, self.reasoning_tokens = self.answer_tokens + self.reasoning_tokens, 0

    def file_as_reasoning(self) -> None:
        """Count as reasoning what had been counted as answer."""
        self.reasoning_tokens, self.answer_tokens = self.reasoning_tokens + self.answer_tokens, 0


@dataclass(frozen=True, slots=True)
class Spent:
    """One call of the model when it is over: what went in, what came out, and what was counted of it."""

    prompt: str
    reasoning: str
    answer: str
    meter: Meter


def total(calls: Sequence[Spent]) -> dict[str, Any]:
    """Return the tokens of all calls. `source` says for each figure whether the endpoint gave it (`server`), we split the
    endpoint's tokens between reasoning and answer (`split`), or estimated it (`estimated`)."""
    counted = [_count(call) for call in calls]
    tokens: dict[str, Any] = {
        name: sum(part[name][0] for part in counted) for name in ("prompt_tokens", "reasoning_tokens", "answer_tokens")
    }
    usages = [call.meter.usage for call in calls if call.meter.usage]
    cached = [usage.cached_tokens for usage in usages if usage.cached_tokens is not None]
    source = {name: _worst([part[name][1] for part in counted]) for name in tokens}
    return {**tokens, "cached_tokens": sum(cached) if cached else None, "calls": len(calls), "source": source}


def together(usages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the sum of what `total` gave for several endpoints, each figure with its weakest source."""
    counted = ("prompt_tokens", "reasoning_tokens", "answer_tokens")
    cached = [usage["cached_tokens"] for usage in usages if usage["cached_tokens"] is not None]
    return {
        **{name: sum(usage[name] for usage in usages) for name in counted},
        "cached_tokens": sum(cached) if cached else None,
        "calls": sum(usage["calls"] for usage in usages),
        "source": {name: _worst([usage["source"][name] for usage in usages]) for name in counted},
    }


def _count(call: Spent) -> dict[str, tuple[int, str]]:
    usage = call.meter.usage or Usage()
    read = usage.prompt_tokens or call.meter.prompt_tokens
    reasoning, answer = _written(call, usage)
    return {
        "prompt_tokens": (read, "server") if read else (estimate_tokens(call.prompt), "estimated"),
        "reasoning_tokens": reasoning,
        "answer_tokens": answer,
    }


def _written(call: Spent, usage: Usage) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return the tokens of reasoning and answer, each with its source."""
    thought, said = call.meter.reasoning_tokens, call.meter.answer_tokens
    one_by_one = thought + said
    whole = max(usage.completion_tokens or 0, one_by_one)
    if not whole:
        return (estimate_tokens(call.reasoning), "estimated"), (estimate_tokens(call.answer), "estimated")
    # Some servers report 0 reasoning tokens whatever the model thought.
    if usage.reasoning_tokens and usage.reasoning_tokens <= whole:
        split, source = usage.reasoning_tokens, "server"
    elif not call.reasoning:
        split, source = 0, "server"
    elif one_by_one:
        split, source = min(thought, whole), "split"
    else:
        words = estimate_tokens(call.reasoning), estimate_tokens(call.answer)
        split, source = round(whole * words[0] / max(sum(words), 1)), "split"
    return (split, source), (whole - split, source)


def _worst(sources: Sequence[str]) -> str:
    return max(sources, key=["server", "split", "estimated"].index, default="estimated")
