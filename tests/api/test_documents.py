"""Documents over REST: adding, following, reading, changing, and who may do which."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scope import Permission, Scope
from apps.api import sse
from apps.audit.models import Record
from apps.documents.content import document_object
from apps.documents.models import Document, Role, Status
from apps.ingestion.models import IngestRun
from tests.api.conftest import Caller
from tests.api.events import read_bytes, read_events
from tests.api.shapes import assert_problem, items
from tests.factories import BlockFactory, DocumentFactory, PageFactory, grant, owned_by

pytestmark = pytest.mark.django_db

TEXT = b"# Net debt\n\nNet debt fell to 4,120 million in the year under review.\n"


def _file(content: bytes = TEXT, name: str = "report.md") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def uploaded(ingrid: Caller) -> dict[str, Any]:
    collection = owned_by(ingrid.user)
    response = ingrid.upload({"file": _file(), "collection": str(collection.pk)})
    assert response.status_code == 202, response.content
    body: dict[str, Any] = response.json()
    return body


class TestAdding:
    def test_a_file_is_taken_and_its_reading_is_queued(self, ingrid: Caller) -> None:
        collection = owned_by(ingrid.user)
        fields = {"file": _file(), "collection": str(collection.pk), "title": "The report", "language": "en"}
        response = ingrid.upload(fields)
        assert response.status_code == 202, response.content
        body = response.json()
        assert (body["title"], body["filename"], body["language"]) == ("The report", "report.md", "en")
        assert (body["status"], body["duplicate"], body["bytes"]) == ("queued", False, len(TEXT))
        assert body["collection"] == str(collection.pk)
        assert IngestRun.objects.get().version.document_id == uuid.UUID(body["id"])
        assert Record.objects.filter(action="document.uploaded", actor_type="token").count() == 1

    def test_the_same_bytes_are_the_same_document(self, ingrid: Caller, uploaded: dict[str, Any]) -> None:
        again = ingrid.upload({"file": _file(name="other.md"), "collection": uploaded["collection"]})
        assert (again.status_code, again.json()["id"], again.json()["duplicate"]) == (200, uploaded["id"], True)
        elsewhere = ingrid.upload({"file": _file(), "collection": str(owned_by(ingrid.user).pk)})
        assert (elsewhere.status_code, elsewhere.json()["duplicate"]) == (202, False)

    def test_a_reader_adds_nothing_and_a_stranger_finds_no_collection(self, ingrid: Caller, boris: Caller) -> None:
        collection = owned_by(ingrid.user)
        fields = {"collection": str(collection.pk)}
        assert_problem(boris.upload(fields | {"file": _file()}), 404, "not_found")
        grant(collection, boris.user, Role.READER)
        assert_problem(boris.upload(fields | {"file": _file()}), 403, "not_allowed")
        grant(collection, boris.user, Role.CONTRIBUTOR)
        assert boris.upload(fields | {"file": _file()}).status_code == 202

    def test_a_token_for_reading_adds_nothing(self, ingrid: Caller) -> None:
        collection = owned_by(ingrid.user)
        reader = Caller(ingrid.user, Permission.READ)
        assert_problem(reader.upload({"file": _file(), "collection": str(collection.pk)}), 403, "not_allowed")
        assert not Document.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"file": None}, "invalid", "file"),
            ({"collection": None}, "invalid", "collection"),
            ({"collection": "credit"}, "invalid", "collection"),
            ({"language": "x" * 40}, "invalid", "language"),
            ({"effective_from": "the first of May"}, "invalid", "effective_from"),
            ({"supersedes": "the other"}, "invalid", "supersedes"),
            ({"folder": "x" * 501}, "invalid", "folder"),
            ({"file": b""}, "empty", None),
            ({"file": b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 64}, "unsupported", None),
        ],
    )
    def test_what_cannot_be_used_is_refused(
        self, ingrid: Caller, changes: dict[str, Any], code: str, field: str | None
    ) -> None:
        fields = {"file": TEXT, "collection": str(owned_by(ingrid.user).pk)} | changes
        name = "program.bin" if code == "unsupported" else "report.md"
        sent = {key: value for key, value in fields.items() if value is not None}
        if "file" in sent:
            sent["file"] = _file(sent["file"], name)
        problem = assert_problem(ingrid.upload(sent), 422, code)
        if field:
            assert list(problem["errors"]) == [field]
        assert not Document.objects.exists()

    def test_a_file_beyond_the_limit_is_refused(self, ingrid: Caller, settings: Any) -> None:
        settings.UPLOAD_LIMIT = 20
        fields = {"file": _file(), "collection": str(owned_by(ingrid.user).pk)}
        assert_problem(ingrid.upload(fields), 413, "too_large")


class TestReading:
    def test_the_document_is_the_very_object_that_the_browser_shows(self, ingrid: Caller) -> None:
        document = DocumentFactory(collection=owned_by(ingrid.user))
        assert ingrid.get(f"/documents/{document.pk}").json() == document_object(document)

    def test_documents_are_listed_and_filtered(self, ingrid: Caller, boris: Caller) -> None:
        mine, other = owned_by(ingrid.user), owned_by(ingrid.user)
        DocumentFactory(collection=owned_by(boris.user), title="Hidden report")
        first = DocumentFactory(collection=mine, title="Annual report", version__filename="a.pdf")
        second = DocumentFactory(collection=other, title="Terms", version__filename="loan.pdf")
        third = DocumentFactory(
            collection=mine, title="Broken", version__status=Status.FAILED, version__filename="b.pdf"
        )

        def found(**query: Any) -> list[str]:
            return [row["id"] for row in items(ingrid.get("/documents", **query))]

        assert found() == [str(third.pk), str(second.pk), str(first.pk)]
        assert found(collection=str(mine.pk)) == [str(third.pk), str(first.pk)]
        assert found(status="failed") == [str(third.pk)]
        assert found(q="REPORT") == [str(first.pk)]
        assert found(q="loan") == [str(second.pk)]
        assert_problem(boris.get("/documents", collection=str(mine.pk)), 404, "not_found")
        assert_problem(ingrid.get("/documents", status="lost"), 422, "invalid")

    def test_listing_costs_the_same_however_many_there_are(self, ingrid: Caller) -> None:
        collection = owned_by(ingrid.user)

        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                ingrid.get("/documents")
            return len(seen)

        DocumentFactory(collection=collection)
        ingrid.get("/documents")
        few = queries()
        DocumentFactory.create_batch(5, collection=collection)
        assert queries() == few

    def test_pages_come_one_after_another_and_miss_nothing(self, ingrid: Caller) -> None:
        collection = owned_by(ingrid.user)
        made = [str(DocumentFactory(collection=collection).pk) for _ in range(5)]
        seen: list[str] = []
        cursor = ""
        for _ in range(3):
            page = ingrid.get("/documents", limit="2", cursor=cursor).json()
            seen += [row["id"] for row in page["items"]]
            DocumentFactory(collection=collection)
            cursor = page["next"]
        assert cursor is None
        assert seen == made[::-1]

    @pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0", "WyJhIiwgImIiXQ", "é", "WyIyMDI2LTAxLTAxIiwgIngiXQ"])
    def test_a_cursor_that_is_none_is_refused(self, ingrid: Caller, cursor: str) -> None:
        problem = assert_problem(ingrid.get("/documents", cursor=cursor), 422, "invalid")
        assert list(problem["errors"]) == ["cursor"]

    def test_what_was_read_comes_with_its_places(self, ingrid: Caller) -> None:
        document = DocumentFactory(collection=owned_by(ingrid.user))
        page = PageFactory(version=document.latest, number=1)
        BlockFactory(page=page, kind="heading", text="Borrowings", level=1)
        BlockFactory(
            page=page,
            kind="table",
            text="Net debt 4,120",
            cells=[{"row": 0, "column": 0, "text": "Net debt", "header": True, "box": None}],
        )
        body = ingrid.get(f"/documents/{document.pk}/content").json()
        [read] = body["pages"]
        assert (body["document"], body["version"], read["number"]) == (str(document.pk), 1, 1)
        assert [(block["kind"], block["text"]) for block in read["blocks"]] == [
            ("heading", "Borrowings"),
            ("table", "Net debt 4,120"),
        ]
        assert read["blocks"][0]["boxes"] == [[0.1, 0.2, 0.9, 0.25]]
        assert read["blocks"][1]["cells"][0]["text"] == "Net debt"

    def test_a_page_is_a_picture(self, ingrid: Caller) -> None:
        sample = next(Path("tests/files").rglob("*.pdf"), None) or next(Path("samples").rglob("*.pdf"))
        fields = {"file": _file(sample.read_bytes(), sample.name), "collection": str(owned_by(ingrid.user).pk)}
        document = ingrid.upload(fields).json()
        picture = ingrid.get(f"/documents/{document['id']}/pages/1.png", width="400")
        assert picture.status_code == 200
        assert picture["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
        assert "private" in picture["Cache-Control"]
        assert_problem(ingrid.get(f"/documents/{document['id']}/pages/9999.png"), 404, "not_found")

    def test_a_format_without_pages_has_no_picture(self, ingrid: Caller, uploaded: dict[str, Any]) -> None:
        assert_problem(ingrid.get(f"/documents/{uploaded['id']}/pages/1.png"), 404, "not_found")

    def test_the_original_comes_back_byte_for_byte_and_is_recorded(
        self, ingrid: Caller, uploaded: dict[str, Any]
    ) -> None:
        response = ingrid.get(f"/documents/{uploaded['id']}/original")
        assert read_bytes(response) == TEXT
        assert int(response["Content-Length"]) == len(TEXT)
        assert response["Content-Disposition"] == 'attachment; filename="report.md"'
        assert Record.objects.filter(action="document.downloaded", documents=[uploaded["id"]]).exists()

    def test_where_originals_are_kept_back_only_managers_get_them(
        self, ingrid: Caller, boris: Caller, uploaded: dict[str, Any]
    ) -> None:
        collection = Document.objects.get(pk=uploaded["id"]).collection
        grant(collection, boris.user)
        path = f"/documents/{uploaded['id']}/original"
        assert read_bytes(boris.get(path)) == TEXT
        ingrid("patch", f"/collections/{collection.pk}", {"allow_download": False})
        assert_problem(boris.get(path), 403, "not_allowed")
        assert ingrid.get(path).status_code == 200


class TestFollowing:
    def test_a_document_that_is_read_is_told_at_once(self, ingrid: Caller) -> None:
        document = DocumentFactory(collection=owned_by(ingrid.user))
        [event] = read_events(ingrid.get(f"/documents/{document.pk}/events"))
        assert (event.id, event.name, event.data) == ("1", "done", document_object(document))

    def test_progress_is_told_until_the_end(self, ingrid: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        document = DocumentFactory(
            collection=owned_by(ingrid.user), version__status=Status.PARSING, version__progress=0.2
        )
        steps = iter([{}, {"progress": 0.6}, {}, {"progress": 1.0, "status": Status.FAILED, "error_code": "damaged"}])
        seen = sse.shown

        def moving(scope: Scope, row: Document) -> dict[str, Any]:
            assert row.latest is not None
            for name, value in next(steps).items():
                setattr(row.latest, name, value)
            row.latest.save()
            return seen(scope, row)

        monkeypatch.setattr(sse, "shown", moving)
        monkeypatch.setattr(sse, "_POLL", 0.01)
        events = read_events(ingrid.get(f"/documents/{document.pk}/events"))
        assert [(event.name, event.data["progress"]) for event in events] == [
            ("progress", 0.2),
            ("progress", 0.6),
            ("done", 1.0),
        ]
        assert events[-1].data["error"]["code"] == "damaged"


class TestChanging:
    def test_title_and_language_change(self, ingrid: Caller, uploaded: dict[str, Any]) -> None:
        changed = ingrid("patch", f"/documents/{uploaded['id']}", {"title": "Renamed", "language": "de"})
        assert (changed.json()["title"], changed.json()["language"]) == ("Renamed", "de")
        assert_problem(ingrid("patch", f"/documents/{uploaded['id']}", {"sha256": "0"}), 422, "invalid")
        assert_problem(ingrid("patch", f"/documents/{uploaded['id']}", {"title": " "}), 422, "invalid")

    def test_a_deleted_document_is_gone(self, ingrid: Caller, uploaded: dict[str, Any]) -> None:
        assert ingrid("delete", f"/documents/{uploaded['id']}").status_code == 204
        assert_problem(ingrid.get(f"/documents/{uploaded['id']}"), 404, "not_found")
        assert Record.objects.filter(action="document.deleted", documents=[uploaded["id"]]).exists()

    def test_reading_is_stopped_and_begun_again(self, ingrid: Caller, uploaded: dict[str, Any]) -> None:
        path = f"/documents/{uploaded['id']}"
        assert_problem(ingrid("post", f"{path}/reprocess"), 409, "conflict")
        stopped = ingrid("post", f"{path}/cancel")
        assert (stopped.status_code, stopped.json()["status"]) == (202, "cancelled")
        again = ingrid("post", f"{path}/reprocess")
        assert (again.status_code, again.json()["status"]) == (202, "queued")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("get", "", None),
            ("patch", "", {"title": "Mine"}),
            ("delete", "", None),
            ("get", "/events", None),
            ("get", "/content", None),
            ("get", "/pages/1.png", None),
            ("get", "/original", None),
            ("post", "/reprocess", None),
            ("post", "/cancel", None),
        ],
    )
    def test_what_is_not_yours_answers_as_what_is_not_there(
        self, boris: Caller, uploaded: dict[str, Any], method: str, path: str, body: object
    ) -> None:
        assert_problem(boris(method, f"/documents/{uploaded['id']}{path}", body), 404, "not_found")
        assert_problem(boris(method, f"/documents/{uuid.uuid4()}{path}", body), 404, "not_found")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("patch", "", {"title": "Mine"}),
            ("delete", "", None),
            ("post", "/reprocess", None),
            ("post", "/cancel", None),
        ],
    )
    def test_a_reader_changes_nothing(
        self, boris: Caller, uploaded: dict[str, Any], method: str, path: str, body: object
    ) -> None:
        grant(Document.objects.get(pk=uploaded["id"]).collection, boris.user)
        assert_problem(boris(method, f"/documents/{uploaded['id']}{path}", body), 403, "not_allowed")
