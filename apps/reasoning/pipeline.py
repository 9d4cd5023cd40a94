"""From a question to an answer: retrieve, reason, verify. One generator of events; it returns the finished answer.

It touches the database to search, to look up the tables behind passages and, where the documents do not answer, to certify that; never
while a model thinks.
"""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace

import structlog

from apps.reasoning import notices
from apps.reasoning.events import AnswerDelta, AnswerReset, Conflicted, Event, Figured, Retrieved, StatusChanged
from apps.reasoning.events import Claimed as ClaimedEvent
from apps.reasoning.explaining import explained
from apps.reasoning.failover import Asking, Reasoned
from apps.reasoning.grounds import ground
from apps.reasoning.retrieving import Search, retrieve
from apps.reasoning.selection import considered_object, passages_read, select
from apps.reasoning.settling import Settled, settle
from apps.reasoning.suspicion import screen
from apps.reasoning.verifying import Checked, Checks, verify
from apps.reasoning.written import Question, Written, judged_object, ledger_objects
from apps.retrieval.passages import SearchResult
from apps.retrieval.search import search as search_passages
from apps.serving.line import FreeTurn, Line, Turn

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answering:
    """What one answer is written with: the endpoints to ask, and the turn at them. Where none is ready the passages are
    quoted. `stopped` is asked often; `deadline` is a moment of `time.monotonic`."""

    line: Line
    stopped: Callable[[], bool]
    deadline: float
    turn: Turn = field(default_factory=FreeTurn)
    search: Search = search_passages
    checks: Checks = field(default_factory=Checks)


def write_answer(question: Question, using: Answering) -> Generator[Event, None, Written]:
    """Yield the events of an answer as it is written, and return it."""
    clock = _Clock(question.queued_seconds)
    yield StatusChanged("retrieving", {})
    asking = Asking(question, using.line, using.turn, using.stopped, using.deadline)
    retrieval = yield from retrieve(
        question, using.search, asking.first_limits(), stopped=using.stopped, propose=asking.propose
    )
    screened = screen(retrieval.together)
    found = screened.found
    considered = select(question.prompted, found.ranked, asking.first_limits())
    clock.lap("retrieve")
    yield Retrieved([considered_object(one) for one in considered])
    yield StatusChanged(
        "retrieving",
        {"passages": len(considered), "searched": found.searched, "seconds": clock.seconds["retrieve"]},
    )
    asked = Reasoned(considered, planned=asking.planned)
    if passages_read(considered) and using.line.ready and not using.stopped():
        yield StatusChanged("reasoning", {})
        asked = yield from _unless_withheld(asking.ask(found, considered), withholds=using.checks.withholds)
        clock.lap("reason")
        yield StatusChanged("reasoning", {"tokens": asked.tokens, "seconds": clock.seconds["reason"]})
    draft = asked.draft
    stopped = draft is None and using.stopped()
    settled = settle(question, asked.considered, draft, state=using.line.state, stopped=stopped)
    if settled.text and not using.checks.withholds and (draft is None or settled.text != draft.text):
        if draft is not None and draft.text:
            yield AnswerReset(settled.notice.code)
        yield AnswerDelta(settled.text)
    checked = yield from _verify(question, settled, asked, using, clock)
    written = explained(question, _written(found, asked, settled, checked, clock), screened)
    return replace(written, steps=retrieval.step_objects(), absence=retrieval.certified(written.absence))


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


def _verify(
    question: Question, settled: Settled, asked: Reasoned, using: Answering, clock: _Clock
) -> Generator[Event, None, Checked]:
    """Yield what was found of each claim and figure, and return the answer as it is shown."""
    yield StatusChanged("verifying", {})
    checked = _checked(question, settled, asked, using.checks)
    claims, figures = checked.grounds.claims, checked.figures
    if using.checks.withholds and checked.text:
        yield AnswerDelta(checked.text)
    for ordinal, judged in enumerate(claims, start=1):
        yield ClaimedEvent(judged_object(ordinal, judged))
    for figure in ledger_objects(figures, claims):
        yield Figured(figure)
    for conflict in checked.conflicts:
        yield Conflicted(conflict)
    clock.lap("verify")
    cited = sum(1 for judged in claims if judged.claim.markers)
    counts = {"claims": len(claims), "cited": cited, "figures": len(figures)}
    yield StatusChanged("verifying", counts | {"seconds": clock.seconds["verify"]})
    return checked


def _checked(question: Question, settled: Settled, asked: Reasoned, checks: Checks) -> Checked:
    """Return the answer as checked. Where the check itself fails, what was written in minutes is kept and said to be unchecked,
    unless nothing may be shown that was not checked."""
    try:
        return verify(question, settled.text, asked.considered, checks, quoted=settled.quoted, draft=asked.draft)
    except Exception:
        if checks.withholds:
            raise
        log.exception("answer.not_checked", answer=str(question.id))
        return Checked(
            settled.text,
            ground(settled.text, asked.considered, quoted=settled.quoted),
            notice=notices.could_not_be_checked(),
        )


def _unless_withheld(events: Generator[Event, None, Reasoned], *, withholds: bool) -> Generator[Event, None, Reasoned]:
    """Yield the events without the words of the answer, where they are shown only once they are checked."""
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # what the generator returns
            if not (withholds and isinstance(event, AnswerDelta | AnswerReset)):
                yield event


def _written(found: SearchResult, asked: Reasoned, settled: Settled, checked: Checked, clock: _Clock) -> Written:
    seconds = clock.seconds | asked.seconds(clock.begun, clock.queued) | {"total": clock.whole()}
    written = Written(
        status=settled.status,
        outcome=settled.outcome,
        text=checked.text,
        original=checked.original,
        notice=notices.also(settled.notice, checked.notice),
        considered=checked.grounds.considered,
        claims=checked.grounds.claims,
        citations=checked.grounds.citations,
        figures=checked.figures,
        conflicts=checked.conflicts,
        trace=checked.trace,
        trace_notes=checked.trace_notes,
        usage={"seconds": seconds},
        searched=found.searched,
        index_generation=found.generation,
    )
    draft = asked.draft
    if draft is None and asked.planned is None:
        return written
    written = replace(written, prompts=asked.prompts, usage=asked.usage | {"seconds": seconds})
    if draft is None:
        return written
    return replace(
        written,
        reasoning=draft.reasoning,
        reasoning_source=draft.reasoning_source,
        reasoning_cut=draft.reasoning_cut,
        model=asked.model,
        usage=written.usage | {"dropped_markers": draft.dropped_markers},
    )
