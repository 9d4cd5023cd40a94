"""A caller of the interface, and a clean count of calls for each test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import User
from apps.accounts.scope import Permission
from tests.factories import UserFactory, token_for


class Caller:
    """Calls the interface with a token, as an integration does."""

    def __init__(self, user: User, *permissions: Permission, secret: str | None = None) -> None:
        self.user = user
        self.secret = secret or token_for(user, *permissions)
        self.client = Client(raise_request_exception=False)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self.client, method)
        if method == "get" and body is not None:
            sent = {"query_params": body}
        return send(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.secret}", **headers}, **sent)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self("get", path, query)

    def upload(self, fields: dict[str, Any], **headers: str) -> HttpResponse:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            "/api/v1/documents", fields, headers={"Authorization": f"Bearer {self.secret}", **headers}
        )


@pytest.fixture(autouse=True)
def _no_calls_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ingrid(db: None) -> Caller:
    """Somebody who may do what everybody may."""
    return Caller(UserFactory(name="Ingrid Falk", email="ingrid@example.org"))


@pytest.fixture
def boris(db: None) -> Caller:
    """Somebody else."""
    return Caller(UserFactory(name="Boris Lind"))


@pytest.fixture
def administrator(db: None) -> Caller:
    return Caller(UserFactory(name="Ada Admin", is_administrator=True))


@pytest.fixture
def auditor(db: None) -> Caller:
    return Caller(UserFactory(name="Otto Audit", is_auditor=True))
