"""The life of a run, kept in PostgreSQL: Redis only rings.

queued → running → succeeded | failed | cancelled. A worker holds a run by a lease that it renews; each attempt is counted
before its work starts, and a worker whose attempt is no longer the current one has lost the run and must stop.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit import log
from apps.audit.actions import Action
from apps.documents.models import Collection, Document, Status, Version
from apps.documents.saving import forget_reading
from apps.ingestion.force import settle_in_force
from apps.ingestion.models import IngestRun
from apps.ingestion.twins import busy_twin, key_of
from apps.retrieval.index import forget_pending, hide_reading, remove_version

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
_NOT_READ_AGAIN = "not_read_again"
OPEN = [IngestRun.State.QUEUED, IngestRun.State.RUNNING]


class Stopped(Exception):
    """The run was cancelled, its document deleted, or another worker has taken it over: stop without a trace."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A run in the hands of one worker, for one attempt."""

    run_id: uuid.UUID
    attempt: int


def claim(run_id: uuid.UUID | str) -> Hold | None:
    """Take a run that waits, or whose worker has gone; None if there is nothing to do. The third loss ends it as failed."""
    now = timezone.now()
    with transaction.atomic():
        open_runs = IngestRun.objects.filter(state__in=OPEN).select_related("version__document")
        run = open_runs.select_for_update(skip_locked=True, of=("self",)).filter(pk=run_id).first()
        if run is None or (run.state == IngestRun.State.RUNNING and _is_leased(run, now)):
            return None
        if run.attempts < MOST_ATTEMPTS:
            run.reading_key = run.reading_key or key_of(run.version)
            if (busy := busy_twin(run)) is not None:
                _park(run, busy)
                return None
            run.state = IngestRun.State.RUNNING
            run.attempts += 1
            run.lease_until = now + LEASE
            run.started_at = now
            run.waits_for = None
            run.save(update_fields=["reading_key", "state", "attempts", "lease_until", "started_at", "waits_for"])
            return Hold(run.pk, run.attempts)
    _fail_as_lost(run)
    return None


def renew(hold: Hold, **fields: Any) -> None:
    """Extend the lease and set `fields` of the run; raises `Stopped` if it is no longer held."""
    if not _held(hold).update(lease_until=timezone.now() + LEASE, **fields):
        raise Stopped


def advance(hold: Hold, version: Version, *, status: Status, stage: str, progress: float) -> None:
    """Show how far a reading has come; raises `Stopped` if the run is no longer held."""
    renew(hold, stage=stage)
    Version.objects.filter(pk=version.pk).update(status=status, stage=stage, progress=round(progress, 4))


def lock(hold: Hold, version: Version) -> IngestRun:
    """Return the run, locked until the transaction ends, as is its document, which `version` then has as it is now.

    Raises `Stopped` if the run is no longer held. Collection, document and run are locked in this order, before the record: so
    does whoever deletes them.
    """
    document = version.document
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {Collection._meta.db_table} WHERE id = %s FOR KEY SHARE",  # noqa: S608
            [document.collection_id],
        )
    now = Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()
    run = _held(hold).select_for_update().first()
    if run is None or now is None:
        raise Stopped
    version.document = now
    return run


def succeed(run: IngestRun, version: Version, *, passages: int, seconds: dict[str, float]) -> None:
    """End a locked run: its version is ready. In the caller's transaction."""
    now = timezone.now()
    _end(run, IngestRun.State.SUCCEEDED, seconds=seconds)
    version.status, version.stage, version.progress = Status.READY, "", 1.0
    version.error_code, version.error_detail = "", ""
    version.passage_count, version.ready_at = passages, now
    version.save(
        update_fields=["status", "stage", "progress", "error_code", "error_detail", "passage_count", "ready_at"]
    )
    settle_in_force(version.document)
    _record(
        Action.DOCUMENT_READ,
        version,
        pages=version.page_count,
        passages=passages,
        attempts=run.attempts,
        parser_version=version.parser_version,
        seconds=seconds,
    )


def fail(hold: Hold, version: Version, *, code: str, detail: str, seconds: dict[str, float]) -> None:
    """End a held run as failed, with a sentence for the document's owner.

    Nothing of a first reading stays in search. What was read before goes on answering, with a note that a later one failed.
    """
    with transaction.atomic():
        run = lock(hold, version)
        run.seconds = seconds
        _fail(run, version, code, detail)


def cancel(version: Version) -> bool:
    """Stop the reading of a version and return whether there was one; what was read before stays. Its worker notices soon."""
    with transaction.atomic():
        Document.objects.select_for_update(no_key=True).filter(pk=version.document_id).first()  # the order of `lock`
        run = IngestRun.objects.select_for_update().filter(version=version, state__in=OPEN).first()
        if run is None:
            return False
        _end(run, IngestRun.State.CANCELLED)
        _leave(run.version, Status.CANCELLED)
    return True


def requeue_lost(now: datetime) -> list[uuid.UUID]:
    """Put the runs whose lease ran out back in the queue, and return them; those lost too often end as failed."""
    lost = IngestRun.objects.filter(state=IngestRun.State.RUNNING, lease_until__lt=now)
    for run in lost.filter(attempts__gte=MOST_ATTEMPTS):
        _fail_as_lost(run)
    return [run.pk for run in lost.filter(attempts__lt=MOST_ATTEMPTS) if _requeue(run, now)]


def released() -> list[uuid.UUID]:
    """Return the runs that waited for another one which has ended, oldest first; each is returned once."""
    with transaction.atomic():
        waiting = IngestRun.objects.filter(state=IngestRun.State.QUEUED, waits_for__isnull=False)
        busy = IngestRun.objects.filter(pk=OuterRef("waits_for"), state=IngestRun.State.RUNNING)
        free = waiting.filter(~Exists(busy)).order_by("created_at").select_for_update(skip_locked=True)
        ids = list(free.values_list("pk", flat=True))
        IngestRun.objects.filter(pk__in=ids).update(waits_for=None)
    return ids


def silent(now: datetime, *, patience: timedelta) -> list[uuid.UUID]:
    """Return the queued runs for which nobody has rung lately, oldest first, and note that now somebody will."""
    queued = IngestRun.objects.filter(
        state=IngestRun.State.QUEUED, waits_for__isnull=True, created_at__lt=now - patience
    )
    due = queued.exclude(lease_until__gt=now).order_by("created_at")
    ids = list(due.values_list("pk", flat=True))
    IngestRun.objects.filter(pk__in=ids, state=IngestRun.State.QUEUED).update(lease_until=now + LEASE)
    return ids


def _held(hold: Hold) -> QuerySet[IngestRun]:
    return IngestRun.objects.filter(pk=hold.run_id, state=IngestRun.State.RUNNING, attempts=hold.attempt)


def _is_leased(run: IngestRun, now: datetime) -> bool:
    return run.lease_until is not None and run.lease_until > now


def _fail_as_lost(run: IngestRun) -> None:
    """Quarantine a run whose worker has died each time, which is most likely this document's doing."""
    with transaction.atomic():
        lost = IngestRun.objects.select_for_update().filter(pk=run.pk, state__in=OPEN).first()
        if lost is None or _is_leased(lost, timezone.now()):
            return
        detail = _(
            "Reading this document was interrupted %(times)s times and is not tried again by itself. "
            "Have it read again; if that fails too, ask the administrator to look at the worker’s log."
        ) % {"times": lost.attempts}
        _fail(lost, lost.version, "interrupted", detail)


def _park(run: IngestRun, busy: uuid.UUID) -> None:
    run.state, run.lease_until, run.waits_for = IngestRun.State.QUEUED, None, busy
    run.save(update_fields=["reading_key", "state", "lease_until", "waits_for"])


def _requeue(run: IngestRun, now: datetime) -> bool:
    """Put a lost run back. What it had written is not searched meanwhile, and its vectors are there for the next attempt."""
    with transaction.atomic():
        lost = IngestRun.objects.filter(pk=run.pk, state=IngestRun.State.RUNNING, lease_until__lt=now)
        if not lost.update(state=IngestRun.State.QUEUED, lease_until=None):
            return False
        version = Version.objects.get(pk=run.version_id)
        if version.ready_at is None:
            hide_reading(version)
    return True


def _fail(run: IngestRun, version: Version, code: str, detail: str) -> None:
    _end(run, IngestRun.State.FAILED, error_code=code, error_detail=detail, seconds=run.seconds)
    _leave(version, Status.FAILED, code, detail)
    _record(Action.DOCUMENT_FAILED, version, code=code, detail=detail, attempts=run.attempts)


def _leave(version: Version, status: Status, code: str = "", detail: str = "") -> None:
    """End a reading without one: as if it had never begun where there is an earlier one, else with nothing."""
    version = Version.objects.select_for_update(no_key=True).get(pk=version.pk)
    version.stage = ""
    if version.ready_at is not None:
        forget_pending(version)
        version.status, version.progress = Status.READY, 1.0
        notes = [note for note in version.warnings if note["code"] != _NOT_READ_AGAIN]
        version.warnings = notes + ([{"page": None, "code": _NOT_READ_AGAIN, "detail": detail}] if detail else [])
        version.save(update_fields=["status", "stage", "progress", "warnings"])
        return
    remove_version(version)
    forget_reading(version)
    version.status, version.progress, version.passage_count = status, 0.0, 0
    version.error_code, version.error_detail = code, detail
    version.save(update_fields=["status", "stage", "progress", "passage_count", "error_code", "error_detail"])


def _end(run: IngestRun, state: IngestRun.State, **fields: Any) -> None:
    values = {"state": state, "stage": "", "lease_until": None, "finished_at": timezone.now()} | fields
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=list(values))


def _record(action: Action, version: Version, **data: Any) -> None:
    document = version.document
    log.record(
        action,
        document,
        collection=document.collection_id,
        documents=[document.pk],
        data={"version": version.number, "sha256": version.sha256} | data,
    )
