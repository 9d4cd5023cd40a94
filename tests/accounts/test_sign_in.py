"""Signing in with a password: what opens, what stays closed, and what is written down."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import User
from apps.audit import log
from apps.audit.models import Record
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ingrid() -> User:
    return UserFactory(email="ingrid@example.org", name="Ingrid Falk", password=PASSWORD)


def _sign_in(client: Client, email: str = "ingrid@example.org", password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **headers)


def _signed_in(client: Client) -> bool:
    return bool(client.get("/api/v1/me").status_code == 200)


def test_the_right_password_opens_and_is_recorded(ingrid: User) -> None:
    client = Client()
    assert _sign_in(client, "Ingrid@Example.org").status_code == 302
    assert _signed_in(client)
    entry = Record.objects.get()
    assert (entry.action, entry.actor_id, entry.actor_label) == ("session.signed_in", str(ingrid.pk), "Ingrid Falk")
    assert log.read_body(entry)["address"] == "127.0.0.1"


def test_signing_out_closes_and_is_recorded(ingrid: User) -> None:
    client = Client()
    _sign_in(client)
    client.get("/accounts/logout/")
    assert _signed_in(client)
    client.post("/accounts/logout/")
    assert not _signed_in(client)
    assert Record.objects.first().action == "session.signed_out"  # type: ignore[union-attr]


@pytest.mark.parametrize("email", ["ingrid@example.org", "nobody@example.org"])
def test_a_wrong_password_opens_nothing_says_nothing_and_is_recorded(ingrid: User, email: str) -> None:
    client = Client()
    response = _sign_in(client, email, "not the password")
    assert response.status_code == 200
    assert not _signed_in(client)
    entry = Record.objects.get()
    assert (entry.action, entry.subject_label) == ("session.sign_in_failed", email)
    assert b"not the password" not in bytes(entry.body)


def test_a_known_and_an_unknown_address_are_answered_alike(ingrid: User) -> None:
    known = _sign_in(Client(), password="not the password").context["form"].errors
    unknown = _sign_in(Client(), "nobody@example.org").context["form"].errors
    assert known == unknown


def test_a_closed_account_cannot_be_entered(ingrid: User) -> None:
    User.objects.update(is_active=False)
    client = Client()
    _sign_in(client)
    assert not _signed_in(client)
    assert not Record.objects.filter(action="session.signed_in").exists()


def test_closing_an_account_ends_its_sessions(ingrid: User) -> None:
    client = Client()
    _sign_in(client)
    User.objects.update(is_active=False)
    assert not _signed_in(client)


def test_guessing_is_stopped(ingrid: User) -> None:
    for _ in range(5):
        _sign_in(Client(), password="a guess")
    client = Client()
    _sign_in(client)
    assert not _signed_in(client)


def test_nobody_signs_themselves_up() -> None:
    Client().post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()


class TestAdministration:
    def test_its_door_is_the_one_sign_in_page(self) -> None:
        response = Client().get("/admin/login/", follow=False)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")

    def test_it_is_closed_to_others(self, ingrid: User) -> None:
        client = Client()
        client.force_login(ingrid)
        assert client.get("/admin/").status_code in {302, 403}

    @pytest.mark.parametrize(
        "table",
        [
            "accounts/user",
            "accounts/group",
            "accounts/apitoken",
            "audit/record",
            "documents/collection",
            "documents/grant",
            "documents/document",
            "documents/version",
            "retrieval/indexgeneration",
            "ingestion/ingestrun",
        ],
    )
    def test_it_shows_tables_and_changes_none(self, table: str) -> None:
        client = Client()
        administrator = UserFactory(is_administrator=True)
        client.force_login(administrator)
        assert client.get(f"/admin/{table}/").status_code == 200
        assert client.get(f"/admin/{table}/add/").status_code == 403
        if table == "accounts/user":
            row = f"/admin/{table}/{administrator.pk}"
            assert client.get(f"{row}/change/").status_code == 200
            assert client.post(f"{row}/change/", {"is_auditor": "on"}).status_code == 403
            assert client.post(f"{row}/delete/", {"post": "yes"}).status_code == 403
            administrator.refresh_from_db()
            assert not administrator.is_auditor

    @pytest.mark.parametrize("table", ["socialaccount/socialapp", "socialaccount/socialtoken", "mfa/authenticator"])
    def test_it_hides_secrets_of_sign_in(self, table: str) -> None:
        client = Client()
        client.force_login(UserFactory(is_administrator=True))
        assert client.get(f"/admin/{table}/").status_code in {403, 404}
        assert table.split("/")[0] not in client.get("/admin/").content.decode()
