"""Words gather while a trip is under way; the order of an answer's events is kept however they are given."""

import threading
import time
from collections.abc import Sequence

from apps.reasoning.events import AnswerDelta, Done, Event, ReasoningDelta, StatusChanged
from apps.reasoning.outbox import Outbox, gathered


class Slow:
    """A line on which each trip takes a moment."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.trips: list[dict[str, Sequence[Event]]] = []

    def __call__(self, load: dict[str, Sequence[Event]]) -> dict[str, str]:
        time.sleep(self.seconds)
        self.trips.append(load)
        return {key: str(len(self.trips)) for key in load}

    def of(self, key: str) -> list[Event]:
        return [event for trip in self.trips for event in trip.get(key, ())]


def test_a_run_of_words_is_one_event_and_nothing_else_is_joined() -> None:
    events: list[Event] = [
        ReasoningDelta("a"), ReasoningDelta("b"), StatusChanged("x", {}), StatusChanged("y", {}), AnswerDelta("c"),
        AnswerDelta("d"), ReasoningDelta("e"),
    ]  # fmt: skip
    assert gathered(events) == [
        ReasoningDelta("ab"), StatusChanged("x", {}), StatusChanged("y", {}), AnswerDelta("cd"), ReasoningDelta("e"),
    ]  # fmt: skip


def test_words_that_come_during_a_trip_go_together_with_the_next() -> None:
    line = Slow(0.05)
    outbox = Outbox(line)
    for number in range(200):
        outbox.put("a", ReasoningDelta(f"{number} "))
    assert outbox.send("a", Done("a")) == str(len(line.trips))
    assert "".join(e.delta for e in line.of("a") if isinstance(e, ReasoningDelta)).split() == [
        str(number) for number in range(200)
    ]
    assert line.of("a")[-1] == Done("a")
    assert len(line.trips) <= 3


def test_an_end_never_overtakes_the_words_before_it() -> None:
    line = Slow(0.01)
    outbox = Outbox(line)

    def write(key: str) -> None:
        for number in range(30):
            outbox.put(key, AnswerDelta(f"{number} "))
            time.sleep(0.001)
        outbox.send(key, Done(key))

    writers = [threading.Thread(target=write, args=(key,)) for key in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for key in "abcd":
        *words, end = line.of(key)
        assert end == Done(key)
        assert "".join(word.delta for word in words if isinstance(word, AnswerDelta)).split() == [
            str(number) for number in range(30)
        ]


def test_a_word_that_comes_alone_leaves_at_once() -> None:
    line = Slow(0)
    outbox = Outbox(line)
    outbox.put("a", ReasoningDelta("first"))
    until = time.monotonic() + 2
    while not line.trips and time.monotonic() < until:
        time.sleep(0.001)
    assert line.of("a") == [ReasoningDelta("first")]
