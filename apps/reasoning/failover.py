"""Ask one endpoint after another until one has written something that holds.

Each is asked in its own way and within its own limits. What a failed one has streamed is taken back before the next begins,
what it has taken stays in the account, and the answer says who stood in for whom.
"""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from apps.reasoning import notices, tally
from apps.reasoning.asked import Asked
from apps.reasoning.effort import Limits, limits_for
from apps.reasoning.events import AnswerReset, Event, Restarted, Retrieved, StatusChanged
from apps.reasoning.planning import Search
from apps.reasoning.prompts import Prompt, answer_prompt
from apps.reasoning.prompts.salt import cache_salt
from apps.reasoning.proposing import propose
from apps.reasoning.reason import Draft, End, reason
from apps.reasoning.salvage import is_grounded, whole_sentences
from apps.reasoning.selection import Considered, considered_object, passages_read, read_with_surroundings, select
from apps.reasoning.suspicion import screened_surroundings
from apps.reasoning.written import Question
from apps.retrieval.neighbours import surroundings_of
from apps.retrieval.passages import SearchResult
from apps.serving.kinds import takes_budget
from apps.serving.line import Line, Passed, Ready, Turn

_COUNTED = ("prompt_tokens", "reasoning_tokens", "answer_tokens")
_NOT_TAKEN = {"model_down", "model_refused"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one endpoint wrote, and when."""

    ready: Ready
    draft: Draft
    begun: datetime
    ended: datetime
    asked_at: float
    """A moment of `time.monotonic`."""

    @property
    def code(self) -> str:
        """Why it came to nothing; empty if it did not."""
        return self.draft.error.code if self.draft.error else ""

    @property
    def usage(self) -> dict[str, Any]:
        """Return the tokens that this took: none of an endpoint that never took the question."""
        usage = self.draft.usage
        if self.code in _NOT_TAKEN and self.draft.first_token_seconds is None:
            return usage | dict.fromkeys(_COUNTED, 0) | {"source": dict.fromkeys(_COUNTED, "server")}
        return usage

    def as_json(self) -> dict[str, Any]:
        """Return who wrote and what that took, as it is kept in `Answer.usage`, charged by and sealed."""
        return {
            "endpoint_id": self.ready.served.id,
            "endpoint_name": self.ready.served.name,
            "model": self.ready.state.name,
            "from": self.begun.isoformat(),
            "until": self.ended.isoformat(),
            "code": self.code,
            **{name: self.usage[name] for name in (*_COUNTED, "cached_tokens")},
        }


@dataclass(frozen=True, slots=True)
class Reasoned:
    """What came of asking. `considered` are the passages as the last endpoint was given them; `planned` is what a model wrote
    before anything was looked for."""

    considered: list[Considered]
    attempts: tuple[Attempt, ...] = ()
    degraded: dict[str, str] | None = None
    planned: Attempt | None = None

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def draft(self) -> Draft | None:
        return self.last.draft if self.last else None

    @property
    def tokens(self) -> int | None:
        """Return how many tokens of reasoning there were."""
        return self.last.draft.usage["reasoning_tokens"] if self.last else None

    @property
    def usage(self) -> dict[str, Any]:
        """Return the tokens of all attempts together, and of each."""
        asked = [*([self.planned] if self.planned else []), *self.attempts]
        return tally.together([one.usage for one in asked]) | {"attempts": [one.as_json() for one in asked]}

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Return what the last endpoint was asked, and after it what a model was asked before."""
        plan = self.planned.draft.prompts if self.planned else ()
        return (*(self.draft.prompts if self.draft else ()), *plan)

    def seconds(self, begun: float, queued: float) -> dict[str, float | None]:
        """Return the seconds of the last attempt: to its first token and from then on, and from the question to that token.
        `begun` is the moment of `time.monotonic` at which the answer was, after `queued` seconds."""
        first = self.last.draft.first_token_seconds if self.last else None
        if self.last is None or first is None:
            return {"prefill": None, "decode": None, "first_token": None}
        whole = (self.last.ended - self.last.begun).total_seconds()
        return {
            "prefill": first,
            "decode": round(max(whole - first, 0.0), 3),
            "first_token": round(queued + self.last.asked_at - begun + first, 3),
        }

    @property
    def model(self) -> dict[str, Any]:
        """Return which model wrote this, at which endpoint, and in whose place."""
        return _model(self.last, self.degraded) if self.last else {}


@dataclass(slots=True)
class Asking:
    """The asking of one question. `until` is a moment of `time.monotonic`."""

    question: Question
    line: Line
    turn: Turn
    stopped: Callable[[], bool]
    until: float
    _passed: list[Passed] = field(default_factory=list)
    planned: Attempt | None = None

    def limits_of(self, ready: Ready | None) -> Limits:
        """Return what the effort buys at an endpoint; where there is none, at any."""
        return limits_for(
            self.question.effort,
            context=ready.state.context if ready else self.line.state.context,
            thinking_limit=ready.entry.thinking_limit if ready else 0,
            demonstration=self.line.state.demonstration if ready is None else ready.state.demonstration,
        )

    def first_limits(self) -> Limits:
        return self.limits_of(self.line.ready[0] if self.line.ready else None)

    def propose(self, question: str) -> list[Search]:
        """Return the searches that the first endpoint proposes for a question, in the slot that is held for its answer."""
        ready = self.line.ready[0] if self.line.ready else None
        if ready is None or ready.state.demonstration or self.stopped():
            return []
        begun, asked_at = datetime.now(UTC), time.monotonic()
        limits = self.limits_of(ready)
        searches, draft = propose(question, ready, limits, stopped=self.stopped, until=self.until)
        self.planned = Attempt(ready, draft, begun, datetime.now(UTC), asked_at)
        return searches

    def ask(self, found: SearchResult, considered: list[Considered]) -> Generator[Event, None, Reasoned]:
        """Yield the events of the writing and return what came of it. `considered` is what the first endpoint is given."""
        self._passed, attempts = list(self.line.passed), list[Attempt]()
        for number, ready in enumerate(self.line.ready):
            if self.stopped() or time.monotonic() > self.until:
                break
            if not self.turn.enter(ready):
                self._passed.append(Passed(ready.served.name, "busy"))
                continue
            limits = self.limits_of(ready)
            if number:
                given = select(self.question.prompted, found.ranked, limits)
                if given != considered:
                    considered = given
                    yield Retrieved([considered_object(one) for one in considered])
            if attempts:
                yield from _start_anew(attempts[-1])
            attempt = yield from self._ask_one(ready, considered, limits, cache_salt(found.accesses))
            attempts.append(attempt)
            if not _is_of_no_use(attempt.draft):
                break
            self._passed.append(Passed(ready.served.name, attempt.code))
        return Reasoned(considered, tuple(attempts), self._degraded(attempts), self.planned)

    def _ask_one(
        self, ready: Ready, considered: list[Considered], limits: Limits, salt: str
    ) -> Generator[Event, None, Attempt]:
        asked = _asked(self.question, considered, ready, limits, salt)
        begun, asked_at = datetime.now(UTC), time.monotonic()
        draft = yield from reason(asked, ready.model, stopped=self.stopped, deadline=self.until)
        self.turn.leave(ready, error=draft.error, wrote=draft.first_token_seconds is not None)
        return Attempt(ready, draft, begun, datetime.now(UTC), asked_at)

    def _degraded(self, attempts: Sequence[Attempt]) -> dict[str, str] | None:
        """Return in whose place the last endpoint wrote; None if it is the first, or the first was only busy with as good a
        model."""
        if not attempts or not self._passed:
            return None
        last, first = attempts[-1].ready, self._passed[0]
        if first.name == last.served.name:
            return None
        same = first.code == "busy" and all(one.state.name == last.state.name for one in self.line.ready)
        if same:
            return None
        return {"from": first.name, "code": first.code, "detail": notices.stood_in(first.code)}


def _is_of_no_use(draft: Draft) -> bool:
    """Return whether another endpoint should be asked: this one failed before it had written anything that holds."""
    return draft.end is End.BROKEN and not is_grounded(whole_sentences(draft.text))


def _start_anew(failed: Attempt) -> Generator[Event, None, None]:
    """Take back what was streamed of a failed attempt."""
    if failed.draft.text:
        yield AnswerReset(failed.code)
    if failed.draft.reasoning:
        yield Restarted(failed.code)
    yield StatusChanged("reasoning", {})


def _asked(question: Question, considered: Sequence[Considered], ready: Ready, limits: Limits, salt: str) -> Asked:
    passages = passages_read(considered)
    roomy = read_with_surroundings(question.prompted, considered, limits)
    around = screened_surroundings(surroundings_of(question.scope, roomy), roomy)
    return Asked(
        prompt=answer_prompt(
            question.text,
            passages,
            around=around,
            system_prompt=ready.entry.system_prompt,
            turns=question.turns,
            reasoning_back=ready.entry.reasoning_back,
        ),
        passages=len(passages),
        name=ready.state.name,
        entry=ready.entry,
        limits=limits,
        keeps_budget=takes_budget(ready.served.kind, ready.state.engine, ready.entry),
        seed=question.id.int % 2**31,
        cache_salt=salt,
    )


def _model(attempt: Attempt, degraded: dict[str, str] | None) -> dict[str, Any]:
    ready = attempt.ready
    address = urlsplit(ready.served.base_url)
    return {
        "name": ready.state.name,
        "label": ready.entry.label,
        "id": ready.entry.id,
        "revision": ready.entry.revision,
        "licence": ready.entry.licence,
        # Never the user part: an address may carry a key.
        "endpoint": f"{address.scheme}://{address.netloc.rsplit('@', 1)[-1]}{address.path}",
        "endpoint_id": ready.served.id,
        "endpoint_name": ready.served.name,
        "engine": ready.state.engine,
        "parameters": attempt.draft.request,
        "demonstration": ready.entry.demonstration,
        "degraded": degraded,
    }
