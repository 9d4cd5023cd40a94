"""What is done about documents when nobody waits: the proof of deletions, and what broken uploads have left."""

import time

import redis
import structlog
from celery import shared_task
from celery.exceptions import OperationalError
from django.utils import timezone

from apps.audit.models import Record
from apps.core.errors import Unavailable
from apps.documents import purging, storage
from apps.documents.models import Upload

_A_DAY = 24 * 60 * 60

log = structlog.get_logger(__name__)


@shared_task
def purge_deleted(sequence: int) -> None:
    """Look for what is left after the deletion that this record is of. The sweep takes it up where Redis is down."""
    try:
        check = purging.purge(Record.objects.get(sequence=sequence))
    except Unavailable as error:
        log.warning("purge.postponed", deletion=sequence, error=error.detail)
        return
    if check is not None and check.remains:
        log.error("purge.remains", deletion=sequence, found={name: n for name, n in check.found.items() if n})


@shared_task
def sweep_documents() -> None:
    """Purge deletions whose bell was lost, end uploads that nobody went on with, and remove what they have left."""
    for sequence in purging.unpurged().values_list("sequence", flat=True):
        purge_deleted(sequence)
    expired = Upload.objects.filter(expires_at__lt=timezone.now())
    count, _ = expired.delete()
    removed = storage.sweep_arriving(Upload.names()) + storage.sweep_incoming(older_than=time.time() - _A_DAY)
    if count or removed:
        log.info("uploads.swept", expired=count, files=removed)


def ring_for_purge(sequence: int) -> None:
    """Ask a worker to look for what is left. A broker that is down is no reason to fail: the sweep does it."""
    try:
        purge_deleted.delay(sequence)
    except (OperationalError, redis.RedisError) as error:
        log.warning("purge.broker_unreachable", deletion=sequence, error=type(error).__name__)
