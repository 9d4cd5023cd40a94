"""The doorbell: ids in, the pipeline called, nothing else. Ringing twice reads once."""

import uuid
from datetime import timedelta

import redis
import structlog
from celery import shared_task
from celery.exceptions import OperationalError
from django.conf import settings
from django.utils import timezone

from apps.core.errors import Unavailable
from apps.ingestion import pipeline, runs
from apps.ingestion.force import settle_due
from apps.retrieval.index import live_embedder

QUEUE = "ingestion"
_PATIENCE = timedelta(seconds=5)

log = structlog.get_logger(__name__)


@shared_task
def ingest_version(run_id: str) -> None:
    """Read the version of a run, unless somebody else does or has."""
    hold = runs.claim(run_id)
    if hold is not None:
        pipeline.read_version(hold)
        _ring_for_released()


@shared_task
def sweep_runs() -> None:
    """Ring again for runs whose worker died, and for those whose bell was lost."""
    now = timezone.now()
    for run_id in runs.requeue_lost(now):
        log.warning("ingest.taken_up_again", run=str(run_id))
        ring(run_id)
    _ring_for_released()
    if _bells() == 0:
        for run_id in runs.silent(now, patience=_PATIENCE):
            ring(run_id)


@shared_task
def bring_into_force() -> None:
    """Have searches use the versions whose day has come."""
    if changed := settle_due():
        log.info("versions.brought_into_force", documents=changed)


def warm_up() -> None:
    """Load what embedding needs. Where it cannot be had, each document says so."""
    try:
        live_embedder().warm_up()
    except Unavailable as error:
        log.error("embedding.not_loaded", detail=error.detail)  # noqa: TRY400  # expected: its sentence says it all


def ring(run_id: uuid.UUID | str) -> None:
    """Ask a worker to take a run. A broker that is down is no reason to fail: the run waits, and is rung for again."""
    try:
        ingest_version.delay(str(run_id))
    except (OperationalError, redis.RedisError) as error:
        log.warning("ingest.broker_unreachable", run=str(run_id), error=type(error).__name__)


def _ring_for_released() -> None:
    for run_id in runs.released():
        ring(run_id)


def _bells() -> int:
    """Return how many bells wait to be heard: while there are some, none is missing; without a broker there are none."""
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5)
        with client:
            return int(client.llen(QUEUE))
    except redis.RedisError:
        return 0
