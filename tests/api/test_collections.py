"""Collections and grants over REST."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Record
from apps.documents.models import Collection, Grant, Role
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem, items
from tests.factories import DocumentFactory, GroupFactory, grant, owned_by

pytestmark = pytest.mark.django_db


def test_whoever_creates_a_collection_manages_it(ingrid: Caller) -> None:
    made = ingrid("post", "/collections", {"name": "Credit", "description": "Loans", "allow_download": False})
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["role"], body["allow_download"], body["documents"]) == ("Credit", "manager", False, 0)
    assert ingrid.get(f"/collections/{body['id']}").json() == body


def test_only_collections_that_are_granted_are_listed(ingrid: Caller, boris: Caller) -> None:
    hers, shared = owned_by(ingrid.user), owned_by(ingrid.user)
    grant(shared, boris.user)
    DocumentFactory(collection=shared)
    assert {row["id"] for row in items(ingrid.get("/collections"))} == {str(hers.pk), str(shared.pk)}
    [row] = items(boris.get("/collections"))
    assert (row["id"], row["role"], row["documents"]) == (str(shared.pk), "reader", 1)


def test_the_highest_of_several_roles_is_told(ingrid: Caller, boris: Caller) -> None:
    collection = owned_by(ingrid.user)
    grant(collection, boris.user, Role.READER)
    grant(collection, GroupFactory(members=[boris.user]), Role.CONTRIBUTOR)
    assert boris.get(f"/collections/{collection.pk}").json()["role"] == "contributor"


def test_listing_costs_the_same_however_many_there_are(ingrid: Caller) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            ingrid.get("/collections")
        return len(seen)

    owned_by(ingrid.user)
    ingrid.get("/collections")
    few = queries()
    for _ in range(5):
        owned_by(ingrid.user)
    assert queries() == few


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("patch", "", {"name": "Taken"}),
        ("delete", "", None),
        ("get", "/grants", None),
        ("put", "/grants", {"principal": {"type": "user", "id": str(uuid.uuid4())}, "role": "reader"}),
        ("delete", "/grants", {"principal": {"type": "user", "id": str(uuid.uuid4())}}),
    ],
)
def test_what_is_not_yours_answers_as_what_is_not_there(
    ingrid: Caller, boris: Caller, method: str, path: str, body: object
) -> None:
    collection = owned_by(ingrid.user)
    not_his = assert_problem(boris(method, f"/collections/{collection.pk}{path}", body), 404, "not_found")
    nothing = assert_problem(boris(method, f"/collections/{uuid.uuid4()}{path}", body), 404, "not_found")
    assert not_his | {"request_id": ""} == nothing | {"request_id": ""}
    assert Collection.objects.filter(pk=collection.pk, name=collection.name).exists()


def test_a_manager_changes_and_deletes(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)
    changed = ingrid("patch", f"/collections/{collection.pk}", {"name": "Renamed"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Renamed")
    assert ingrid("delete", f"/collections/{collection.pk}").status_code == 204
    assert_problem(ingrid.get(f"/collections/{collection.pk}"), 404, "not_found")
    assert Record.objects.filter(action="collection.deleted", collection=str(collection.pk)).exists()


def test_a_reader_may_not_change(ingrid: Caller, boris: Caller) -> None:
    collection = owned_by(ingrid.user)
    grant(collection, boris.user)
    assert_problem(boris("patch", f"/collections/{collection.pk}", {"name": "Mine"}), 403, "not_allowed")
    assert_problem(boris("delete", f"/collections/{collection.pk}"), 403, "not_allowed")
    assert_problem(boris.get(f"/collections/{collection.pk}/grants"), 403, "not_allowed")


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 300}, {"name": "Credit", "colour": "blue"}])
def test_a_bad_collection_is_refused_by_field(ingrid: Caller, body: dict[str, str]) -> None:
    problem = assert_problem(ingrid("post", "/collections", body), 422, "invalid")
    assert set(problem["errors"]) == ({"colour"} if "colour" in body else {"name"})


def test_a_grant_is_given_changed_and_taken_away(ingrid: Caller, boris: Caller) -> None:
    collection = owned_by(ingrid.user)
    grants = f"/collections/{collection.pk}/grants"
    him = {"type": "user", "id": str(boris.user.pk)}
    given = ingrid("put", grants, {"principal": him, "role": "reader"})
    assert given.status_code == 200
    assert given.json()["principal"] == him | {"label": "Boris Lind"}
    assert boris.get(f"/collections/{collection.pk}").status_code == 200
    ingrid("put", grants, {"principal": him, "role": "contributor"})
    assert [row["role"] for row in items(ingrid.get(grants))] == ["manager", "contributor"]
    assert ingrid("delete", grants, {"principal": him}).status_code == 204
    assert_problem(boris.get(f"/collections/{collection.pk}"), 404, "not_found")


def test_a_group_is_granted_as_a_person_is(ingrid: Caller, boris: Caller) -> None:
    collection, group = owned_by(ingrid.user), GroupFactory(members=[boris.user])
    body = {"principal": {"type": "group", "id": str(group.pk)}, "role": "reader"}
    assert ingrid("put", f"/collections/{collection.pk}/grants", body).json()["principal"]["label"] == group.name
    assert boris.get(f"/collections/{collection.pk}").json()["role"] == "reader"


def test_the_last_manager_stays(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)
    herself = {"principal": {"type": "user", "id": str(ingrid.user.pk)}}
    assert_problem(ingrid("delete", f"/collections/{collection.pk}/grants", herself), 409, "conflict")
    assert Grant.objects.filter(collection=collection).count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"principal": {"type": "user", "id": str(uuid.uuid4())}, "role": "reader"}, "principal.id"),
        ({"principal": {"type": "user", "id": "somebody"}, "role": "reader"}, "principal.id"),
        ({"principal": {"type": "robot", "id": str(uuid.uuid4())}, "role": "reader"}, "principal.type"),
        ({"principal": {"type": "user", "id": str(uuid.uuid4())}, "role": "owner"}, "role"),
    ],
)
def test_a_bad_grant_is_refused_by_field(ingrid: Caller, body: dict[str, object], field: str) -> None:
    collection = owned_by(ingrid.user)
    problem = assert_problem(ingrid("put", f"/collections/{collection.pk}/grants", body), 422, "invalid")
    assert list(problem["errors"]) == [field]
