"""The same bytes are read once, however many send them at the same time, and each gets correct references."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document, Status
from apps.documents.services import delete_document
from apps.ingestion import pipeline, runs
from apps.ingestion.models import IngestRun
from apps.ingestion.services import reprocess_document, upload_document
from apps.ingestion.tasks import ingest_version, sweep_runs
from apps.retrieval.models import IndexedPassage
from apps.retrieval.search import search
from tests.factories import owned_by
from tests.ingestion.conftest import REPORT, Bells, run_of

pytestmark = pytest.mark.django_db(transaction=True)
State = IngestRun.State


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were really read."""
    read, really = [], pipeline.opened_document

    def counting(source, media_type, *, progress):  # type: ignore[no-untyped-def]
        read.append(source.filename)
        return really(source, media_type, progress=progress)

    monkeypatch.setattr(pipeline, "opened_document", counting)
    return read


def _at_once(works: list[Callable[[], object]]) -> None:
    gate, failures = threading.Barrier(len(works)), []

    def go(work: Callable[[], object]) -> None:
        try:
            gate.wait()
            work()
        except Exception as error:  # noqa: BLE001  # told in the main thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def _ingest(*documents: Document) -> None:
    for document in documents:
        ingest_version(str(run_of(document).pk))


def test_fifty_collections_sent_one_file_at_once_have_one_file_and_one_reading(
    scope: Scope, person: User, parsed: list[str], bells: Bells
) -> None:
    shelves = [owned_by(person) for _ in range(50)]
    _at_once([lambda shelf=shelf: upload_document(scope, shelf, [REPORT], filename="report.txt") for shelf in shelves])  # type: ignore[misc]
    waiting = list(IngestRun.objects.values_list("pk", flat=True))
    assert len(waiting) == 50
    assert len([path for path in Path(settings.DATA_DIR / "files").rglob("*") if path.is_file()]) == 1

    workers = [iter(waiting[start::4]) for start in range(4)]
    _at_once([lambda mine=mine: [ingest_version(str(run)) for run in mine] for mine in workers])  # type: ignore[misc]
    while bells_for := list(IngestRun.objects.filter(state=State.QUEUED).values_list("pk", flat=True)):
        for run in bells_for:
            ingest_version(str(run))

    assert parsed == ["report.txt"]
    assert set(IngestRun.objects.values_list("state", "attempts")) == {(State.SUCCEEDED, 1)}
    for shelf in shelves:
        passages = search(scope, "How high was net debt?", collections=[shelf.pk]).passages
        assert "4,120 million" in passages[0].text
        assert passages[0].document_id == shelf.documents.get().pk
        assert passages[0].span is not None


def test_fifty_uploads_into_one_collection_are_one_document(
    scope: Scope, collection: Collection, parsed: list[str]
) -> None:
    _at_once([lambda: upload_document(scope, collection, [REPORT], filename="report.txt")] * 50)
    _ingest(Document.objects.get())
    assert parsed == ["report.txt"]
    assert IngestRun.objects.count() == 1


def test_a_run_waits_while_another_does_the_same_and_is_rung_for_at_its_end(
    scope: Scope, person: User, upload: Callable[..., Document], parsed: list[str], bells: Bells
) -> None:
    first = upload()
    second = upload_document(scope, owned_by(person), [REPORT], filename="report.txt")[0]
    hold = runs.claim(run_of(first).pk)
    assert hold is not None
    _ingest(second)
    waiting = run_of(second)
    assert (waiting.state, waiting.waits_for, waiting.attempts) == (State.QUEUED, hold.run_id, 0)
    bells.clear()
    sweep_runs()
    assert len(bells) == 0
    pipeline.read_version(hold)
    sweep_runs()
    assert len(bells) == 1
    _ingest(second)
    assert run_of(second).state == State.SUCCEEDED
    assert "copy" in run_of(second).seconds
    assert parsed == ["report.txt"]


def test_who_waits_is_rung_for_when_the_first_is_lost(
    scope: Scope, person: User, upload: Callable[..., Document], parsed: list[str], bells: Bells
) -> None:
    first, second = upload(), upload_document(scope, owned_by(person), [REPORT], filename="report.txt")[0]
    assert runs.claim(run_of(first).pk) is not None
    _ingest(second)
    IngestRun.objects.filter(version=first.latest_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep_runs()
    _ingest(second, first)
    assert {run_of(first).state, run_of(second).state} == {State.SUCCEEDED}
    assert parsed == ["report.txt"]


def test_a_copy_outlives_what_it_was_copied_from(scope: Scope, person: User, upload: Callable[..., Document]) -> None:
    first, second = upload(), upload_document(scope, owned_by(person), [REPORT], filename="report.txt")[0]
    _ingest(first, second)
    delete_document(scope, first)
    assert search(scope, "net debt").passages[0].document_id == second.pk
    assert second.latest is not None
    assert second.latest.blocks.count() > 0


def test_another_title_or_name_is_read_by_itself(
    scope: Scope, person: User, upload: Callable[..., Document], parsed: list[str]
) -> None:
    first = upload()
    second = upload_document(scope, owned_by(person), [REPORT], filename="report.txt", title="Debt of 2024")[0]
    _ingest(first, second)
    assert len(parsed) == 2
    assert set(IndexedPassage.objects.filter(document=second).values_list("context", flat=True)) == {"Debt of 2024"}


def test_what_has_been_read_again_under_another_title_is_no_longer_the_same(
    scope: Scope, person: User, upload: Callable[..., Document], parsed: list[str]
) -> None:
    first = upload()
    _ingest(first)
    Document.objects.filter(pk=first.pk).update(title="Debt of 2024")
    reprocess_document(scope, first)
    _ingest(first)
    second = upload_document(scope, owned_by(person), [REPORT], filename="report.txt")[0]
    _ingest(second)
    assert len(parsed) == 3
    assert set(IndexedPassage.objects.filter(document=second).values_list("context", flat=True)) == {"report"}


def test_reading_again_really_reads(
    scope: Scope, person: User, upload: Callable[..., Document], parsed: list[str]
) -> None:
    first, second = upload(), upload_document(scope, owned_by(person), [REPORT], filename="report.txt")[0]
    _ingest(first, second)
    reprocess_document(scope, second)
    _ingest(second)
    assert len(parsed) == 2
    second.refresh_from_db()
    assert second.latest is not None
    assert second.latest.status == Status.READY
