"""The breaker of each endpoint: one that fails again and again is left alone for a while, then tried with one answer.

`Circuit` is the state machine, pure; the functions below it keep one for each endpoint in Redis, where all workers see it.
Without Redis every circuit counts as closed: that costs an answer some seconds of waiting, and loses none.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Final

import redis
import structlog
from django.conf import settings

from apps.serving.faults import Fault
from apps.serving.llm import ModelError, ModelRefused

log = structlog.get_logger(__name__)

FAILURES: Final = 3
WINDOW: Final = 60.0
"""So many failures within so many seconds open the circuit."""
PAUSE: Final = 30.0
"""Seconds for which an endpoint is then left alone."""
TRIAL: Final = 120.0
"""Seconds after which a trial that nobody has ended is taken for one whose worker died."""

_KEPT = int(max(WINDOW, PAUSE, TRIAL)) * 4
# Refusals that every request would meet. Any other is about the one request, and says nothing about the next.
_REFUSES_ALL = {
    Fault.ADDRESS,
    Fault.REDIRECT,
    Fault.KEY,
    Fault.RIGHTS,
    Fault.MODEL,
    Fault.PLACE,
    Fault.VERSION,
    Fault.BUSY,
}


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is remembered of an endpoint. All times are seconds since the epoch; None: not open, nobody on trial."""

    failures: tuple[float, ...] = ()
    opened_at: float | None = None
    trial_at: float | None = None

    def admits(self, now: float) -> bool:
        """Return whether an answer may ask the endpoint: always while closed, one at a time once the pause is over."""
        if self.opened_at is None:
            return True
        if now - self.opened_at < PAUSE:
            return False
        return self.trial_at is None or now - self.trial_at >= TRIAL

    def entered(self, now: float) -> "Circuit":
        """Return the circuit with an answer let in that it admits."""
        return self if self.opened_at is None else replace(self, trial_at=now)

    def failed(self, now: float) -> "Circuit":
        """Return the circuit after a failure: open if it was one too many, or if it was the trial's."""
        recent = (*(moment for moment in self.failures if now - moment < WINDOW), now)[-FAILURES:]
        tried = self.trial_at is not None
        if self.opened_at is None and len(recent) < FAILURES:
            return Circuit(recent)
        if self.opened_at is not None and not tried:
            return self  # an answer that was under way when it opened
        return Circuit((), opened_at=now)

    def succeeded(self) -> "Circuit":
        """Return the circuit after an answer: closed, with nothing held against the endpoint."""
        return Circuit()


def is_admitting(endpoint_id: str) -> bool:
    """Return whether an endpoint may be asked now. Changes nothing."""
    try:
        return _read(_client().get(_key(endpoint_id))).admits(time.time())
    except redis.RedisError:
        return True


def enter(endpoint_id: str) -> bool:
    """Return whether an answer may ask the endpoint, which it must then do: it may be the one on trial."""
    admitted = True

    def change(circuit: Circuit) -> Circuit:
        nonlocal admitted
        admitted = circuit.admits(time.time())
        return circuit.entered(time.time()) if admitted else circuit

    _change(endpoint_id, change)
    return admitted


def note_failure(endpoint_id: str, error: ModelError) -> None:
    """Hold a failure against an endpoint, unless it was the request that was at fault."""
    if isinstance(error, ModelRefused) and error.fault not in _REFUSES_ALL:
        leave(endpoint_id)
        return
    before, after = _change(endpoint_id, lambda circuit: circuit.failed(time.time()))
    if after.opened_at is not None and after.opened_at != before.opened_at:
        log.warning("endpoint.circuit_opened", endpoint=endpoint_id, code=error.code, fault=error.fault)


def note_success(endpoint_id: str) -> None:
    """Close the circuit: the endpoint has answered."""
    before, _after = _change(endpoint_id, Circuit.succeeded)
    if before.opened_at is not None:
        log.info("endpoint.circuit_closed", endpoint=endpoint_id)


def leave(endpoint_id: str) -> None:
    """End a trial that came to no result, such as an answer that was stopped: the next may try."""
    _change(endpoint_id, lambda circuit: replace(circuit, trial_at=None))


def _change(endpoint_id: str, change: Callable[[Circuit], Circuit]) -> tuple[Circuit, Circuit]:
    """Change a circuit, alone, and return it as it was and as it is. Without Redis nothing is kept."""
    key, before, after = _key(endpoint_id), Circuit(), change(Circuit())

    def transact(pipe: Any) -> None:
        nonlocal before, after
        before = _read(pipe.get(key))
        after = change(before)
        pipe.multi()
        if after == Circuit() != before:
            pipe.delete(key)
        elif after != before:
            pipe.set(key, json.dumps(asdict(after)), ex=_KEPT)

    try:
        # Nearly always nothing is held against an endpoint, and nothing will be: then one question to Redis is enough.
        if after != Circuit() or _client().exists(key):
            _client().transaction(transact, key)
    except redis.RedisError as error:
        log.warning("endpoint.circuit_not_kept", endpoint=endpoint_id, error=type(error).__name__)
    return before, after


def _read(value: Any) -> Circuit:
    if not value:
        return Circuit()
    fields: dict[str, Any] = json.loads(value)
    return Circuit(tuple(fields["failures"]), fields["opened_at"], fields["trial_at"])


def _key(endpoint_id: str) -> str:
    return f"endpoint:{endpoint_id}:circuit"


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=2, socket_connect_timeout=1)
