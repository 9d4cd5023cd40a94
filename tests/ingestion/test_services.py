"""What people do to the reading of documents: who may, what is kept, and what is recorded."""

from collections.abc import Callable
from typing import Any

import pytest
from celery.exceptions import OperationalError
from django.conf import settings

from apps.accounts.scope import Scope
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.core.errors import Conflict, NotAllowed, NotFound, TooLarge
from apps.documents import storage
from apps.documents.models import Collection, Document, Role, Status
from apps.documents.parsing import Unreadable
from apps.ingestion import tasks
from apps.ingestion.models import IngestRun
from apps.ingestion.services import cancel_reading, reprocess_document, upload_document
from apps.retrieval.models import IndexedPassage
from tests.factories import UserFactory, grant, scope_of
from tests.ingestion.conftest import REPORT, Bells, run_of

pytestmark = pytest.mark.django_db
Upload = Callable[..., Document]


def _read(document: Document) -> Document:
    tasks.ingest_version(str(run_of(document).pk))
    return Document.objects.select_related("latest", "collection").get(pk=document.pk)


def _stored_files() -> list[str]:
    return [path.name for path in (settings.DATA_DIR / "files").rglob("*") if path.is_file()]


def test_an_upload_waits_to_be_read_and_is_rung_for_after_the_commit(
    upload: Upload, bells: Bells, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        document = upload(language="en", title="Report of 2024")
        assert len(bells) == 0
    assert len(bells) == 1
    run = run_of(document)
    assert (run.state, run.attempts) == (IngestRun.State.QUEUED, 0)
    assert document.latest is not None
    assert (document.title, document.latest.status) == ("Report of 2024", Status.QUEUED)
    assert storage.path_of(document.latest.sha256).read_bytes() == REPORT


def test_a_dead_broker_does_not_fail_an_upload(
    upload: Upload, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def dead(run_id: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.ingest_version, "delay", dead)
    with django_capture_on_commit_callbacks(execute=True):
        document = upload()
    assert run_of(document).state == IngestRun.State.QUEUED


def test_the_same_bytes_are_the_same_document(scope: Scope, collection: Collection, upload: Upload) -> None:
    first = upload()
    again, duplicate = upload_document(scope, collection, [REPORT[:10], REPORT[10:]], filename="copy.txt")
    assert (again.pk, duplicate) == (first.pk, True)
    assert IngestRun.objects.count() == 1
    assert len(_stored_files()) == 1


def test_a_reader_may_not_add_and_a_stranger_sees_no_collection(collection: Collection) -> None:
    reader = UserFactory()
    grant(collection, reader, Role.READER)
    with pytest.raises(NotAllowed):
        upload_document(scope_of(reader), collection, [REPORT], filename="report.txt")
    with pytest.raises(NotFound):
        upload_document(scope_of(UserFactory()), collection, [REPORT], filename="report.txt")
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "report.pdf", "empty"),
        (b"   \n", "report.txt", "empty"),
        (b"ID3\x03\x00" + b"\x00" * 50, "song.mp3", "unsupported"),
        (b"\x7fELF\x02\x01" + b"\x00" * 50, "report.pdf", "unsupported"),
    ],
)
def test_what_can_never_be_read_is_refused_and_not_kept(
    upload: Upload, content: bytes, filename: str, code: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        upload(content, filename=filename)
    assert refused.value.code == code
    assert not Document.objects.exists()
    assert _stored_files() == []


def test_a_file_that_is_too_large_is_refused_and_not_kept(upload: Upload, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 10
    with pytest.raises(TooLarge):
        upload()
    assert _stored_files() == []


def test_a_damaged_file_ends_as_failed_with_a_sentence(upload: Upload) -> None:
    document = _read(upload(b"PK\x03\x04 this is no archive", filename="contract.docx"))
    assert document.latest is not None
    assert (document.latest.status, document.latest.error_code) == (Status.FAILED, "damaged")
    assert document.latest.error_detail.endswith(".")


def test_a_document_is_read_again_while_its_passages_still_answer(scope: Scope, upload: Upload) -> None:
    document = _read(upload())
    before = set(IndexedPassage.objects.values_list("pk", flat=True))
    reprocess_document(scope, document)
    document.refresh_from_db()
    assert document.latest is not None
    assert document.latest.status == Status.QUEUED
    assert set(IndexedPassage.objects.values_list("pk", flat=True)) == before
    document = _read(document)
    assert document.latest is not None
    assert document.latest.status == Status.READY
    assert set(IndexedPassage.objects.values_list("pk", flat=True)) == before


def test_a_document_that_is_being_read_is_not_read_twice(scope: Scope, upload: Upload) -> None:
    document = upload()
    with pytest.raises(Conflict):
        reprocess_document(scope, document)
    assert IngestRun.objects.count() == 1


def test_a_reading_that_waits_can_be_stopped_and_taken_up_again(scope: Scope, upload: Upload) -> None:
    document = upload()
    cancel_reading(scope, document)
    document = _read(document)
    assert document.latest is not None
    assert document.latest.status == Status.CANCELLED
    reprocess_document(scope, document)
    document = _read(document)
    assert document.latest is not None
    assert document.latest.status == Status.READY


def test_stopping_what_is_not_being_read_changes_nothing(scope: Scope, upload: Upload) -> None:
    document = _read(upload())
    before = Record.objects.count()
    cancel_reading(scope, document)
    document.refresh_from_db()
    assert document.latest is not None
    assert document.latest.status == Status.READY
    assert Record.objects.count() == before


def test_a_reader_may_neither_stop_nor_repeat_a_reading(collection: Collection, upload: Upload) -> None:
    document = upload()
    reader = UserFactory()
    grant(collection, reader, Role.READER)
    for change in (cancel_reading, reprocess_document):
        with pytest.raises(NotAllowed):
            change(scope_of(reader), document)


def test_each_change_writes_its_record(scope: Scope, upload: Upload) -> None:
    document = upload()
    cancel_reading(scope, document)
    reprocess_document(scope, document)
    _read(document)
    written = list(Record.objects.order_by("sequence").values_list("action", "actor_label"))
    assert [action for action, _ in written] == [
        Action.DOCUMENT_UPLOADED,
        Action.DOCUMENT_CANCELLED,
        Action.DOCUMENT_REPROCESSED,
        Action.DOCUMENT_READ,
    ]
    assert [who for _, who in written[1:]] == [scope.actor.label, scope.actor.label, "System"]
    assert all(str(document.pk) in record.documents for record in Record.objects.all())
