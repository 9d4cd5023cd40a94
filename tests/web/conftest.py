"""What the tests of pages share: a browser that is signed in, and what every page must keep to."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import User
from tests.factories import UserFactory


@pytest.fixture
def reader(db: None) -> User:
    return UserFactory(name="Ingrid Falk", email="ingrid.falk@example.org")


@pytest.fixture
def visitor(reader: User) -> "SignedIn":
    """Return a client in which the reader is signed in. It checks every page it opens."""
    return SignedIn(reader)


class SignedIn(Client):
    def __init__(self, user: User) -> None:
        super().__init__()
        self.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def request(self, **request: object) -> HttpResponse:
        response = super().request(**request)
        check_page(response)
        return response


def check_page(response: HttpResponse) -> None:
    """Every whole page has one h1, a title, the strict policy, and neither style nor script inside it."""
    if getattr(response, "streaming", False) or not response.headers.get("Content-Type", "").startswith("text/html"):
        return
    html = response.content.decode()
    assert not re.search(r"\sstyle\s*=", html), "inline style"
    assert not re.search(r"<style\b", html), "style element"
    assert not re.search(r"<script(?![^>]*\bsrc=)", html), "inline script"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", html), "inline handler"
    if "<!doctype html>" in html.lower():
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert len(re.findall(r"<h1\b", html)) == 1, "one h1"
        title = re.search(r"<title>(.*?)</title>", html, re.S)
        assert title is not None
        assert title[1].strip() not in ("", "· Toulmin")
