"""The line of endpoints: those that can be asked now, in their order, and an answer's turn at them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from apps.core.errors import Invalid
from apps.serving import circuit, health
from apps.serving.catalogue import ModelEntry
from apps.serving.endpoints import Served, client_of, endpoints_in_order, entry_of
from apps.serving.health import ModelState
from apps.serving.llm import LanguageModel, ModelError
from apps.serving.probing import glance
from apps.serving.slots import Slot

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """An endpoint that can be asked now."""

    served: Served
    state: ModelState
    entry: ModelEntry
    model: LanguageModel


@dataclass(frozen=True, slots=True)
class Passed:
    """An endpoint that is passed over, and why: a code such as `model_down`, `circuit_open`, `busy`."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Line:
    """The endpoints to ask, in order. `passed` stand before the first of them and are not asked; `state` is what is said of
    the model where nobody can be asked."""

    state: ModelState
    ready: tuple[Ready, ...] = ()
    passed: tuple[Passed, ...] = ()


def look_along() -> Line:
    """Return the endpoints that can be asked now. Two queries at most for each; calls only those nobody knows of."""
    endpoints = endpoints_in_order()
    if not endpoints:
        return Line(health.without_endpoint())
    known = health.states_by_id([one.id for one in endpoints])
    states = [known.get(one.id) or _glance(one) for one in endpoints]
    if not any(state.can_answer for state in states):
        # One that was not there a moment ago may be there now.
        states = [
            _glance(one) if one.id in known and not state.served else state
            for one, state in zip(endpoints, states, strict=True)
        ]
    able = [(one, state) for one, state in zip(endpoints, states, strict=True) if state.can_answer]
    asked = [(one, state) for one, state in able if circuit.is_admitting(one.id)]
    made = [_ready(one, state, last=(one, state) == asked[-1]) for one, state in asked]
    ready = tuple(one for one in made if one is not None)
    if not ready:
        return Line(replace(able[0][1], state="down") if able else states[0])
    before = endpoints[: endpoints.index(ready[0].served)]
    broken = {one.id for one, _state in able} - {one.id for one, _state in asked}
    passed = tuple(
        Passed(
            one.name,
            "circuit_open" if one.id in broken else "model_down" if state.can_answer else f"model_{state.state}",
        )
        for one, state in zip(before, states, strict=False)
    )
    return Line(ready[0].state, ready, passed)


def line_for_answering() -> list[Ready]:
    """Return the endpoints that can be asked now, first to be asked first."""
    return list(look_along().ready)


class Turn(Protocol):
    """What an answer does before it asks an endpoint and after."""

    def enter(self, ready: Ready) -> bool:
        """Return whether the endpoint may be asked; it must be left again."""
        ...

    def leave(self, ready: Ready, *, error: ModelError | None, wrote: bool) -> None:
        """Say how it went. `wrote`: something came."""
        ...


class FreeTurn:
    """A turn where nothing is counted."""

    def enter(self, ready: Ready) -> bool:
        return True

    def leave(self, ready: Ready, *, error: ModelError | None, wrote: bool) -> None:
        pass


class CountedTurn:
    """One answer's turn at the endpoints: it holds a slot while it asks, and what it meets is held against the endpoint.

    Renew it more often than `slots.LEASE`, and release it at the end, whatever happened.
    """

    def __init__(self, *, stopped: Callable[[], bool], until: float, freed: Callable[[], None]) -> None:
        """`until` is a moment of `time.monotonic`; `freed` is called when another answer may begin."""
        self._slot, self._entered = Slot(), ""
        self._stopped, self._until, self._freed = stopped, until, freed

    def begin(self, line: Line, *, ahead: int) -> Line | None:
        """Return the line with the endpoint first at which a slot is now held; None if all are busy, or as many answers
        are `ahead` as can begin."""
        taken = self._slot.take([one.served for one in line.ready], ahead=ahead)
        if taken is None:
            return None
        at = [one.served.id for one in line.ready].index(taken.id)
        chosen = line.ready[at]
        busy = tuple(Passed(one.served.name, "busy") for one in line.ready[:at])
        return replace(line, ready=_first(chosen, line.ready), passed=line.passed + busy, state=chosen.state)

    def enter(self, ready: Ready) -> bool:
        id = ready.served.id
        if self._slot.at != id and not self._slot.wait_for(ready.served, stopped=self._stopped, until=self._until):
            return False
        if circuit.enter(id):
            self._entered = id
            return True
        self._slot.release()
        return False

    def leave(self, ready: Ready, *, error: ModelError | None, wrote: bool) -> None:
        if error is not None:
            circuit.note_failure(ready.served.id, error)
        elif wrote:
            circuit.note_success(ready.served.id)
        else:
            circuit.leave(ready.served.id)
        self._entered = ""
        self.release()

    @property
    def endpoint_id(self) -> str:
        """Where the slot is held; empty where none is."""
        return self._slot.at

    def renew(self) -> None:
        self._slot.renew()

    def release(self) -> None:
        entered, self._entered = self._entered, ""
        if entered:
            circuit.leave(entered)
        if self._slot.release():
            self._freed()


def _first(chosen: Ready, ready: Sequence[Ready]) -> tuple[Ready, ...]:
    return (chosen, *(one for one in ready if one is not chosen))


def _glance(served: Served) -> ModelState:
    try:
        return glance(served, client_of(served, attempts=1))
    except Invalid as error:
        return replace(health.unseen(served), state="down", detail=error.detail)


def _ready(served: Served, state: ModelState, *, last: bool) -> Ready | None:
    """Return an endpoint made ready; None if its secret can no longer be opened."""
    try:
        # Whoever has another to ask does not knock three times.
        client = client_of(served, attempts=3 if last else 1)
    except Invalid as error:
        log.warning("endpoint.secret_not_opened", endpoint=served.id, detail=error.detail)
        return None
    return Ready(served, state, entry_of(served, state.name), client)
