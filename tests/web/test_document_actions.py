"""What can be done with a document: date and move it, give it a new version or a password, delete it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.documents.models import Document, Role, Status
from tests.factories import CollectionFactory, DocumentFactory, VersionFactory, grant, owned_by
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def letter(reader: User) -> Document:
    return DocumentFactory(collection=owned_by(reader, name="Letters"), title="Covenant letter")


def test_a_document_is_moved_to_a_collection_where_one_may_add(
    visitor: SignedIn, reader: User, letter: Document
) -> None:
    target, only_read = owned_by(reader, name="Credit file"), CollectionFactory(name="Board")
    grant(only_read, reader, Role.READER)
    form = visitor.get(f"/documents/{letter.pk}/move/").content.decode()
    assert "Credit file" in form
    assert "Board" not in form
    assert visitor.post(f"/documents/{letter.pk}/move/", {"collection": only_read.pk}).status_code == 422
    assert visitor.post(f"/documents/{letter.pk}/move/", {"collection": target.pk}).status_code == 303
    letter.refresh_from_db()
    assert letter.collection == target


def test_a_move_that_cannot_be_says_why(visitor: SignedIn, reader: User, letter: Document) -> None:
    target = owned_by(reader)
    DocumentFactory(collection=target, title="The same", version__sha256=letter.latest.sha256)
    response = visitor.post(f"/documents/{letter.pk}/move/", {"collection": target.pk}, headers=HTMX)
    assert response.status_code == 422
    assert "has the same file already" in response.content.decode()


def test_a_new_version_waits_while_the_one_before_answers(visitor: SignedIn, letter: Document) -> None:
    address = f"/documents/{letter.pk}/version/"
    assert 'enctype="multipart/form-data"' in visitor.get(address).content.decode()
    assert 'hx-encoding="multipart/form-data"' in visitor.get(address, headers=HTMX).content.decode()
    file = SimpleUploadedFile("letter.txt", b"The margin is 1.55 per cent.")
    response = visitor.post(address, {"file": file, "effective_from": "2031-01-31"})
    assert response.status_code == 303
    before = letter.in_force
    letter.refresh_from_db()
    assert letter.latest.number == 2
    assert letter.latest.effective_from.isoformat() == "2031-01-31"
    assert letter.in_force == before


def test_a_version_that_cannot_be_read_is_refused_in_its_form(visitor: SignedIn, letter: Document) -> None:
    file = SimpleUploadedFile("program.bin", b"\x7fELF" + bytes(300))
    response = visitor.post(f"/documents/{letter.pk}/version/", {"file": file}, headers=HTMX)
    assert response.status_code == 422
    assert "cannot be read" in response.content.decode()
    letter.refresh_from_db()
    assert letter.latest.number == 1


def test_the_date_of_the_latest_version_can_be_set_and_taken_away(visitor: SignedIn, letter: Document) -> None:
    address = f"/documents/{letter.pk}/details/"
    visitor.post(address, {"title": "Covenant letter", "effective_from": "2020-05-01"})
    letter.latest.refresh_from_db()
    assert letter.latest.effective_from.isoformat() == "2020-05-01"
    assert 'value="2020-05-01"' in visitor.get(address).content.decode()
    visitor.post(address, {"title": "Covenant letter", "effective_from": ""})
    letter.latest.refresh_from_db()
    assert letter.latest.effective_from is None


def test_a_password_is_given_and_the_document_read_with_it(visitor: SignedIn, reader: User) -> None:
    locked = DocumentFactory(
        collection=owned_by(reader), version__status=Status.FAILED, version__error_code="encrypted"
    )
    listed = visitor.get(f"/collections/{locked.collection_id}/").content.decode()
    assert "Enter the password" in listed
    response = visitor.post(f"/documents/{locked.pk}/password/", {"password": " open sesame "})
    assert response.status_code == 303
    locked.latest.refresh_from_db()
    assert locked.latest.status == Status.QUEUED
    assert locked.latest.password


def test_before_a_document_is_deleted_one_reads_what_goes(visitor: SignedIn, letter: Document) -> None:
    VersionFactory(document=letter, number=2)
    DocumentFactory(collection=letter.collection, attached_to=letter)
    page = visitor.get(f"/documents/{letter.pk}/delete/").content.decode()
    assert "All its 2 versions go." in page
    assert "The 1 document that was attached to it goes with it." in page
    assert "Answers that cite it keep what they quote." in page
