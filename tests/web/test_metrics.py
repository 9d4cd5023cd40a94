"""What Prometheus is told, by whom it may be read, and that reading it stays cheap."""

import re
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydantic import SecretStr

from apps.reasoning.models import Answer, AnswerStatus
from apps.serving.endpoints import endpoints_in_order
from apps.serving.models import Endpoint
from apps.serving.slots import Slot
from apps.usage.budgets import BudgetExceeded, reserve
from apps.web import checks, metrics
from apps.web.exposition import Family, exposition
from tests.factories import DocumentFactory, UserFactory, scope_of
from tests.usage.conftest import budget, charged, of_money

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(checks, "_queues_served", lambda: ["answers", "ingestion"])


def endpoint(name: str, at_once: int = 0) -> Endpoint:
    return Endpoint.objects.create(name=name, kind="vllm", base_url="http://gpu.example.org/v1", at_once=at_once)


def told(name: str, **labels: str) -> list[float]:
    """Return the values of the samples with this name and these labels, as they would be read now."""
    found = []
    for line in exposition(metrics.read_metrics()).splitlines():
        sample = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if (
            sample
            and sample[1] == name
            and labels.items() <= dict(re.findall(r'(\w+)="([^"]*)"', sample[2] or "")).items()
        ):
            found.append(float(sample[3]))
    return found


def test_a_metric_is_written_as_prometheus_reads_it() -> None:
    counter = Family("toulmin_things_total", "counter", "Things.")
    counter.add(3, name='a "b"\n\\')
    times = Family("toulmin_seconds", "histogram", "Seconds.")
    times.observe((0.5, 1.0), (1, 2), 3, 4.25, step="x")
    assert exposition([counter, times, Family("toulmin_none", "gauge", "Nothing.")]) == (
        "# HELP toulmin_things_total Things.\n# TYPE toulmin_things_total counter\n"
        'toulmin_things_total{name="a \\"b\\"\\n\\\\"} 3\n'
        "# HELP toulmin_seconds Seconds.\n# TYPE toulmin_seconds histogram\n"
        'toulmin_seconds_bucket{step="x",le="0.5"} 1\ntoulmin_seconds_bucket{step="x",le="1"} 2\n'
        'toulmin_seconds_bucket{step="x",le="+Inf"} 3\ntoulmin_seconds_sum{step="x"} 4.25\ntoulmin_seconds_count{step="x"} 3\n'
    )


def test_this_machine_may_read_them_and_others_not(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 401


def test_with_a_token_only_who_has_it_may_read_them(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings.ENV, "metrics_token", SecretStr("a quiet word"))
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    response = client.get("/metrics", headers={"Authorization": "Bearer a quiet word"}, REMOTE_ADDR="203.0.113.7")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")


def test_answers_are_counted_by_what_became_of_them_and_what_they_took() -> None:
    scope = scope_of(UserFactory())
    charged(scope, "0.25")
    charged(scope, "0.50")
    assert sum(told("toulmin_answers_total")) == 2
    assert told("toulmin_answer_cost_total", currency="EUR") == [0.75]


def test_a_histogram_counts_each_answer_up_to_its_seconds() -> None:
    charge = charged(scope_of(UserFactory()))
    type(charge).objects.update(queue_seconds=0.2, retrieve_seconds=0.3, prefill_seconds=1.5, endpoint_name="own")
    assert told("toulmin_answer_first_token_seconds_bucket", le="1") == [0]
    assert told("toulmin_answer_first_token_seconds_bucket", le="2.5") == [1]
    assert told("toulmin_answer_first_token_seconds_sum", endpoint="own") == [pytest.approx(2.0)]
    assert told("toulmin_answer_decode_seconds_count", endpoint="own") == [0]


def test_what_waits_is_counted_with_its_age() -> None:
    Answer.objects.create(asker=UserFactory(), question="When?", status=AnswerStatus.QUEUED)
    assert told("toulmin_answers_open", status="queued") == [1]
    assert 0 <= told("toulmin_answers_oldest_seconds", status="queued")[0] < 60


def test_pages_that_were_read_are_counted() -> None:
    DocumentFactory(version__page_count=7)
    DocumentFactory(version__page_count=5)
    assert told("toulmin_pages_read_total") == [12]


def test_a_refusal_of_a_budget_is_counted_though_its_transaction_is_undone() -> None:
    scope = scope_of(UserFactory())
    budget("1.00")
    with pytest.raises(BudgetExceeded):
        reserve(scope, Answer().pk, estimate=lambda: of_money("2.00"))
    assert told("toulmin_budget_refusals_total", principal="organisation", period="month") == [1]
    assert told("toulmin_budget_refusals_total", principal="user", period="day") == [0]


def test_slots_in_use_are_told_for_each_endpoint() -> None:
    endpoint(name="own", at_once=2)
    slot = Slot()
    assert slot.take(endpoints_in_order()) is not None
    assert told("toulmin_endpoint_slots_in_use", endpoint="own") == [1]
    assert told("toulmin_endpoint_slots", endpoint="own") == [2]
    assert told("toulmin_endpoint_admitting", endpoint="own") == [1]
    slot.release()


def test_a_part_that_is_down_is_told_and_the_others_still_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(metrics, "_waiting", refuse)
    assert told("toulmin_part_up", part="database") == [1]
    assert told("toulmin_answers_open") == []
    assert told("toulmin_pages_read_total") == [0]


def test_without_redis_what_the_database_knows_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(cache, "get", refuse)
    monkeypatch.setattr(metrics, "check_all", lambda: [checks.check_database(), checks.Part("redis", "Redis", "down")])
    text = client.get("/metrics").content.decode()
    assert 'toulmin_part_up{part="redis"} 0' in text
    assert "toulmin_pages_read_total 0" in text


def test_reading_them_costs_as_many_queries_however_much_there_is() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            metrics.read_metrics()
        return len(captured)

    before = queries()
    scope = scope_of(UserFactory())
    for number in range(3):
        charged(scope)
        DocumentFactory()
        endpoint(name=f"endpoint {number}")
    assert queries() == before
    assert before <= 12


def test_they_are_read_at_most_every_ten_seconds(client: Client) -> None:
    client.get("/metrics")
    DocumentFactory(version__page_count=7)
    assert "toulmin_pages_read_total 0" in client.get("/metrics").content.decode()


def test_they_name_nobody(client: Client) -> None:
    asker = UserFactory(name="Ada Lovelace", email="ada@example.org")
    charged(scope_of(asker), groups=())
    text = client.get("/metrics").content.decode()
    assert "Ada" not in text
    assert "ada@" not in text
