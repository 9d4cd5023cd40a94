"""What workers do for usage."""

import structlog
from celery import shared_task

from apps.usage.rolling import roll_up

log = structlog.get_logger(__name__)


@shared_task
def roll_up_usage() -> None:
    """Roll up the days and months that are over, so that reports over long periods are quick."""
    if rolled := roll_up():
        log.info("usage.rolled_up", periods=rolled)
