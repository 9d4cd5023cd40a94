"""Testing an endpoint says what is so and what to do, one finding after the other."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from apps.audit.models import Record
from apps.serving import entra, services, trial
from apps.serving.models import Endpoint
from apps.serving.secrets import Credential, sealed
from inference.stub import StubServer
from tests.factories import UserFactory, scope_of
from tests.serving.emulated import KEY, Provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "llm_private_addresses", ["127.0.0.0/8"])


def endpoint_at(base_url: str, **fields: Any) -> Endpoint:
    key = fields.pop("key", KEY)
    some = {"name": "Tested", "kind": "vllm", "model": "m", "auth": "key", "secret": sealed(Credential(key))}
    return Endpoint.objects.create(base_url=base_url, **(some | fields))


def found(endpoint: Endpoint) -> dict[str, trial.Finding]:
    """Return the findings by step. Each is a code with a whole sentence."""
    scope = scope_of(UserFactory(is_administrator=True))
    findings = list(services.test_endpoint(scope, str(endpoint.pk)))
    assert all(one.text.endswith(".") and (one.advice.endswith(".") or one.state == "ok") for one in findings)
    return {one.step: one for one in findings}


def test_a_vllm_that_does_all_of_it() -> None:
    with Provider("vllm", models=["m"], words=12) as server:
        tested = found(
            endpoint_at(f"{server.root}/v1", price_prompt=Decimal("0.5"), price_output=Decimal(2), currency="EUR")
        )
    assert {step: one.code for step, one in tested.items()} == {
        "reach": "reached",
        "model": "listed",
        "answer": "answers",
        "reasoning": "field",
        "usage": "usage_whole",
        "speed": tested["speed"].code,
        "budget": "budget_not_kept",  # it counts 300 tokens of reasoning whatever the budget
        "price": "price_tokens",
    }
    assert tested["speed"].values
    assert tested["speed"].values["first_token_seconds"] >= 0
    assert tested["price"].text == "A thousand tokens cost 0.0005 EUR read and 0.002 EUR written."


def test_a_budget_that_is_kept() -> None:
    with StubServer(models=["m"]) as server:
        server.scripts["m"] = [
            [{"delta": {"reasoning": "so " * 400}}, {"delta": {"content": "24."}}, {"finish": "stop"}],
            [{"delta": {"reasoning": "so " * 30}}, {"delta": {"content": "24."}}, {"finish": "stop"}],
        ]
        tested = found(endpoint_at(server.url))
        assert server.requests[-1]["thinking_token_budget"] == 128
    assert (tested["budget"].code, tested["usage"].code) == ("budget_kept", "usage_none")


@pytest.mark.parametrize(
    ("shape", "kind", "address", "path", "reasoning", "budget", "usage"),
    [
        ("azure", "azure", "/openai/v1", "/openai/v1/chat/completions", "tags", "budget_ours", "usage_part"),
        ("openai", "openai", "/v1", "/v1/chat/completions", "none", "budget_ours", "usage_whole"),
        ("deepseek", "deepseek", "/v1", "/v1/chat/completions", "old_field", "budget_ours", "usage_part"),
    ],
)
def test_each_provider_is_found_as_it_is(
    shape: str, kind: str, address: str, path: str, reasoning: str, budget: str, usage: str
) -> None:
    with Provider(shape, paths={path: ""}, models=["m"]) as server:
        tested = found(endpoint_at(f"{server.root}{address}", kind=kind))
    assert (tested["reasoning"].code, tested["budget"].code, tested["usage"].code) == (reasoning, budget, usage)
    assert (tested["answer"].code, tested["price"].code) == ("answers", "price_none")


@pytest.mark.parametrize("style", ["reasoning_content", "tags", "tags-no-opener"])
def test_reasoning_is_found_wherever_it_comes(style: str) -> None:
    with StubServer(models=["m"], style=style) as server:
        assert found(endpoint_at(server.url))["reasoning"].code == (
            "old_field" if style == "reasoning_content" else "tags"
        )


def test_the_price_of_own_hardware_follows_from_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial._Heard, "rate", property(lambda _: 100.0))
    with StubServer(models=["m"]) as server:
        tested = found(endpoint_at(server.url, gpu_price_hour=Decimal(36), gpus=1, currency="EUR"))
    assert tested["price"].values == {"output": "0.1", "currency": "EUR"}


AZURE = {"/openai/deployments/m/chat/completions": "2024-10-21"}


@pytest.mark.parametrize(
    ("fields", "code", "advice"),
    [
        ({"key": "wrong"}, "key", "Keys and Endpoint"),
        ({"model": "gpt"}, "model_unknown", "name of the deployment"),
        ({"api_version": "2020-01-01"}, "api_version", "2024-10-21"),
        ({"path": "/openai/deployments/x"}, "path_unknown", "target address"),
    ],
)
def test_what_goes_wrong_on_azure_is_told_apart(fields: dict[str, Any], code: str, advice: str) -> None:
    path = fields.pop("path", "/openai/deployments/m")
    with Provider("azure", paths=AZURE, deployment="m") as server:
        tested = found(endpoint_at(f"{server.root}{path}", kind="azure", **({"api_version": "2024-10-21"} | fields)))
    (finding,) = (one for one in tested.values() if one.state == "bad")
    assert finding.code == code
    assert advice in finding.advice


def test_an_application_that_may_not_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider("azure", paths=AZURE) as server:
        monkeypatch.setattr(entra, "PUBLIC", entra.Cloud(server.root, "scope"))
        entra._kept.clear()
        secret = sealed(Credential("wrong", "contoso.example", "an-app"))
        finding = found(endpoint_at(f"{server.root}/openai/v1", kind="azure", auth="entra", secret=secret))["reach"]
    assert (finding.code, finding.state) == ("key", "bad")
    assert finding.values
    assert "AADSTS7000215" in finding.values["said"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://127.0.0.1:9/v1", "refused"),
        ("http://no-such-host.invalid/v1", "name_unknown"),
        ("http://10.0.0.1/v1", "address_not_allowed"),
    ],
)
def test_an_endpoint_that_cannot_be_reached(address: str, code: str) -> None:
    assert [one.code for one in found(endpoint_at(address)).values()] == [code]


def test_https_at_a_server_without_it_is_said() -> None:
    with StubServer() as server:
        tested = found(endpoint_at(server.url.replace("http:", "https:")))
    assert tested["reach"].code == "tls"


def test_a_model_that_is_not_listed_is_said_with_those_that_are() -> None:
    with StubServer(models=["one", "two"]) as server:
        finding = found(endpoint_at(server.url, model="three"))["model"]
    assert (finding.code, finding.values) == ("not_listed", {"listed": ["one", "two"]})


def test_a_gateway_without_a_list_can_be_asked_all_the_same() -> None:
    with Provider("vllm") as server:
        assert found(endpoint_at(f"{server.root}/v1", kind="compatible"))["answer"].code == "answers"


def test_a_web_page_is_no_endpoint() -> None:
    with Provider("vllm", paths={"/v2/chat/completions": ""}) as server:
        tested = found(endpoint_at(f"{server.root}/v1", kind="compatible"))
    assert tested["reach"].code == "path_unknown"


def test_a_key_that_the_provider_repeats_is_not_shown() -> None:
    with Provider("vllm", models=["m"], echo_key=True) as server:
        finding = found(endpoint_at(f"{server.root}/v1", key="sk-wrong-and-secret"))["reach"]
    assert finding.code == "key"
    assert "sk-wrong-and-secret" not in repr(finding)
    assert b"sk-wrong-and-secret" not in bytes(Record.objects.get(action="endpoint.tested").body)


def test_a_secret_key_that_has_changed_is_said(settings: Any) -> None:
    endpoint = endpoint_at("https://8.8.8.8/v1")
    settings.SECRET_KEY = "another"
    assert found(endpoint)["reach"].code == "secret_lost"


def test_a_test_is_recorded_even_if_nobody_waits_for_its_end() -> None:
    scope = scope_of(UserFactory(is_administrator=True))
    with StubServer(models=["m"]) as server:
        findings: Iterator[trial.Finding] = services.test_endpoint(scope, str(endpoint_at(server.url).pk))
        assert next(findings).code == "reached"
        findings.close()  # type: ignore[attr-defined]
    assert b"reach: reached" in bytes(Record.objects.get(action="endpoint.tested").body)
