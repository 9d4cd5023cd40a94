"""How the parts of the installation are, looked at now: what `/health/ready` and the page of states tell.

No check may hang or raise: each has its own short limit, and what it finds is a state and a sentence.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
from celery import current_app
from celery.exceptions import OperationalError
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from apps.retrieval.checks import pgvector_problem
from apps.retrieval.index import live_generation
from apps.serving.health import model_state

_WORKERS = "health:workers"
_KEEP_WORKERS = 5
_PING = 1.0
_TRACE_WITHIN = 60
"""Seconds within which regular work must have left its trace; it does so every 15."""

BEAT_TRACE = "health:beat"

_looking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `needed` ones make the installation unready when they are down, the others only make it do less."""

    name: str
    label: str
    state: str
    detail: str = ""
    needed: bool = False

    @property
    def is_up(self) -> bool:
        return self.state == "ok"


def check_all() -> list[Part]:
    """Return every part, the needed ones first. What hangs on a part that is down is not asked."""
    database, broker = check_database(), check_redis()
    parts = [database, broker]
    if broker.is_up:
        parts += check_workers()
    if database.is_up:
        parts.append(check_index())
    if broker.is_up:
        parts += [check_beat(), check_model()]
    return parts


def check_database() -> Part:
    label = _("Database")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
            row = cursor.fetchone()
    except DatabaseError as error:
        return Part("database", label, "down", _("PostgreSQL does not answer: %s") % _first_line(error), needed=True)
    if row is None:
        return Part(
            "database", label, "down", _("The extension pgvector is not there. Run the migrations."), needed=True
        )
    if problem := pgvector_problem(row[0]):
        return Part("database", label, "down", problem, needed=True)
    return Part("database", label, "ok", _("PostgreSQL with pgvector %s") % row[0], needed=True)


def check_redis() -> Part:
    label = _("Redis")
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        return Part("redis", label, "down", _("Redis does not answer: %s") % _first_line(error), needed=True)
    finally:
        client.close()
    return Part("redis", label, "ok", "", needed=True)


def check_workers() -> list[Part]:
    """Return whether somebody reads documents and somebody writes answers. Asked of the workers at most every few seconds."""
    queues = _cached(_WORKERS, _KEEP_WORKERS, _queues_served)
    reading, answers = _("Reading of documents"), _("Writing of answers")
    return [
        Part("reading", reading, "ok")
        if "ingestion" in queues
        else Part("reading", reading, "down", _("No worker reads documents. New ones wait.")),
        Part("answers", answers, "ok")
        if "answers" in queues
        else Part("answers", answers, "down", _("No worker writes answers. Questions wait.")),
    ]


def check_index() -> Part:
    label = _("Search index")
    generation = live_generation()
    if generation is None:
        return Part("index", label, "ok", _("Nothing has been indexed yet."))
    words = {"number": generation.number, "embedder": generation.embedder}
    return Part("index", label, "ok", _("Generation %(number)s, %(embedder)s") % words)


def check_beat() -> Part:
    """Return whether regular work is being done: `tasks.leave_trace` is part of it."""
    label = _("Regular work")
    seen = cache.get(BEAT_TRACE)
    if seen is None:
        return Part("beat", label, "down", _("No regular work has been done in the last minutes. Is beat running?"))
    if (age := time.time() - seen) > _TRACE_WITHIN:
        return Part("beat", label, "down", _("No regular work has been done for %s seconds.") % round(age))
    return Part("beat", label, "ok")


def check_model() -> Part:
    state = model_state()
    words = {"ready": "ok", "slow": "slow", "starting": "starting", "down": "down", "none": "none"}
    return Part("model", _("Model"), words[state.state], state.detail)


def _queues_served() -> list[str]:
    """Return the names of the queues that some worker takes from."""
    try:
        replies = current_app.control.inspect(timeout=_PING).active_queues() or {}
    except (OSError, redis.RedisError, OperationalError):
        return []
    return sorted({queue["name"] for queues in replies.values() for queue in queues})


def _cached(key: str, seconds: int, look: Callable[[], list[str]]) -> list[str]:
    """Return what was seen within the last seconds, looking again once and not once a caller."""
    seen: list[str] | None = cache.get(key)
    if seen is not None:
        return seen
    with _looking:
        seen = cache.get(key)
        if seen is None:
            seen = look()
            cache.set(key, seen, seconds)
    return seen


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
