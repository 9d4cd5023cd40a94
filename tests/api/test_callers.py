"""Who calls: tokens, their narrowing and their end; browsers; and everybody else, who all hear the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiToken
from apps.accounts.scope import Permission
from apps.audit import log
from apps.audit.models import Record
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem
from tests.factories import UserFactory, owned_by, token_for

pytestmark = pytest.mark.django_db


def test_a_token_says_who_it_is_and_what_it_may(ingrid: Caller) -> None:
    me = ingrid.get("/me").json()
    assert me["user"]["email"] == "ingrid@example.org"
    assert me["token"]["ending"] == ingrid.secret[-4:]
    assert me["roles"] == []
    assert me["scopes"] == ["ask", "contribute", "manage", "read"]


def test_roles_are_told(administrator: Caller, auditor: Caller) -> None:
    assert administrator.get("/me").json()["roles"] == ["administrator"]
    assert auditor.get("/me").json()["roles"] == ["auditor"]


def test_a_narrowed_token_may_no_more_than_it_carries(ingrid: Caller) -> None:
    reader = Caller(ingrid.user, Permission.READ)
    assert reader.get("/me").json()["scopes"] == ["read"]
    assert reader.get("/collections").status_code == 200
    assert_problem(reader("post", "/collections", {"name": "Mine"}), 403, "not_allowed")


def test_a_token_never_carries_more_than_its_person_holds(ingrid: Caller) -> None:
    grasping = Caller(ingrid.user, Permission.READ, Permission.AUDIT, Permission.ADMINISTER)
    assert grasping.get("/me").json()["scopes"] == ["read"]
    assert_problem(grasping.get("/audit/records"), 403, "not_allowed")
    assert_problem(grasping.get("/users"), 403, "not_allowed")


@pytest.mark.parametrize(
    "fields",
    [{"expires_at": timezone.now() - timedelta(seconds=1)}, {"revoked_at": timezone.now()}],
    ids=["expired", "revoked"],
)
def test_a_token_that_has_ended_is_refused_as_an_unknown_one_is(ingrid: Caller, fields: dict[str, Any]) -> None:
    ended = Caller(ingrid.user, secret=token_for(ingrid.user, **fields)).get("/me")
    unknown = Caller(ingrid.user, secret="tlm_nothing").get("/me")
    assert assert_problem(ended, 401, "not_signed_in")["detail"] == unknown.json()["detail"]
    assert ended["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_with_its_person(ingrid: Caller) -> None:
    ingrid.user.is_active = False
    ingrid.user.save()
    assert_problem(ingrid.get("/me"), 401, "not_signed_in")


@pytest.mark.parametrize("header", ["Basic aW5ncmlkOng=", "Bearer", "Bearer ", "tlm_x"])
def test_other_credentials_are_refused(header: str) -> None:
    assert_problem(Client().get("/api/v1/me", headers={"Authorization": header}), 401, "not_signed_in")


def test_without_credentials_nothing_is_answered() -> None:
    assert_problem(Client().get("/api/v1/me"), 401, "not_signed_in")


def test_the_use_of_a_token_is_noted_once_a_minute(ingrid: Caller, django_assert_num_queries: Any) -> None:
    ingrid.get("/me")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    ingrid.get("/me")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    ingrid.get("/me")
    assert ApiToken.objects.get().last_used_at > first - timedelta(minutes=1)


def test_a_browser_may_read_with_its_session_and_write_with_its_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    assert client.get("/api/v1/me").json()["token"] is None
    refused = client.post("/api/v1/collections", {"name": "Mine"}, content_type="application/json")
    assert_problem(refused, 403, "not_allowed")


def test_a_bad_token_is_not_made_good_by_a_session() -> None:
    client = Client()
    client.force_login(UserFactory())
    assert_problem(client.get("/api/v1/me", headers={"Authorization": "Bearer tlm_x"}), 401, "not_signed_in")


def test_records_name_the_token_its_person_and_the_request(ingrid: Caller) -> None:
    made = ingrid("post", "/collections", {"name": "Credit"}, X_Request_ID="request-1")
    assert made.status_code == 201
    entry = Record.objects.get(action="collection.created")
    sealed = log.read_body(entry)
    assert (sealed["actor_type"], sealed["actor_id"]) == ("token", str(ApiToken.objects.get().pk))
    assert sealed["actor_label"].startswith("Ingrid Falk")
    assert (sealed["address"], sealed["request_id"]) == ("127.0.0.1", "request-1")


def test_a_token_acts_for_its_own_person_also_in_somebody_elses_browser(ingrid: Caller) -> None:
    owned_by(ingrid.user, name="Ingrid’s")
    ingrid.client.force_login(UserFactory())
    assert [row["name"] for row in ingrid.get("/collections").json()["items"]] == ["Ingrid’s"]
    ingrid("post", "/collections", {"name": "Made by token"})
    assert Record.objects.get(action="collection.created").actor_type == "token"


def test_a_browser_that_carries_its_csrf_token_writes() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    token = "a" * 32
    client.cookies[settings.CSRF_COOKIE_NAME] = token
    made = client.post(
        "/api/v1/collections", {"name": "Mine"}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert made.status_code == 201


@pytest.mark.parametrize("given", ["x" * 65, "two words", "<b>", ""])
def test_a_request_id_that_could_be_anything_is_replaced(ingrid: Caller, given: str) -> None:
    response = ingrid("get", "/me", X_Request_ID=given)
    assert response["X-Request-ID"] != given
    assert len(response["X-Request-ID"]) == 36
