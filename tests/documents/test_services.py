"""Who may change what, and what is recorded of it."""

import inspect
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import close_old_connections, connection

from apps.accounts.models import User
from apps.accounts.scope import Permission, Scope
from apps.audit.actions import Action
from apps.audit.log import read_body
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound, Transient
from apps.documents import services, storage
from apps.documents.models import Collection, Document, Grant, Role, Version
from tests.factories import CollectionFactory, DocumentFactory, GroupFactory, UserFactory, grant, owned_by, scope_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def manager() -> User:
    return UserFactory()


@pytest.fixture
def collection(manager: User) -> Collection:
    return owned_by(manager)


def stored(content: bytes = b"content") -> storage.StoredFile:
    return storage.store([content], limit=1000)


def add(scope: Scope, collection: Collection, content: bytes = b"content", **fields: Any) -> tuple[Document, bool]:
    fields = {"filename": "report.pdf", "media_type": "application/pdf"} | fields
    return services.add_document(scope, collection, stored(content), **fields)


def recorded() -> list[str]:
    return list(Record.objects.order_by("sequence").values_list("action", flat=True))


def last_data() -> Any:
    return read_body(Record.objects.order_by("-sequence")[0])["data"]


CHANGES: dict[str, tuple[Callable[[Scope, Collection, Document], object], Role, Action]] = {
    "change_collection": (
        lambda s, c, d: services.change_collection(s, c, name="New"), Role.MANAGER, Action.COLLECTION_CHANGED
    ),
    "delete_collection": (lambda s, c, d: services.delete_collection(s, c), Role.MANAGER, Action.COLLECTION_DELETED),
    "grant_role": (
        lambda s, c, d: services.grant_role(s, c, user=UserFactory(), role=Role.READER), Role.MANAGER, Action.ACCESS_GRANTED
    ),
    "revoke_role": (
        lambda s, c, d: services.revoke_role(s, c, user=grant(c, UserFactory()).user), Role.MANAGER, Action.ACCESS_REVOKED
    ),
    "add_document": (lambda s, c, d: add(s, c, b"more"), Role.CONTRIBUTOR, Action.DOCUMENT_UPLOADED),
    "change_document": (
        lambda s, c, d: services.change_document(s, d, title="New"), Role.CONTRIBUTOR, Action.DOCUMENT_CHANGED
    ),
    "change_effective_date": (
        lambda s, c, d: services.change_effective_date(s, d, date(2030, 1, 1)), Role.CONTRIBUTOR, Action.DOCUMENT_CHANGED
    ),
    "delete_document": (lambda s, c, d: services.delete_document(s, d), Role.CONTRIBUTOR, Action.DOCUMENT_DELETED),
    "open_original": (lambda s, c, d: services.open_original(s, d), Role.READER, Action.DOCUMENT_DOWNLOADED),
}  # fmt: skip


def test_every_public_service_is_in_the_matrix_below() -> None:
    public = {name for name, function in inspect.getmembers(services, inspect.isfunction) if not name.startswith("_")}
    assert public == {*CHANGES, "create_collection", "delete_group"}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("role", [None, *Role])
def test_a_change_needs_its_role_and_writes_one_record(
    name: str, role: Role | None, manager: User, collection: Collection
) -> None:
    change, needed, action = CHANGES[name]
    document, _ = add(scope_of(manager), collection)
    person = UserFactory()
    if role is not None:
        grant(collection, person, role)
    scope, before = scope_of(person), len(recorded())
    order = [Role.READER, Role.CONTRIBUTOR, Role.MANAGER]
    if role is None:
        with pytest.raises(NotFound):
            change(scope, collection, document)
        assert len(recorded()) == before
    elif order.index(role) < order.index(needed):
        with pytest.raises(NotAllowed):
            change(scope, collection, document)
        assert len(recorded()) == before
    else:
        change(scope, collection, document)
        assert recorded()[before:] == [action]


@pytest.mark.parametrize("name", CHANGES)
def test_a_token_without_the_permission_may_not(name: str, manager: User, collection: Collection) -> None:
    document, _ = add(scope_of(manager), collection)
    person = scope_of(manager)
    bare = Scope(person.actor, person.user_id, person.group_ids, frozenset({Permission.ASK}))
    with pytest.raises(NotFound):
        CHANGES[name][0](bare, collection, document)


def test_an_administrator_changes_grants_of_any_collection_but_reads_none(collection: Collection) -> None:
    administrator = UserFactory(is_administrator=True)
    scope = scope_of(administrator)
    services.grant_role(scope, collection, user=UserFactory(), role=Role.READER)
    with pytest.raises(NotFound):
        services.change_collection(scope, collection, name="Mine")
    assert not Collection.objects.visible_to(scope).exists()
    assert Collection.objects.governed_by(scope).get() == collection


def test_whoever_makes_a_collection_manages_it(manager: User) -> None:
    made = services.create_collection(scope_of(manager), name="  Credit   files ", description=" All. ")
    assert (made.name, made.description) == ("Credit files", "All.")
    assert Collection.objects.get_visible(scope_of(manager), made.pk, Role.MANAGER) == made
    assert recorded() == [Action.COLLECTION_CREATED]


def test_the_system_makes_a_collection_that_nobody_sees_until_it_is_granted(manager: User) -> None:
    made = services.create_collection(Scope.of_system(), name="Samples", is_sample=True)
    assert not Grant.objects.filter(collection=made).exists()
    services.grant_role(Scope.of_system(), made, user=manager, role=Role.MANAGER)
    assert Collection.objects.visible_to(scope_of(manager)).get() == made


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_collection_needs_a_usable_name(manager: User, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.create_collection(scope_of(manager), name=name)
    assert "name" in caught.value.errors


def test_changing_nothing_records_nothing(manager: User, collection: Collection) -> None:
    document, _ = add(scope_of(manager), collection)
    before = recorded()
    services.change_collection(scope_of(manager), collection, name=collection.name)
    services.change_document(scope_of(manager), document, title=document.title)
    services.grant_role(scope_of(manager), collection, user=manager, role=Role.MANAGER)
    services.revoke_role(scope_of(manager), collection, user=UserFactory())
    assert recorded() == before


def test_a_record_says_what_was_changed_from_what_to_what(manager: User, collection: Collection) -> None:
    document, _ = add(scope_of(manager), collection, title="Old")
    services.change_document(scope_of(manager), document, title="New", language="de")
    assert last_data() == {"changes": {"title": ["Old", "New"], "language": ["", "de"]}}
    other = UserFactory()
    services.grant_role(scope_of(manager), collection, user=other, role=Role.READER)
    services.grant_role(scope_of(manager), collection, user=other, role=Role.CONTRIBUTOR)
    assert last_data() == {
        "principal": {"type": "user", "id": str(other.pk), "label": str(other)},
        "role": "contributor",
        "before": "reader",
    }


def test_the_last_manager_stays(manager: User, collection: Collection) -> None:
    scope = scope_of(manager)
    with pytest.raises(Conflict):
        services.revoke_role(scope, collection, user=manager)
    with pytest.raises(Conflict):
        services.grant_role(scope, collection, user=manager, role=Role.READER)
    services.grant_role(scope, collection, user=UserFactory(is_active=False), role=Role.MANAGER)
    services.grant_role(scope, collection, group=GroupFactory(), role=Role.MANAGER)
    with pytest.raises(Conflict):
        services.revoke_role(scope, collection, user=manager)
    services.grant_role(scope, collection, group=GroupFactory(members=[UserFactory()]), role=Role.MANAGER)
    services.revoke_role(scope, collection, user=manager)
    assert not Collection.objects.visible_to(scope).exists()


def test_a_grant_names_one_person_or_one_group(manager: User, collection: Collection) -> None:
    with pytest.raises(Invalid):
        services.grant_role(scope_of(manager), collection, role=Role.READER)
    with pytest.raises(Invalid):
        services.grant_role(scope_of(manager), collection, user=manager, group=GroupFactory(), role=Role.READER)


def test_the_same_bytes_in_a_collection_are_the_same_document(manager: User, collection: Collection) -> None:
    first, known = add(scope_of(manager), collection, filename="a.pdf")
    again, known_again = add(scope_of(manager), collection, filename="b.pdf")
    assert (known, known_again) == (False, True)
    assert again == first
    elsewhere, known = add(scope_of(manager), owned_by(manager))
    assert not known
    assert elsewhere != first


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_sent_at_once_make_one_document(manager: User, collection: Collection) -> None:
    scope, results = scope_of(manager), []

    def send() -> None:
        results.append(add(scope, collection))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert sorted(known for _, known in results) == [False, True, True, True]
    assert Document.objects.count() == 1


def test_a_file_that_vanished_before_it_was_added_is_asked_for_again(manager: User, collection: Collection) -> None:
    kept = stored()
    storage.path_of(kept.sha256).unlink()
    with pytest.raises(Transient):
        services.add_document(scope_of(manager), collection, kept, filename="a.pdf", media_type="application/pdf")


def test_names_are_cleaned_and_give_the_title(manager: User, collection: Collection) -> None:
    document, _ = add(scope_of(manager), collection, filename="../../Annual_report\u202e.pdf")
    assert document.title == "Annual report"
    assert Version.objects.get().filename == "Annual_report.pdf"


def test_deleting_a_document_removes_its_file_once_nobody_has_it(
    manager: User, collection: Collection, django_capture_on_commit_callbacks: Any
) -> None:
    here, _ = add(scope_of(manager), collection)
    there, _ = add(scope_of(manager), owned_by(manager))
    path = storage.path_of(Version.objects.filter(document=here).get().sha256)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(scope_of(manager), here)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(scope_of(manager), there)
    assert not path.exists()


def test_deleting_what_is_gone_succeeds(manager: User, collection: Collection) -> None:
    document, _ = add(scope_of(manager), collection)
    services.delete_document(scope_of(manager), document)
    services.delete_document(scope_of(manager), document)
    assert recorded().count(Action.DOCUMENT_DELETED) == 1


def test_deleting_a_collection_removes_all_in_it(
    manager: User, collection: Collection, django_capture_on_commit_callbacks: Any
) -> None:
    document, _ = add(scope_of(manager), collection)
    path = services.open_original(scope_of(manager), document)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_collection(scope_of(manager), collection)
    assert not path.exists()
    assert not Document.objects.exists()
    record = Record.objects.get(action=Action.COLLECTION_DELETED)
    assert record.documents == [str(document.pk)]


def test_originals_are_for_managers_where_readers_may_not_download(manager: User) -> None:
    collection = owned_by(manager, allow_download=False)
    document, _ = add(scope_of(manager), collection)
    reader = UserFactory()
    grant(collection, reader, Role.CONTRIBUTOR)
    with pytest.raises(NotAllowed):
        services.open_original(scope_of(reader), document)
    assert services.open_original(scope_of(manager), document).read_bytes() == b"content"


def test_an_original_that_is_no_longer_kept_is_not_found(manager: User, collection: Collection) -> None:
    document = DocumentFactory(collection=collection)
    with pytest.raises(NotFound):
        services.open_original(scope_of(manager), document)


def test_a_group_gives_its_members_what_it_is_granted() -> None:
    member, stranger = UserFactory(), UserFactory()
    collection = CollectionFactory()
    grant(collection, GroupFactory(members=[member]), Role.CONTRIBUTOR)
    assert add(scope_of(member), collection)[1] is False
    with pytest.raises(NotFound):
        add(scope_of(stranger), collection)
