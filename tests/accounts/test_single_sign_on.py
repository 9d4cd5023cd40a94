"""Single sign-on, end to end through a running issuer."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Record
from tests.accounts.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

INGRID = {"sub": "42", "email": "ingrid@example.org", "email_verified": True, "name": "Ingrid Falk"}


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with running_issuer() as issuer:
        issuer.claims = dict(INGRID)
        app = {
            "provider_id": "sso",
            "name": "Example staff",
            "client_id": CLIENT_ID,
            "secret": CLIENT_SECRET,
            "settings": {"server_url": issuer.address},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        yield issuer


def _sign_in(client: Client, issuer: Issuer) -> Any:
    begun = client.post("/accounts/oidc/sso/login/")
    assert begun.status_code == 302, begun.content
    return client.get("/accounts/oidc/sso/login/callback/", issuer.sign_in(begun["Location"]))


def _signed_in(client: Client) -> bool:
    return bool(client.get("/api/v1/me").status_code == 200)


def _actions() -> list[str]:
    return list(Record.objects.order_by("sequence").values_list("action", flat=True))


def test_whoever_the_issuer_vouches_for_is_added_and_signed_in(issuer: Issuer) -> None:
    client = Client()
    assert _sign_in(client, issuer)["Location"] == "/"
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("ingrid@example.org", "Ingrid Falk", False)
    assert (user.is_administrator, user.is_auditor) == (False, False)
    assert client.get("/api/v1/me").json()["user"]["id"] == str(user.pk)
    assert _actions() == ["user.created", "session.signed_in"]


def test_coming_back_is_coming_back(issuer: Issuer) -> None:
    for _ in range(2):
        _sign_in(Client(), issuer)
    issuer.claims["email"] = "ingrid.falk@example.org"
    _sign_in(Client(), issuer)
    assert User.objects.count() == 1


def test_an_account_that_was_there_is_found_by_a_verified_address(issuer: Issuer) -> None:
    user = UserFactory(email="ingrid@example.org", is_auditor=True)
    client = Client()
    _sign_in(client, issuer)
    assert client.get("/api/v1/me").json()["user"]["id"] == str(user.pk)
    assert User.objects.count() == 1


def test_an_address_that_nobody_verified_opens_nobodys_account(issuer: Issuer) -> None:
    UserFactory(email="ingrid@example.org")
    issuer.claims["email_verified"] = False
    client = Client()
    assert _sign_in(client, issuer).status_code == 403
    assert not _signed_in(client)
    assert User.objects.count() == 1


def test_nobody_chooses_their_own_address(issuer: Issuer) -> None:
    del issuer.claims["email"]
    client = Client()
    assert _sign_in(client, issuer).status_code == 403
    client.post("/accounts/3rdparty/signup/", {"email": "boss@example.org"})
    assert not User.objects.exists()


def test_an_account_that_is_closed_stays_closed(issuer: Issuer) -> None:
    UserFactory(email="ingrid@example.org", is_active=False)
    client = Client()
    _sign_in(client, issuer)
    assert not _signed_in(client)
    assert "session.signed_in" not in _actions()


def test_a_token_meant_for_another_application_is_refused(issuer: Issuer) -> None:
    issuer.audience = "another"
    client = Client()
    _sign_in(client, issuer)
    assert not _signed_in(client)
    assert not User.objects.exists()


def test_a_forged_answer_is_refused(issuer: Issuer) -> None:
    client = Client()
    carried = issuer.sign_in(client.post("/accounts/oidc/sso/login/")["Location"])
    client.get("/accounts/oidc/sso/login/callback/", carried | {"state": "forged"})
    assert not _signed_in(client)
    client.get("/accounts/oidc/sso/login/callback/", carried | {"code": "forged"})
    assert not _signed_in(client)
    assert not User.objects.exists()


def test_another_browser_cannot_finish_what_one_began(issuer: Issuer) -> None:
    carried = issuer.sign_in(Client().post("/accounts/oidc/sso/login/")["Location"])
    other = Client()
    other.get("/accounts/oidc/sso/login/callback/", carried)
    assert not _signed_in(other)


def test_without_an_issuer_there_is_no_such_door() -> None:
    assert Client().post("/accounts/oidc/sso/login/").status_code == 404
