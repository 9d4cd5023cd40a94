"""The library: collections, their documents, who may read them, uploading."""

import uuid
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import Record
from apps.documents.models import Collection, Document, Grant, Role, Status
from tests.factories import (
    CollectionFactory,
    DocumentFactory,
    GroupFactory,
    PageFactory,
    UserFactory,
    grant,
    owned_by,
)
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_the_library_shows_what_may_be_read_and_nothing_else(visitor: SignedIn, reader: User) -> None:
    owned_by(reader, name="Halden Water")
    CollectionFactory(name="Board secrets")
    page = visitor.get("/library/").content.decode()
    assert "Halden Water" in page
    assert "Board secrets" not in page


def test_an_empty_library_says_what_to_do(visitor: SignedIn) -> None:
    assert "No collection yet" in visitor.get("/library/").content.decode()


def test_an_administrator_governs_access_without_reading(reader: User) -> None:
    reader.is_administrator = True
    reader.save()
    other = CollectionFactory(name="Legal matters")
    visitor = SignedIn(reader)
    assert "Legal matters" in visitor.get("/library/").content.decode()
    assert visitor.get(f"/collections/{other.pk}/access/").status_code == 200
    assert visitor.get(f"/collections/{other.pk}/").status_code == 404


def test_tiles_count_pages_that_were_not_read_well(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(reader), version__page_count=10)
    PageFactory(version=document.latest, number=4, quality="poor")
    page = visitor.get("/library/").content.decode()
    assert "10 pages: 9 read well, 1 poorly, 0 not read" in page
    assert "1 needs a look" in page


def test_whoever_makes_a_collection_manages_it(visitor: SignedIn, reader: User) -> None:
    response = visitor.post("/collections/new/", {"name": "Credit file", "description": "", "allow_download": "on"})
    made = Collection.objects.get(name="Credit file")
    assert response.status_code == 303
    assert response.headers["Location"] == f"/collections/{made.pk}/"
    assert Grant.objects.get(collection=made, user=reader).role == Role.MANAGER


def test_a_form_without_a_name_says_so_by_the_field(visitor: SignedIn) -> None:
    response = visitor.post("/collections/new/", {"name": ""})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'aria-invalid="true"' in page
    assert 'id="id_name_error"' in page


def test_a_dialog_gets_the_form_alone_and_goes_on_by_itself(visitor: SignedIn) -> None:
    fragment = visitor.get("/collections/new/", headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert 'hx-target="#dialog"' in fragment
    response = visitor.post("/collections/new/", {"name": "Credit file"}, headers=HTMX)
    assert response.status_code == 204
    assert response.headers["HX-Redirect"].startswith("/collections/")


@pytest.mark.parametrize("tab", ["", "rows/", "access/", "settings/", "delete/"])
def test_a_collection_of_others_is_not_there(visitor: SignedIn, tab: str) -> None:
    other = CollectionFactory()
    assert visitor.get(f"/collections/{other.pk}/{tab}").status_code == 404


@pytest.mark.parametrize("tab", ["access/", "settings/", "delete/"])
def test_a_reader_is_told_that_only_managers_may(visitor: SignedIn, reader: User, tab: str) -> None:
    collection = CollectionFactory()
    grant(collection, reader, Role.READER)
    assert visitor.get(f"/collections/{collection.pk}/{tab}").status_code == 403
    page = visitor.get(f"/collections/{collection.pk}/").content.decode()
    assert "/access/" not in page
    assert "/settings/" not in page
    assert 'id="add"' not in page


def test_each_document_shows_its_state(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    DocumentFactory(collection=collection, title="Facility Agreement")
    DocumentFactory(collection=collection, version__status=Status.PARSING, version__progress=0.43)
    DocumentFactory(
        collection=collection, version__status=Status.FAILED, version__error_detail="Protected by a password."
    )
    DocumentFactory(collection=collection, version__status=Status.CANCELLED)
    page = visitor.get(f"/collections/{collection.pk}/").content.decode()
    assert "Facility Agreement" in page
    assert "Reading, 43 %" in page
    assert "Protected by a password." in page
    assert "Reading was stopped" in page


def test_filters_and_search_narrow_the_list(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    DocumentFactory(collection=collection, title="Facility Agreement")
    DocumentFactory(collection=collection, title="Broken scan", version__status=Status.FAILED)
    DocumentFactory(collection=collection, title="Faint fax", version__page_count=9, version__unread_pages=1)
    address = f"/collections/{collection.pk}/"
    look = visitor.get(address + "?show=look").content.decode()
    assert "Broken scan" in look
    assert "Faint fax" in look
    assert "Facility Agreement" not in look
    assert "Facility Agreement" in visitor.get(address + "?q=agreem").content.decode()
    assert "No document matches" in visitor.get(address + "?q=nothing").content.decode()


def test_a_list_watches_only_what_is_unfinished(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    done = DocumentFactory(collection=collection)
    assert "every 1s" not in visitor.get(f"/collections/{collection.pk}/").content.decode()
    running = DocumentFactory(collection=collection, version__status=Status.PARSING)
    page = visitor.get(f"/collections/{collection.pk}/").content.decode()
    assert f"watch={running.pk}" in page
    assert f"watch={done.pk}" not in page


def test_a_watched_row_is_replaced_and_then_no_longer_watched(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    document = DocumentFactory(collection=collection, version__status=Status.PARSING)
    address = f"/collections/{collection.pk}/rows/?watch={document.pk}"
    assert "every 1s" in visitor.get(address, headers=HTMX).content.decode()
    document.latest.status = Status.READY
    document.latest.save()
    fragment = visitor.get(address, headers=HTMX).content.decode()
    assert f'<tr id="doc-{document.pk}" hx-swap-oob="true">' in fragment
    assert "every 1s" not in fragment


def test_what_is_counted_around_the_list_is_counted_again_with_it(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    document = DocumentFactory(collection=collection, version__status=Status.PARSING)
    for query in ("", f"?watch={document.pk}"):
        fragment = visitor.get(f"/collections/{collection.pk}/rows/{query}", headers=HTMX).content.decode()
        assert '<span class="n" id="document-count" hx-swap-oob="true">1</span>' in fragment
        assert '<div class="pager" id="pager" hx-swap-oob="true">' in fragment


def test_the_number_of_queries_does_not_grow_with_the_rows(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)

    def queries(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert visitor.get(address).status_code == 200
        return len(captured)

    addresses = ["/library/", f"/collections/{collection.pk}/", f"/collections/{collection.pk}/access/"]
    DocumentFactory(collection=collection)
    before = [queries(address) for address in addresses]
    for _ in range(6):
        DocumentFactory(collection=collection)
        owned_by(reader)
        grant(collection, GroupFactory(members=[UserFactory()]))
    # Grants to groups bring the one query for their members.
    assert [queries(address) <= most + 2 for address, most in zip(addresses, before, strict=True)] == [True] * 3


def test_files_of_a_form_are_uploaded(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    files = [SimpleUploadedFile(f"note {n}.txt", f"Note number {n}.".encode()) for n in (1, 2)]
    response = visitor.post(f"/collections/{collection.pk}/upload/", {"file": files})
    assert response.status_code == 303
    assert collection.documents.count() == 2


def test_a_script_gets_each_upload_answered_in_json(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    address = f"/collections/{collection.pk}/upload/"

    def send(content: bytes, name: str = "note.txt") -> tuple[int, dict[str, object]]:
        file = BytesIO(content)
        file.name = name
        response = visitor.post(address, {"file": file}, headers={"Accept": "application/json"})
        return response.status_code, response.json()

    status, answer = send(b"The margin is 1.40 per cent.")
    assert status == 202
    assert answer["duplicate"] is False
    assert send(b"The margin is 1.40 per cent.")[1]["duplicate"] is True
    status, problem = send(b"\x7fELF" + bytes(200), "program.bin")
    assert status == 422
    assert "cannot be read" in str(problem["detail"])


def test_readers_cannot_upload(visitor: SignedIn, reader: User) -> None:
    collection = CollectionFactory()
    grant(collection, reader, Role.READER)
    file = SimpleUploadedFile("a.txt", b"text")
    assert visitor.post(f"/collections/{collection.pk}/upload/", {"file": file}).status_code == 403
    assert not Document.objects.exists()


def test_access_is_granted_changed_and_taken_away(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    legal = GroupFactory(name="Legal", members=[UserFactory()])
    address = f"/collections/{collection.pk}/access/"
    assert visitor.post(address, {"do": "grant", "who": "legal", "role": "reader"}).status_code == 303
    given = Grant.objects.get(collection=collection, group=legal)
    assert "Group, 1 person" in visitor.get(address).content.decode()
    visitor.post(address, {"grant": str(given.pk), "role": "contributor"})
    given.refresh_from_db()
    assert given.role == Role.CONTRIBUTOR
    visitor.post(address, {"grant": str(given.pk), "do": "revoke"})
    assert not Grant.objects.filter(pk=given.pk).exists()
    assert Record.objects.filter(action="access.granted").count() == 2


def test_nobody_of_that_name_is_said_by_the_field(visitor: SignedIn, reader: User) -> None:
    address = f"/collections/{owned_by(reader).pk}/access/"
    response = visitor.post(address, {"do": "grant", "who": "nobody@example.org", "role": "reader"})
    assert response.status_code == 422
    assert "No person has this address" in response.content.decode()


def test_the_last_manager_stays(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    only = Grant.objects.get(collection=collection)
    page = visitor.post(f"/collections/{collection.pk}/access/", {"grant": only.pk, "do": "revoke"}, follow=True)
    assert "This is the last manager" in page.content.decode()
    assert Grant.objects.filter(pk=only.pk).exists()


def test_a_collection_is_deleted_by_typing_its_name(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader, name="Old file")
    address = f"/collections/{collection.pk}/delete/"
    assert visitor.post(address, {"name": "old file"}).status_code == 422
    assert Collection.objects.filter(pk=collection.pk).exists()
    assert visitor.post(address, {"name": "Old file"}).headers["Location"] == "/library/"
    assert not Collection.objects.filter(pk=collection.pk).exists()


def test_names_are_never_markup(visitor: SignedIn, reader: User) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    collection = owned_by(reader, name=hostile, description=hostile)
    DocumentFactory(collection=collection, title=hostile, version__filename=hostile)
    for address in ("/library/", f"/collections/{collection.pk}/", f"/collections/{collection.pk}/access/"):
        assert "<img" not in visitor.get(address).content.decode()


def test_an_id_that_is_nobodys_is_not_there(visitor: SignedIn) -> None:
    assert visitor.get(f"/collections/{uuid.uuid4()}/").status_code == 404
