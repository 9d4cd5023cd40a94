"""Carrying out a run of answers: questions are put a few at a time, the workers that answer people answer them, and what came is observed.

A turn is short, since no model is waited for in it.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit.actors import acting
from apps.core.errors import ToulminError
from apps.core.locks import alone
from apps.evaluation.answers.keeping import How, Kept
from apps.evaluation.answers.observing import Observed, observed
from apps.evaluation.answers.reports import AnswersReport
from apps.evaluation.models import AnsweredQuestion, AnswersRun, EvaluationRun, GoldenQuestion, GoldenSet
from apps.evaluation.questions import known
from apps.reasoning.models import Answer
from apps.reasoning.objects import answer_object
from apps.reasoning.services import ask

LOOK_EVERY = 2.0
"""Seconds between turns."""

_AT_ONCE = 2  # so that people who ask meanwhile do not wait behind a whole set
_FAILURES = 3
_OPEN = (AnswersRun.State.QUEUED, AnswersRun.State.RUNNING)
_LOCKABLE = 0x7FFF_FFFF_FFFF_FFFF  # the bits of an id that a lock can be named by

log = structlog.get_logger(__name__)


def carry_on(run_id: uuid.UUID | str) -> bool:
    """Observe what was answered and put the next questions; return whether to come again in `LOOK_EVERY` seconds.

    Of several who come at once, or one soon after another, only one is told to come again.
    """
    with alone(uuid.UUID(str(run_id)).int & _LOCKABLE) as mine:
        run = AnswersRun.objects.select_related("golden_set", "asked_by").filter(pk=run_id, state__in=_OPEN).first()
        now = timezone.now()
        if run is None or not mine or (run.look_at and run.look_at > now + timedelta(seconds=LOOK_EVERY / 2)):
            return False
        AnswersRun.objects.filter(pk=run.pk).update(look_at=now + timedelta(seconds=LOOK_EVERY))
        try:
            return _turn(run)
        except ToulminError as error:
            _end(run, AnswersRun.State.FAILED, error.detail)
            return False


def report_of(run: AnswersRun) -> AnswersReport:
    """Return what was observed of a run so far. One query."""
    rows = run.answered.filter(observed__isnull=False).values_list("observed", flat=True)
    kept = Kept(How(run.golden_set.name, run.effort), rows={row["key"]: Observed.from_json(row) for row in rows if row})
    return AnswersReport.of(kept, stopped=run.error)


def _turn(run: AnswersRun) -> bool:
    AnswersRun.objects.filter(pk=run.pk, state=AnswersRun.State.QUEUED).update(state=AnswersRun.State.RUNNING)
    if run.asked_by is None:
        _end(run, AnswersRun.State.FAILED, _("Whoever started this run is not here any more."))
        return False
    scope = Scope.of_user(run.asked_by)
    GoldenSet.objects.get_visible(scope, run.golden_set_id)
    with acting(scope.actor):
        waiting = _observe(scope, run)
        if _gets_no_answers(run):
            _end(run, AnswersRun.State.FAILED, _("Three questions in a row got no answer. See the page of models."))
            return False
        for question in _unasked(run):
            if waiting >= _AT_ONCE:
                break
            _put(scope, run, question)
            waiting += 1
    if not waiting:
        _end(run, AnswersRun.State.DONE)
    return waiting > 0


def _observe(scope: Scope, run: AnswersRun) -> int:
    """Observe the answers that have ended, and return how many have not."""
    waiting = 0
    for row in run.answered.filter(observed__isnull=True).select_related("question"):
        answer = Answer.objects.visible_to(scope).filter(pk=row.answer).first()
        if answer is None:
            row.delete()  # it is put again
        elif answer.is_finished:
            row.observed = observed(known(row.question), answer_object(scope, answer)).as_json()
            row.save(update_fields=["observed"])
        else:
            waiting += 1
    return waiting


def _gets_no_answers(run: AnswersRun) -> bool:
    latest = run.answered.filter(observed__isnull=False).order_by("-pk").values_list("observed", flat=True)[:_FAILURES]
    return len(latest) == _FAILURES and all(row and row["error"] for row in latest)


def _unasked(run: AnswersRun) -> Iterator[GoldenQuestion]:
    asked = run.answered.values("question")
    return run.golden_set.questions.exclude(pk__in=asked).prefetch_related("grounds").iterator(chunk_size=_AT_ONCE)


def _put(scope: Scope, run: AnswersRun, question: GoldenQuestion) -> None:
    with transaction.atomic():
        answer = ask(
            scope,
            question=question.text,
            collections=[run.golden_set.collection_id],
            effort=run.effort,
            matter=run.matter,
        )
        AnsweredQuestion.objects.create(run=run, question=question, answer=answer.pk)


def _end(run: AnswersRun, state: EvaluationRun.State, error: str = "") -> None:
    """Bring a run to its end, unless somebody has stopped it."""
    open_run = AnswersRun.objects.filter(pk=run.pk, state__in=_OPEN)
    if open_run.update(state=state, error=error, finished_at=timezone.now()):
        log.info("evaluation.answers_ended", run=str(run.pk), state=state.value)
