"""The three steps above an answer: retrieving, reasoning, tracing. They stand from the first response to the last."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.web import wording

_STEP_LENGTH = 56  # characters, so that a step keeps its height
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


def running_steps(status: str, figures: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Step, ...]:
    """Return the steps of an answer that is being made. `figures` are what each status had to show so far, by status."""
    at = _ORDER.index(status) if status in _ORDER else 0
    known = figures or {}
    found, thought, queued = known.get("retrieving", {}), known.get("reasoning", {}), known.get("queued", {})
    waiting = wording.place_in_line(queued["place"]) if queued.get("place") else _("waiting for a worker")
    retrieved = _in_time(wording.passages(found["passages"]), found["seconds"]) if "passages" in found else ""
    looking = _("step %(n)s: %(question)s") % _named(found) if "step" in found else ""
    reasoned = _in_time(wording.tokens(thought["tokens"] or 0), thought["seconds"]) if "tokens" in thought else ""
    return (
        Step("done", _("Retrieved"), retrieved) if at > 1 else _now(at == 1, _("Retrieving"), waiting, looking),
        Step("done", _("Reasoned"), reasoned)
        if at > 2
        else _now(at == 2, _("Reasoning"), _("next") if at == 1 else ""),
        _now(at == 3, _("Verifying"), _("next") if at == 2 else ""),
    )


def _named(found: Mapping[str, Any]) -> dict[str, str]:
    return {"n": wording.count(found["step"]), "question": shorten(found["question"], _STEP_LENGTH, placeholder=" …")}


def _now(running: bool, title: str, otherwise: str, detail: str = "") -> Step:
    return Step("now", title, detail) if running else Step("todo", title, otherwise)


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
    time = reasoning_seconds(spent)
    if not tokens and not answer["text"]:
        return Step("none", _("Not reasoned"))
    detail = wording.tokens(tokens) if tokens else _("without a trace")
    return Step("done", _("Reasoned"), detail if time is None else _in_time(detail, time))


def reasoning_seconds(spent: Mapping[str, Any]) -> float | None:
    """Return how long the model took for reasoning and answer; None if that is not known."""
    if spent.get("reason") is not None:
        return float(spent["reason"])
    if spent.get("total") is None:
        return None
    return max(float(spent["total"]) - (spent.get("queue") or 0.0) - (spent.get("retrieve") or 0.0), 0.0)


def _traced(answer: Mapping[str, Any]) -> Step:
    citations = answer["citations"]
    if any(claim["verdict"] != "unchecked" for claim in answer["claims"]) and answer["outcome"] != "extracted":
        return _verified(answer)
    if not citations:
        return Step("none", _("Traced"), _("no citations"))
    found = sum(1 for citation in citations if citation["quote_found"])
    detail = _("%(found)s of %(all)s quotes found word for word") % {
        "found": wording.count(found),
        "all": wording.count(len(citations)),
    }
    return Step("done", _("Traced"), detail)


def _verified(answer: Mapping[str, Any]) -> Step:
    claims, figures = len(answer["claims"]), len(answer["figures"])
    detail = ngettext("%(count)s claim", "%(count)s claims", claims) % {"count": wording.count(claims)}
    if figures:
        counted = ngettext("%(count)s figure", "%(count)s figures", figures) % {"count": wording.count(figures)}
        detail = _("%(claims)s, %(figures)s") % {"claims": detail, "figures": counted}
    time = answer["usage"].get("seconds", {}).get("verify")
    return Step("done", _("Verified"), detail if time is None else _in_time(detail, time))
