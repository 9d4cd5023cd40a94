"""Count what an answer took, from the endpoint's figures where it gives any, else by estimate; and say which. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.reasoning.effort import estimate_tokens
from apps.serving.llm import Usage


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the model: what went in, what came out, and what the endpoint said of it."""

    prompt: str
    reasoning: str
    answer: str
    usage: Usage | None


def total(calls: Sequence[Call]) -> dict[str, Any]:
    """Return the tokens of all calls. `source` says for each figure whether the endpoint gave it (`server`), we split the
    endpoint's total (`split`), or estimated it (`estimated`)."""
    counted = [_count(call) for call in calls]
    tokens: dict[str, Any] = {
        name: sum(part[name][0] for part in counted) for name in ("prompt_tokens", "reasoning_tokens", "answer_tokens")
    }
    cached = [call.usage.cached_tokens for call in calls if call.usage and call.usage.cached_tokens is not None]
    source = {name: _worst([part[name][1] for part in counted]) for name in tokens}
    return {**tokens, "cached_tokens": sum(cached) if cached else None, "calls": len(calls), "source": source}


def _count(call: Call) -> dict[str, tuple[int, str]]:
    thought, said = estimate_tokens(call.reasoning), estimate_tokens(call.answer)
    usage = call.usage or Usage()
    prompt = (usage.prompt_tokens, "server") if usage.prompt_tokens else (estimate_tokens(call.prompt), "estimated")
    if not usage.completion_tokens:
        return {
            "prompt_tokens": prompt,
            "reasoning_tokens": (thought, "estimated"),
            "answer_tokens": (said, "estimated"),
        }
    whole = usage.completion_tokens
    # Some servers report 0 reasoning tokens whatever the model thought.
    if usage.reasoning_tokens and usage.reasoning_tokens <= whole:
        split, source = usage.reasoning_tokens, "server"
    elif not call.reasoning:
        split, source = 0, "server"
    else:
        split, source = round(whole * thought / max(thought + said, 1)), "split"
    return {
        "prompt_tokens": prompt,
        "reasoning_tokens": (split, source),
        "answer_tokens": (whole - split, source),
    }


def _worst(sources: Sequence[str]) -> str:
    return max(sources, key=["server", "split", "estimated"].index, default="estimated")
