"""The life of documents over REST: versions, moves, passwords, reading again, long content, and what a deletion leaves."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.documents import services, storage
from apps.documents.models import Attachment, Collection, Document, Role, Status, Version
from apps.documents.parsing import PARSER_VERSION
from apps.ingestion.models import IngestRun
from tests.api.conftest import Caller
from tests.api.events import read_bytes
from tests.api.shapes import assert_problem, items
from tests.factories import (
    BlockFactory,
    DocumentFactory,
    PageFactory,
    VersionFactory,
    answer_with_grounds,
    grant,
    owned_by,
    scope_of,
)

pytestmark = pytest.mark.django_db

OLD = b"# Net debt\n\nNet debt fell to 4,120 million in the year under review.\n"
NEW = b"# Net debt\n\nNet debt rose to 5,000 million in the year under review.\n"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def collection(ingrid: Caller) -> Collection:
    return owned_by(ingrid.user)


def add(caller: Caller, content: bytes = OLD, **fields: Any) -> HttpResponse:
    return caller.upload({"file": SimpleUploadedFile("report.md", content)} | fields)


@pytest.fixture
def added(ingrid: Caller, collection: Collection) -> dict[str, Any]:
    body: dict[str, Any] = add(ingrid, collection=str(collection.pk), folder="2023\\reports/../x").json()
    return body


class TestVersions:
    def test_a_file_supersedes_a_document_from_a_day_on(self, ingrid: Caller, added: dict[str, Any]) -> None:
        response = add(ingrid, NEW, supersedes=added["id"], effective_from="2030-01-31")
        assert response.status_code == 202, response.content
        body = response.json()
        assert (body["id"], body["version"], body["effective_from"], body["in_force"]) == (
            added["id"],
            2,
            "2030-01-31",
            1,
        )
        assert [(v["number"], v["effective_from"], v["in_force"], v["created_by"]) for v in body["versions"]] == [
            (2, "2030-01-31", False, "Ingrid Falk"),
            (1, None, True, "Ingrid Falk"),
        ]

    def test_superseding_needs_a_contributor_there(self, ingrid: Caller, boris: Caller, added: dict[str, Any]) -> None:
        own = owned_by(boris.user)
        assert_problem(add(boris, NEW, supersedes=added["id"], collection=str(own.pk)), 404, "not_found")
        grant(Collection.objects.get(pk=added["collection"]), boris.user)
        assert_problem(add(boris, NEW, supersedes=added["id"]), 403, "not_allowed")
        assert Version.objects.count() == 1

    def test_one_of_another_collection_is_not_superseded(self, ingrid: Caller, added: dict[str, Any]) -> None:
        other = owned_by(ingrid.user)
        problem = assert_problem(add(ingrid, NEW, supersedes=added["id"], collection=str(other.pk)), 422, "invalid")
        assert list(problem["errors"]) == ["supersedes"]

    def test_each_version_keeps_its_content_and_its_file(self, ingrid: Caller, added: dict[str, Any]) -> None:
        add(ingrid, NEW, supersedes=added["id"])
        first, second = Version.objects.order_by("number")
        BlockFactory(page=PageFactory(version=first, number=1), text="Fell.")
        BlockFactory(page=PageFactory(version=second, number=1), text="Rose.")
        path = f"/documents/{added['id']}"
        assert read_bytes(ingrid.get(f"{path}/original", version="1")) == OLD
        assert read_bytes(ingrid.get(f"{path}/original")) == NEW
        content = ingrid.get(f"{path}/content", version="1").json()
        assert (content["version"], content["pages"][0]["blocks"][0]["text"]) == (1, "Fell.")
        assert ingrid.get(f"{path}/content").json()["version"] == 2
        for address in ("content", "original", "pages/1.png"):
            assert_problem(ingrid.get(f"{path}/{address}", version="3"), 404, "not_found")

    def test_the_page_picture_of_an_earlier_version_stays(self, ingrid: Caller, collection: Collection) -> None:
        sample = next(Path("samples").rglob("*.pdf")).read_bytes()
        document = add(ingrid, sample, collection=str(collection.pk)).json()
        add(ingrid, NEW, supersedes=document["id"])
        path = f"/documents/{document['id']}/pages/1.png"
        assert ingrid.get(path, version="1", width="400").content.startswith(b"\x89PNG")
        assert_problem(ingrid.get(path), 404, "not_found")


class TestChanging:
    def test_a_document_is_renamed_dated_and_moved_at_once(self, ingrid: Caller, added: dict[str, Any]) -> None:
        target = owned_by(ingrid.user)
        changes = {"title": "New", "language": "de", "effective_from": "2020-05-01", "collection": str(target.pk)}
        body = ingrid("patch", f"/documents/{added['id']}", changes).json()
        assert {name: body[name] for name in changes} == changes

    def test_what_is_not_sent_stays_and_null_takes_a_date_away(self, ingrid: Caller, added: dict[str, Any]) -> None:
        path = f"/documents/{added['id']}"
        ingrid("patch", path, {"effective_from": "2020-05-01"})
        assert ingrid("patch", path, {"title": "New"}).json()["effective_from"] == "2020-05-01"
        assert ingrid("patch", path, {"effective_from": None}).json()["effective_from"] is None

    def test_moving_needs_a_contributor_in_both(self, ingrid: Caller, boris: Caller, added: dict[str, Any]) -> None:
        target, path = owned_by(boris.user), f"/documents/{added['id']}"
        assert_problem(ingrid("patch", path, {"collection": str(target.pk)}), 404, "not_found")
        grant(target, ingrid.user)
        assert_problem(ingrid("patch", path, {"collection": str(target.pk)}), 403, "not_allowed")
        grant(target, ingrid.user, Role.CONTRIBUTOR)
        assert ingrid("patch", path, {"collection": str(target.pk)}).json()["collection"] == str(target.pk)

    def test_a_moved_document_is_seen_by_those_of_its_new_place(
        self, ingrid: Caller, boris: Caller, added: dict[str, Any]
    ) -> None:
        target, path = owned_by(ingrid.user), f"/documents/{added['id']}"
        grant(target, boris.user)
        assert_problem(boris.get(path), 404, "not_found")
        ingrid("patch", path, {"collection": str(target.pk)})
        assert boris.get(path).status_code == 200

    def test_the_same_file_there_is_a_conflict(self, ingrid: Caller, added: dict[str, Any]) -> None:
        target = owned_by(ingrid.user)
        add(ingrid, collection=str(target.pk))
        problem = ingrid("patch", f"/documents/{added['id']}", {"collection": str(target.pk)})
        assert_problem(problem, 409, "conflict")


class TestReadingAgain:
    def test_a_password_is_taken_and_never_told(self, ingrid: Caller, collection: Collection) -> None:
        document = DocumentFactory(
            collection=collection, version__status=Status.FAILED, version__error_code="encrypted"
        )
        response = ingrid("post", f"/documents/{document.pk}/password", {"password": "Schlüssel 42"})
        assert (response.status_code, response.json()["status"]) == (202, "queued")
        for seen in (response, ingrid.get(f"/documents/{document.pk}"), ingrid.get("/documents")):
            assert "Schl" not in seen.content.decode()

    def test_a_password_needs_a_contributor(self, boris: Caller, collection: Collection) -> None:
        document = DocumentFactory(collection=collection)
        grant(collection, boris.user)
        response = boris("post", f"/documents/{document.pk}/password", {"password": "x"})
        assert_problem(response, 403, "not_allowed")

    def test_what_an_older_parser_read_says_so_and_is_read_again(self, ingrid: Caller, collection: Collection) -> None:
        old = DocumentFactory(collection=collection, version__parser_version=PARSER_VERSION - 1)
        new = DocumentFactory(collection=collection, version__parser_version=PARSER_VERSION)
        assert {row["id"]: row["outdated"] for row in items(ingrid.get("/documents"))} == {
            str(old.pk): True, str(new.pk): False,
        }  # fmt: skip
        response = ingrid("post", f"/collections/{collection.pk}/reprocess")
        assert (response.status_code, response.json()) == (202, {"documents": 1})
        assert IngestRun.objects.get().version.document == old

    def test_what_waits_says_how_many_are_before_it(self, ingrid: Caller, collection: Collection) -> None:
        first = add(ingrid, OLD, collection=str(collection.pk)).json()
        second = add(ingrid, NEW, collection=str(collection.pk)).json()
        assert (first["queue"], second["queue"]) == ({"ahead": 0}, {"ahead": 1})


class TestFinding:
    def test_folders_are_listed_with_what_is_below_them(self, ingrid: Caller, collection: Collection) -> None:
        made = {
            folder: str(DocumentFactory(collection=collection, folder=folder).pk)
            for folder in ("", "2023", "2023/reports", "2023-old")
        }

        def found(folder: str) -> set[str]:
            return {row["id"] for row in items(ingrid.get("/documents", folder=folder))}

        assert found("2023") == {made["2023"], made["2023/reports"]}
        assert found("") == {made[""]}

    def test_a_folder_leads_nowhere(self, added: dict[str, Any]) -> None:
        assert added["folder"] == "2023/reports/x"

    def test_attachments_are_listed_by_what_they_came_with(
        self, ingrid: Caller, boris: Caller, collection: Collection
    ) -> None:
        mail = DocumentFactory(collection=collection)
        child = DocumentFactory(collection=collection, attached_to=mail)
        Attachment.objects.create(version=mail.latest, ordinal=0, name="a.pdf", bytes=9, document=child)
        [row] = items(ingrid.get("/documents", attached_to=str(mail.pk)))
        assert (row["id"], row["attached_to"]) == (str(child.pk), str(mail.pk))
        assert ingrid.get(f"/documents/{mail.pk}").json()["attachments"] == [
            {"name": "a.pdf", "bytes": 9, "document": str(child.pk), "detail": ""}
        ]
        assert_problem(boris.get("/documents", attached_to=str(mail.pk)), 404, "not_found")

    def test_a_collection_says_how_well_it_was_read(self, ingrid: Caller, collection: Collection) -> None:
        DocumentFactory(collection=collection, version__page_count=9, version__poor_pages=2, version__unread_pages=1)
        document = DocumentFactory(collection=collection, version__page_count=50)
        document.latest = VersionFactory(document=document, number=2, page_count=3, status=Status.FAILED)
        document.save()
        DocumentFactory(version__page_count=100)
        expected = {"documents": 2, "pages": 12, "unread": 1, "poor": 2, "failed": 1}
        assert ingrid.get(f"/collections/{collection.pk}").json()["totals"] == expected

    def test_totals_cost_the_same_however_many_collections_there_are(self, ingrid: Caller) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                ingrid.get("/collections")
            return len(seen)

        owned_by(ingrid.user)
        ingrid.get("/collections")
        few = queries()
        for _ in range(4):
            DocumentFactory(collection=owned_by(ingrid.user))
        assert queries() == few


class TestLongContent:
    @pytest.fixture
    def long(self, collection: Collection) -> Document:
        document = DocumentFactory(collection=collection, version__page_count=120)
        for number in range(1, 121):
            BlockFactory(
                page=PageFactory(version=document.latest, number=number), text=f"Text of {number}.", ordinal=number
            )
        return document

    def test_it_arrives_whole_and_in_order(self, ingrid: Caller, long: Document) -> None:
        response = ingrid.get(f"/documents/{long.pk}/content")
        assert response["Content-Type"] == "application/json"
        body = json.loads(read_bytes(response))
        assert (body["document"], body["version"], body["paged"]) == (str(long.pk), 1, True)
        assert [page["blocks"][0]["text"] for page in body["pages"]] == [f"Text of {n}." for n in range(1, 121)]

    @pytest.mark.parametrize(
        ("asked", "numbers"),
        [
            ({"page": "7"}, [7]),
            ({"from": "119"}, [119, 120]),
            ({"to": "2"}, [1, 2]),
            ({"from": "60", "to": "62"}, [60, 61, 62]),
            ({"from": "1", "to": "90"}, list(range(1, 91))),
        ],
    )
    def test_a_part_of_it_can_be_had(
        self, ingrid: Caller, long: Document, asked: dict[str, str], numbers: list[int]
    ) -> None:
        response = ingrid.get(f"/documents/{long.pk}/content", **asked)
        body = json.loads(read_bytes(response) if response.streaming else response.content)
        assert [page["number"] for page in body["pages"]] == numbers

    def test_a_page_that_there_is_not_is_not_found(self, ingrid: Caller, long: Document) -> None:
        assert_problem(ingrid.get(f"/documents/{long.pk}/content", page="121"), 404, "not_found")
        assert_problem(ingrid.get(f"/documents/{long.pk}/content", page="0"), 422, "invalid")

    def test_what_has_not_been_read_is_empty(self, ingrid: Caller, collection: Collection) -> None:
        document = DocumentFactory(collection=collection, version__status=Status.QUEUED)
        assert ingrid.get(f"/documents/{document.pk}/content").json()["pages"] == []


class TestAfterADeletion:
    def test_an_answer_keeps_its_quote_and_its_page_picture_is_gone(
        self, ingrid: Caller, collection: Collection
    ) -> None:
        sample = next(Path("samples").rglob("*.pdf")).read_bytes()
        body = add(ingrid, sample, collection=str(collection.pk)).json()
        document = Document.objects.get(pk=body["id"])
        answer = answer_with_grounds(ingrid.user, document)
        picture = f"/documents/{document.pk}/pages/1.png"
        browser = Client()
        browser.force_login(ingrid.user)
        assert ingrid.get(picture).status_code == 200
        assert browser.get(picture).status_code == 200
        services.delete_document(scope_of(ingrid.user), document)
        storage.discard_unreferenced(body["sha256"])
        for address in (picture, f"/documents/{document.pk}/content", f"/documents/{document.pk}/original"):
            assert_problem(ingrid.get(address), 404, "not_found")
        assert browser.get(picture).status_code == 404
        [citation] = ingrid.get(f"/answers/{answer.pk}").json()["citations"]
        assert citation["quote"] == "Net debt fell to 4,120 million."

    def test_it_is_not_found_by_any_list(self, ingrid: Caller, added: dict[str, Any]) -> None:
        assert ingrid("delete", f"/documents/{added['id']}").status_code == 204
        assert items(ingrid.get("/documents", q="report")) == []
        assert ingrid.get(f"/collections/{added['collection']}").json()["totals"]["documents"] == 0
