"""The shell around every page, and errors as pages."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.factories import UserFactory
from tests.web.conftest import SignedIn, check_page

pytestmark = pytest.mark.django_db


def test_what_does_not_exist_says_so_and_leads_back(visitor: SignedIn) -> None:
    page = visitor.get("/nothing/here/")
    assert page.status_code == 404
    assert "There is nothing at this address" in page.content.decode()
    assert 'href="/"' in page.content.decode()


def test_a_page_asks_who_is_there_and_comes_back(client: Client) -> None:
    page = client.get("/library/?q=a")
    assert page.status_code == 302
    assert page.headers["Location"] == "/accounts/login/?next=/library/%3Fq%3Da"


def test_a_fragment_sends_the_whole_page_to_sign_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/library/"}
    page = client.get("/library/", headers=headers)
    assert page.status_code == 204
    assert page.headers["HX-Redirect"] == "/accounts/login/?next=/library/"


def test_the_audit_is_offered_to_auditors_only(reader: User) -> None:
    auditor = UserFactory(is_auditor=True)
    assert b'href="/audit/"' not in SignedIn(reader).get("/nothing/").content
    assert b'href="/audit/"' in SignedIn(auditor).get("/nothing/").content


def test_the_page_of_components_is_there_for_those_who_work_on_it(client: Client, settings: Any) -> None:
    assert client.get("/components/").status_code == 404
    settings.DEBUG = True
    page = client.get("/components/")
    check_page(page)
    assert page.status_code == 200
    for state in ("supported", "partly", "unsupported", "contradicted", "unchecked"):
        assert f'data-verdict="{state}"' in page.content.decode()
