"""The events of an answer in a Redis stream: the worker appends, any number of readers follow, from any point.

The ids of the stream are the ids of the server-sent events, so a reader that comes back with the last one it saw loses
nothing and sees nothing twice. The stream is a convenience: it ends an hour after the answer, and the answer itself is in
PostgreSQL. Where the stream is gone, a reader is told the end at once.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any

import redis
import redis.asyncio
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from apps.reasoning import events
from apps.reasoning.events import Done, Event, Failed
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.outbox import Outbox, gathered

log = structlog.get_logger(__name__)

_KEPT_AFTER_END = 3600
_KEPT_WHILE_RUNNING = 6 * 3600
_HEARTBEAT = 10.0
_PAUSE = 1.0
_ID = re.compile(r"\d{1,19}-\d{1,19}")
_BEGINNING = "0-0"
_BEFORE_FOUND = 20
"""What was found is among the first events of an answer."""


def append(answer_id: uuid.UUID | str, event: Event) -> str:
    """Add an event and return its id, or an empty string if Redis cannot be reached: the answer goes on without it."""
    return _outbox.send(str(answer_id), event)


def hand_on(answer_id: uuid.UUID | str, event: Event) -> None:
    """Add an event within milliseconds, without waiting; words that come close together become one event."""
    _outbox.put(str(answer_id), event)


def request_stop(answer_id: uuid.UUID | str) -> None:
    """Leave word for the worker to stop; seen within a quarter of a second. The flag in the row is the surer, slower way."""
    try:
        _client().set(f"{_key(answer_id)}:stop", "1", ex=_KEPT_AFTER_END)
    except redis.RedisError as error:
        log.warning("answer.stop_not_rung", answer=str(answer_id), error=type(error).__name__)


def stop_requested(answer_id: uuid.UUID | str) -> bool:
    """Return whether `request_stop` was called. False if Redis cannot be reached."""
    try:
        return bool(_client().exists(f"{_key(answer_id)}:stop"))
    except redis.RedisError:
        return False


async def tail(answer_id: uuid.UUID | str, last_id: str | None) -> AsyncIterator[tuple[str, Event | None]]:
    """Yield the events after `last_id`, each with its id, until `Done` or `Failed`. `("", None)` after ten silent seconds.

    Ends without an event if `last_id` was the last one.
    """
    position = last_id if last_id and _ID.fullmatch(last_id) else _BEGINNING
    key = _key(answer_id)
    # Waiting for the next event must not look like a broken line.
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=2 * _HEARTBEAT)
    silent = True  # before the first event, and after each silence, the stream may be gone
    try:
        if await _ended_before(client, key, position):
            return
        while True:
            try:
                gone = silent and not await client.exists(key)
            except (redis.RedisError, OSError):
                gone = True
            if gone and (end := await _stored_end(answer_id)):
                yield position, end
                return
            try:
                found = await client.xread({key: position}, count=200, block=int(_HEARTBEAT * 1000))
            except (redis.RedisError, OSError):
                found = []
                await asyncio.sleep(_PAUSE)
            silent = not found
            if silent:
                yield "", None
            for position, event in _read(found):
                yield position, event
                if isinstance(event, Done | Failed):
                    return
    finally:
        await client.aclose()


async def retrieved(answer_id: uuid.UUID | str) -> events.Retrieved | None:
    """Return the event that says what was found for an answer; None where there was none yet, or its stream is gone."""
    async with redis.asyncio.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=5) as client:
        try:
            beginning = await client.xrange(_key(answer_id), count=_BEFORE_FOUND)
        except (redis.RedisError, OSError):
            return None
    found = (event for _, event in _read([("", beginning)]) if isinstance(event, events.Retrieved))
    return next(found, None)


@dataclass(slots=True)
class Collected:
    """What was streamed of an answer whose worker is gone."""

    reasoning: str = ""
    text: str = ""
    status: str = ""
    candidates: list[dict[str, Any]] = field(default_factory=list)


def collect(answer_id: uuid.UUID | str) -> Collected:
    """Return what the stream still holds, put together."""
    _outbox.send(str(answer_id))
    collected = Collected()
    try:
        entries: Any = _client().xrange(_key(answer_id))
    except redis.RedisError:
        return collected
    for _, event in _read([("", entries)]):
        match event:
            case events.ReasoningDelta(delta):
                collected.reasoning += delta
            case events.AnswerDelta(delta):
                collected.text += delta
            case events.AnswerReset():
                collected.text = ""
            case events.Restarted():
                collected.reasoning = ""
            case events.StatusChanged(status, _):
                collected.status = status
            case events.Retrieved(candidates):
                collected.candidates = candidates
    return collected


async def _ended_before(client: redis.asyncio.Redis, key: str, position: str) -> bool:
    """Return whether a reader at `position` has seen the end already."""
    if position == _BEGINNING:
        return False
    try:
        last: Any = await client.xrevrange(key, count=1)
    except (redis.RedisError, OSError):
        return False
    if not last:
        return False
    newest, fields = last[0]
    return _number(position) >= _number(newest) and fields.get("event") in {Done.name, Failed.name}


@sync_to_async
def _stored_end(answer_id: uuid.UUID | str) -> Event | None:
    """Return the end of an answer as its row tells it; None while it is being written, and while it waits."""
    try:
        answer = Answer.objects.only("status", "error_code", "error_detail").filter(pk=answer_id).first()
    finally:
        if not connection.in_atomic_block:
            connection.close()  # a stream pins none
    if answer is None:
        return Failed("not_found", "This answer is no longer there.")
    if not answer.is_finished:
        return None
    if answer.status == AnswerStatus.FAILED:
        return Failed(answer.error_code, answer.error_detail)
    return Done(str(answer.pk))


def _write(load: Mapping[str, Sequence[Event]]) -> dict[str, str]:
    """Add the events of answers in one round trip and return the last id of each; none if Redis cannot be reached."""
    last: dict[str, int] = {}
    try:
        with _client().pipeline(transaction=True) as pipe:
            for answer_id, added in load.items():
                for event in added:
                    pipe.xadd(_key(answer_id), events.to_wire(event))  # type: ignore[arg-type]  # redis wants a wider mapping
                last[answer_id] = len(pipe) - 1
                ended = any(isinstance(event, Done | Failed) for event in added)
                pipe.expire(_key(answer_id), _KEPT_AFTER_END if ended else _KEPT_WHILE_RUNNING)
            done = pipe.execute()
    except redis.RedisError as error:
        log.warning("answer.events_lost", answers=sorted(load), error=type(error).__name__)
        return {}
    return {answer_id: str(done[place]) for answer_id, place in last.items()}


_outbox = Outbox(_write)


def _read(found: Any) -> list[tuple[str, Event]]:
    """Return the events of a reply, a run of words as one, under the id of its last."""
    entries = [(entry, events.from_wire(fields)) for _, entries in found for entry, fields in entries]
    read: list[tuple[str, Event]] = []
    for _, run in groupby(entries, key=lambda pair: type(pair[1])):
        pairs = list(run)
        whole = gathered(event for _, event in pairs)
        ids = [entry for entry, _ in pairs]
        read += zip(ids[len(ids) - len(whole) :], whole, strict=True)
    return read


def _number(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence)


def _key(answer_id: uuid.UUID | str) -> str:
    return f"answer:{answer_id}:events"


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=5, socket_connect_timeout=2)
