"""The doorbell of the work on indexes: a turn at a time, so that documents that wait are read in between."""

import structlog
from celery import shared_task

from apps.core.errors import Unavailable
from apps.retrieval.building import Turn, bring_up_to_date
from apps.retrieval.models import IndexGeneration

_TURN = 20.0

log = structlog.get_logger(__name__)


@shared_task
def keep_indexes() -> None:
    """Bring every generation up to date, the one being built first. With one alone there is nothing to do."""
    generations = IndexGeneration.objects.order_by("state", "number")  # building, live, retired
    if len(generations) < 2:
        return
    try:
        turns = {generation.number: bring_up_to_date(generation, seconds=_TURN) for generation in generations}
    except Unavailable as error:
        log.error("index.embedder_unavailable", detail=error.detail)  # noqa: TRY400  # expected: its sentence says it all
        return
    if Turn.MORE in turns.values():
        keep_indexes.delay()
