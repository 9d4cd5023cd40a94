"""A run is held by one worker at a time, survives that worker's death, and is given up after the third."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.models import Record
from apps.documents.models import Document, Status
from apps.ingestion import runs, tasks
from apps.ingestion.models import IngestRun
from tests.ingestion.conftest import Bells, run_of

pytestmark = pytest.mark.django_db
State = IngestRun.State


@pytest.fixture
def run(upload: Callable[..., Document]) -> IngestRun:
    return run_of(upload())


def _die(run: IngestRun) -> None:
    """Leave a run as a killed worker does: running, and its lease over."""
    assert runs.claim(run.pk) is not None
    IngestRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def _age(run: IngestRun) -> None:
    IngestRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=1))


def test_a_run_is_held_by_one_worker_at_a_time(run: IngestRun) -> None:
    hold = runs.claim(run.pk)
    assert hold is not None
    assert hold.attempt == 1
    assert runs.claim(run.pk) is None


def test_the_attempt_is_counted_before_the_work(run: IngestRun) -> None:
    _die(run)
    run.refresh_from_db()
    assert run.attempts == 1


def test_a_lease_that_ran_out_lets_the_next_worker_in_and_locks_the_last_one_out(run: IngestRun) -> None:
    first = runs.claim(run.pk)
    assert first is not None
    IngestRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert runs.claim(run.pk) == runs.Hold(run.pk, 2)
    with pytest.raises(runs.Stopped):
        runs.renew(first)


def test_work_renews_its_lease(run: IngestRun) -> None:
    hold = runs.claim(run.pk)
    assert hold is not None
    IngestRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() + timedelta(seconds=1))
    runs.renew(hold)
    run.refresh_from_db()
    assert run.lease_until is not None
    assert run.lease_until > timezone.now() + timedelta(seconds=50)


def test_the_sweep_rings_for_a_run_whose_worker_died(run: IngestRun, bells: Bells) -> None:
    _die(run)
    tasks.sweep_runs()
    run.refresh_from_db()
    assert (run.state, len(bells)) == (State.QUEUED, 1)
    tasks.ingest_version(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.attempts) == (State.SUCCEEDED, 2)


def test_the_third_death_ends_it_with_the_reason(run: IngestRun, bells: Bells) -> None:
    for _ in range(runs.MOST_ATTEMPTS):
        _die(run)
        tasks.sweep_runs()
    run.refresh_from_db()
    run.version.refresh_from_db()
    assert (run.state, run.attempts) == (State.FAILED, 3)
    assert (run.version.status, run.version.error_code) == (Status.FAILED, "interrupted")
    assert "3 times" in run.version.error_detail
    assert Record.objects.filter(action=Action.DOCUMENT_FAILED).count() == 1


def test_a_bell_that_was_lost_is_rung_again_once(run: IngestRun, bells: Bells) -> None:
    _age(run)
    tasks.sweep_runs()
    assert len(bells) == 1
    bells.clear()
    tasks.sweep_runs()
    assert len(bells) == 0


def test_while_bells_wait_none_is_added(run: IngestRun, bells: Bells) -> None:
    tasks.ring(run.pk)
    _age(run)
    tasks.sweep_runs()
    assert len(bells) == 1


def test_a_run_that_has_just_been_queued_is_left_alone(run: IngestRun, bells: Bells) -> None:
    tasks.sweep_runs()
    assert len(bells) == 0


def test_a_run_that_is_being_worked_on_is_left_alone(run: IngestRun, bells: Bells) -> None:
    runs.claim(run.pk)
    _age(run)
    tasks.sweep_runs()
    run.refresh_from_db()
    assert (run.state, len(bells)) == (State.RUNNING, 0)


def test_ringing_twice_reads_once(run: IngestRun) -> None:
    tasks.ingest_version(str(run.pk))
    tasks.ingest_version(str(run.pk))
    assert Record.objects.filter(action=Action.DOCUMENT_READ).count() == 1
