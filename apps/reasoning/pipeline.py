"""From a question to an answer: retrieve, reason, verify. One generator of events; it returns the finished answer.

It touches the database to search and, where the documents do not answer, to certify that; never while a model thinks.
"""

import time
import uuid
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from apps.accounts.scope import Scope
from apps.reasoning import notices
from apps.reasoning.absence import certify_absence
from apps.reasoning.effort import Limits
from apps.reasoning.events import AnswerDelta, AnswerReset, Event, Retrieved, StatusChanged
from apps.reasoning.events import Claimed as ClaimedEvent
from apps.reasoning.extract import extract
from apps.reasoning.failover import Asking, Reasoned
from apps.reasoning.grounds import Grounds, ground
from apps.reasoning.models import AnswerStatus, Effort, Outcome
from apps.reasoning.opening import Opening
from apps.reasoning.quotes import Quoted
from apps.reasoning.reason import Draft, End
from apps.reasoning.salvage import before_repetition, is_grounded, whole_sentences
from apps.reasoning.selection import Considered, considered_object, passages_read, select
from apps.reasoning.steps import Step, merged, step_objects, take_steps
from apps.reasoning.written import Notice, Question, Written, judged_object
from apps.retrieval.passages import SearchResult
from apps.retrieval.search import search as search_passages
from apps.retrieval.within import Filters
from apps.serving.line import FreeTurn, Line, Turn

_QUOTATIONS = {Effort.QUICK: 3, Effort.STANDARD: 4, Effort.DEEP: 6}
_BROKEN_OFF = {End.CUT: "length", End.LOOPED: "loop", End.LATE: "deadline", End.EMPTY: "out_of_budget"}


class Search(Protocol):
    def __call__(
        self, scope: Scope, question: str, *, collections: Any, documents: Any, filters: Filters, limit: int
    ) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Answering:
    """What one answer is written with: the endpoints to ask, and the turn at them. Where none is ready the passages are
    quoted. `stopped` is asked often; `deadline` is a moment of `time.monotonic`."""

    line: Line
    stopped: Callable[[], bool]
    deadline: float
    turn: Turn = field(default_factory=FreeTurn)
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
    yield StatusChanged("retrieving", {})
    asking = Asking(question, using.line, using.turn, using.stopped, using.deadline)
    steps = yield from _retrieve(question, using, asking.first_limits())
    found = merged(steps)
    considered = select(question.text, found.ranked, asking.first_limits())
    clock.lap("retrieve")
    yield Retrieved([considered_object(one) for one in considered])
    yield StatusChanged(
        "retrieving",
        {"passages": len(considered), "searched": found.searched, "seconds": clock.seconds["retrieve"]},
    )
    asked = Reasoned(considered)
    if considered and using.line.ready and not using.stopped():
        yield StatusChanged("reasoning", {})
        asked = yield from asking.ask(found, considered)
        clock.lap("reason")
        yield StatusChanged("reasoning", {"tokens": asked.tokens, "seconds": clock.seconds["reason"]})
    draft = asked.draft
    settled = _settle(question, asked.considered, draft, using)
    if settled.text and (draft is None or settled.text != draft.text):
        if draft is not None and draft.text:
            yield AnswerReset(settled.notice.code)
        yield AnswerDelta(settled.text)
    grounds = yield from _verify(settled, asked.considered, clock)
    written = _written(question, found, asked, settled, grounds, clock)
    return replace(written, steps=step_objects(steps, found), absence=_with_searches(written.absence, steps))


def _retrieve(question: Question, using: Answering, limits: Limits) -> Generator[Event, None, list[Step]]:
    """Yield an event for each search after the first, and return them all. Every one is made in the same scope."""

    def look(words: str, documents: Sequence[uuid.UUID], limit: int) -> SearchResult:
        return using.search(
            question.scope,
            words,
            collections=question.collections,
            documents=documents or question.documents,
            filters=question.filters,
            limit=limit,
        )

    steps: list[Step] = []
    asked = question.documents
    for step in take_steps(question.text, look, found=limits.found, rounds=limits.steps, documents=asked):
        steps.append(step)
        if len(steps) > 1:
            told = {"step": len(steps), "question": step.search.question, "found": len(step.result.passages)}
            yield StatusChanged("retrieving", told)
        if using.stopped():
            break
    return steps


def _with_searches(absence: dict[str, Any] | None, steps: Sequence[Step]) -> dict[str, Any] | None:
    """Return a certificate with all the searches that were made."""
    if absence is None or len(steps) == 1:
        return absence
    queries = [{"text": step.search.question, "legs": list(step.result.legs)} for step in steps]
    return absence | {"queries": queries}


class _Clock:
    """Seconds of each stage."""

    def __init__(self, queued: float) -> None:
        self.queued = queued
        self.seconds: dict[str, float | None] = {"queue": round(queued, 3)}
        self.begun = self._lap = time.monotonic()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = round(now - self._lap, 3)
        self._lap = now

    def whole(self) -> float:
        return round(self.queued + time.monotonic() - self.begun, 3)


def _settle(question: Question, considered: list[Considered], draft: Draft | None, using: Answering) -> _Text:
    """Decide what the answer is, from what the model wrote, or in its place."""
    if draft is not None and draft.end is End.STOPPED:
        return _Text(draft.text, "", status=AnswerStatus.CANCELLED)
    if draft is None and using.stopped():
        return _Text("", "", status=AnswerStatus.CANCELLED)
    if not considered:
        return _Text(notices.nothing_to_search(), Outcome.NOT_IN_DOCUMENTS)
    if draft is None:
        return _extracted(question, considered, notices.no_model(using.line.state))
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
    question: Question, found: SearchResult, asked: Reasoned, settled: _Text, grounds: Grounds, clock: _Clock
) -> Written:
    absence = None
    if settled.outcome == Outcome.NOT_IN_DOCUMENTS:
        absence = certify_absence(
            question.scope, question.text, found, collections=question.collections, documents=question.documents
        )
    seconds = clock.seconds | asked.seconds(clock.begun, clock.queued) | {"total": clock.whole()}
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
    draft = asked.draft
    if draft is None:
        return written
    return replace(
        written,
        reasoning=draft.reasoning,
        reasoning_source=draft.reasoning_source,
        reasoning_cut=draft.reasoning_cut,
        prompts=draft.prompts,
        model=asked.model,
        usage=asked.usage | {"seconds": seconds, "dropped_markers": draft.dropped_markers},
    )
