"""Fixtures that every suite shares. Run through `bin/test`, which starts PostgreSQL and Valkey."""

from typing import Any

import hypothesis
import pytest
from django.db import connection

from tests.vllm import vllm_server

__all__ = ["vllm_server"]

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("toulmin", deadline=None)
hypothesis.settings.load_profile("toulmin")

_REAL_EMBEDDING = {"embedding", "worker", "browser", "vllm"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Let the test runner empty tables between tests that commit; `tests/audit` checks the trigger itself."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_record_no_truncate")


@pytest.fixture(autouse=True)
def _embedder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load no weights, unless a test is marked as one that wants the real ones."""
    if not _REAL_EMBEDDING & {mark.name for mark in request.node.iter_markers()}:
        monkeypatch.setattr("django.conf.settings.EMBEDDER", "tests.fakes.FakeEmbedder")


@pytest.fixture(autouse=True)
def _plain_static(settings: Any) -> None:
    """Name static files as they are: nothing has been collected for a test."""
    backend = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": backend}


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Hash passwords fast; how slow it is in production is Django's matter."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
