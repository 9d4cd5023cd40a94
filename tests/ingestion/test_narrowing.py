"""A document that is narrowed: what follows it, what stays, and that nobody else is told of it."""

import pytest

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.core.errors import Conflict
from apps.documents import storage
from apps.documents.models import Access, Collection, Document, Role
from apps.documents.services import add_document
from apps.documents.totals import totals_of
from apps.ingestion.services import change_document, narrow_document, open_document, upload_document
from apps.retrieval.search import search
from tests.factories import AttachmentFactory, DocumentFactory, UserFactory, grant, owned_by, scope_of
from tests.retrieval.indexing import indexed

pytestmark = pytest.mark.django_db

TEXT = b"# Salaries\n\nNet debt fell."


@pytest.fixture
def manager() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def collection(manager: User) -> Collection:
    return owned_by(manager)


@pytest.fixture
def contributor(collection: Collection) -> User:
    made: User = UserFactory()
    grant(collection, made, Role.CONTRIBUTOR)
    return made


def test_its_passages_are_found_by_those_named_only(manager: User, contributor: User, collection: Collection) -> None:
    reader = UserFactory()
    grant(collection, reader)
    document = indexed(collection, "Net debt fell.")
    narrow_document(scope_of(manager), document, [reader], [])
    assert not search(scope_of(contributor), "net debt").passages
    assert len(search(scope_of(reader), "net debt").passages) == 1
    assert len(search(scope_of(manager), "net debt").passages) == 1
    open_document(scope_of(manager), document)
    assert len(search(scope_of(contributor), "net debt").passages) == 1


def test_what_was_attached_follows(manager: User, collection: Collection) -> None:
    letter = DocumentFactory(collection=collection)
    annex = DocumentFactory(collection=collection, attached_to=letter)
    narrow_document(scope_of(manager), letter, [], [])
    assert Document.objects.get(pk=annex.pk).access.narrowed
    with pytest.raises(Conflict):
        open_document(scope_of(manager), annex)
    open_document(scope_of(manager), letter)
    assert not Document.objects.get(pk=annex.pk).access.narrowed


def test_what_is_found_in_it_later_is_narrowed_too(manager: User, collection: Collection) -> None:
    letter = DocumentFactory(collection=collection)
    narrow_document(scope_of(manager), letter, [], [])
    stored = storage.store([TEXT], limit=1000)
    annex, _ = add_document(
        Scope.of_system(), collection, stored, filename="a.md", media_type="text/markdown", attached_to=letter
    )
    assert annex.access_id == Document.objects.get(pk=letter.pk).access_id


def test_what_another_letter_with_other_readers_holds_is_not_taken_along(manager: User, collection: Collection) -> None:
    first, second = DocumentFactory.create_batch(2, collection=collection)
    annex = DocumentFactory(collection=collection, attached_to=first)
    for letter in (first, second):
        AttachmentFactory(version=letter.latest, document=annex)
    narrow_document(scope_of(manager), first, [], [])
    annex = Document.objects.get(pk=annex.pk)
    assert annex.attached_to_id == second.pk
    assert not annex.access.narrowed


def test_a_move_keeps_it(manager: User, collection: Collection) -> None:
    other, reader = owned_by(manager), UserFactory()
    document = DocumentFactory(collection=collection)
    for each in (collection, other):
        grant(each, reader)
        grant(each, third := UserFactory(name="Third"))
    narrow_document(scope_of(manager), document, [reader], [])
    moved = change_document(scope_of(manager), document, collection=other)
    assert moved.access.collection_id == other.pk
    assert [one["id"] for one in moved.access.named()] == [str(reader.pk)]
    assert not Document.objects.visible_to(scope_of(third)).exists()


class TestNobodyElseIsTold:
    def test_the_same_bytes_make_a_document_of_their_own(
        self, manager: User, contributor: User, collection: Collection
    ) -> None:
        hidden, _ = upload_document(scope_of(manager), collection, [TEXT], filename="salaries.md")
        narrow_document(scope_of(manager), hidden, [], [])
        own, duplicate = upload_document(scope_of(contributor), collection, [TEXT], filename="mine.md")
        assert (duplicate, own.title) == (False, "mine")
        assert own.pk != hidden.pk
        again, duplicate = upload_document(scope_of(contributor), collection, [TEXT], filename="again.md")
        assert (duplicate, again.pk) == (True, own.pk)

    def test_the_next_version_meets_no_conflict_with_it(
        self, manager: User, contributor: User, collection: Collection
    ) -> None:
        hidden, _ = upload_document(scope_of(manager), collection, [TEXT], filename="salaries.md")
        narrow_document(scope_of(manager), hidden, [], [])
        own, _ = upload_document(scope_of(contributor), collection, [b"first"], filename="mine.txt")
        newer, duplicate = upload_document(
            scope_of(contributor), collection, [TEXT], filename="mine.md", supersedes=own
        )
        assert (newer.pk, duplicate) == (own.pk, False)

    def test_those_who_see_it_are_told(self, manager: User, collection: Collection) -> None:
        hidden, _ = upload_document(scope_of(manager), collection, [TEXT], filename="salaries.md")
        narrow_document(scope_of(manager), hidden, [], [])
        other = DocumentFactory(collection=collection)
        with pytest.raises(Conflict, match="salaries"):
            upload_document(scope_of(manager), collection, [TEXT], filename="x.md", supersedes=other)

    def test_nor_does_a_move(self, manager: User, contributor: User, collection: Collection) -> None:
        hidden, _ = upload_document(scope_of(manager), collection, [TEXT], filename="salaries.md")
        narrow_document(scope_of(manager), hidden, [], [])
        own, _ = upload_document(scope_of(contributor), owned_by(contributor), [TEXT], filename="mine.md")
        assert change_document(scope_of(contributor), own, collection=collection).collection == collection

    def test_it_is_not_counted(self, manager: User, contributor: User, collection: Collection) -> None:
        hidden, _ = DocumentFactory.create_batch(2, collection=collection)
        narrow_document(scope_of(manager), hidden, [], [])
        assert totals_of(scope_of(contributor), [collection.pk])[collection.pk].documents == 1
        assert totals_of(scope_of(manager), [collection.pk])[collection.pk].documents == 2


def test_documents_with_the_same_readers_share_one_number(manager: User, collection: Collection) -> None:
    reader = UserFactory()
    for document in DocumentFactory.create_batch(3, collection=collection):
        narrow_document(scope_of(manager), document, [reader], [])
    assert Access.objects.filter(collection=collection, narrowed=True).count() == 1
