"""The trace that regular work leaves, by which its absence is seen."""

import time

from celery import shared_task
from django.core.cache import cache

from apps.web.checks import BEAT_TRACE


@shared_task
def leave_trace() -> None:
    """Note that beat sent this and a worker ran it."""
    cache.set(BEAT_TRACE, time.time(), timeout=3600)
