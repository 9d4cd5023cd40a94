"""Having the model's answers measured on a golden set. It asks with the rights, and at the cost, of whoever starts it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound
from apps.evaluation.models import AnswersRun, GoldenSet
from apps.evaluation.tasks import ring_answers
from apps.reasoning.models import Effort
from apps.reasoning.routing import AUTO
from apps.usage.matters import matter_for

_OPEN = (AnswersRun.State.QUEUED, AnswersRun.State.RUNNING)


def start_answers_run(scope: Scope, golden_set: GoldenSet, *, effort: str, matter: str = "") -> AnswersRun:
    """Return a run of the questions of a set, which workers now begin to answer.

    Raises `Conflict` while another is under way on the set, `Invalid` where there is nothing to ask or no such effort.
    """
    scope.require(Permission.ASK)
    if effort not in {*Effort.values, AUTO}:
        raise Invalid(_("Effort is one of auto, quick, standard and deep."))
    with transaction.atomic():
        golden_set = GoldenSet.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=GoldenSet.objects.get_visible(scope, golden_set.pk).pk
        )
        if golden_set.answers_runs.filter(state__in=_OPEN).exists():
            raise Conflict(_("Answers of this set are being measured. Wait for that, or stop it."))
        total = golden_set.questions.count()
        if not total:
            raise Invalid(_("This set has no questions. Add one first."))
        run = AnswersRun.objects.create(
            golden_set=golden_set, asked_by_id=scope.user_id, effort=effort, matter=matter_for(matter), total=total
        )
        _record(Action.ANSWERS_EVALUATED, scope, run)
    return run


def continue_answers_run(scope: Scope, run: AnswersRun) -> AnswersRun:
    """Go on with a run that failed or was stopped, where it was. One that is under way or done stays as it is."""
    scope.require(Permission.ASK)
    with transaction.atomic():
        locked = _locked(scope, run)
        if locked.state in (AnswersRun.State.FAILED, AnswersRun.State.CANCELLED):
            locked.state, locked.error, locked.finished_at = AnswersRun.State.QUEUED, "", None
            locked.asked_by_id, locked.look_at = scope.user_id, None
            # What got no answer is asked again; what still waits for one is not.
            locked.answered.filter(observed__isnull=False).exclude(observed__error="").delete()
            locked.save()
            _record(Action.ANSWERS_EVALUATED, scope, locked)
    return locked


def cancel_answers_run(scope: Scope, run: AnswersRun) -> AnswersRun:
    """Put no more questions; what was answered is kept. A run that is at its end stays as it is."""
    with transaction.atomic():
        locked = _locked(scope, run)
        if locked.is_open:
            locked.state, locked.finished_at = AnswersRun.State.CANCELLED, timezone.now()
            locked.save(update_fields=["state", "finished_at"])
            _record(Action.ANSWERS_EVALUATION_CANCELLED, scope, locked)
    return locked


def _locked(scope: Scope, run: AnswersRun) -> AnswersRun:
    GoldenSet.objects.get_visible(scope, run.golden_set_id)
    found = AnswersRun.objects.select_for_update(of=("self",)).select_related("golden_set").filter(pk=run.pk).first()
    if found is None:
        raise NotFound
    return found


def _record(action: Action, scope: Scope, run: AnswersRun) -> None:
    """Record what was done, and have a worker look where there is something to do."""
    with transaction.atomic():
        log.record(
            action,
            run.golden_set,
            collection=run.golden_set.collection_id,
            data={"run": str(run.pk), "effort": run.effort, "questions": run.total},
            actor=scope.actor,
        )
        if run.is_open:
            transaction.on_commit(lambda: ring_answers(run.pk), robust=True)
