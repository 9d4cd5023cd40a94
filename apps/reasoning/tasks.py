"""What workers do for answers: write one, pick up what a dead worker left, look at the model."""

import uuid

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.reasoning import sweeping, writing
from apps.serving import health
from apps.usage.budgets import release_expired

log = structlog.get_logger(__name__)


@shared_task
def write_answer(answer_id: str) -> None:
    """Write the answer, if it still waits for a writer."""
    writing.write(uuid.UUID(answer_id))


@shared_task
def sweep_answers() -> None:
    """End answers whose worker died, ring again for those that nobody has begun, and free what was set aside too long."""
    sweeping.end_abandoned()
    release_expired()
    for answer_id in sweeping.waiting_unheard():
        ring(answer_id)


@shared_task
def probe_model() -> None:
    """Look at the model and keep its state for the others."""
    health.probe()


def ring(answer_id: uuid.UUID) -> None:
    """Tell a worker that an answer waits. A dead broker is no error: the sweep rings again."""
    try:
        write_answer.delay(str(answer_id))
    except (OperationalError, RedisError, OSError) as error:
        log.warning("answer.not_rung", answer=str(answer_id), error=type(error).__name__)
