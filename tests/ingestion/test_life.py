"""The life of a document: next versions, moves, passwords, newer parsers; and what happens when two do it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.accounts.scope import Scope
from apps.audit.actions import Action
from apps.audit.log import read_body
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound, ToulminError
from apps.core.sealing import unseal
from apps.documents import services, storage
from apps.documents.models import Collection, Document, Status, Version
from apps.documents.parsing import PARSER_VERSION
from apps.documents.versions import choose_in_force
from apps.ingestion import runs
from apps.ingestion.models import IngestRun
from apps.ingestion.services import (
    cancel_reading,
    change_document,
    give_password,
    reprocess_document,
    reprocess_outdated,
    upload_document,
)
from apps.ingestion.tasks import ingest_version
from apps.retrieval.models import IndexedPassage
from tests.factories import (
    CollectionFactory,
    DocumentFactory,
    IndexedPassageFactory,
    UserFactory,
    grant,
    owned_by,
    scope_of,
)
from tests.ingestion.conftest import REPORT, run_of

pytestmark = pytest.mark.django_db

Upload = Callable[..., Document]
NEW = b"Funding\n\nNet debt rose to 5,000 million at the end of the year.\n"
TODAY = timezone.localdate


def read(document: Document) -> Document:
    """Read the latest version as a worker does, and return the document as it is then."""
    ingest_version(str(run_of(fresh(document)).pk))
    return fresh(document)


def fresh(document: Document) -> Document:
    return Document.objects.select_related("latest", "in_force", "collection").get(pk=document.pk)


def searchable(document: Document) -> set[int]:
    """Return the numbers of the versions that searches read."""
    passages = IndexedPassage.objects.filter(document=document, in_force=True)
    return set(passages.values_list("version__number", flat=True))


def data_of(action: Action) -> dict[str, Any]:
    data: dict[str, Any] = read_body(Record.objects.filter(action=action).latest("sequence"))["data"]
    return data


class TestVersions:
    def test_the_earlier_version_answers_until_the_next_has_been_read(self, upload: Upload) -> None:
        document = read(upload())
        upload(NEW, supersedes=document)
        assert (fresh(document).latest.number, fresh(document).in_force.number) == (2, 1)
        assert searchable(document) == {1}
        document = read(document)
        assert document.in_force == document.latest
        assert searchable(document) == {2}
        assert data_of(Action.DOCUMENT_IN_FORCE) == {"version": 2, "before": 1}

    def test_the_next_version_waits_for_its_day(self, upload: Upload) -> None:
        document = read(upload())
        upload(NEW, supersedes=document, effective_from=TODAY() + timedelta(days=3))
        document = read(document)
        assert (document.latest.status, document.in_force.number, searchable(document)) == (Status.READY, 1, {1})
        assert choose_in_force(document, TODAY() + timedelta(days=3)) == document.latest

    def test_a_next_version_that_cannot_be_read_leaves_the_earlier_one_answering(self, upload: Upload) -> None:
        document = read(upload())
        upload(b"%PDF-1.7 nothing of a PDF follows", filename="report.pdf", supersedes=document)
        document = read(document)
        assert (document.latest.number, document.latest.status) == (2, Status.FAILED)
        assert (document.in_force.number, searchable(document)) == (1, {1})

    def test_a_stopped_next_version_leaves_the_earlier_one_answering(self, upload: Upload, scope: Scope) -> None:
        document = read(upload())
        upload(NEW, supersedes=document)
        cancel_reading(scope, document)
        assert (fresh(document).in_force.number, searchable(document)) == (1, {1})

    def test_the_same_bytes_are_no_next_version(self, upload: Upload, scope: Scope, collection: Collection) -> None:
        document = upload()
        same, duplicate = upload_document(scope, collection, [REPORT], filename="again.txt", supersedes=document)
        assert (same, duplicate, same.versions.count()) == (document, True, 1)

    def test_an_earlier_text_can_come_back(self, upload: Upload) -> None:
        document = upload()
        upload(NEW, supersedes=document)
        upload(REPORT, supersedes=document)
        assert fresh(document).latest.number == 3

    def test_what_another_document_has_is_a_conflict(self, upload: Upload) -> None:
        upload(NEW)
        document = upload()
        with pytest.raises(Conflict, match="in the collection already"):
            upload(NEW, supersedes=document)

    def test_a_document_of_another_collection_is_not_superseded(self, upload: Upload, person: Any) -> None:
        elsewhere = DocumentFactory(collection=owned_by(person))
        with pytest.raises(Invalid):
            upload(NEW, supersedes=elsewhere)

    def test_changing_the_day_brings_a_version_into_force_or_out_of_it(self, upload: Upload, scope: Scope) -> None:
        document = read(upload())
        upload(NEW, supersedes=document)
        document = read(document)
        change_document(scope, document, effective_from=date(2999, 1, 1))
        assert (fresh(document).in_force.number, searchable(document)) == (1, {1})
        change_document(scope, document, effective_from=None)
        assert (fresh(document).in_force.number, searchable(document)) == (2, {2})

    def test_an_only_version_whose_day_has_not_come_is_not_found_yet(self, upload: Upload, scope: Scope) -> None:
        document = read(upload(effective_from=TODAY() + timedelta(days=1)))
        assert (document.in_force, searchable(document)) == (None, set())
        change_document(scope, document, effective_from=TODAY())
        assert searchable(document) == {1}

    def test_what_is_read_again_goes_on_answering(self, upload: Upload, scope: Scope) -> None:
        document = read(upload())
        reprocess_document(scope, document)
        assert choose_in_force(fresh(document), TODAY()) == document.latest

    @pytest.mark.django_db(transaction=True)
    def test_two_next_versions_at_once_are_two(self, scope: Scope, collection: Collection, upload: Upload) -> None:
        document = upload()
        texts = [b"Second text of all.", b"Third text of all.", b"Fourth text of all.", b"Second text of all."]
        at_once(*(lambda text=text: upload(text, supersedes=document) for text in texts))
        numbers = sorted(fresh(document).versions.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) in {4, 5}  # the same bytes twice in a row are one version
        assert fresh(document).latest.number == numbers[-1]


class TestMoving:
    def test_a_document_moves_with_its_passages_and_is_recorded(
        self, upload: Upload, scope: Scope, person: Any, collection: Collection
    ) -> None:
        document, target = read(upload()), owned_by(person)
        change_document(scope, document, collection=target, title="Elsewhere")
        assert (fresh(document).collection, fresh(document).title) == (target, "Elsewhere")
        assert set(IndexedPassage.objects.values_list("collection", flat=True)) == {target.pk}
        assert data_of(Action.DOCUMENT_MOVED) == {
            "from": {"id": str(collection.pk), "name": collection.name},
            "to": {"id": str(target.pk), "name": target.name},
        }

    def test_attachments_move_along_and_never_alone(self, upload: Upload, scope: Scope, person: Any) -> None:
        document, target = upload(), owned_by(person)
        child = DocumentFactory(collection=document.collection, attached_to=document)
        IndexedPassageFactory(document=child)
        with pytest.raises(Conflict, match="attached"):
            change_document(scope, child, collection=target)
        change_document(scope, document, collection=target)
        assert fresh(child).collection == target
        assert IndexedPassage.objects.get(document=child).collection == target

    def test_it_needs_contributors_in_both(self, upload: Upload, scope: Scope, person: Any) -> None:
        document = upload()
        with pytest.raises(NotFound):
            change_document(scope, document, collection=CollectionFactory())
        target = CollectionFactory()
        grant(target, person)
        with pytest.raises(NotAllowed):
            change_document(scope, document, collection=target)
        reader = UserFactory()
        grant(document.collection, reader)
        with pytest.raises(NotAllowed):
            change_document(scope_of(reader), document, collection=owned_by(reader))

    def test_the_same_bytes_there_are_a_conflict(self, upload: Upload, scope: Scope, person: Any) -> None:
        document, target = upload(), owned_by(person)
        upload_document(scope, target, [REPORT], filename="there.txt", title="There before")
        with pytest.raises(Conflict, match="There before"):
            change_document(scope, document, collection=target)
        assert not Record.objects.filter(action=Action.DOCUMENT_MOVED).exists()

    def test_a_refused_move_changes_nothing_else(self, upload: Upload, scope: Scope) -> None:
        document = upload()
        with pytest.raises(NotFound):
            change_document(scope, document, collection=CollectionFactory(), title="New")
        assert fresh(document).title == document.title

    def test_moving_to_where_it_is_records_nothing(self, upload: Upload, scope: Scope, collection: Collection) -> None:
        change_document(scope, upload(), collection=collection)
        assert not Record.objects.filter(action=Action.DOCUMENT_MOVED).exists()

    @pytest.mark.django_db(transaction=True)
    def test_what_is_moved_while_it_is_read_is_searched_only_where_it_is_now(
        self, upload: Upload, scope: Scope, person: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        document, target = upload(), owned_by(person)
        during_reading(monkeypatch, lambda: change_document(scope, document, collection=target))
        document = read(document)
        assert (document.collection, document.latest.status) == (target, Status.READY)
        assert set(IndexedPassage.objects.values_list("collection", flat=True)) == {target.pk}

    @pytest.mark.django_db(transaction=True)
    def test_two_moves_across_each_other_do_not_wait_for_ever(
        self, upload: Upload, scope: Scope, person: Any, collection: Collection
    ) -> None:
        here, target = upload(), owned_by(person)
        there, _ = upload_document(scope, target, [NEW], filename="there.txt")
        at_once(
            lambda: change_document(scope, here, collection=target),
            lambda: change_document(scope, there, collection=collection),
        )
        assert (fresh(here).collection, fresh(there).collection) == (target, collection)


class TestPasswords:
    def test_it_is_kept_sealed_and_read_with(self, upload: Upload, scope: Scope) -> None:
        document = read(upload(b"%PDF-1.7 nothing of a PDF follows", filename="report.pdf"))
        give_password(scope, document, "Schlüssel 42")
        version = fresh(document).latest
        assert unseal(version.password) == "Schlüssel 42"
        assert version.status == Status.QUEUED
        assert run_of(document).state == IngestRun.State.QUEUED

    def test_neither_record_nor_row_holds_it(self, upload: Upload, scope: Scope) -> None:
        document = read(upload())
        give_password(scope, document, "Schlüssel 42")
        assert data_of(Action.DOCUMENT_PASSWORD_GIVEN) == {"version": 1, "sha256": fresh(document).latest.sha256}
        assert "Schlüssel".encode() not in bytes(Version.objects.get().password)

    @pytest.mark.parametrize("password", ["", "x" * 1001])
    def test_an_unusable_one_is_refused(self, upload: Upload, scope: Scope, password: str) -> None:
        with pytest.raises(Invalid):
            give_password(scope, upload(), password)

    def test_while_it_is_read_none_is_taken(self, upload: Upload, scope: Scope) -> None:
        with pytest.raises(Conflict):
            give_password(scope, upload(), "secret")


class TestNewerParsers:
    def test_only_what_an_older_parser_read_is_read_again(
        self, scope: Scope, collection: Collection, upload: Upload
    ) -> None:
        old = DocumentFactory(collection=collection, version__parser_version=PARSER_VERSION - 1)
        DocumentFactory(collection=collection, version__parser_version=PARSER_VERSION)
        DocumentFactory(collection=collection, version__parser_version=0, version__status=Status.FAILED)
        DocumentFactory(version__parser_version=1)
        upload()
        assert old.latest.is_outdated
        assert reprocess_outdated(scope, collection) == 1
        assert fresh(old).latest.status == Status.QUEUED
        assert run_of(old).state == IngestRun.State.QUEUED
        assert reprocess_outdated(scope, collection) == 0
        assert data_of(Action.DOCUMENT_REPROCESSED) == {"documents": 1, "parser_version": PARSER_VERSION}

    def test_it_needs_a_contributor(self, collection: Collection) -> None:
        reader = UserFactory()
        grant(collection, reader)
        with pytest.raises(NotAllowed):
            reprocess_outdated(scope_of(reader), collection)

    def test_an_operator_does_it_for_all_from_a_shell(
        self, collection: Collection, capsys: pytest.CaptureFixture[str]
    ) -> None:
        DocumentFactory(collection=collection, version__parser_version=1)
        DocumentFactory(version__parser_version=1)
        call_command("reprocess", collection=str(collection.pk))
        call_command("reprocess")
        assert capsys.readouterr().out.count("1 documents in all.") == 2
        assert IngestRun.objects.count() == 2
        with pytest.raises(CommandError):
            call_command("reprocess", collection="nothing")


class TestDeleting:
    @pytest.mark.django_db(transaction=True)
    def test_what_is_deleted_while_it_is_read_leaves_nothing(
        self, upload: Upload, scope: Scope, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        document = upload()
        sha256 = document.latest.sha256
        during_reading(monkeypatch, lambda: services.delete_document(scope, document))
        ingest_version(str(run_of(document).pk))
        assert not Document.objects.exists()
        assert not IndexedPassage.objects.exists()
        assert not IngestRun.objects.exists()
        assert not storage.path_of(sha256).exists()

    @pytest.mark.django_db(transaction=True)
    def test_deleting_and_adding_the_same_bytes_at_once_never_leaves_a_document_without_its_file(
        self, upload: Upload, scope: Scope
    ) -> None:
        for _ in range(5):
            document = upload()
            at_once(lambda: services.delete_document(scope, document), upload)  # noqa: B023
            for version in Version.objects.all():
                assert storage.path_of(version.sha256).exists()
            for left in Document.objects.all():
                services.delete_document(scope, left)

    @pytest.mark.django_db(transaction=True)
    def test_deleting_and_moving_at_once_ends_with_the_document_gone_or_moved(
        self, upload: Upload, scope: Scope, person: Any
    ) -> None:
        document, target = upload(), owned_by(person)
        at_once(
            lambda: services.delete_document(scope, document),
            lambda: change_document(scope, document, collection=target),
        )
        assert not Document.objects.exclude(collection=target).exists()

    def test_an_attachment_added_by_itself_stays_when_its_mail_goes(
        self, upload: Upload, scope: Scope, collection: Collection
    ) -> None:
        mail = upload(b"Subject: figures\n\nSee attached.", filename="mail.txt")
        stored = storage.store([REPORT], limit=1000)
        child, _ = services.add_document(
            Scope.of_system(), collection, stored, filename="a.txt", media_type="text/plain", attached_to=mail
        )
        assert (child.attached_to, child.created_by) == (mail, mail.created_by)
        again, duplicate = upload_document(scope, collection, [REPORT], filename="a.txt")
        assert (again, duplicate, again.attached_to) == (child, True, None)
        services.delete_document(scope, mail)
        assert list(Document.objects.all()) == [child]

    def test_nothing_is_attached_to_what_has_gone(self, upload: Upload, scope: Scope, collection: Collection) -> None:
        mail = upload()
        services.delete_document(scope, mail)
        stored = storage.store([NEW], limit=1000)
        with pytest.raises(NotFound):
            services.add_document(
                Scope.of_system(), collection, stored, filename="a.txt", media_type="text/plain", attached_to=mail
            )


def during_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have `act` happen, in another connection, once the worker has the run and before it writes anything."""
    claim, done = runs.claim, []

    def claimed(run_id: Any) -> Any:
        hold = claim(run_id)
        if not done:
            done.append(True)
            at_once(act)
        return hold

    monkeypatch.setattr(runs, "claim", claimed)


def at_once(*acts: Callable[[], object]) -> None:
    """Do these at the same time, each with a connection of its own; what is refused is refused, anything else is a failure."""

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except ToulminError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        for _ in threads.map(run, acts):
            pass
