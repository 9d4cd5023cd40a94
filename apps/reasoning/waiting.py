"""The line of questions that wait for an endpoint to have room: in the order in which they were asked, and nowhere but in
their rows.

A worker that cannot begin an answer lets go of it. Whoever ends another rings for the next; the sweep does so too, for those
whose endpoint came back or whose worker died. So waiting takes no worker, and a line has nothing that could be lost.
"""

import uuid
from collections.abc import Sequence

import structlog
from django.core.cache import cache
from django.db.models import Q
from redis.exceptions import RedisError

from apps.reasoning import stream
from apps.reasoning.events import StatusChanged
from apps.reasoning.models import Answer, AnswerQuerySet, AnswerStatus
from apps.serving import slots
from apps.serving.endpoints import endpoints_in_order

log = structlog.get_logger(__name__)

_LOOKED_AT = 500  # questions; who is further back is told so when the line has moved
_TOLD_FOR = 600


def ahead_of(answer: Answer) -> int:
    """Return how many questions wait that were asked before this one."""
    before = Q(created_at__lt=answer.created_at) | Q(created_at=answer.created_at, pk__lt=answer.pk)
    return _line().filter(before).count()


def next_in_line() -> list[uuid.UUID]:
    """Return the questions that could be begun now: as many as limited endpoints have room for. None where none is limited,
    since nobody waits for those."""
    limited = [one for one in endpoints_in_order() if one.at_once]
    free = slots.room(limited) if limited else 0
    return list(_line().values_list("pk", flat=True)[:free]) if free else []


def places_of(answers: Sequence[Answer]) -> dict[uuid.UUID, int]:
    """Return the places in line of those that wait, 1 being the next. One query if there are any."""
    if not any(answer.status == AnswerStatus.QUEUED for answer in answers):
        return {}
    line = {pk: place for place, pk in enumerate(_line().values_list("pk", flat=True)[:_LOOKED_AT], start=1)}
    return {answer.pk: line[answer.pk] for answer in answers if answer.pk in line}


def tell_place(answer_id: uuid.UUID, place: int) -> None:
    """Tell those who follow an answer which place it has in the line, if they do not know."""
    key = _told(answer_id)
    try:
        if cache.get(key) != place:
            stream.append(answer_id, StatusChanged("queued", {"place": place}))
            cache.set(key, place, _TOLD_FOR)
    except RedisError as error:
        log.warning("answer.place_not_told", answer=str(answer_id), error=type(error).__name__)


def tell_places() -> None:
    """Tell all those who have been told a place before that the line has moved, where it has."""
    line = list(_line().values_list("pk", flat=True)[:_LOOKED_AT])
    try:
        told = cache.get_many([_told(pk) for pk in line]) if line else {}
    except RedisError:
        return
    for place, pk in enumerate(line, start=1):
        if _told(pk) in told:
            tell_place(pk, place)


def _line() -> AnswerQuerySet:
    return Answer.objects.filter(status=AnswerStatus.QUEUED).order_by("created_at", "pk")


def _told(answer_id: uuid.UUID) -> str:
    return f"reasoning:place:{answer_id}"
