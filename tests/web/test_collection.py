"""The documents of one collection: found by kind and folder, attachments by their parents, totals, and how far uploads are."""

import re
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.documents.models import Collection, Document, Role, Status, Upload
from apps.ingestion.models import IngestRun
from tests.factories import CollectionFactory, DocumentFactory, UserFactory, VersionFactory, grant, owned_by
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def credit(reader: User) -> Collection:
    return owned_by(reader, name="Credit file")


def titles(page: str) -> list[str]:
    """Return the titles in the table, from the top."""
    return re.findall(r'<a class="main"[^>]*>(.*?)</a>', page)


def test_a_list_is_narrowed_to_a_kind_and_to_a_folder_with_those_in_it(visitor: SignedIn, credit: Collection) -> None:
    DocumentFactory(collection=credit, title="Report", folder="Reports")
    DocumentFactory(collection=credit, title="Minutes", folder="Reports/2025", version__media_type="text/plain")
    DocumentFactory(collection=credit, title="Other", folder="Reports archive")
    address = f"/collections/{credit.pk}/"
    assert titles(visitor.get(f"{address}?kind=text/plain").content.decode()) == ["Minutes"]
    assert set(titles(visitor.get(f"{address}?folder=Reports").content.decode())) == {"Report", "Minutes"}
    page = visitor.get(address).content.decode()
    assert '<option value="Reports/2025">Reports/2025 (1)</option>' in page
    assert '<option value="application/pdf">PDF (2)</option>' in page


def test_what_was_attached_stands_under_its_document(visitor: SignedIn, credit: Collection) -> None:
    letter = DocumentFactory(collection=credit, title="Letter")
    DocumentFactory(collection=credit, title="Later report")
    DocumentFactory(collection=credit, title="Sheet", attached_to=letter)
    page = visitor.get(f"/collections/{credit.pk}/").content.decode()
    assert titles(page) == ["Later report", "Letter", "Sheet"]
    assert "Attached to Letter" in page
    assert "1 attachment" in page


def test_the_sums_of_a_collection_count_what_needs_a_look(visitor: SignedIn, credit: Collection) -> None:
    DocumentFactory(collection=credit, version__page_count=120, version__poor_pages=3, version__unread_pages=1)
    DocumentFactory(collection=credit, version__page_count=4, version__status=Status.FAILED)
    page = visitor.get(f"/collections/{credit.pk}/").content.decode()
    for words in ("2 documents", "120 pages", "3 pages poorly read", "1 page not read", "1 document failed"):
        assert f">{words}<" in page


def test_who_waits_is_told_how_many_are_before(visitor: SignedIn, credit: Collection) -> None:
    first = DocumentFactory(collection=credit, version__status=Status.QUEUED)
    second = DocumentFactory(collection=credit, version__status=Status.QUEUED)
    for document in (first, second):
        IngestRun.objects.create(version=document.latest)
    page = visitor.get(f"/collections/{credit.pk}/").content.decode()
    assert "Waiting, the next to be read" in page
    assert "Waiting, 1 document before it" in page


def test_how_far_uploads_have_come_is_told_of_ones_own_collection(visitor: SignedIn, credit: Collection) -> None:
    reading = DocumentFactory(collection=credit, version__status=Status.PARSING, version__progress=0.43)
    failed = DocumentFactory(collection=credit, version__status=Status.FAILED, version__error_detail="Damaged.")
    elsewhere = DocumentFactory()
    query = "&".join(f"document={document.pk}" for document in (reading, failed, elsewhere))
    items = visitor.get(f"/collections/{credit.pk}/progress/?{query}&document=x").json()["items"]
    by_id = {item["id"]: item for item in items}
    assert set(by_id) == {str(reading.pk), str(failed.pk)}
    assert by_id[str(reading.pk)]["doing"] == "Reading, 43 %"
    assert (by_id[str(failed.pk)]["state"], by_id[str(failed.pk)]["detail"]) == ("failed", "Damaged.")
    assert visitor.get(f"/collections/{elsewhere.collection_id}/progress/").status_code == 404


def test_a_file_is_kept_with_the_folder_it_lay_in(visitor: SignedIn, credit: Collection) -> None:
    file = BytesIO(b"The margin is 1.40 per cent.")
    file.name = "note.txt"
    form = {"file": file, "folder": "Letters/2025"}
    visitor.post(f"/collections/{credit.pk}/upload/", form, headers={"Accept": "application/json"})
    assert Document.objects.get(collection=credit).folder == "Letters/2025"
    assert "Letters/2025" in visitor.get(f"/collections/{credit.pk}/").content.decode()


def test_an_upload_that_was_broken_off_is_remembered_for_who_began_it(
    visitor: SignedIn, reader: User, credit: Collection
) -> None:
    common = {"collection": credit, "size": 30_000_000, "received": 16_000_000, "expires_at": timezone.now()}
    Upload.objects.create(owner=reader, filename="mine.pdf", **common)
    Upload.objects.create(owner=reader, filename="done.pdf", document=DocumentFactory(collection=credit), **common)
    Upload.objects.create(owner=UserFactory(), filename="theirs.pdf", **common)
    page = visitor.get(f"/collections/{credit.pk}/").content.decode()
    assert 'data-name="mine.pdf"' in page
    assert "done.pdf" not in page
    assert "theirs.pdf" not in page


def test_what_an_earlier_reader_has_read_is_read_again_at_once(visitor: SignedIn, credit: Collection) -> None:
    old = DocumentFactory(collection=credit, version__parser_version=1)
    assert "1 document was read by an earlier version" in visitor.get(f"/collections/{credit.pk}/").content.decode()
    assert visitor.post(f"/collections/{credit.pk}/again/").status_code == 303
    old.latest.refresh_from_db()
    assert old.latest.status == Status.QUEUED


def test_a_reader_sees_no_way_to_add(visitor: SignedIn, reader: User) -> None:
    collection = CollectionFactory()
    grant(collection, reader, Role.READER)
    DocumentFactory(collection=collection, version__parser_version=1)
    page = visitor.get(f"/collections/{collection.pk}/").content.decode()
    assert 'id="add"' not in page
    assert visitor.post(f"/collections/{collection.pk}/again/").status_code == 403


def test_an_earlier_version_that_answers_is_named(visitor: SignedIn, credit: Collection) -> None:
    document = DocumentFactory(collection=credit)
    document.latest = VersionFactory(document=document, number=2, status=Status.PARSING, ready_at=None)
    document.save()
    page = visitor.get(f"/collections/{credit.pk}/").content.decode()
    assert "version 2" in page
    assert "The version before answers until this one is ready." in page


def test_the_number_of_queries_does_not_grow_with_attachments_folders_and_kinds(
    visitor: SignedIn, credit: Collection
) -> None:
    def add(number: int) -> None:
        letter = DocumentFactory(collection=credit, folder=f"Folder {number}", version__status=Status.QUEUED)
        IngestRun.objects.create(version=letter.latest)
        DocumentFactory(collection=credit, attached_to=letter, version__media_type=f"text/x-{number}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert visitor.get(f"/collections/{credit.pk}/").status_code == 200
        return len(captured)

    add(0)
    before = queries()
    for number in range(1, 8):
        add(number)
    assert queries() == before
