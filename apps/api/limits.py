"""How often one caller may do what costs the installation most. Counted by the minute, in the cache."""

import time

from django.core.cache import cache
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import TooMany

_WINDOW = 60


def spend(scope: Scope, what: str, limit: int) -> None:
    """Count one call of this caller; raises `TooMany` once `limit` are spent within the minute."""
    now = time.time()
    window = int(now // _WINDOW)
    key = f"limit:{what}:{scope.actor.type}:{scope.actor.id}:{window}"
    cache.add(key, 0, timeout=2 * _WINDOW)
    if cache.incr(key) > limit:
        wait = max(1, round((window + 1) * _WINDOW - now))
        raise TooMany(
            _("%(limit)s calls a minute are allowed here. Try again in %(wait)s seconds.")
            % {"limit": limit, "wait": wait},
            retry_after=wait,
        )
