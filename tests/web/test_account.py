"""Signing in, the account page, tokens."""

import pytest
from django.test import Client

from apps.accounts.models import ApiToken, User
from apps.audit.models import Record
from tests.factories import PASSWORD, UserFactory
from tests.web.conftest import SignedIn, check_page

pytestmark = pytest.mark.django_db


def test_the_sign_in_page_offers_no_sign_up(client: Client) -> None:
    page = client.get("/accounts/login/")
    check_page(page)
    assert "/accounts/signup/" not in page.content.decode()
    assert "/accounts/password/reset/" not in page.content.decode()


def test_the_right_password_signs_in_and_goes_where_one_wanted(client: Client) -> None:
    UserFactory(email="ingrid@example.org", password=PASSWORD)
    form = {"login": "ingrid@example.org", "password": PASSWORD, "next": "/library/"}
    response = client.post("/accounts/login/", form)
    assert response.headers["Location"] == "/library/"
    assert Record.objects.filter(action="session.signed_in").count() == 1


def test_a_wrong_password_says_so_without_saying_who_exists(client: Client) -> None:
    UserFactory(email="ingrid@example.org", password=PASSWORD)
    pages = [
        client.post("/accounts/login/", {"login": address, "password": "wrong"}).content.decode()
        for address in ("ingrid@example.org", "nobody@example.org")
    ]
    assert all('role="alert"' in page for page in pages)
    sentences = {page.split('role="alert"')[1].split("</div>")[0].split("<p>")[1] for page in pages}
    assert len(sentences) == 1


@pytest.mark.parametrize("address", ["signup/", "email/", "password/reset/", "password/set/", "confirm-email/"])
def test_what_needs_mail_or_sign_up_is_not_there(client: Client, address: str) -> None:
    assert client.get(f"/accounts/{address}").status_code == 404


@pytest.mark.parametrize("address", ["2fa/", "password/change/", "logout/"])
def test_pages_about_signing_in_are_ours(reader: User, address: str) -> None:
    reader.set_password(PASSWORD)
    reader.save()
    page = SignedIn(reader).get(f"/accounts/{address}")
    assert page.status_code == 200
    assert 'class="brand"' in page.content.decode()


def test_a_token_is_shown_once(visitor: SignedIn, reader: User) -> None:
    page = visitor.post("/account/", {"name": "Credit workbench", "days": "90"}).content.decode()
    token = ApiToken.objects.get(user=reader)
    secret = page.split('id="secret">')[1].split("<")[0]
    assert ApiToken.hash_of(secret) == token.hash
    again = visitor.get("/account/").content.decode()
    assert secret not in again
    assert "Credit workbench" in again


def test_a_token_without_a_name_is_refused_by_the_field(visitor: SignedIn, reader: User) -> None:
    response = visitor.post("/account/", {"name": "", "days": "90"})
    assert response.status_code == 422
    assert 'id="id_name_error"' in response.content.decode()
    assert not ApiToken.objects.exists()


def test_only_ones_own_token_is_revoked(visitor: SignedIn, reader: User) -> None:
    visitor.post("/account/", {"name": "Mine", "days": "0"})
    mine = ApiToken.objects.get(user=reader)
    other = SignedIn(UserFactory())
    assert other.post(f"/account/tokens/{mine.pk}/revoke/").status_code == 404
    assert visitor.post(f"/account/tokens/{mine.pk}/revoke/").status_code == 303
    mine.refresh_from_db()
    assert mine.revoked_at is not None
