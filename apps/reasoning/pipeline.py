"""From a question to an answer: retrieve, reason, verify. One generator of events; it returns the finished answer.

It touches the database to search and, where the documents do not answer, to certify that; never while a model thinks.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from apps.accounts.scope import Scope
from apps.reasoning import notices
from apps.reasoning.absence import certify_absence
from apps.reasoning.asked import Asked
from apps.reasoning.effort import limits_for
from apps.reasoning.events import AnswerDelta, AnswerReset, Event, Retrieved, StatusChanged
from apps.reasoning.events import Claimed as ClaimedEvent
from apps.reasoning.extract import extract
from apps.reasoning.grounds import Grounds, ground
from apps.reasoning.models import AnswerStatus, Effort, Outcome, Verdict
from apps.reasoning.opening import Opening
from apps.reasoning.prompts import answer_prompt
from apps.reasoning.quotes import Quoted
from apps.reasoning.reason import Draft, End, reason
from apps.reasoning.salvage import before_repetition, is_grounded, whole_sentences
from apps.reasoning.selection import Considered, passages_read, read_with_surroundings, select
from apps.reasoning.written import Judged, Notice, Question, Written
from apps.retrieval.neighbours import surroundings_of
from apps.retrieval.passages import SearchResult, passage_object
from apps.retrieval.search import search as search_passages
from apps.retrieval.within import Filters
from apps.serving.catalogue import ModelEntry
from apps.serving.health import ModelState, catalogue_entry
from apps.serving.llm import LanguageModel

_QUOTATIONS = {Effort.QUICK: 3, Effort.STANDARD: 4, Effort.DEEP: 6}
_KEEP_BUDGETS = {"vllm"}  # servers, as they name themselves in their list of models, that take vLLM's own fields
_BROKEN_OFF = {End.CUT: "length", End.LOOPED: "loop", End.LATE: "deadline", End.EMPTY: "out_of_budget"}


class Search(Protocol):
    def __call__(
        self, scope: Scope, question: str, *, collections: Any, documents: Any, filters: Filters, limit: int
    ) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Answering:
    """What one answer is written with. `model` is None where none is ready: the passages are quoted then. `stopped` is
    asked often; `deadline` is a moment of `time.monotonic`."""

    state: ModelState
    model: LanguageModel | None
    stopped: Callable[[], bool]
    deadline: float
    search: Search = search_passages


@dataclass(frozen=True, slots=True)
class _Text:
    """The words of the answer, and how they came about."""

    text: str
    outcome: str
    notice: Notice = field(default_factory=Notice)
    status: AnswerStatus = AnswerStatus.DONE
    quoted: tuple[Quoted, ...] = ()


def write_answer(question: Question, using: Answering) -> Generator[Event, None, Written]:
    """Yield the events of an answer as it is written, and return it."""
    clock = _Clock(question.queued_seconds)
    entry = catalogue_entry(using.state.name) if using.model else None
    yield StatusChanged("retrieving", {})
    limits = limits_for(
        question.effort,
        context=using.state.context,
        thinking_limit=entry.thinking_limit if entry else 0,
        demonstration=using.state.demonstration,
    )
    found = using.search(
        question.scope,
        question.text,
        collections=question.collections,
        documents=question.documents,
        filters=question.filters,
        limit=limits.found,
    )
    considered = select(question.text, found.ranked, limits)
    clock.lap("retrieve")
    yield Retrieved([considered_object(one) for one in considered])
    yield StatusChanged(
        "retrieving",
        {"passages": len(considered), "searched": found.searched, "seconds": clock.seconds["retrieve"]},
    )
    draft: Draft | None = None
    if considered and using.model and entry and not using.stopped():
        asked = _asked(question, considered, using, entry, limits)
        yield StatusChanged("reasoning", {})
        draft = yield from reason(asked, using.model, stopped=using.stopped, deadline=using.deadline)
        clock.lap("reason")
        tokens = draft.usage["reasoning_tokens"]
        yield StatusChanged("reasoning", {"tokens": tokens, "seconds": clock.seconds["reason"]})
    settled = _settle(question, considered, draft, using)
    if settled.text and (draft is None or settled.text != draft.text):
        if draft is not None and draft.text:
            yield AnswerReset(settled.notice.code)
        yield AnswerDelta(settled.text)
    grounds = yield from _verify(settled, considered, clock)
    return _written(question, found, draft, settled, grounds, using, entry, clock)


def considered_object(one: Considered) -> dict[str, Any]:
    """Return a passage that was considered as the REST contract shows it."""
    return {
        "rank": one.rank,
        "marker": one.marker,
        "stage": one.stage,
        "reason": one.reason.value,
        "duplicate_of": one.duplicate_of,
        "passage": passage_object(one.passage),
    }


def judged_object(ordinal: int, judged: Judged) -> dict[str, Any]:
    """Return a claim as the REST contract shows it."""
    return {
        "ordinal": ordinal,
        "text": judged.claim.text,
        "start": judged.claim.start,
        "end": judged.claim.end,
        "markers": list(judged.claim.markers),
        "verdict": Verdict.UNCHECKED.value,
        "score": None,
        "why": judged.why,
    }


class _Clock:
    """Seconds of each stage."""

    def __init__(self, queued: float) -> None:
        self.seconds: dict[str, float | None] = {"queue": round(queued, 3)}
        self._begun = self._lap = time.monotonic()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = round(now - self._lap, 3)
        self._lap = now

    def whole(self) -> float:
        return round((self.seconds["queue"] or 0.0) + time.monotonic() - self._begun, 3)


def _asked(question: Question, considered: list[Considered], using: Answering, entry: ModelEntry, limits: Any) -> Asked:
    passages = passages_read(considered)
    around = surroundings_of(question.scope, read_with_surroundings(question.text, considered, limits))
    return Asked(
        prompt=answer_prompt(question.text, passages, around=around, system_prompt=entry.system_prompt),
        passages=len(passages),
        name=using.state.name,
        entry=entry,
        limits=limits,
        keeps_budget=using.state.engine in _KEEP_BUDGETS,
        seed=question.id.int % 2**31,
    )


def _settle(question: Question, considered: list[Considered], draft: Draft | None, using: Answering) -> _Text:
    """Decide what the answer is, from what the model wrote, or in its place."""
    if draft is not None and draft.end is End.STOPPED:
        return _Text(draft.text, "", status=AnswerStatus.CANCELLED)
    if draft is None and using.stopped():
        return _Text("", "", status=AnswerStatus.CANCELLED)
    if not considered:
        return _Text(notices.nothing_to_search(), Outcome.NOT_IN_DOCUMENTS)
    if draft is None:
        return _extracted(question, considered, notices.no_model(using.state))
    if draft.opening is Opening.NOT_IN_PASSAGES:
        return _Text(draft.text or notices.not_answered(), Outcome.NOT_IN_DOCUMENTS)
    if draft.end is End.WHOLE:
        outcome = Outcome.PARTLY if draft.opening is Opening.PARTLY else Outcome.ANSWERED
        notice = Notice() if is_grounded(draft.text) else notices.nothing_cited()
        return _Text(draft.text, outcome, notice)
    code = draft.error.code if draft.error else _BROKEN_OFF[draft.end]
    kept = whole_sentences(before_repetition(draft.text) if draft.end is End.LOOPED else draft.text)
    if is_grounded(kept):
        return _Text(kept, Outcome.PARTLY, notices.broken_off(code))
    return _extracted(question, considered, notices.nothing_of_use(code))


def _extracted(question: Question, considered: list[Considered], notice: Notice) -> _Text:
    found = extract(question.text, passages_read(considered), most=_QUOTATIONS[Effort(question.effort)])
    return _Text(found.text, Outcome.EXTRACTED, notice, quoted=found.citations)


def _verify(settled: _Text, considered: list[Considered], clock: _Clock) -> Generator[Event, None, Grounds]:
    yield StatusChanged("verifying", {})
    grounds = ground(settled.text, considered, quoted=settled.quoted)
    for ordinal, judged in enumerate(grounds.claims, start=1):
        yield ClaimedEvent(judged_object(ordinal, judged))
    clock.lap("verify")
    cited = sum(1 for judged in grounds.claims if judged.claim.markers)
    yield StatusChanged(
        "verifying", {"claims": len(grounds.claims), "cited": cited, "seconds": clock.seconds["verify"]}
    )
    return grounds


def _written(
    question: Question,
    found: SearchResult,
    draft: Draft | None,
    settled: _Text,
    grounds: Grounds,
    using: Answering,
    entry: ModelEntry | None,
    clock: _Clock,
) -> Written:
    absence = None
    if settled.outcome == Outcome.NOT_IN_DOCUMENTS:
        absence = certify_absence(
            question.scope, question.text, found, collections=question.collections, documents=question.documents
        )
    first = draft.first_token_seconds if draft else None
    before = (clock.seconds["queue"] or 0.0) + (clock.seconds["retrieve"] or 0.0)
    seconds = clock.seconds | {
        "first_token": round(before + first, 3) if first is not None else None,
        "total": clock.whole(),
    }
    written = Written(
        status=settled.status,
        outcome=settled.outcome,
        text=settled.text,
        notice=settled.notice,
        considered=grounds.considered,
        claims=grounds.claims,
        citations=grounds.citations,
        usage={"seconds": seconds},
        searched=found.searched,
        index_generation=found.generation,
        absence=absence,
    )
    if draft is None or entry is None:
        return written
    return replace(
        written,
        reasoning=draft.reasoning,
        reasoning_source=draft.reasoning_source,
        reasoning_cut=draft.reasoning_cut,
        prompts=draft.prompts,
        model=_model(using.state, entry, draft),
        usage=draft.usage | {"seconds": seconds, "dropped_markers": draft.dropped_markers},
    )


def _model(state: ModelState, entry: ModelEntry, draft: Draft) -> dict[str, Any]:
    address = urlsplit(state.endpoint)
    return {
        "name": state.name,
        "label": entry.label,
        "id": entry.id,
        "revision": entry.revision,
        "licence": entry.licence,
        # Never the user part: an address may carry a key.
        "endpoint": f"{address.scheme}://{address.netloc.rsplit('@', 1)[-1]}{address.path}",
        "engine": state.engine,
        "parameters": draft.request,
        "demonstration": entry.demonstration,
    }
