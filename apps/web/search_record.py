"""Searches in the record. One that was asked for is recorded at once; those made while somebody types are recorded as one when the
typing rests, with the last words and every passage that was shown on the way.

What waits is kept in Redis, not in the browser: closing the page hides nothing. If Redis or the queue does not answer, each search
is recorded at once.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.actors import Actor
from apps.retrieval.passages import SearchResult
from apps.web.search_page import Wanted

REST = 1.5  # seconds without a key before a search counts as made
MOST = 40  # searches of one run of typing; then it is recorded although it goes on
_KEPT = 7 * 24 * 3600  # how long what waits is kept while no worker runs

Entry = dict[str, Any]


def record_search(scope: Scope, wanted: Wanted, result: SearchResult, run: uuid.UUID | None) -> None:
    """Record a search now, and with it what was shown while it was typed."""
    entry = _entry(scope, wanted, result)
    shown_before, taken = _take(_key(scope.user_id, run), entry["id"]) if run else ([], None)
    _write([*shown_before, entry])
    _forget(taken)


def note_typed(scope: Scope, wanted: Wanted, result: SearchResult, run: uuid.UUID) -> None:
    """Keep a search made while typing, to be recorded when the typing rests."""
    entry, key = _entry(scope, wanted, result), _key(scope.user_id, run)
    try:
        with _redis().pipeline() as pipe:
            pipe.rpush(key, json.dumps(entry))
            pipe.expire(key, _KEPT)
            pipe.execute()
        current_app.send_task(
            "apps.web.tasks.record_typed_searches", (key, entry["id"]), countdown=REST, queue="answers"
        )
    except (redis.RedisError, OperationalError):
        _write([entry])


def record_rested(key: str, last: str) -> None:
    """Record the searches under `key` if `last` is still the last of them, or they have become many."""
    waiting = _redis().lrange(_taken(key, last), 0, -1) or _redis().lrange(key, 0, -1)
    entries = _read(cast("list[bytes]", waiting))
    if entries and (entries[-1]["id"] == last or len(entries) >= MOST):
        entries, taken = _take(key, last)
        if entries:
            _write(entries)
        _forget(taken)


def _entry(scope: Scope, wanted: Wanted, result: SearchResult) -> Entry:
    return {
        "id": uuid.uuid4().hex,
        "actor": asdict(scope.actor),
        "query": wanted.query,
        "collections": list(wanted.collections),
        "within": list(wanted.documents),
        "filters": wanted.filters.as_json(),
        "passages": [str(passage.id) for passage in (*result.passages, *result.folded)],
        "documents": [str(passage.document_id) for passage in (*result.passages, *result.folded)],
        "index_generation": result.generation,
    }


def _write(entries: Sequence[Entry]) -> None:
    """Record searches as one: the last one's words, and what any of them showed."""
    last = entries[-1]
    with transaction.atomic():
        log.record(
            Action.SEARCHED,
            data={name: last[name] for name in ("query", "collections", "within", "filters", "index_generation")}
            | {"passages": _each_once(entries, "passages"), "searches": len(entries)},
            documents=_each_once(entries, "documents"),
            actor=Actor(**last["actor"]),
        )


def _each_once(entries: Sequence[Entry], name: str) -> list[str]:
    return list(dict.fromkeys(each for entry in reversed(entries) for each in entry[name]))


def _take(key: str, last: str) -> tuple[list[Entry], str | None]:
    """Return what waits under `key`, set apart so that no two write it, and where; a task that was broken off finds it there."""
    taken = _taken(key, last)
    try:
        client = _redis()
        if not client.exists(taken):
            client.rename(key, taken)
        return _read(cast("list[bytes]", client.lrange(taken, 0, -1))), taken
    except redis.ResponseError:
        return [], None  # nothing waits
    except redis.RedisError:
        return [], None


def _forget(taken: str | None) -> None:
    if taken:
        _redis().delete(taken)


def _read(lines: Sequence[bytes]) -> list[Entry]:
    return [json.loads(line) for line in lines]


def _key(person: uuid.UUID | None, run: uuid.UUID) -> str:
    return f"typed:{person}:{run}"


def _taken(key: str, last: str) -> str:
    return f"{key}:{last}"


def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2)
