"""The three steps above an answer: retrieving, reasoning, tracing. They stand from the first response to the last."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.web import wording

_ORDER = ["queued", "retrieving", "reasoning", "verifying", "done"]


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is done, now, todo or none (it did not take place); `detail` is the step's own figure."""

    state: str
    title: str
    detail: str = ""


def finished_steps(answer: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps of an answer that has ended, with what each gave."""
    spent = answer["usage"].get("seconds", {})
    return (_retrieved(answer, spent), _reasoned(answer, spent), _traced(answer))


def running_steps(status: str, *, passages: int | None = None, seconds: float | None = None) -> tuple[Step, ...]:
    """Return the steps of an answer that is being made; `passages` and `seconds` say what retrieval gave, once known."""
    at = _ORDER.index(status) if status in _ORDER else 0
    detail = ""
    if passages is not None:
        detail = wording.passages(passages)
        if seconds is not None:
            detail = _in_time(detail, seconds)
    return (
        Step("done", _("Retrieved"), detail) if at > 1 else _now(at == 1, _("Retrieving"), _("waiting for a worker")),
        Step("done", _("Reasoned")) if at > 2 else _now(at == 2, _("Reasoning"), _("next") if at == 1 else ""),
        _now(at == 3, _("Tracing citations"), _("next") if at == 2 else ""),
    )


def _now(running: bool, title: str, otherwise: str) -> Step:
    return Step("now", title) if running else Step("todo", title, otherwise)


def _in_time(what: str, seconds: float) -> str:
    return _("%(what)s in %(time)s") % {"what": what, "time": wording.seconds(seconds)}


def _retrieved(answer: Mapping[str, Any], spent: Mapping[str, Any]) -> Step:
    if not answer["candidates"] and answer["status"] != "done":
        return Step("none", _("Retrieved"), _("nothing yet"))
    detail = wording.passages(len(answer["candidates"]))
    time = spent.get("retrieve")
    return Step("done", _("Retrieved"), _in_time(detail, time) if time is not None else detail)


def _reasoned(answer: Mapping[str, Any], spent: Mapping[str, Any]) -> Step:
    if answer["outcome"] == "extracted" and not answer["reasoning"]["text"]:
        return Step("none", _("Not reasoned"), _("no model wrote this"))
    tokens = answer["reasoning"]["tokens"] or 0
    total, before = spent.get("total"), (spent.get("queue") or 0.0) + (spent.get("retrieve") or 0.0)
    if not tokens and not answer["text"]:
        return Step("none", _("Not reasoned"))
    detail = wording.tokens(tokens) if tokens else _("without a trace")
    if total is not None:
        detail = _in_time(detail, max(total - before, 0.0))
    return Step("done", _("Reasoned"), detail)


def _traced(answer: Mapping[str, Any]) -> Step:
    citations = answer["citations"]
    if not citations:
        return Step("none", _("Traced"), _("no citations"))
    found = sum(1 for citation in citations if citation["quote_found"])
    detail = _("%(found)s of %(all)s quotes found word for word") % {
        "found": wording.count(found),
        "all": wording.count(len(citations)),
    }
    return Step("done", _("Traced"), detail)
