"""PostgreSQL itself gives out no row of a document that its reader may not read, whatever a query asks for."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.models import CharField, Field, UUIDField

from apps.accounts.models import User
from apps.accounts.scope import Permission, Scope
from apps.core.errors import NotFound, Unavailable
from apps.documents import walls
from apps.documents.checks import check_wall
from apps.documents.models import Access, Attachment, Block, Collection, Document, Page, Role, Version
from apps.documents.walls import ROLE, WALLED, gaps, lower_wall, raise_wall, reading
from apps.retrieval.models import IndexedPassage
from tests.factories import (
    AttachmentFactory,
    BlockFactory,
    DocumentFactory,
    GroupFactory,
    IndexedPassageFactory,
    PageFactory,
    UserFactory,
    grant,
    owned_by,
    scope_of,
)

pytestmark = pytest.mark.django_db

HELD = [Document, Version, Page, Block, Attachment, IndexedPassage, Collection]
BESIDE = {
    "documents_upload": "of its sender alone, who is asked for by name",
    "evaluation_goldenground": "where the answer to a golden question stands; only managers see those, and they see every document",
    "ingestion_ingestrun": "how a reading went; nothing of the text",
    "retrieval_builtversion": "which versions an index holds; nothing of the text",
    "reasoning_candidate": "what an answer was given, which is its asker’s: see reasoning.withholding",
    "documents_gonedocument": "who could read what is gone; nothing of the text",
}
"""Tables that name a document or version and stand outside the wall, and why. The role may not read them at all."""


@pytest.fixture
def reader() -> User:
    made: User = UserFactory()
    return made


def filled(collection: Collection) -> Document:
    """Return a document with something in every table below it."""
    document: Document = DocumentFactory(collection=collection)
    page = PageFactory(version=document.latest)
    BlockFactory(page=page)
    AttachmentFactory(version=document.latest)
    IndexedPassageFactory(document=document)
    return document


def counts() -> list[int]:
    return [model._default_manager.count() for model in HELD]


def test_without_a_person_there_is_nothing() -> None:
    filled(owned_by(UserFactory()))
    with reading(Scope.of_system()):
        assert counts() == [0] * len(HELD)
    assert counts() == [1] * len(HELD)


def test_readers_meet_their_own_and_no_more(reader: User) -> None:
    granted = owned_by(UserFactory())
    filled(owned_by(UserFactory()))
    grant(granted, reader)
    document = filled(granted)
    with reading(scope_of(reader)):
        assert counts() == [1] * len(HELD)
        assert Document.objects.get() == document


def test_what_is_narrowed_is_narrowed_for_the_database_too(reader: User) -> None:
    collection = owned_by(manager := UserFactory())
    grant(collection, reader)
    document = filled(collection)
    access = Access.objects.narrowed_in(collection.pk, [], [])
    Document.objects.update(access=access)
    IndexedPassage.objects.update(access=access)
    with reading(scope_of(reader)):
        assert not Document.objects.exists()
    with reading(scope_of(manager)):
        assert Document.objects.get() == document


def test_a_token_without_reading_meets_nothing(reader: User) -> None:
    filled(owned_by(reader))
    theirs = scope_of(reader)
    with reading(Scope(theirs.actor, theirs.user_id, theirs.group_ids, frozenset({Permission.ASK}))):
        assert counts() == [0] * len(HELD)


def test_both_walls_find_the_same(reader: User) -> None:
    group = GroupFactory(members=[reader])
    for number, role in enumerate([Role.READER, Role.MANAGER, None]):
        collection = owned_by(UserFactory())
        Access.objects.open_in(collection.pk)
        Access.objects.narrowed_in(collection.pk, [], [])
        Access.objects.narrowed_in(collection.pk, [reader] if number % 2 else [], [group])
        if role:
            grant(collection, group, role)
    scope = scope_of(reader)
    with connection.cursor() as cursor:
        cursor.execute("SELECT toulmin_accesses(%s, true)", [reader.pk])
        found = cursor.fetchone()[0]
    assert found == sorted(Access.objects.visible_to(scope).values_list("pk", flat=True))
    assert len(found) == 5


def test_nothing_can_be_changed_behind_it(reader: User) -> None:
    document = filled(owned_by(reader))
    with pytest.raises(ProgrammingError, match="permission denied"), reading(scope_of(reader)):
        Document.objects.filter(pk=document.pk).update(title="Mine")
    assert Document.objects.filter(title=document.title).exists()


def test_passwords_cannot_be_read_behind_it(reader: User) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), reading(scope_of(reader)):
        User.objects.get(pk=reader.pk)


def test_an_error_leaves_the_connection_as_it_was(reader: User) -> None:
    with pytest.raises(NotFound), reading(scope_of(reader)):
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('toulmin.access', true)")
        user, access = cursor.fetchone()
    assert user != ROLE
    assert not access


def test_it_may_be_entered_twice_for_one_person_and_not_for_two(reader: User) -> None:
    filled(owned_by(reader))
    mine, theirs = scope_of(reader), scope_of(UserFactory())
    with reading(mine):
        with reading(mine):
            assert Document.objects.count() == 1
        assert Document.objects.count() == 1
        with pytest.raises(RuntimeError), reading(theirs):
            pass


def test_a_condition_that_was_forgotten_shows_nothing(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    document = filled(owned_by(UserFactory()))
    monkeypatch.setattr("apps.documents.models.access.AccessQuerySet.visible_to", lambda rows, *_: rows)
    with pytest.raises(NotFound):
        Document.objects.get_visible(scope_of(reader), document.pk)


def test_every_table_that_names_a_document_is_behind_it_or_closed_to_the_role() -> None:
    def names_a_document(field: Field) -> bool:  # type: ignore[type-arg]
        if field.is_relation:
            return field.related_model in {Document, Version, Page}
        return isinstance(field, UUIDField | CharField) and field.name.removesuffix("_id") in {"document", "version"}

    naming = {
        model._meta.db_table
        for model in apps.get_models()
        if any(names_a_document(field) for field in model._meta.concrete_fields)
    } - {"documents_document"}
    assert naming - WALLED.keys() == BESIDE.keys() & naming
    with connection.cursor() as cursor:
        for table in sorted(naming - WALLED.keys()):
            cursor.execute("SELECT has_table_privilege(%s, %s, 'SELECT')", [ROLE, table])
            assert cursor.fetchone() == (False,), table


class TestWhereItIsMissing:
    @pytest.fixture(autouse=True)
    def _settled(self, reader: User) -> None:
        """Tables are changed only once nothing of this transaction waits to be checked."""
        filled(owned_by(reader))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_the_check_says_so_and_nothing_is_read(self, reader: User) -> None:
        document = Document.objects.get()
        assert check_wall(["default"]) == []
        with connection.cursor() as cursor:
            lower_wall(cursor)
        [found] = check_wall(["default"])
        assert found.id == "documents.W001"
        with pytest.raises(Unavailable, match="raise_wall"):
            Document.objects.get_visible(scope_of(reader), document.pk)

    def test_the_check_names_a_table_that_lost_its_policy(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE documents_block DISABLE ROW LEVEL SECURITY")
            assert gaps(cursor) == ["documents_block"]

    def test_the_command_raises_it(self, reader: User) -> None:
        with connection.cursor() as cursor:
            lower_wall(cursor)
        call_command("raise_wall")
        assert check_wall(["default"]) == []
        stranger = scope_of(UserFactory())
        with reading(stranger):
            assert not Document.objects.exists()

    def test_a_user_of_the_database_who_may_not_make_roles_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE ROLE toulmin_plain")
            cursor.execute("SET LOCAL ROLE toulmin_plain")
            monkeypatch.setattr(walls, "ROLE", "toulmin_nobody")
            assert raise_wall(cursor) is False
            cursor.execute("RESET ROLE")
            cursor.execute("DROP ROLE toulmin_plain")
