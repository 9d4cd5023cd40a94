"""Events on their way to Redis, on a thread of their own, so that no writer waits for a round trip between two words.

What gathers while one trip is under way goes with the next, of all answers together, and a run of words of one answer goes as
one event. A word that comes alone leaves at once; between two trips lie a few milliseconds.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from apps.reasoning.events import AnswerDelta, Event, ReasoningDelta

_BETWEEN = 0.003
"""Seconds between two trips: what they add to the lag of a word, and what caps the events that readers are sent."""

_IDLE = 5.0
"""Seconds without an event after which the thread ends."""

Write = Callable[[dict[str, Sequence[Event]]], dict[str, str]]
"""Writes the events of each answer in one trip and returns the id of the last one of each; raises nothing."""


class Outbox:
    """Keeps the order of each answer's events, whichever way they are given."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: dict[str, list[Event]] = {}
        self._new = threading.Condition()
        self._trip = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, key: str, event: Event) -> None:
        """Take an event, which leaves within milliseconds."""
        with self._new:
            self._waiting.setdefault(key, []).append(event)
            if self._thread is None:
                self._thread = threading.Thread(target=self._carry, name="answer-events", daemon=True)
                self._thread.start()
            else:
                self._new.notify()

    def send(self, key: str, *events: Event) -> str:
        """Write what waits of an answer, and then these; return the id of the last, empty where there was none."""
        with self._trip:
            with self._new:
                waiting = self._waiting.pop(key, [])
            written = [*waiting, *events]
            return self._write({key: gathered(written)}).get(key, "") if written else ""

    def _carry(self) -> None:
        while self._is_wanted():
            with self._trip:
                with self._new:
                    load, self._waiting = self._waiting, {}
                if load:
                    self._write({key: gathered(events) for key, events in load.items()})
            time.sleep(_BETWEEN)

    def _is_wanted(self) -> bool:
        """Return whether something waits, having waited for it; if nothing comes the thread is forgotten."""
        with self._new:
            if not self._waiting and not self._new.wait_for(lambda: self._waiting, timeout=_IDLE):
                self._thread = None
                return False
            return True


def gathered(events: Iterable[Event]) -> list[Event]:
    """Return the same events, each run of words as one."""
    found: list[Event] = []
    for kind, run in groupby(events, key=type):
        if issubclass(kind, ReasoningDelta | AnswerDelta):
            words = [event for event in run if isinstance(event, ReasoningDelta | AnswerDelta)]
            found.append(replace(words[0], delta="".join(each.delta for each in words)))
        else:
            found += run
    return found
