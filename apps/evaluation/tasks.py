"""The doorbell of runs: a turn at a time, so that documents that wait are read in between."""

import uuid

import redis
import structlog
from celery import shared_task
from celery.exceptions import OperationalError

from apps.evaluation.answers import running as answering
from apps.evaluation.models import AnswersRun, EvaluationRun
from apps.evaluation.running import carry_on

_TURN = 20.0

log = structlog.get_logger(__name__)


@shared_task
def evaluate_run(run_id: str) -> None:
    """Go on with a run for a turn."""
    if carry_on(run_id, seconds=_TURN):
        ring(run_id)


@shared_task
def evaluate_answers(run_id: str) -> None:
    """See what was answered, ask on, and come again."""
    if answering.carry_on(run_id):
        ring_answers(run_id, seconds=answering.LOOK_EVERY)


@shared_task
def sweep_evaluations() -> None:
    """Ring again for runs whose worker died or whose bell was lost."""
    waiting = EvaluationRun.objects.filter(state__in=(EvaluationRun.State.QUEUED, EvaluationRun.State.RUNNING))
    for run_id in waiting.values_list("pk", flat=True):
        ring(run_id)
    open_runs = AnswersRun.objects.filter(state__in=(AnswersRun.State.QUEUED, AnswersRun.State.RUNNING))
    for run_id in open_runs.values_list("pk", flat=True):
        ring_answers(run_id)


def ring_answers(run_id: uuid.UUID | str, *, seconds: float = 0) -> None:
    """Ask a worker to look at a run of answers in so many seconds. Of a broker that is down the same holds as below."""
    try:
        evaluate_answers.apply_async((str(run_id),), countdown=seconds)
    except (OperationalError, redis.RedisError) as error:
        log.warning("evaluation.broker_unreachable", run=str(run_id), error=type(error).__name__)


def ring(run_id: uuid.UUID | str) -> None:
    """Ask a worker to go on with a run. A broker that is down is no reason to fail: it is rung for again."""
    try:
        evaluate_run.delay(str(run_id))
    except (OperationalError, redis.RedisError) as error:
        log.warning("evaluation.broker_unreachable", run=str(run_id), error=type(error).__name__)
