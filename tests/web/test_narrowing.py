"""Narrowing one document on screen: who reads it, who may change that, and who is told."""

import pytest

from apps.accounts.models import User
from apps.documents.models import Document, Role
from apps.ingestion.services import narrow_document
from tests.factories import CollectionFactory, DocumentFactory, GroupFactory, UserFactory, grant, owned_by, scope_of
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(reader: User) -> Document:
    document: Document = DocumentFactory(collection=owned_by(reader, name="Credit file"), title="Bonus plan")
    return document


def test_the_form_says_who_reads_it_and_why(visitor: SignedIn, document: Document) -> None:
    grant(document.collection, GroupFactory(name="Credit", members=[UserFactory()]))
    html = visitor.get(f"/documents/{document.pk}/access/").content.decode()
    assert "Reader, group of 1 person" in html
    assert "The manager of the collection always reads it" in html


def test_it_is_narrowed_and_opened_again(visitor: SignedIn, document: Document) -> None:
    group, other = GroupFactory(name="Credit"), UserFactory()
    grant(document.collection, group)
    grant(document.collection, other)
    visitor.post(f"/documents/{document.pk}/access/", {"to": "some", "readers": [f"group:{group.pk}"]})
    document.refresh_from_db()
    assert [one["label"] for one in document.access.named()] == ["Credit"]
    assert not Document.objects.visible_to(scope_of(other)).filter(pk=document.pk).exists()
    visitor.post(f"/documents/{document.pk}/access/", {"to": "all"})
    assert Document.objects.visible_to(scope_of(other)).filter(pk=document.pk).exists()


def test_somebody_who_reads_through_a_group_is_named_by_address(visitor: SignedIn, document: Document) -> None:
    member = UserFactory(name="Marta Oyelaran")
    grant(document.collection, GroupFactory(members=[member]))
    visitor.post(f"/documents/{document.pk}/access/", {"to": "some", "also": member.email})
    assert Document.objects.visible_to(scope_of(member)).filter(pk=document.pk).exists()
    assert "Reads the collection through a group" in visitor.get(f"/documents/{document.pk}/access/").content.decode()


@pytest.mark.parametrize(
    ("address", "said"), [("who@example.org", "No person has"), ("stranger@example.org", "does not read")]
)
def test_nobody_is_named_who_does_not_read_the_collection(
    visitor: SignedIn, document: Document, address: str, said: str
) -> None:
    UserFactory(email="stranger@example.org")
    response = visitor.post(f"/documents/{document.pk}/access/", {"to": "some", "also": address})
    assert response.status_code == 422
    assert said in response.content.decode()
    document.refresh_from_db()
    assert not document.access.narrowed


def test_only_managers_change_it_and_to_others_it_is_not_there(document: Document) -> None:
    contributor, stranger = UserFactory(), UserFactory()
    grant(document.collection, contributor, Role.CONTRIBUTOR)
    assert SignedIn(contributor).get(f"/documents/{document.pk}/access/").status_code == 403
    assert SignedIn(stranger).get(f"/documents/{document.pk}/access/").status_code == 404


def test_a_narrowed_document_says_so_to_those_who_read_it(visitor: SignedIn, document: Document, reader: User) -> None:
    named, other = UserFactory(name="Marta Oyelaran"), UserFactory()
    for person in (named, other):
        grant(document.collection, person)
    narrow_document(scope_of(reader), document, [named], [])
    list_of = f"/collections/{document.collection_id}/"
    for client in (visitor, SignedIn(named)):
        assert "Narrowed" in client.get(list_of).content.decode()
        assert "Narrowed" in client.get(f"/documents/{document.pk}/").content.decode()
    assert "Bonus plan" not in SignedIn(other).get(list_of).content.decode()
    assert "Marta Oyelaran" in visitor.get(f"/documents/{document.pk}/").content.decode()
    assert "Who reads it" not in SignedIn(named).get(f"/documents/{document.pk}/").content.decode()


def test_the_access_page_lists_narrowed_documents_to_managers_only(
    visitor: SignedIn, document: Document, reader: User
) -> None:
    narrow_document(scope_of(reader), document, [], [])
    address = f"/collections/{document.collection_id}/access/"
    assert "Bonus plan" in visitor.get(address).content.decode()
    administrator = SignedIn(UserFactory(is_administrator=True))
    assert "Bonus plan" not in administrator.get(address).content.decode()


def test_an_attachment_is_narrowed_with_what_it_is_attached_to(visitor: SignedIn, document: Document) -> None:
    annex = DocumentFactory(collection=document.collection, attached_to=document)
    html = visitor.get(f"/documents/{annex.pk}/access/").content.decode()
    assert "Narrow that one instead" in html
    assert 'name="readers"' not in html


def test_a_collection_of_others_tells_nothing(visitor: SignedIn) -> None:
    hidden = DocumentFactory(collection=CollectionFactory())
    assert visitor.get(f"/documents/{hidden.pk}/access/").status_code == 404
