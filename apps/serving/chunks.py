"""Read what an endpoint sends, a chunk of a stream or a whole response, into deltas. Pure.

It trusts nothing of a chunk's form: a field that is absent, null or of another type is read as not being there, and only the
first of several choices is looked at. A chunk that is no chunk at all, or carries an error, is a `ModelError`.
"""

import json
from collections.abc import Iterator
from typing import Any

from apps.serving.llm import Delta, ModelError, Prompted, Tokens, Usage
from apps.serving.thinking import ThinkingSplitter


def checked(chunk: Any) -> dict[str, Any]:
    """Return a chunk. Raises `ModelError` with the endpoint's words for an error that stands in place of one."""
    if not isinstance(chunk, dict):
        raise ModelError("The model service answered in a form that is not understood: a chunk is no object.")
    if chunk.get("error") or chunk.get("object") == "error":
        raise ModelError(f"The model failed while writing: {said_in(json.dumps(chunk).encode())}")
    return chunk


def prompted_of(chunk: dict[str, Any]) -> Prompted:
    """Return what the first chunk says of the request; vLLM sends the prompt with no other: a chat beside its choices, a
    completion in them."""
    ids = chunk.get("prompt_token_ids") or _choice(chunk).get("prompt_token_ids")
    return Prompted(
        request_id=_text(chunk.get("id")) or "",
        text=_text(chunk.get("prompt_text")) or "",
        tokens=len(ids) if isinstance(ids, list) else None,
    )


def read(chunk: dict[str, Any], splitter: ThinkingSplitter) -> Iterator[Delta]:
    """Yield what a chunk holds: words, how many tokens they are, and the usage."""
    if choice := _choice(chunk):
        part = _own_names(_object(choice.get("delta")) or _object(choice.get("message")))
        content = _text(part.get("content")) or _text(choice.get("text"))
        before = splitter.is_thinking
        yield from splitter.feed(
            reasoning=_text(part.get("reasoning")),
            reasoning_content=_text(part.get("reasoning_content")),
            content=content,
        )
        ids = choice.get("token_ids")
        # A whole response does not say which of its tokens are reasoning.
        if isinstance(ids, list) and ids and "message" not in choice:
            answering = splitter.source == "field" and bool(content)
            yield Tokens(len(ids), reasoning=(before or splitter.is_thinking) and not answering)
    if usage := _object(chunk.get("usage")):
        yield _usage(usage)


def field_of(chunk: dict[str, Any]) -> str:
    """Return the field in which a chunk's reasoning comes; empty if it holds none, or none of its own."""
    choice = _choice(chunk)
    part = _object(choice.get("delta")) or _object(choice.get("message"))
    return next((name for name in ("reasoning", "reasoning_content") if _text(part.get(name))), "")


def finish_of(chunk: dict[str, Any]) -> str:
    """Return the endpoint's reason for ending; empty if it goes on."""
    return str(_choice(chunk).get("finish_reason") or "")


def fingerprint_of(chunk: dict[str, Any]) -> str:
    """Return how the endpoint names the build and the settings it answers with; empty where it does not say."""
    return _text(chunk.get("system_fingerprint")) or ""


def said_in(body: bytes) -> str:
    """Return the message in an error body, cut to a line."""
    try:
        value = json.loads(body)
        error = value.get("error", value)
        message = error.get("message", error) if isinstance(error, dict) else error
    except (ValueError, AttributeError):
        message = body.decode("utf-8", errors="replace")
    return " ".join(str(message).split())[:300]


def _own_names(part: dict[str, Any]) -> dict[str, Any]:
    """Return a piece of a message with its reasoning under that name. Google marks pieces of the content as thoughts, and
    puts tags of its own around them."""
    content, marks = _text(part.get("content")), _object(part.get("extra_content")).get("google")
    if content is None or not isinstance(marks, dict):
        return part
    if marks.get("thought"):
        return part | {"reasoning": content.removeprefix("<thought>"), "content": None}
    return part | {"content": content.removeprefix("</thought>")}


def _choice(chunk: dict[str, Any]) -> dict[str, Any]:
    """Return the first choice; several come mixed, each with its index."""
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return {}


def _usage(usage: dict[str, Any]) -> Usage:
    of_prompt, of_completion = (_object(usage.get(f"{name}_tokens_details")) for name in ("prompt", "completion"))
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(of_prompt.get("cached_tokens", usage.get("prompt_cache_hit_tokens"))),
        completion_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=_count(of_completion.get("reasoning_tokens")),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(text: Any) -> str | None:
    """Return text that the database can hold: no NUL and no half of a surrogate pair."""
    if not isinstance(text, str) or not text:
        return None
    return text.replace("\x00", "").encode("utf-8", errors="replace").decode("utf-8")
