"""Endpoints over REST: for administrators, with everything but the key."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from apps.serving.models import Endpoint
from inference.stub import StubServer
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem, items

pytestmark = pytest.mark.django_db

KEY = "sk-nobody-may-see-this"


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubServer]:
    monkeypatch.setattr(settings.ENV, "llm_base_url", "")
    monkeypatch.setattr(settings.ENV, "llm_private_addresses", ["127.0.0.1"])
    with StubServer(models=["m"]) as server:
        yield server


def add(administrator: Caller, server: StubServer, **fields: object) -> dict[str, object]:
    body = {"name": "GPU 1", "kind": "vllm", "base_url": server.url, "key": KEY, **fields}
    made = administrator("post", "/endpoints", body)
    assert made.status_code == 201, made.content
    return made.json()


def test_nobody_else_meets_endpoints(administrator: Caller, ingrid: Caller, server: StubServer) -> None:
    id = add(administrator, server)["id"]
    for method, path, body in (
        ("get", "/endpoints", None),
        ("post", "/endpoints", {"name": "x", "kind": "vllm", "base_url": server.url}),
        ("get", f"/endpoints/{id}", None),
        ("patch", f"/endpoints/{id}", {"name": "x"}),
        ("delete", f"/endpoints/{id}", None),
        ("put", "/endpoints/order", {"order": [id]}),
        ("post", f"/endpoints/{id}/test", {}),
    ):
        assert_problem(ingrid(method, path, body), 403, "not_allowed")


def test_an_endpoint_is_added_changed_and_removed(administrator: Caller, server: StubServer) -> None:
    made = add(administrator, server, price_prompt="0.55", price_output=2.19, currency="usd")
    assert (made["auth"], made["has_key"], made["price_prompt"], made["currency"]) == ("key", True, "0.55", "USD")
    path = f"/endpoints/{made['id']}"
    changed = administrator("patch", path, {"at_once": 4, "price_prompt": None, "price_output": None})
    assert changed.status_code == 200
    assert changed.json() == {**made, "at_once": 4, "price_prompt": None, "price_output": None}
    assert administrator.get(path).json() == changed.json()
    assert administrator("delete", path).status_code == 204
    assert_problem(administrator.get(path), 404, "not_found")


def test_no_answer_has_the_key(administrator: Caller, server: StubServer) -> None:
    id = add(administrator, server)["id"]
    for answer in (administrator.get("/endpoints"), administrator("post", f"/endpoints/{id}/test", {})):
        assert answer.status_code == 200
        assert KEY.encode() not in answer.content
    assert administrator("patch", f"/endpoints/{id}", {"auth": "none"}).json()["has_key"] is False


def test_the_endpoint_of_the_environment_is_listed_first(
    administrator: Caller, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(administrator, server)
    monkeypatch.setattr(settings.ENV, "llm_base_url", server.url)
    assert [one["id"] == "environment" for one in items(administrator.get("/endpoints"))] == [True, False]
    tested = administrator("post", "/endpoints/environment/test", {}).json()
    assert "reached" in {one["code"] for one in tested["findings"]}


def test_the_order_is_set_for_all_at_once(administrator: Caller, server: StubServer) -> None:
    ids = [add(administrator, server, name=name)["id"] for name in ("one", "two")]
    ordered = administrator("put", "/endpoints/order", {"order": ids[::-1]})
    assert [one["id"] for one in items(ordered)] == ids[::-1]
    assert_problem(administrator("put", "/endpoints/order", {"order": ids[:1]}), 422, "invalid")


def test_a_test_says_what_is_found(administrator: Caller, server: StubServer) -> None:
    findings = administrator("post", f"/endpoints/{add(administrator, server)['id']}/test", {}).json()["findings"]
    assert {one["step"] for one in findings} >= {"reach", "model", "answer", "reasoning", "usage", "budget", "price"}
    assert_problem(administrator("post", "/endpoints/nonsense/test", {}), 404, "not_found")


def test_what_cannot_be_used_is_said_by_field(administrator: Caller, server: StubServer) -> None:
    body = {"name": "x", "kind": "azure", "base_url": "http://169.254.169.254/"}
    problem = assert_problem(administrator("post", "/endpoints", body), 422, "invalid")
    assert set(problem["errors"]) == {"base_url", "model"}
    assert not Endpoint.objects.exists()
