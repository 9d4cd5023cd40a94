"""What workers do for answers: write one, pick up what a dead worker left, look at the model."""

import uuid

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.reasoning import sweeping, waiting, writing
from apps.serving import probing
from apps.usage.budgets import release_expired

log = structlog.get_logger(__name__)


@shared_task
def write_answer(answer_id: str) -> None:
    """Write the answer, if it still waits for a writer and its turn has come."""
    writing.write(uuid.UUID(answer_id), freed=_ring_next)


@shared_task
def sweep_answers() -> None:
    """End answers whose worker died, ring again for those that nobody has begun, and free what was set aside too long."""
    sweeping.end_abandoned()
    release_expired()
    for answer_id in sweeping.waiting_unheard():
        ring(answer_id)
    _ring_next()
    waiting.tell_places()


@shared_task
def probe_model() -> None:
    """Look at the endpoints and keep their states for the others."""
    probing.probe()


def ring(answer_id: uuid.UUID) -> None:
    """Tell a worker that an answer waits. A dead broker is no error: the sweep rings again."""
    try:
        write_answer.delay(str(answer_id))
    except (OperationalError, RedisError, OSError) as error:
        log.warning("answer.not_rung", answer=str(answer_id), error=type(error).__name__)


def _ring_next() -> None:
    for answer_id in waiting.next_in_line():
        ring(answer_id)
