"""What the page where questions are asked shows: the choices of the form, the asker's own questions, the model.

A constant number of queries, whatever the number of questions and collections.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document
from apps.reasoning.effort import limits_for
from apps.reasoning.estimates import basis_sentence, estimate
from apps.reasoning.models import Answer, Candidate, Effort
from apps.reasoning.objects import answer_summary
from apps.reasoning.routing import AUTO
from apps.reasoning.withholding import hidden_from, is_withheld
from apps.serving.health import ModelState
from apps.usage.matters import suggestions_for
from apps.usage.models import Matter
from apps.web import wording

_CELL, _GAP = 8, 1
_MOST_MATTERS = 200


@dataclass(frozen=True, slots=True)
class StripBar:
    style: str
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Strip:
    """Claims at a glance in a list: low bars where all is well, tall ones where a claim falls short."""

    bars: tuple[StripBar, ...]
    width: int
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question among others, with where it was asked, what came of it and how its sentences stand."""

    answer: Mapping[str, Any]
    asked_at: datetime
    where: str
    outcome: str
    tone: str
    strip: Strip | None
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class EffortChoice:
    """An effort and what it buys on the model at hand."""

    value: str
    label: str
    buys: str
    hint: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a question would take: which effort is chosen and why (for Auto), time, money, and what that rests on."""

    chosen: str
    why: str
    time: str
    money: str
    basis: str


@dataclass(frozen=True, slots=True)
class Again:
    """Asking the same once more with more effort, and what that would cost, empty where that is not known."""

    effort: str
    label: str
    cost: str


def expected(scope: Scope, effort: str, question: str) -> Expected | None:
    """Return what to expect of a question; None for an effort that there is none of, and where no model would be asked."""
    if effort not in (AUTO, *Effort.values):
        return None
    found = estimate(scope, effort, question=question)
    if found.seconds is None:
        return None
    has_words = bool(question.strip())
    return Expected(
        chosen=str(found.effort.label) if found.routed and has_words else "",
        why=found.routed.why if found.routed and has_words else "",
        time=wording.about_seconds(found.seconds) if has_words or not found.routed else "",
        money=wording.money(found.amount, found.currency)
        if found.amount is not None and (has_words or not found.routed)
        else "",
        basis=basis_sentence(found),
    )


def again(scope: Scope, answer: Mapping[str, Any]) -> Again | None:
    """Return how to ask once more with the most effort; None for an answer that had it, or that is not finished."""
    if answer["effort"] == Effort.DEEP or answer["status"] not in ("done", "failed"):
        return None
    found = estimate(scope, Effort.DEEP)
    if found.seconds is None:
        return None
    cost = wording.money(found.amount, found.currency) if found.amount is not None else ""
    return Again(Effort.DEEP.value, str(Effort.DEEP.label), cost or wording.about_seconds(found.seconds))


def matters(scope: Scope) -> list[str]:
    """Return the matters to suggest: one's own latest, then those that are listed."""
    listed = Matter.objects.filter(open=True).values_list("code", flat=True)[:_MOST_MATTERS]
    return list(dict.fromkeys([*suggestions_for(scope), *listed]))


def asked(scope: Scope, answers: Iterable[Answer]) -> list[Asked]:
    """Return the rows for answers that were fetched with their claims; of one that is withheld no more than the question."""
    answers = list(answers)
    prefetch_related_objects(answers, Prefetch("candidates", Candidate.objects.only("answer", "marker", "document_id")))
    hidden = hidden_from(scope, answers)
    names = dict(Collection.objects.visible_to(scope).values_list("pk", "name"))
    return [_asked(answer, names, withheld=is_withheld(answer, hidden)) for answer in answers]


def efforts(state: ModelState) -> list[EffortChoice]:
    """Return the efforts to choose from."""
    hint = _("Takes the effort that fits the question, and says which and why.")
    auto = EffortChoice(AUTO, _("Auto"), _("as needed"), hint)
    return [auto, *(_effort(value, str(label), state) for value, label in Effort.choices)]


def scope_of_question(answer: Mapping[str, Any], names: Mapping[uuid.UUID, str]) -> str:
    """Return where a question was asked, in words."""
    if answer["documents"]:
        count = len(answer["documents"])
        return ngettext("%(count)s document", "%(count)s documents", count) % {"count": wording.count(count)}
    chosen = [uuid.UUID(pk) for pk in answer["collections"]]
    if not chosen:
        return _("Everything you may read")
    if len(chosen) == 1:
        return names.get(chosen[0], _("A collection that is no longer yours to read"))
    return ngettext("%(count)s collection", "%(count)s collections", len(chosen)) % {
        "count": wording.count(len(chosen))
    }


def document_to_ask(scope: Scope, pk: str) -> Document | None:
    """Return the document that a link asks about, if there is one and it may be read."""
    try:
        return Document.objects.visible_to(scope).filter(pk=uuid.UUID(pk)).first()
    except ValueError:
        return None


def strip_of(claims: Sequence[Mapping[str, Any]]) -> Strip | None:
    """Return the small strip of some claims; None where there are none."""
    if not claims:
        return None
    bars = []
    for at, claim in enumerate(claims[:40]):
        bare = claim["verdict"] == "unchecked" and not claim["markers"]
        short = claim["verdict"] in {"partly", "unsupported", "contradicted"} or bare
        y, height = (0, 10) if short else (7, 3)
        bars.append(StripBar(f"v-{claim['verdict']}", at * (_CELL + _GAP), y, height))
    cited = sum(1 for claim in claims if claim["markers"])
    label = ngettext(
        "%(cited)s of %(count)s sentence cites a passage",
        "%(cited)s of %(count)s sentences cite a passage",
        len(claims),
    ) % {"cited": wording.count(cited), "count": wording.count(len(claims))}
    return Strip(tuple(bars), len(bars) * (_CELL + _GAP) - _GAP, label)


def _asked(answer: Answer, names: Mapping[uuid.UUID, str], *, withheld: bool) -> Asked:
    summary = answer_summary(answer)
    claims = [{"verdict": c.verdict, "markers": c.markers} for c in answer.claims.all()]
    if withheld:
        where = scope_of_question(summary, names)
        return Asked(summary, answer.created_at, where, _("Withheld"), "mute", None, is_withheld=True)
    outcome, tone = _outcome(answer)
    return Asked(summary, answer.created_at, scope_of_question(summary, names), outcome, tone, strip_of(claims))


def _outcome(answer: Answer) -> tuple[str, str]:
    """Return the word for what came of a question, and its tone; no tone is plain text."""
    if not answer.is_finished:
        return _("Being answered"), "info"
    if answer.status == "failed":
        return _("Cut off") if answer.text else _("No answer"), "bad"
    if answer.status == "cancelled":
        return _("Stopped"), "mute"
    word = wording.outcome(answer.outcome) if answer.outcome else str(answer.get_status_display())
    return word, "mute" if answer.outcome in {"not_in_documents", "extracted"} else ""


def _effort(value: str, label: str, state: ModelState) -> EffortChoice:
    limits = limits_for(value, context=state.context, demonstration=state.demonstration)
    reads = ngettext("%(n)s passage", "%(n)s passages", limits.passages) % {"n": wording.count(limits.passages)}
    hint = ngettext(
        "Looks at %(found)s passages, reads up to %(read)s of them and reasons for up to %(thinking)s token.",
        "Looks at %(found)s passages, reads up to %(read)s of them and reasons for up to %(thinking)s tokens.",
        limits.thinking,
    ) % {
        "found": wording.count(limits.found),
        "read": wording.count(limits.passages),
        "thinking": wording.count(limits.thinking),
    }
    return EffortChoice(value, label, reads, hint)
