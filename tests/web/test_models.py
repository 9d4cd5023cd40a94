"""Endpoints on screen: added with what their kind needs, their secret never shown, put in order, turned off, tested, removed."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.cache import cache

from apps.audit.models import Record
from apps.serving.endpoints import served_by
from apps.serving.health import ModelState, keep_state
from apps.serving.kinds import Kind
from apps.serving.models import Endpoint
from apps.serving.secrets import opened
from apps.web.endpoint_page import endpoint_rows, price_sentence
from apps.web.endpoint_presets import PRESETS, preset_of
from tests.factories import UserFactory
from tests.serving.emulated import KEY, SAID, Provider
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db

FORM = {
    "name": "DeepSeek",
    "base_url": "https://8.8.8.8",
    "model": "deepseek-reasoner",
    "auth": "key",
    "key": KEY,
    "costs": "none",
    "currency": "EUR",
}


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cache.clear()
    monkeypatch.setattr(settings.ENV, "llm_base_url", "")
    monkeypatch.setattr(settings.ENV, "llm_private_addresses", ["any"])
    yield
    cache.clear()


@pytest.fixture
def administrator() -> SignedIn:
    return SignedIn(UserFactory(name="Marta Oyelaran", is_administrator=True))


def added(administrator: SignedIn, preset: str = "deepseek", **fields: Any) -> Endpoint:
    response = administrator.post(f"/models/new/{preset}/", FORM | fields)
    assert response.status_code == 303, response.content.decode()
    return Endpoint.objects.latest("created_at")


def text_of(administrator: SignedIn, address: str = "/models/") -> str:
    return administrator.get(address).content.decode()


def test_without_a_model_it_says_what_is_done_and_how_to_add_one(administrator: SignedIn) -> None:
    html = text_of(administrator)
    assert "No model yet" in html
    assert 'href="/models/new/"' in html


def test_every_kind_can_be_chosen_and_asks_for_what_it_needs(administrator: SignedIn) -> None:
    html = text_of(administrator, "/models/new/")
    assert {preset.kind for preset in PRESETS.values()} == set(Kind)
    for key, preset in PRESETS.items():
        assert f'href="/models/new/{key}/"' in html
        form = text_of(administrator, f"/models/new/{key}/")
        assert ('name="tenant"' in form) == (preset.kind == Kind.AZURE)
        assert ('name="api_version"' in form) == (key == "azure-versioned")


def test_an_endpoint_is_added_with_its_prices_and_its_key_sealed(administrator: SignedIn) -> None:
    endpoint = added(administrator, costs="tokens", price_prompt="0.55", price_output="2.19", at_once="16")
    assert (endpoint.kind, endpoint.price_prompt, endpoint.price_output) == (
        "deepseek",
        Decimal("0.55"),
        Decimal("2.19"),
    )
    assert (endpoint.currency, endpoint.at_once) == ("EUR", 16)
    assert opened(bytes(endpoint.secret)).key == KEY
    html = text_of(administrator)
    assert "A million tokens: €0.55 read, €2.19 written" in html
    assert "a key, kept encrypted" in html


def test_a_key_is_never_shown_again(administrator: SignedIn) -> None:
    endpoint = added(administrator)
    for address in ("/models/", f"/models/{endpoint.pk}/", f"/models/{endpoint.pk}/remove/"):
        assert KEY not in text_of(administrator, address)
    refused = administrator.post("/models/new/deepseek/", FORM | {"name": ""})
    assert refused.status_code == 422
    assert KEY not in refused.content.decode()


def test_a_key_is_kept_unless_it_is_replaced(administrator: SignedIn) -> None:
    endpoint = added(administrator)
    administrator.post(f"/models/{endpoint.pk}/", FORM | {"name": "Renamed", "secret_kept": "keep", "key": ""})
    endpoint.refresh_from_db()
    assert endpoint.name == "Renamed"
    assert opened(bytes(endpoint.secret)).key == KEY
    administrator.post(f"/models/{endpoint.pk}/", FORM | {"secret_kept": "replace", "key": "another-key"})
    endpoint.refresh_from_db()
    assert opened(bytes(endpoint.secret)).key == "another-key"


def test_what_is_wrong_stands_by_its_field(administrator: SignedIn) -> None:
    wrong = FORM | {"base_url": "ftp://8.8.8.8", "key": "", "costs": "tokens", "price_prompt": "1", "price_output": "1"}
    response = administrator.post("/models/new/deepseek/", wrong)
    html = response.content.decode()
    assert response.status_code == 422
    assert re.search(r'name="base_url"[^>]*aria-invalid="true"', html)
    assert "The address must begin with https:// or http:// and name a host." in html
    assert re.search(r'name="key"[^>]*aria-invalid="true"', html)
    missing = administrator.post("/models/new/deepseek/", FORM | {"costs": "hardware"}).content.decode()
    assert re.search(r'name="gpu_price_hour"[^>]*aria-invalid="true"', missing)


def test_endpoints_change_places(administrator: SignedIn) -> None:
    first = added(administrator, name="First")
    second = added(administrator, name="Second")
    administrator.post(f"/models/{second.pk}/move/", {"to": "up"})
    assert list(Endpoint.objects.all()) == [second, first]
    administrator.post(f"/models/{second.pk}/move/", {"to": "up"})
    assert list(Endpoint.objects.all()) == [second, first]
    administrator.post(f"/models/{second.pk}/move/", {"to": "down"})
    assert list(Endpoint.objects.all()) == [first, second]


def test_an_endpoint_is_turned_off_and_removed(administrator: SignedIn) -> None:
    endpoint = added(administrator)
    administrator.post(f"/models/{endpoint.pk}/enable/", {"enabled": "no"})
    assert "Turned off" in text_of(administrator)
    administrator.post(f"/models/{endpoint.pk}/remove/")
    assert not Endpoint.objects.exists()
    assert Record.objects.filter(action="endpoint.removed").exists()


def test_each_endpoint_shows_how_it_is(administrator: SignedIn) -> None:
    endpoint = added(administrator)
    assert "Not looked at yet" in text_of(administrator)
    keep_state(ModelState("down", endpoint_id=str(endpoint.pk), detail="Nobody answers at 8.8.8.8."))
    html = text_of(administrator)
    assert "Not answering" in html
    assert "Nobody answers at 8.8.8.8." in html


def test_a_model_that_is_retired_soon_warns() -> None:
    endpoint = Endpoint(
        name="Azure", kind="azure", base_url="https://a.openai.azure.com/openai/v1", model="DeepSeek-R1"
    )
    (row,) = endpoint_rows([endpoint], {}, date(2026, 7, 1))
    assert row.retires == "Its provider retires this model on 13 August 2026."
    (row,) = endpoint_rows([endpoint], {}, date(2025, 7, 1))
    assert row.retires == ""


def test_own_hardware_is_told_by_the_hour() -> None:
    endpoint = Endpoint(
        kind="vllm", base_url="http://gpu:8000/v1", gpu_price_hour=Decimal("2.1"), gpus=2, currency="GBP"
    )
    assert price_sentence(served_by(endpoint)).startswith("Own hardware, 2 GPU: £4.20 an hour")


@pytest.mark.parametrize(
    ("address", "version", "preset"),
    [
        ("https://a.openai.azure.com/openai/v1", "", "azure"),
        ("https://a.services.ai.azure.com/models", "2024-05-01-preview", "azure-versioned"),
        ("https://a.openai.azure.com/openai/deployments/r1", "2024-10-21", "azure-versioned"),
    ],
)
def test_an_azure_endpoint_is_changed_in_its_own_shape(address: str, version: str, preset: str) -> None:
    assert preset_of(Endpoint(kind="azure", base_url=address, api_version=version)).key == preset


def test_a_test_tells_what_it_finds_one_by_one(administrator: SignedIn) -> None:
    with Provider("deepseek", models=["deepseek-reasoner"], paths={"/v1/chat/completions": ""}) as provider:
        endpoint = added(administrator, base_url=f"{provider.root}/v1")
        pieces = findings_of(administrator, endpoint)
    html = "".join(pieces)
    assert "<!doctype html>" in pieces[0].lower()
    assert pieces[-1].rstrip().endswith("</html>")
    assert len(pieces) - 2 == html.count("<li data-state=") >= 5
    assert "The model answers." in html
    assert SAID not in html
    assert KEY not in html


def test_a_test_that_fails_says_what_to_do(administrator: SignedIn) -> None:
    with Provider("deepseek", models=["deepseek-reasoner"], paths={"/v1/chat/completions": ""}) as provider:
        endpoint = added(administrator, base_url=f"{provider.root}/v1", key="wrong")
        html = "".join(findings_of(administrator, endpoint))
    assert html.count('<li data-state="bad">') == 1
    assert "In the way:" in html


def findings_of(administrator: SignedIn, endpoint: Endpoint) -> list[str]:
    """Return the pieces in which the page of a test came."""
    response = administrator.post(f"/models/{endpoint.pk}/test/")
    assert response.status_code == 200

    async def pieces() -> list[str]:
        return [piece.decode() async for piece in response.streaming_content]

    return async_to_sync(pieces)()


@pytest.mark.parametrize("address", ["/models/", "/models/new/", "/models/new/vllm/"])
def test_nobody_else_opens_them(visitor: SignedIn, address: str) -> None:
    assert visitor.get(address).status_code == 403


def test_nobody_else_tests_or_moves_one(administrator: SignedIn, visitor: SignedIn) -> None:
    endpoint = added(administrator)
    for act in ("test", "move", "enable", "remove"):
        assert visitor.post(f"/models/{endpoint.pk}/{act}/").status_code == 403
