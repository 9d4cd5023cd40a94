"""Work of the pages that is done behind them."""

import time

from celery import shared_task
from django.core.cache import cache

from apps.web.checks import BEAT_TRACE
from apps.web.search_record import record_rested


@shared_task
def leave_trace() -> None:
    """Note that beat sent this and a worker ran it: the trace by whose absence a standstill is seen."""
    cache.set(BEAT_TRACE, time.time(), timeout=3600)


@shared_task
def record_typed_searches(key: str, last: str) -> None:
    """Record searches made while typing, if nothing was typed since."""
    record_rested(key, last)
