"""The doorbell of runs: a turn at a time, so that documents that wait are read in between."""

import uuid

import redis
import structlog
from celery import shared_task
from celery.exceptions import OperationalError

from apps.evaluation.models import EvaluationRun
from apps.evaluation.running import carry_on

_TURN = 20.0

log = structlog.get_logger(__name__)


@shared_task
def evaluate_run(run_id: str) -> None:
    """Go on with a run for a turn."""
    if carry_on(run_id, seconds=_TURN):
        ring(run_id)


@shared_task
def sweep_evaluations() -> None:
    """Ring again for runs whose worker died or whose bell was lost."""
    waiting = EvaluationRun.objects.filter(state__in=(EvaluationRun.State.QUEUED, EvaluationRun.State.RUNNING))
    for run_id in waiting.values_list("pk", flat=True):
        ring(run_id)


def ring(run_id: uuid.UUID | str) -> None:
    """Ask a worker to go on with a run. A broker that is down is no reason to fail: it is rung for again."""
    try:
        evaluate_run.delay(str(run_id))
    except (OperationalError, redis.RedisError) as error:
        log.warning("evaluation.broker_unreachable", run=str(run_id), error=type(error).__name__)
