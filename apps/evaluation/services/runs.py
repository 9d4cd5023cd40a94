"""Having search measured on a golden set, by the worker or in this process."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound
from apps.evaluation.live import settled
from apps.evaluation.models import EvaluationRun, GoldenSet
from apps.evaluation.tasks import ring
from apps.retrieval.configuration import Configuration, live_configuration
from apps.retrieval.models import IndexGeneration


def start_run(
    scope: Scope, golden_set: GoldenSet, configuration: Configuration | None = None, *, here: bool = False
) -> EvaluationRun:
    """Return a run of a configuration, the live one by default, on a set. The worker does it, unless it is done `here`.

    Raises `Conflict` while another is under way on the set, `Invalid` where there is nothing to ask or no such index.
    """
    with transaction.atomic():
        golden_set = GoldenSet.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=GoldenSet.objects.get_visible(scope, golden_set.pk).pk
        )
        if golden_set.runs.filter(state__in=(EvaluationRun.State.QUEUED, EvaluationRun.State.RUNNING)).exists():
            raise Conflict(_("A run is under way on this set. Wait for it, or stop it."))
        chosen = settled(configuration or live_configuration())
        index = IndexGeneration.objects.filter(number=chosen.generation or 0).first()
        if index is None:
            raise Invalid(_("There is no such index. Nothing has been read yet, or it was dropped."))
        all_, asked = (
            golden_set.questions.count(),
            golden_set.questions.filter(grounds__isnull=False).distinct().count(),
        )
        if not asked:
            raise Invalid(_("No question of this set says what answers it. Add one first."))
        run = EvaluationRun.objects.create(
            golden_set=golden_set,
            asked_by_id=scope.user_id,
            configuration=chosen.as_json(),
            embedder=index.embedder,
            chunker_version=index.chunker_version,
            total=asked,
            left_out=all_ - asked,
        )
        log.record(
            Action.EVALUATION_STARTED,
            golden_set,
            collection=golden_set.collection_id,
            data={"run": str(run.pk), "configuration": run.configuration, "questions": asked},
            actor=scope.actor,
        )
        if not here:
            transaction.on_commit(lambda: ring(run.pk))
    return run


def cancel_run(scope: Scope, run: EvaluationRun) -> EvaluationRun:
    """Stop a run; one that is at its end stays as it is."""
    GoldenSet.objects.get_visible(scope, run.golden_set_id)
    with transaction.atomic():
        locked = EvaluationRun.objects.select_for_update().filter(pk=run.pk).first()
        if locked is None:
            raise NotFound
        if locked.is_open:
            locked.state, locked.finished_at = EvaluationRun.State.CANCELLED, timezone.now()
            locked.save(update_fields=["state", "finished_at"])
            log.record(
                Action.EVALUATION_CANCELLED,
                locked.golden_set,
                collection=locked.golden_set.collection_id,
                data={"run": str(locked.pk)},
                actor=scope.actor,
            )
    return locked
