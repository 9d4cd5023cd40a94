"""How often a budget has refused a question, for those who watch the installation.

A refusal undoes its transaction, so nothing of it is in PostgreSQL; the count is kept in Redis and begins anew if that is emptied.
"""

from typing import Final

import redis
import structlog
from django.core.cache import cache

from apps.usage.models import Every, Principal

log = structlog.get_logger(__name__)

_KEYS: Final = {(who, every): f"usage:refused:{who}:{every}" for who in Principal.values for every in Every.values}


def note_refusal(principal: str, period: str) -> None:
    """Count one refusal; a count that cannot be kept is lost, and the refusal stands."""
    key = _KEYS[principal, period]
    try:
        if not cache.add(key, 1, timeout=None):
            cache.incr(key)
    except (redis.RedisError, ValueError) as error:
        log.warning("budget.refusal_not_counted", error=type(error).__name__)


def refusals() -> dict[tuple[str, str], int]:
    """Return the counts by kind of principal and period, zeros included. One call of Redis."""
    found = cache.get_many(_KEYS.values())
    return {kind: found.get(key, 0) for kind, key in _KEYS.items()}
