"""Pick up after workers that died: an answer always comes to a definite end."""

import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.geometry import Box
from apps.reasoning import stream
from apps.reasoning.events import Failed
from apps.reasoning.grounds import ground
from apps.reasoning.models import Answer, AnswerStatus, CandidateReason
from apps.reasoning.selection import Considered
from apps.reasoning.storing import store
from apps.reasoning.writing import RUNNING
from apps.reasoning.written import Notice, Written
from apps.retrieval.passages import Passage, PassageLine, Scores

log = structlog.get_logger(__name__)

_UNHEARD_AFTER = timedelta(seconds=3)
_RUNG_EVERY = 30


def end_abandoned() -> int:
    """End the answers whose lease ran out, with what had been streamed of them; return how many."""
    ended = 0
    while (answer_id := _one_abandoned()) is not None:
        ended += 1
        log.warning("answer.abandoned", answer=str(answer_id))
    return ended


def waiting_unheard() -> list[uuid.UUID]:
    """Return queued answers that nobody has begun, each at most twice a minute."""
    late = timezone.now() - _UNHEARD_AFTER
    waiting = Answer.objects.filter(status=AnswerStatus.QUEUED, created_at__lt=late).order_by("created_at")
    return [
        pk for pk in waiting.values_list("pk", flat=True)[:200] if cache.add(f"reasoning:rung:{pk}", 1, _RUNG_EVERY)
    ]


def _one_abandoned() -> uuid.UUID | None:
    with transaction.atomic():
        answer = (
            Answer.objects.select_for_update(skip_locked=True)
            .filter(status__in=RUNNING, lease_until__lt=timezone.now())
            .first()
        )
        if answer is None:
            return None
        error = Notice(
            "interrupted",
            _("The worker that was writing this answer stopped. What it had written is kept; ask again."),
        )
        store(answer.pk, _written_or_bare(answer, error))
        transaction.on_commit(lambda: _tell(answer.pk, error), robust=True)
    return answer.pk


def _tell(answer_id: uuid.UUID, error: Notice) -> None:
    stream.append(answer_id, Failed(error.code, error.detail))


def _written_or_bare(answer: Answer, error: Notice) -> Written:
    """Return what was streamed; nothing but the error if that cannot be understood, so that no answer blocks the others."""
    try:
        return _written(answer, error)
    except (KeyError, ValueError, TypeError):
        log.exception("answer.stream_not_understood", answer=str(answer.pk))
        return Written(status=AnswerStatus.FAILED, error=error)


def _written(answer: Answer, error: Notice) -> Written:
    streamed = stream.collect(answer.pk)
    considered = [_considered(candidate) for candidate in streamed.candidates]
    grounds = ground(streamed.text, considered)
    return Written(
        status=AnswerStatus.FAILED,
        text=streamed.text,
        error=error,
        reasoning=streamed.reasoning,
        considered=grounds.considered,
        claims=grounds.claims,
        citations=grounds.citations,
    )


def _considered(value: dict[str, Any]) -> Considered:
    return Considered(
        passage=passage_from(value["passage"]),
        rank=value["rank"],
        reason=CandidateReason(value["reason"]),
        marker=value["marker"],
        duplicate_of=value["duplicate_of"],
    )


def passage_from(value: dict[str, Any]) -> Passage:
    """Return the passage that `passage_object` wrote."""
    return Passage(
        id=uuid.UUID(value["id"]),
        document_id=uuid.UUID(value["document"]["id"]),
        document_title=value["document"]["title"],
        collection_id=uuid.UUID(value["collection"]),
        version_id=uuid.UUID(value["version_id"]),
        version=value["version"],
        text=value["text"],
        page=value["page"],
        boxes=tuple(_box(box) for box in value["boxes"]),
        lines=tuple(PassageLine(line["start"], line["end"], _box(line["box"])) for line in value["lines"]),
        span=(value["span"][0], value["span"][1]) if value["span"] else None,
        heading=value["heading"],
        language=value["language"],
        scores=Scores(**value["scores"]),
        rank=value["rank"],
    )


def _box(values: list[float]) -> Box:
    x0, y0, x1, y1 = values
    return (x0, y0, x1, y1)
