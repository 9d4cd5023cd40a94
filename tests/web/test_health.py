"""Live, ready, and the page of the parts."""

import time

import pytest
import redis
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client

from apps.web import checks
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """All queues are served, and regular work has just been done."""
    cache.delete(checks._WORKERS)
    monkeypatch.setattr(checks, "_queues_served", lambda: ["answers", "ingestion"])
    cache.set(checks.BEAT_TRACE, time.time())


def test_live_asks_for_nothing(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_names_every_part(client: Client) -> None:
    body = client.get("/health/ready").json()
    assert set(body["parts"]) == {"database", "redis", "reading", "answers", "index", "beat", "model"}
    assert body["parts"]["database"] == {"state": "ok", "needed": True}
    assert body["parts"]["beat"]["state"] == "ok"


def test_without_a_model_the_installation_is_ready_and_does_less(client: Client) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["parts"]["model"]["state"] == "none"


def test_a_missing_worker_is_seen(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_queues_served", lambda: ["answers"])
    parts = client.get("/health/ready").json()["parts"]
    assert parts["reading"]["state"] == "down"
    assert parts["answers"]["state"] == "ok"


def test_regular_work_that_stopped_is_seen(client: Client) -> None:
    cache.set(checks.BEAT_TRACE, time.time() - 300)
    assert client.get("/health/ready").json()["parts"]["beat"]["state"] == "down"


def test_without_the_database_nothing_is_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["status"] == "down"
    assert response.json()["parts"]["database"]["state"] == "down"


def test_without_redis_nothing_is_ready(client: Client, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["redis"]["state"] == "down"


def test_people_see_the_parts_in_words(visitor: SignedIn) -> None:
    page = visitor.get("/status/").content.decode()
    assert "PostgreSQL with pgvector" in page
    assert "Questions are answered with passages only." in page


def test_pages_are_shown_while_redis_does_not_answer(visitor: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise redis.ConnectionError

    monkeypatch.setattr("apps.web.context.model_state", refuse)
    page = visitor.get("/library/")
    assert page.status_code == 200
    assert 'data-state="down"' in page.content.decode()
