"""How many answers each endpoint writes at once: slots with a lease, in Redis, so that all workers count together.

A slot is kept only as long as its holder renews it. A worker that dies gives its slots back within the lease, whatever it
died of. Without Redis nothing is counted and everybody is let in: the endpoint's own queue is then all there is.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import redis
import structlog
from django.conf import settings

from apps.serving.endpoints import Served

log = structlog.get_logger(__name__)

LEASE: Final = 15.0
"""Seconds until a slot that nobody renews is free again."""
_LOOK_EVERY = 0.25

# One set for each endpoint: holders by the moment at which their lease ends, by the clock of Redis. ARGV: lease in
# milliseconds, holder, how many are ahead in the line, then the limit of each endpoint (0: none). Returns the number of the
# endpoint that has room, 0 if those who are ahead need all of it.
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local room, first = 0, 0
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  local most = tonumber(ARGV[3 + i])
  local free = most == 0 and 1e9 or most - redis.call('ZCARD', key)
  if free > 0 then
    room = room + free
    if first == 0 then first = i end
  end
end
if first == 0 or room <= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[first], now + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[first], ARGV[1] * 2)
return first
"""
_RENEW = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 2)
return 1
"""
_IN_USE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = {}
for i, key in ipairs(KEYS) do found[i] = redis.call('ZCOUNT', key, '(' .. now, '+inf') end
return found
"""


class Slot:
    """The one slot that an answer holds, at one endpoint after another. Renew it more often than `LEASE`; release it always.

    A slot has a name of its own: a second worker with the same answer never gives back what the first one holds.
    """

    def __init__(self) -> None:
        self._name = str(uuid.uuid4())
        self.at = ""
        """The id of the endpoint where the slot is; empty: none is held."""

    def take(self, endpoints: Sequence[Served], *, ahead: int = 0) -> Served | None:
        """Return the first endpoint that has room for this answer and for the `ahead` others before it, holding a slot
        there; None if there is no such room."""
        self.release()
        if not endpoints:
            return None
        limits = [one.at_once for one in endpoints]
        found = _run(_TAKE, [one.id for one in endpoints], [int(LEASE * 1000), self._name, ahead, *limits])
        if found is None:
            return endpoints[0]
        if not found:
            return None
        served = endpoints[int(found) - 1]
        self.at = served.id
        return served

    def wait_for(self, served: Served, *, stopped: Callable[[], bool], until: float) -> bool:
        """Wait for a slot at an endpoint, before those in line: who comes from another endpoint has waited already.
        Return whether it was given before `until`, a moment of `time.monotonic`."""
        while self.take([served]) is None:
            if stopped() or time.monotonic() >= until:
                return False
            time.sleep(_LOOK_EVERY)
        return True

    def renew(self) -> None:
        """Keep the slot for another lease. One that was lost, while the machine slept say, is not taken again."""
        if at := self.at:
            _run(_RENEW, [at], [int(LEASE * 1000), self._name])

    def release(self) -> bool:
        """Give the slot back and return whether there was one."""
        at, self.at = self.at, ""
        if at:
            try:
                _client().zrem(_key(at), self._name)
            except redis.RedisError as error:
                log.warning("endpoint.slot_not_released", endpoint=at, error=type(error).__name__)
        return bool(at)


def in_use(endpoints: Sequence[Served]) -> dict[str, int]:
    """Return how many answers each endpoint is writing now, by its id; 0 everywhere without Redis."""
    ids = [one.id for one in endpoints]
    found = _run(_IN_USE, ids, []) if ids else []
    return dict(zip(ids, [int(one) for one in found or [0] * len(ids)], strict=True))


def room(endpoints: Sequence[Served]) -> int | None:
    """Return how many more answers could begin now; None if some endpoint has no limit."""
    if any(one.at_once == 0 for one in endpoints):
        return None
    used = in_use(endpoints)
    return sum(max(one.at_once - used[one.id], 0) for one in endpoints)


def _run(script: str, endpoint_ids: Sequence[str], arguments: Sequence[Any]) -> Any:
    """Return what a script returns, which changes all or nothing; None if Redis cannot be reached."""
    try:
        return _client().register_script(script)(keys=[_key(each) for each in endpoint_ids], args=list(arguments))
    except redis.RedisError as error:
        log.warning("endpoint.slots_not_counted", error=type(error).__name__)
        return None


def _key(endpoint_id: str) -> str:
    return f"endpoint:{endpoint_id}:slots"


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=2, socket_connect_timeout=1)
