"""Administrators add, change, order and remove endpoints. Each change is recorded, and no key is seen again anywhere."""

import json
import logging
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.scope import Scope
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from apps.serving import services
from apps.serving.endpoints import ENVIRONMENT, client_of, endpoints_in_order, find_endpoint, served_by
from apps.serving.models import Endpoint
from apps.serving.secrets import Credential, opened, sealed
from tests.factories import UserFactory, scope_of
from tests.serving.emulated import KEY, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Scope:
    return scope_of(UserFactory(is_administrator=True))


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "llm_base_url", "")
    monkeypatch.setattr(settings.ENV, "llm_private_addresses", [])


def add(scope: Scope, **fields: Any) -> Endpoint:
    """Add an endpoint outside; its address needs no look-up."""
    some = {"name": "DeepSeek", "kind": "deepseek", "base_url": "https://8.8.8.8", "model": "deepseek-chat", "key": KEY}
    return services.add_endpoint(scope, **(some | fields))  # type: ignore[arg-type]


def errors_of(act: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        act()
    return refusal.value.errors


def test_an_endpoint_is_asked_after_those_that_were_there(administrator: Scope) -> None:
    first = add(administrator)
    second = add(administrator, name="Second", kind="vllm", key="")
    assert [one.name for one in endpoints_in_order()] == [first.name, second.name]
    services.order_endpoints(administrator, [second.pk, first.pk])
    assert [one.name for one in endpoints_in_order()] == [second.name, first.name]


def test_an_endpoint_that_is_switched_off_is_not_asked(administrator: Scope) -> None:
    endpoint = add(administrator)
    services.change_endpoint(administrator, endpoint, enabled=False)
    assert endpoints_in_order() == []
    assert find_endpoint(str(endpoint.pk))


def test_the_endpoint_of_the_environment_comes_first_with_its_prices(
    administrator: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(administrator)
    for name, value in {
        "llm_base_url": "http://gpu-1:8000/v1",
        "llm_price_prompt": 0.1,
        "llm_price_output": 0.3,
        "llm_gpu_price_hour": 2.5,
        "llm_gpus": 2,
        "llm_at_once": 8,
    }.items():
        monkeypatch.setattr(settings.ENV, name, value)
    first = endpoints_in_order()[0]
    assert (first.id, first.kind, first.at_once) == (ENVIRONMENT, "compatible", 8)
    assert first.price
    assert first.price.of(prompt=1_000_000, cached=0, output=1_000_000) == Decimal("0.4")
    assert first.hardware
    assert first.hardware.of(Decimal(3600)) == Decimal("5.0")


def test_nobody_else_touches_endpoints(administrator: Scope) -> None:
    endpoint, other = add(administrator), scope_of(UserFactory())
    for act in (
        lambda: add(other, name="Mine"),
        lambda: services.change_endpoint(other, endpoint, name="Mine"),
        lambda: services.order_endpoints(other, [endpoint.pk]),
        lambda: services.remove_endpoint(other, endpoint),
        lambda: services.test_endpoint(other, str(endpoint.pk)),
        lambda: services.reseal_endpoints(other),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "llama"}, "kind"),
        ({"base_url": "http://127.0.0.1:8000/v1"}, "base_url"),
        ({"base_url": "http://169.254.169.254/latest"}, "base_url"),
        ({"base_url": "not an address"}, "base_url"),
        ({"model": ""}, "model"),
        ({"kind": "azure", "model": ""}, "model"),
        ({"key": "", "auth": "key"}, "key"),
        ({"key": "two words"}, "key"),
        ({"auth": "entra", "tenant": "t", "client": "c"}, "auth"),
        ({"kind": "azure", "auth": "entra", "client": "c"}, "tenant"),
        ({"kind": "azure", "auth": "entra", "tenant": "t/../x", "client": "c"}, "tenant"),
        ({"kind": "azure", "auth": "entra", "tenant": "t"}, "client"),
        ({"kind": "azure", "api_version": "../x"}, "api_version"),
        ({"price_prompt": Decimal(1), "currency": "EUR"}, "price_output"),
        ({"price_prompt": Decimal(1), "price_output": Decimal(-1), "currency": "EUR"}, "price_output"),
        ({"price_prompt": Decimal(1), "price_output": Decimal(2)}, "currency"),
        ({"gpu_price_hour": Decimal(1), "currency": "euros"}, "currency"),
        ({"gpus": 0}, "gpus"),
        ({"at_once": -1}, "at_once"),
    ],
)
def test_what_cannot_be_used_is_said_by_field(administrator: Scope, fields: dict[str, Any], field: str) -> None:
    assert field in errors_of(lambda: add(administrator, **fields))
    assert not Endpoint.objects.exists()


def test_a_name_is_given_once(administrator: Scope) -> None:
    add(administrator)
    with pytest.raises(Conflict):
        add(administrator)


def test_an_address_inside_is_taken_where_the_operator_allows_it(
    administrator: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.ENV, "llm_private_addresses", ["127.0.0.0/8"])
    assert add(administrator, kind="vllm", base_url="http://127.0.0.1:8000").base_url == "http://127.0.0.1:8000/v1"


def test_what_the_portal_of_azure_shows_is_enough(administrator: Scope) -> None:
    shown = "https://8.8.8.8/openai/deployments/my-r1/chat/completions?api-version=2024-10-21"
    endpoint = add(administrator, kind="azure", base_url=shown, model="")
    assert (endpoint.model, endpoint.api_version) == ("my-r1", "2024-10-21")
    assert endpoint.base_url == "https://8.8.8.8/openai/deployments/my-r1"


def test_a_key_is_kept_until_it_is_replaced_or_removed(administrator: Scope) -> None:
    endpoint = services.change_endpoint(administrator, add(administrator), name="Renamed")
    assert opened(bytes(endpoint.secret)).key == KEY
    endpoint = services.change_endpoint(administrator, endpoint, key="another")
    assert opened(bytes(endpoint.secret)).key == "another"
    endpoint = services.change_endpoint(administrator, endpoint, auth="none")
    assert bytes(endpoint.secret) == b""
    said = [json.loads(bytes(one.body))["data"].get("key") for one in Record.objects.order_by("sequence")]
    assert said == ["given", None, "replaced", "removed"]


def test_a_key_is_not_taken_along_to_another_host(administrator: Scope) -> None:
    endpoint = add(administrator)
    moved = "https://9.9.9.9"
    assert "key" in errors_of(lambda: services.change_endpoint(administrator, endpoint, base_url=moved))
    plain = "http://8.8.8.8"
    assert "key" in errors_of(lambda: services.change_endpoint(administrator, endpoint, base_url=plain))
    assert services.change_endpoint(administrator, endpoint, base_url=moved, key="another").base_url == moved


def test_an_application_of_entra_keeps_its_secret_when_its_id_is_corrected(administrator: Scope) -> None:
    endpoint = add(administrator, kind="azure", auth="entra", tenant="contoso.example", client="old")
    endpoint = services.change_endpoint(administrator, endpoint, client="new")
    assert opened(bytes(endpoint.secret)) == Credential(KEY, "contoso.example", "new")


def test_a_key_is_seen_nowhere(administrator: Scope, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        endpoint = services.change_endpoint(administrator, add(administrator), at_once=4)
        client = client_of(served_by(endpoint))
        everything = [
            caplog.text,
            repr(endpoint.__dict__),
            repr(served_by(endpoint)),
            repr(client),
            repr(vars(client)),
            repr(opened(bytes(endpoint.secret))),
            *(bytes(one.body).decode() for one in Record.objects.all()),
        ]
    assert not [text for text in everything if KEY in text or TOKEN in text]


def test_every_change_says_what_it_was_from_and_to(administrator: Scope) -> None:
    endpoint = add(administrator, price_prompt=Decimal("0.50"), price_output=Decimal(2), currency="eur")
    services.change_endpoint(administrator, endpoint, price_prompt=Decimal("0.25"), at_once=4)
    data = json.loads(bytes(Record.objects.get(action="endpoint.changed").body))["data"]
    assert data == {"from": {"at_once": 0, "price_prompt": "0.5"}, "to": {"at_once": 4, "price_prompt": "0.25"}}


def test_a_change_that_changes_nothing_is_not_recorded(administrator: Scope) -> None:
    services.change_endpoint(administrator, add(administrator), name="DeepSeek")
    assert not Record.objects.filter(action="endpoint.changed").exists()


def test_an_order_names_every_endpoint_once(administrator: Scope) -> None:
    first, second = add(administrator), add(administrator, name="Second")
    for ids in ([first.pk], [first.pk, first.pk], [first.pk, uuid.uuid4()], [first.pk, second.pk, second.pk]):
        assert "order" in errors_of(lambda ids=ids: services.order_endpoints(administrator, ids))


def test_removing_what_is_gone_succeeds(administrator: Scope) -> None:
    endpoint = add(administrator)
    services.remove_endpoint(administrator, endpoint)
    services.remove_endpoint(administrator, Endpoint(pk=uuid.uuid4()))
    assert Record.objects.filter(action="endpoint.removed").count() == 1
    with pytest.raises(NotFound):
        services.test_endpoint(administrator, str(uuid.uuid4()))


def test_another_secret_key_is_said_clearly_and_a_former_one_opens(administrator: Scope, settings: Any) -> None:
    endpoint, former = add(administrator), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret key", []
    with pytest.raises(Invalid, match="Give the key again") as lost:
        client_of(served_by(endpoint))
    assert lost.value.code == "secret_lost"
    assert "key" in errors_of(lambda: services.change_endpoint(administrator, endpoint, name="Renamed"))

    settings.SECRET_KEY_FALLBACKS = [former]
    assert services.reseal_endpoints(administrator) == 1
    settings.SECRET_KEY_FALLBACKS = []
    endpoint.refresh_from_db()
    assert opened(bytes(endpoint.secret)).key == KEY


def test_a_sealed_key_is_not_the_key(administrator: Scope) -> None:
    kept = sealed(Credential(KEY))
    assert KEY.encode() not in kept
    assert sealed(Credential(KEY)) != kept
