"""Large files in pieces over tus: begun, broken off, gone on with, and read once they are whole."""

import base64
import hashlib
import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.scope import Permission
from apps.audit.models import Record
from apps.documents import storage
from apps.documents.models import Collection, Document, Role, Upload, Version
from apps.documents.tasks import sweep_documents
from apps.ingestion.models import IngestRun
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem
from tests.factories import UserFactory, grant, owned_by

pytestmark = pytest.mark.django_db

TEXT = b"# Net debt\n\nNet debt fell to 4,120 million in the year under review.\n" * 40
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def collection(ingrid: Caller) -> Collection:
    return owned_by(ingrid.user)


def metadata(**values: object) -> str:
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in values.items())


def begin(caller: Caller, collection: Collection, size: int = len(TEXT), **said: object) -> HttpResponse:
    said = {"filename": "report.md", "collection": collection.pk} | said
    return caller("post", "/uploads", **TUS, **{"Upload-Length": str(size), "Upload-Metadata": metadata(**said)})


def begun(caller: Caller, collection: Collection, size: int = len(TEXT), **said: object) -> str:
    response = begin(caller, collection, size, **said)
    assert response.status_code == 201, response.content
    return str(response["Location"]).rsplit("/", 1)[-1]


def send(caller: Caller, upload: str, offset: int, piece: bytes, **headers: str) -> HttpResponse:
    return caller.client.patch(
        f"/api/v1/uploads/{upload}",
        piece,
        content_type="application/offset+octet-stream",
        headers={"Authorization": f"Bearer {caller.secret}", **TUS, "Upload-Offset": str(offset), **headers},
    )


def standing(caller: Caller, upload: str) -> HttpResponse:
    return caller("head", f"/uploads/{upload}", **TUS)


class TestSending:
    def test_a_file_in_pieces_becomes_a_document_that_is_read(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection, folder="2023/reports", title="The report", language="en")
        first = send(ingrid, upload, 0, TEXT[:1000])
        assert (first.status_code, first["Upload-Offset"]) == (204, "1000")
        assert "Toulmin-Document" not in first
        last = send(ingrid, upload, 1000, TEXT[1000:])
        document = Document.objects.get()
        assert (last.status_code, last["Toulmin-Document"], last["Toulmin-Duplicate"]) == (
            204,
            str(document.pk),
            "false",
        )
        assert (document.title, document.folder) == ("The report", "2023/reports")
        version = Version.objects.get()
        assert (version.sha256, version.bytes, version.language) == (hashlib.sha256(TEXT).hexdigest(), len(TEXT), "en")
        assert storage.path_of(version.sha256).read_bytes() == TEXT
        assert IngestRun.objects.get().version == version
        assert Record.objects.filter(action="document.uploaded", actor_type="token").count() == 1

    def test_after_a_broken_line_the_offset_says_where_to_go_on(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        send(ingrid, upload, 0, TEXT[:700])
        response = standing(ingrid, upload)
        assert (response["Upload-Offset"], response["Upload-Length"]) == ("700", str(len(TEXT)))
        assert response["Cache-Control"] == "no-store"
        assert send(ingrid, upload, 700, TEXT[700:]).status_code == 204
        assert standing(ingrid, upload)["Toulmin-Document"] == str(Document.objects.get().pk)

    def test_what_a_broken_piece_left_behind_is_written_over(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        send(ingrid, upload, 0, TEXT[:700])
        with storage.arriving(upload).open("ab") as file:
            file.write(b"half of a piece")
        send(ingrid, upload, 700, TEXT[700:])
        assert Version.objects.get().sha256 == hashlib.sha256(TEXT).hexdigest()

    def test_the_last_piece_sent_again_answers_the_same(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        first = send(ingrid, upload, 0, TEXT)
        again = send(ingrid, upload, 0, TEXT)
        assert again["Toulmin-Document"] == first["Toulmin-Document"]
        assert Document.objects.count() == 1

    def test_the_same_bytes_again_name_the_document_that_is_there(self, ingrid: Caller, collection: Collection) -> None:
        first = send(ingrid, begun(ingrid, collection), 0, TEXT)
        again = send(ingrid, begun(ingrid, collection), 0, TEXT)
        assert (again["Toulmin-Document"], again["Toulmin-Duplicate"]) == (first["Toulmin-Document"], "true")

    def test_nothing_of_the_pieces_stays_on_disk(self, ingrid: Caller, collection: Collection) -> None:
        send(ingrid, begun(ingrid, collection), 0, TEXT)
        assert not list((storage.arriving("x").parent).iterdir())

    def test_a_browser_sends_with_its_session_and_its_token_against_forgery(self, collection: Collection) -> None:
        person = UserFactory()
        grant(collection, person, Role.CONTRIBUTOR)
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        headers = {**TUS, "Upload-Length": "3", "Upload-Metadata": metadata(filename="a.txt", collection=collection.pk)}
        assert client.post(reverse("api:uploads"), headers=headers).status_code == 403
        client.get("/")
        token = client.cookies[next(name for name in client.cookies if "csrf" in name)].value
        begun = client.post(reverse("api:uploads"), headers=headers | {"X-CSRFToken": token})
        assert begun.status_code == 201
        sent = client.patch(
            begun["Location"],
            b"abc",
            content_type="application/offset+octet-stream",
            headers={**TUS, "Upload-Offset": "0", "X-CSRFToken": token},
        )
        assert sent.status_code == 204
        assert Document.objects.get().created_by == person

    def test_a_next_version_arrives_in_pieces_too(self, ingrid: Caller, collection: Collection) -> None:
        first = send(ingrid, begun(ingrid, collection), 0, TEXT)["Toulmin-Document"]
        upload = begun(ingrid, collection, 10, supersedes=first, effective_from="2030-01-31")
        send(ingrid, upload, 0, b"# New text")
        latest = Document.objects.get().latest
        assert latest is not None
        assert (latest.number, str(latest.effective_from)) == (2, "2030-01-31")


class TestRefusing:
    def test_a_piece_at_another_place_is_a_conflict(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        send(ingrid, upload, 0, TEXT[:700])
        assert_problem(send(ingrid, upload, 0, TEXT[:700]), 409, "conflict")
        assert_problem(send(ingrid, upload, 800, TEXT[800:]), 409, "conflict")
        assert standing(ingrid, upload)["Upload-Offset"] == "700"

    def test_more_than_was_announced_is_refused(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection, 10)
        assert_problem(send(ingrid, upload, 0, TEXT), 422, "invalid")
        assert standing(ingrid, upload)["Upload-Offset"] == "0"

    def test_a_damaged_piece_does_not_count(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        good = base64.b64encode(hashlib.sha1(TEXT).digest()).decode()  # noqa: S324
        damaged = send(ingrid, upload, 0, TEXT[:-1] + b"?", **{"Upload-Checksum": f"sha1 {good}"})
        assert_problem(damaged, 460, "checksum_mismatch")
        assert standing(ingrid, upload)["Upload-Offset"] == "0"
        assert send(ingrid, upload, 0, TEXT, **{"Upload-Checksum": f"sha1 {good}"}).status_code == 204

    def test_a_file_that_cannot_be_read_ends_the_upload_with_its_sentence(
        self, ingrid: Caller, collection: Collection
    ) -> None:
        content = b"\x7fELF\x02\x01\x01" + bytes(500)
        upload = begun(ingrid, collection, len(content), filename="tool")
        assert_problem(send(ingrid, upload, 0, content), 422, "unsupported")
        assert standing(ingrid, upload).status_code == 404
        assert not list(storage.arriving("x").parent.iterdir())

    def test_too_large_a_file_is_refused_before_it_is_sent(
        self, ingrid: Caller, collection: Collection, settings: Any
    ) -> None:
        settings.UPLOAD_LIMIT = 1000
        assert_problem(begin(ingrid, collection, 1001), 413, "too_large")

    def test_a_file_for_which_the_disk_has_no_room_is_refused(
        self, ingrid: Caller, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage, "room", lambda: 1000)
        assert_problem(begin(ingrid, collection), 503, "unavailable")

    @pytest.mark.parametrize("size", ["", "-1", "0", "ten", "9" * 30])
    def test_a_size_is_needed(self, ingrid: Caller, collection: Collection, size: str) -> None:
        headers = {"Upload-Length": size, "Upload-Metadata": metadata(filename="a.md", collection=collection.pk)}
        assert_problem(ingrid("post", "/uploads", **TUS, **headers), 422, "invalid")

    @pytest.mark.parametrize(
        "said", ["", "collection", "collection !!", metadata(collection="x"), metadata(filename="a.md")]
    )
    def test_unusable_metadata_is_said(self, ingrid: Caller, said: str) -> None:
        response = ingrid("post", "/uploads", **TUS, **{"Upload-Length": "5", "Upload-Metadata": said})
        assert_problem(response, 422, "invalid")

    def test_another_version_of_the_protocol_is_refused(self, ingrid: Caller, collection: Collection) -> None:
        response = ingrid("post", "/uploads", **{"Tus-Resumable": "0.2.2"})
        assert_problem(response, 412, "precondition_failed")
        assert response["Tus-Version"] == "1.0.0"

    def test_a_piece_is_sent_as_bytes(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        assert_problem(ingrid("patch", f"/uploads/{upload}", {}, **TUS), 415, "unsupported_media_type")

    def test_only_contributors_begin(self, ingrid: Caller, boris: Caller, collection: Collection) -> None:
        assert_problem(begin(boris, collection), 404, "not_found")
        grant(collection, boris.user, Role.READER)
        assert_problem(begin(boris, collection), 403, "not_allowed")

    def test_whoever_may_no_longer_contribute_does_not_finish(self, boris: Caller, collection: Collection) -> None:
        grant(collection, boris.user, Role.CONTRIBUTOR)
        upload = begun(boris, collection)
        grant(collection, boris.user, Role.READER)
        assert_problem(send(boris, upload, 0, TEXT), 403, "not_allowed")
        assert not Document.objects.exists()

    def test_an_upload_is_its_owners_alone(self, ingrid: Caller, boris: Caller, collection: Collection) -> None:
        grant(collection, boris.user, Role.MANAGER)
        upload = begun(ingrid, collection)
        assert standing(boris, upload).status_code == 404
        assert_problem(send(boris, upload, 0, TEXT), 404, "not_found")
        assert boris.get("/uploads").json()["items"] == []
        assert [item["id"] for item in ingrid.get("/uploads").json()["items"]] == [upload]

    def test_a_token_that_may_only_read_does_not_upload(self, collection: Collection) -> None:
        reader = Caller(UserFactory(), Permission.READ)
        grant(collection, reader.user, Role.CONTRIBUTOR)
        assert_problem(begin(reader, collection), 403, "not_allowed")


class TestEnding:
    def test_giving_up_forgets_what_has_arrived(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        send(ingrid, upload, 0, TEXT[:700])
        assert ingrid("delete", f"/uploads/{upload}", **TUS).status_code == 204
        assert standing(ingrid, upload).status_code == 404
        assert not storage.arriving(upload).exists()

    def test_the_document_stays_when_its_upload_is_ended(self, ingrid: Caller, collection: Collection) -> None:
        upload = begun(ingrid, collection)
        send(ingrid, upload, 0, TEXT)
        ingrid("delete", f"/uploads/{upload}", **TUS)
        assert Document.objects.count() == 1

    def test_what_nobody_went_on_with_is_swept(self, ingrid: Caller, collection: Collection) -> None:
        old, young = begun(ingrid, collection), begun(ingrid, collection)
        for upload in (old, young):
            send(ingrid, upload, 0, TEXT[:10])
        Upload.objects.filter(pk=old).update(expires_at=timezone.now() - timedelta(minutes=1))
        sweep_documents()
        assert not storage.arriving(old).exists()
        assert storage.arriving(young).exists()
        assert standing(ingrid, old).status_code == 404

    def test_what_the_server_can_do_is_said(self, ingrid: Caller) -> None:
        response = ingrid("options", "/uploads")
        assert response.status_code == 204
        assert response["Tus-Version"] == "1.0.0"
        assert set(response["Tus-Extension"].split(",")) == {"creation", "termination", "expiration", "checksum"}
        assert response["Tus-Max-Size"] == str(1024 * 1024 * 1024)
        assert "sha1" in response["Tus-Checksum-Algorithm"]


@pytest.mark.django_db(transaction=True)
def test_two_pieces_at_once_are_not_mixed(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)
    upload = begun(ingrid, collection)
    with transaction.atomic():
        Upload.objects.select_for_update().get(pk=upload)
        answers: list[HttpResponse] = []

        def sending() -> None:
            answers.append(send(ingrid, upload, 0, TEXT))
            connection.close()

        thread = threading.Thread(target=sending)
        thread.start()
        thread.join()
    assert_problem(answers[0], 409, "conflict")
    assert send(ingrid, upload, 0, TEXT).status_code == 204
    assert Document.objects.filter(pk=uuid.UUID(standing(ingrid, upload)["Toulmin-Document"])).exists()
