"""People and groups over REST: for administrators and for nobody else."""

import uuid

import pytest

from apps.accounts.models import User
from apps.audit.models import Record
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem, items
from tests.factories import PASSWORD, GroupFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/users", None),
        ("post", "/users", {"email": "new@example.org"}),
        ("get", "/groups", None),
        ("post", "/groups", {"name": "Credit"}),
    ],
)
def test_only_administrators_meet_people(ingrid: Caller, method: str, path: str, body: object) -> None:
    assert_problem(ingrid(method, path, body), 403, "not_allowed")


@pytest.mark.parametrize("there", [True, False])
def test_nobody_else_learns_who_there_is(ingrid: Caller, boris: Caller, there: bool) -> None:
    key = boris.user.pk if there else uuid.uuid4()
    assert_problem(ingrid.get(f"/users/{key}"), 403, "not_allowed")
    assert_problem(ingrid("patch", f"/users/{key}", {"administrator": True}), 403, "not_allowed")


def test_a_person_is_added_and_may_sign_in(administrator: Caller) -> None:
    made = administrator(
        "post", "/users", {"email": "New@Example.org", "name": "Nora New", "password": PASSWORD, "auditor": True}
    )
    assert made.status_code == 201
    body = made.json()
    assert (body["email"], body["auditor"], body["administrator"], body["active"]) == (
        "new@example.org",
        True,
        False,
        True,
    )
    assert "password" not in body
    assert User.objects.get(pk=body["id"]).check_password(PASSWORD)
    assert administrator.get(f"/users/{body['id']}").json() == body
    assert Record.objects.get(action="user.created").subject_label == "Nora New"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.org", "password": "short"}, "password"),
        ({"email": "a@example.org", "name": "x" * 200}, "name"),
        ({}, "email"),
    ],
)
def test_a_bad_person_is_refused_by_field(administrator: Caller, body: dict[str, str], field: str) -> None:
    assert field in assert_problem(administrator("post", "/users", body), 422, "invalid")["errors"]


def test_an_address_is_taken_once_in_any_case(administrator: Caller, ingrid: Caller) -> None:
    assert_problem(administrator("post", "/users", {"email": "INGRID@example.org"}), 409, "conflict")


def test_people_are_found_by_name_and_address(administrator: Caller) -> None:
    UserFactory(name="Zoë Quill")
    UserFactory(email="zoe.other@example.org")
    assert len(items(administrator.get("/users", q="zo"))) == 2
    assert [row["name"] for row in items(administrator.get("/users", q="quill"))] == ["Zoë Quill"]


def test_roles_change_and_accounts_close(administrator: Caller, ingrid: Caller) -> None:
    changed = administrator("patch", f"/users/{ingrid.user.pk}", {"auditor": True, "active": False})
    assert (changed.json()["auditor"], changed.json()["active"]) == (True, False)
    assert_problem(ingrid.get("/me"), 401, "not_signed_in")


def test_somebody_always_administers(administrator: Caller) -> None:
    me = f"/users/{administrator.user.pk}"
    assert_problem(administrator("patch", me, {"administrator": False}), 409, "conflict")
    assert_problem(administrator("patch", me, {"active": False}), 409, "conflict")


def test_a_group_is_made_read_and_changed(administrator: Caller, ingrid: Caller, boris: Caller) -> None:
    made = administrator("post", "/groups", {"name": "Credit", "members": [str(ingrid.user.pk)]})
    assert made.status_code == 201
    path = f"/groups/{made.json()['id']}"
    assert [member["email"] for member in administrator.get(path).json()["members"]] == ["ingrid@example.org"]
    changed = administrator("patch", path, {"members": [str(boris.user.pk)]})
    assert [member["id"] for member in changed.json()["members"]] == [str(boris.user.pk)]
    assert [row["name"] for row in items(administrator.get("/groups"))] == ["Credit"]


def test_a_group_has_known_members_and_a_name_of_its_own(administrator: Caller) -> None:
    GroupFactory(name="Credit")
    assert_problem(administrator("post", "/groups", {"name": "Credit"}), 409, "conflict")
    problem = assert_problem(
        administrator("post", "/groups", {"name": "Other", "members": [str(uuid.uuid4())]}), 422, "invalid"
    )
    assert list(problem["errors"]) == ["members"]


def test_nobody_is_found_under_an_unknown_id(administrator: Caller) -> None:
    assert_problem(administrator.get(f"/users/{uuid.uuid4()}"), 404, "not_found")
    assert_problem(administrator.get(f"/groups/{uuid.uuid4()}"), 404, "not_found")
