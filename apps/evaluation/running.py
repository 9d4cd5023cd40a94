"""Carrying out a run, a turn at a time: what has been asked is not asked again, whoever goes on with it."""

import statistics
import time
import uuid
from collections.abc import Iterator

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import ToulminError
from apps.core.locks import alone
from apps.evaluation.asking import ask
from apps.evaluation.grounds import Ground
from apps.evaluation.measures import summary
from apps.evaluation.models import EvaluationRun, GoldenQuestion, GoldenSet, QuestionResult
from apps.retrieval.models import IndexGeneration

_State = EvaluationRun.State
_OPEN = (_State.QUEUED, _State.RUNNING)
_LOCKABLE = 0x7FFF_FFFF_FFFF_FFFF  # the bits of an id that a lock can be named by

log = structlog.get_logger(__name__)


def carry_on(run_id: uuid.UUID | str, *, seconds: float) -> bool:
    """Ask the questions of a run for about so long, and return whether there is more to do. One process does at a time."""
    with alone(uuid.UUID(str(run_id)).int & _LOCKABLE) as mine:
        run = EvaluationRun.objects.select_related("golden_set", "asked_by").filter(pk=run_id, state__in=_OPEN).first()
        if run is None or not mine:
            return False
        try:
            return _turn(run, until=time.monotonic() + seconds)
        except ToulminError as error:
            _end(run, _State.FAILED, error=error.detail)
            return False


def _turn(run: EvaluationRun, *, until: float) -> bool:
    EvaluationRun.objects.filter(pk=run.pk, state=_State.QUEUED).update(state=_State.RUNNING)
    if run.asked_by is None:
        _end(run, _State.FAILED, error=_("Whoever started this run is not here any more."))
        return False
    scope = Scope.of_user(run.asked_by)
    GoldenSet.objects.get_visible(scope, run.golden_set_id)
    if not IndexGeneration.objects.filter(number=run.configuration["generation"]).exists():
        _end(run, _State.FAILED, error=_("The index was dropped while it was being measured."))
        return False
    for question in _unasked(run):
        if time.monotonic() > until:
            return True
        if not EvaluationRun.objects.filter(pk=run.pk, state=_State.RUNNING).exists():
            return False
        _ask(scope, run, question)
    _finish(run)
    return False


def _unasked(run: EvaluationRun) -> Iterator[GoldenQuestion]:
    asked = run.results.values("question")
    questions = run.golden_set.questions.filter(grounds__isnull=False).exclude(pk__in=asked).distinct()
    return iter(list(questions.prefetch_related("grounds")))


def _ask(scope: Scope, run: EvaluationRun, question: GoldenQuestion) -> None:
    grounds = [Ground(str(row.document_id), row.page, row.quote, row.grade) for row in question.grounds.all()]
    asked = ask(scope, question.text, grounds, collection=run.golden_set.collection_id, configuration=run.ran_with)
    QuestionResult.objects.update_or_create(
        run=run,
        question=question,
        defaults={"places": asked.places, "measures": asked.measures, "seconds": asked.seconds},
    )
    if not run.reranker and asked.reranker:
        run.reranker = asked.reranker
        run.save(update_fields=["reranker"])


def _finish(run: EvaluationRun) -> None:
    rows = list(run.results.values_list("measures", "seconds"))
    measures = summary([measures for measures, _seconds in rows])
    _end(run, _State.DONE, measures=measures, seconds=statistics.median([took for _measures, took in rows] or [0.0]))


def _end(run: EvaluationRun, state: EvaluationRun.State, **fields: object) -> None:
    """Bring a run to its end, unless somebody has stopped it."""
    with transaction.atomic():
        open_run = EvaluationRun.objects.filter(pk=run.pk, state__in=_OPEN)
        if open_run.update(state=state, finished_at=timezone.now(), **fields):
            log.info("evaluation.ended", run=str(run.pk), state=state.value)
