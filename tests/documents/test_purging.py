"""After a deletion nothing of a document is left, and the record says where that was looked for."""

import uuid
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.log import read_body
from apps.audit.models import Record
from apps.documents import purging, services, storage
from apps.documents.models import Attachment, Collection, Document, Upload, Version
from apps.documents.purging import Deleted, check_deleted
from apps.documents.tasks import purge_deleted, sweep_documents
from apps.ingestion.arriving import append_piece, begin_upload
from apps.ingestion.models import IngestRun
from apps.retrieval.models import IndexedPassage
from tests.factories import (
    BlockFactory,
    DocumentFactory,
    IndexedPassageFactory,
    PageFactory,
    UserFactory,
    owned_by,
    scope_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def manager() -> User:
    return UserFactory()


@pytest.fixture
def collection(manager: User) -> Collection:
    return owned_by(manager)


def read_document(collection: Collection, content: bytes = b"content", **fields: Any) -> Document:
    """Return a document with a file, a picture, a page, a block, a passage, a password and a run."""
    kept = storage.store([content], limit=1000)
    document = DocumentFactory(
        collection=collection, version__sha256=kept.sha256, version__password=b"sealed", **fields
    )
    BlockFactory(page=PageFactory(version=document.latest))
    IndexedPassageFactory(document=document)
    IngestRun.objects.create(version=document.latest)
    pictures = storage.pictures_of(kept.sha256)
    pictures.mkdir(parents=True)
    (pictures / "1-400.png").write_bytes(b"picture")
    return document


def deletion() -> Record:
    return Record.objects.filter(action__in=purging.DELETIONS).latest("sequence")


def purged() -> dict[str, Any]:
    data: dict[str, Any] = read_body(Record.objects.filter(action=Action.DOCUMENT_PURGED).latest("sequence"))["data"]
    return data


def test_nothing_is_left_and_the_record_says_where_it_was_looked_for(
    manager: User, collection: Collection, django_capture_on_commit_callbacks: Any
) -> None:
    document = read_document(collection)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(scope_of(manager), document)
    purge_deleted(deletion().sequence)
    found = purged()
    assert found["remains"] == 0
    assert found["deletion"] == deletion().sequence
    places = {"documents.document", "documents.version", "documents.page", "documents.block", "ingestion.ingestrun"}
    assert {*places, "retrieval.indexedpassage", "files", "page pictures", "arriving files", "redis"} <= set(
        found["checked"]
    )


@pytest.mark.parametrize("place", ["files", "page pictures", "arriving files", "redis"])
def test_what_is_left_outside_the_database_is_found(manager: User, collection: Collection, place: str) -> None:
    document = read_document(collection)
    version = document.latest
    assert version is not None
    services.delete_document(scope_of(manager), document)
    storage.discard_unreferenced(version.sha256)
    with redis.Redis.from_url(settings_redis()) as client:
        match place:
            case "files":
                storage.store([b"content"], limit=1000)
            case "page pictures":
                storage.pictures_of(version.sha256).mkdir(parents=True)
            case "arriving files":
                storage.append(str(uuid.uuid4()), 0, [b"half"], size=10)
            case _:
                client.set(f"progress:{version.pk}", 1)
        found = check_deleted(Deleted.by([deletion()]))
        client.delete(f"progress:{version.pk}")
    assert {name for name, count in found.found.items() if count} == {place}


def settings_redis() -> str:
    from django.conf import settings

    return str(settings.REDIS_URL)


def test_what_is_left_in_a_table_is_found(collection: Collection) -> None:
    document = read_document(collection)
    assert document.latest is not None
    claimed = Deleted(frozenset({str(document.pk)}), frozenset({str(document.latest.pk)}), frozenset())
    found = check_deleted(claimed).found
    assert {name for name, count in found.items() if count} == {
        "documents.document", "documents.version", "documents.page", "documents.block", "retrieval.indexedpassage",
        "ingestion.ingestrun",
    }  # fmt: skip


def test_every_table_that_could_hold_something_is_looked_at() -> None:
    looked = set(check_deleted(Deleted(frozenset(), frozenset(), frozenset())).found)
    assert {"documents.attachment", "documents.upload", "retrieval.indexedpassage"} <= looked
    assert not looked & set(purging.KEPT)


def test_a_file_that_another_document_has_stays_and_is_no_trace(
    manager: User, collection: Collection, django_capture_on_commit_callbacks: Any
) -> None:
    kept = storage.store([b"content"], limit=1000)
    here = DocumentFactory(collection=collection, version__sha256=kept.sha256)
    DocumentFactory(version__sha256=kept.sha256)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(scope_of(manager), here)
    purge_deleted(deletion().sequence)
    assert purged()["remains"] == 0
    assert storage.path_of(kept.sha256).exists()


def test_the_purge_does_what_was_cut_short_after_the_commit(manager: User, collection: Collection) -> None:
    document = read_document(collection)
    assert document.latest is not None
    services.delete_document(scope_of(manager), document)
    assert storage.path_of(document.latest.sha256).exists()
    sweep_documents()
    assert not storage.path_of(document.latest.sha256).exists()
    assert not storage.pictures_of(document.latest.sha256).exists()
    assert purged()["remains"] == 0


def test_a_deletion_is_proved_once(manager: User, collection: Collection) -> None:
    services.delete_document(scope_of(manager), read_document(collection))
    sweep_documents()
    sweep_documents()
    purge_deleted(deletion().sequence)
    assert Record.objects.filter(action=Action.DOCUMENT_PURGED).count() == 1


def test_the_proof_waits_while_redis_cannot_be_reached(manager: User, collection: Collection, settings: Any) -> None:
    services.delete_document(scope_of(manager), read_document(collection))
    reachable, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    sweep_documents()
    assert not Record.objects.filter(action=Action.DOCUMENT_PURGED).exists()
    settings.REDIS_URL = reachable
    sweep_documents()
    assert purged()["remains"] == 0


def test_a_collection_is_proved_gone_with_all_in_it(manager: User, collection: Collection) -> None:
    first, second = read_document(collection, b"one"), read_document(collection, b"two")
    upload = begin_upload(scope_of(manager), collection, size=10, filename="a.txt")
    append_piece(scope_of(manager), upload, 0, [b"half"])
    services.delete_collection(scope_of(manager), collection)
    sweep_documents()
    assert purged()["remains"] == 0
    assert set(Record.objects.get(action=Action.DOCUMENT_PURGED).documents) == {str(first.pk), str(second.pk)}
    assert not Version.objects.exists()
    assert not IndexedPassage.objects.exists()
    assert not Upload.objects.exists()
    assert not storage.arriving(str(upload.pk)).exists()


def test_the_check_is_repeated_from_the_records(
    manager: User, collection: Collection, capsys: pytest.CaptureFixture[str]
) -> None:
    document = read_document(collection)
    services.delete_document(scope_of(manager), document)
    with pytest.raises(CommandError, match="2 traces of deleted documents are left"):
        call_command("check_deletions")
    sweep_documents()
    call_command("check_deletions", document=str(document.pk))
    assert "Nothing is left of 1 deleted documents." in capsys.readouterr().out
    with pytest.raises(CommandError, match="no record"):
        call_command("check_deletions", document=str(uuid.uuid4()))


class TestAttachments:
    """What was only ever attached goes with what it was attached to."""

    @staticmethod
    def attached(parent: Document, content: bytes) -> Document:
        child = read_document(parent.collection, content, attached_to=parent)
        Attachment.objects.create(version=parent.latest, ordinal=0, name="a.pdf", document=child)
        return child

    def test_they_are_deleted_with_it_however_deep(self, manager: User, collection: Collection) -> None:
        mail = read_document(collection, b"mail")
        inner = self.attached(mail, b"inner mail")
        self.attached(inner, b"sheet")
        services.delete_document(scope_of(manager), mail)
        sweep_documents()
        assert not Document.objects.exists()
        assert purged()["remains"] == 0
        assert len(deletion().documents) == 3

    def test_one_that_another_document_holds_too_stays_with_that(self, manager: User, collection: Collection) -> None:
        first, second = read_document(collection, b"first"), read_document(collection, b"second")
        logo = self.attached(first, b"logo")
        Attachment.objects.create(version=second.latest, ordinal=0, name="logo.pdf", document=logo)
        services.delete_document(scope_of(manager), first)
        logo.refresh_from_db()
        assert logo.attached_to == second

    def test_what_hangs_on_one_that_stays_stays_too(self, manager: User, collection: Collection) -> None:
        first, second = read_document(collection, b"first"), read_document(collection, b"second")
        inner = self.attached(first, b"inner")
        sheet = self.attached(inner, b"sheet")
        Attachment.objects.create(version=second.latest, ordinal=0, name="inner.eml", document=inner)
        services.delete_document(scope_of(manager), first)
        assert set(Document.objects.all()) == {second, inner, sheet}

    def test_files_that_hold_each_other_go_together(self, manager: User, collection: Collection) -> None:
        mail = read_document(collection, b"mail")
        inner = self.attached(mail, b"inner")
        sheet = self.attached(inner, b"sheet")
        Attachment.objects.create(version=sheet.latest, ordinal=0, name="inner.eml", document=inner)
        services.delete_document(scope_of(manager), mail)
        assert not Document.objects.exists()

    def test_one_can_be_deleted_alone(self, manager: User, collection: Collection) -> None:
        mail = read_document(collection, b"mail")
        services.delete_document(scope_of(manager), self.attached(mail, b"sheet"))
        assert list(Document.objects.all()) == [mail]
        assert Attachment.objects.get().document is None
