"""An endpoint that fails before it has written anything that holds is followed by the next; the answer says so."""

import time
import uuid
from collections.abc import Callable

import pytest

from apps.reasoning.events import AnswerDelta, AnswerReset, Event, ReasoningDelta, Restarted, Retrieved
from apps.reasoning.models import AnswerStatus, Outcome
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.written import Question, Written
from apps.serving import circuit
from apps.serving.health import ModelState
from apps.serving.line import CountedTurn, FreeTurn, Line, Passed, Ready, Turn
from apps.serving.llm import ModelError
from inference.stub import Step, StubServer
from tests.factories import UserFactory, scope_of
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, FakeSearch, followed, make_passage, ready_at

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60), pytest.mark.usefixtures("clean_cache")]

Serve = Callable[..., StubServer]
SAID = "Net debt was £1,204 million [1]. The cap is 3.75 [2]."
USAGE: Step = {"usage": {"prompt_tokens": 900, "completion_tokens": 40}}


class Told:
    """The answer, its events, and what a reader who follows them sees at the end."""

    def __init__(self, written: Written, events: list[Event]) -> None:
        self.written, self.events = written, events
        self.text = self.reasoning = ""
        for event in events:
            match event:
                case AnswerDelta(delta):
                    self.text += delta
                case ReasoningDelta(delta):
                    self.reasoning += delta
                case AnswerReset():
                    self.text = ""
                case Restarted():
                    self.reasoning = ""
                case _:
                    pass


def tell(
    *ready: Ready, passed: tuple[Passed, ...] = (), turn: Turn | None = None, stopped: Callable[[], bool] | None = None
) -> Told:
    passages = [
        make_passage(f"{PENSION} {NET_DEBT}", rank=1),
        *(make_passage(COVENANT, rank=rank) for rank in range(2, 12)),
    ]
    using = Answering(
        line=Line(ready[0].state if ready else ModelState("down"), ready, passed),
        stopped=stopped or (lambda: False),
        deadline=time.monotonic() + 30,
        turn=turn or FreeTurn(),
        search=FakeSearch(*passages),
    )
    steps = write_answer(Question(uuid.uuid4(), "What was net debt, and the cap?", scope_of(UserFactory())), using)
    events, written = followed(steps)
    return Told(written, events)


def says(text: str = SAID, thought: str = "Passage 1 and 2.") -> list[Step]:
    return [{"delta": {"reasoning": thought}}, {"delta": {"content": text}}, {"finish": "stop"}, USAGE]


def second(serve: Serve) -> Ready:
    return ready_at(serve(case=[says()]), id="two", name="Second")


FAILS: dict[str, tuple[list[Step], str]] = {
    "dies while it thinks": ([{"delta": {"reasoning": "Hm."}}, {"disconnect": True}], "model_disconnected"),
    "dies in its first sentence": ([*says("Net debt was")[:2], {"disconnect": True}], "model_disconnected"),
    "dies having cited nothing": ([*says("Net debt rose. So")[:2], {"disconnect": True}], "model_disconnected"),
    "answers 500 midway": ([{"delta": {"reasoning": "Hm."}}, {"error": "out of memory"}], "model_failed"),
    "does not know the key": ([{"status": 401}], "model_refused"),
    "does not know the model": ([{"status": 404}], "model_refused"),
    "is too busy": ([{"status": 429, "headers": {"Retry-After": "0.01"}}], "model_down"),
    "is broken": ([{"status": 500}], "model_down"),
    "hangs at once": ([{"sleep": 20}], "model_silent"),
    "hangs while it thinks": ([{"delta": {"reasoning": "Hm."}}, {"sleep": 20}], "model_silent"),
}


@pytest.mark.parametrize("case", FAILS)
def test_the_next_endpoint_answers_where_the_first(serve: Serve, case: str) -> None:
    script, code = FAILS[case]
    first = serve(case=[script])
    told = tell(ready_at(first, silence=0.6), second(serve))
    written = told.written
    assert (written.status, written.outcome, written.text) == (AnswerStatus.DONE, Outcome.ANSWERED, SAID)
    assert (told.text, told.reasoning, written.reasoning) == (SAID, "Passage 1 and 2.", "Passage 1 and 2.")
    model = written.model
    assert (model["endpoint_id"], model["endpoint_name"]) == ("two", "Second")
    assert (model["degraded"]["from"], model["degraded"]["code"]) == ("First", code)
    assert model["degraded"]["detail"].endswith("Another one wrote this.")
    assert [one["endpoint_id"] for one in written.usage["attempts"]] == ["one", "two"]
    assert [one["code"] for one in written.usage["attempts"]] == [code, ""]
    time.sleep(0.1)
    assert first.active == 0


def test_an_endpoint_where_nobody_answers_is_followed_by_the_next(serve: Serve) -> None:
    first = ready_at(serve(case=[says()]))
    gone = ready_at(_closed(), id="gone", name="Gone")
    told = tell(gone, first)
    assert told.written.text == SAID
    assert told.written.model["degraded"]["from"] == "Gone"


def test_the_tokens_of_both_are_in_the_account(serve: Serve) -> None:
    failing = [
        {"delta": {"reasoning": " ".join(f"Figure {number} is given." for number in range(40))}},
        {"disconnect": True},
    ]
    written = tell(ready_at(serve(case=[failing])), second(serve)).written
    first, last = written.usage["attempts"]
    assert first["reasoning_tokens"] > 0
    assert (last["prompt_tokens"], last["reasoning_tokens"] + last["answer_tokens"]) == (900, 40)
    for name in ("prompt_tokens", "reasoning_tokens", "answer_tokens"):
        assert written.usage[name] == first[name] + last[name]
    assert written.usage["calls"] == 2
    assert written.usage["source"]["prompt_tokens"] == "estimated"
    assert first["from"] < first["until"] <= last["from"] < last["until"]


def test_what_holds_is_kept_and_nobody_else_is_asked(serve: Serve) -> None:
    script = [*says("Net debt was £1,204 million [1]. The ca")[:2], {"disconnect": True}]
    other = serve(case=[says()])
    written = tell(ready_at(serve(case=[script])), ready_at(other, id="two")).written
    assert (written.outcome, written.text) == (Outcome.PARTLY, "Net debt was £1,204 million [1].")
    assert other.requests == []
    assert written.model["degraded"] is None


def test_with_none_left_the_passages_are_quoted_and_both_are_in_the_account(serve: Serve) -> None:
    broken = [{"delta": {"reasoning": "Hm."}}, {"disconnect": True}]
    told = tell(ready_at(serve(case=[broken])), ready_at(serve(case=[[{"status": 500}]]), id="two"))
    written = told.written
    assert (written.outcome, written.notice.code) == (Outcome.EXTRACTED, "model_down")
    assert told.text == written.text
    assert len(written.usage["attempts"]) == 2


def test_each_is_asked_in_its_own_way_and_within_its_own_limits(serve: Serve) -> None:
    small = serve(options={"context": 2048}, case=[says()])
    large = serve(case=[[{"status": 500}]])
    told = tell(ready_at(large), ready_at(small, id="two"))
    found = [event for event in told.events if isinstance(event, Retrieved)]
    read = [sum(1 for one in event.candidates if one["marker"]) for event in found]
    assert len(read) == 2
    assert read[0] > read[1] >= 1
    assert sum(1 for one in told.written.considered if one.marker) == read[1]
    assert small.requests[0]["max_tokens"] < large.requests[0]["max_tokens"]
    assert told.written.citations


def test_stopping_asks_nobody_else(serve: Serve) -> None:
    other = serve(case=[says()])
    began = time.monotonic()
    told = tell(
        ready_at(serve(case=[[{"delta": {"reasoning": "Hm."}}, {"sleep": 20}]])),
        ready_at(other, id="two"),
        stopped=lambda: time.monotonic() - began > 0.6,
    )
    assert told.written.status == AnswerStatus.CANCELLED
    assert other.requests == []


def test_who_was_passed_over_before_is_named(serve: Serve) -> None:
    written = tell(second(serve), passed=(Passed("First", "circuit_open"),)).written
    assert written.model["degraded"]["from"] == "First"
    assert "left alone" in written.model["degraded"]["detail"]


def test_the_same_model_elsewhere_while_the_first_was_busy_is_no_lesser_answer(serve: Serve) -> None:
    first, other = ready_at(serve(case=[says()])), second(serve)
    assert tell(other, first, passed=(Passed("First", "busy"),)).written.model["degraded"] is None
    weaker = ready_at(serve(), "stub-reasoner", id="two", name="Second")
    degraded = tell(weaker, first, passed=(Passed("First", "busy"),)).written.model["degraded"]
    assert degraded["code"] == "busy"


def test_what_fails_again_and_again_is_left_alone_and_what_answers_is_not(serve: Serve) -> None:
    broken, whole = serve(case=[[{"status": 500}]]), serve(case=[says()])
    for _ in range(circuit.FAILURES + 2):
        told = tell(ready_at(broken), ready_at(whole, id="two"), turn=_counted())
        assert told.written.text == SAID
    assert len(broken.requests) == circuit.FAILURES
    assert not circuit.is_admitting("one")
    assert circuit.is_admitting("two")


def test_seconds_tell_where_the_time_went(serve: Serve) -> None:
    script = [{"sleep": 0.3}, {"delta": {"reasoning": "Hm."}}, {"sleep": 0.2}, {"delta": {"content": SAID}}]
    seconds = tell(ready_at(serve(case=[script]))).written.usage["seconds"]
    assert {"queue", "retrieve", "prefill", "decode", "reason", "verify", "first_token", "total"} <= set(seconds)
    assert 0.3 <= seconds["prefill"] < 1.0
    assert 0.1 <= seconds["decode"] < 1.0
    assert seconds["first_token"] >= seconds["retrieve"] + seconds["prefill"]
    assert seconds["total"] >= seconds["first_token"] + seconds["decode"]


class Recorder(FreeTurn):
    """Keeps how each endpoint was left."""

    def __init__(self) -> None:
        self.left: list[tuple[str, str, bool]] = []

    def leave(self, ready: Ready, *, error: ModelError | None, wrote: bool) -> None:
        self.left.append((ready.served.id, error.code if error else "", wrote))


def test_every_endpoint_that_is_entered_is_left(serve: Serve) -> None:
    turn = Recorder()
    tell(ready_at(serve(case=[[{"status": 500}]])), second(serve), turn=turn)
    assert turn.left == [("one", "model_down", False), ("two", "", True)]


def _counted() -> CountedTurn:
    return CountedTurn(stopped=lambda: False, until=time.monotonic() + 10, freed=lambda: None)


def _closed() -> StubServer:
    """Return a server that is no longer there."""
    with StubServer() as server:
        return server
