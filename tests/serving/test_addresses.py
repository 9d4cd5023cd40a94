"""Endpoints lead outside, and inside only where the operator allows it: when they are saved, and whenever they are asked."""

import socket
from typing import Any

import pytest

from apps.serving.addresses import Inside, NotAllowedAddress, check_address, check_form, permitted
from apps.serving.client import OpenAICompatible
from apps.serving.faults import Fault
from apps.serving.llm import ChatRequest, ModelDown, ModelRefused
from inference.stub import StubServer
from tests.serving.emulated import Provider

NOTHING = Inside()
QUESTION = ChatRequest("stub-reasoner", ({"role": "user", "content": "Hi"},), max_tokens=4)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104  # the point is that it is refused
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd12::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "::10.0.0.1",
    ],
)
def test_nothing_inside_is_reached_by_default(address: str) -> None:
    with pytest.raises(NotAllowedAddress):
        permitted("model.example.org", ["8.8.8.8", address], NOTHING)


@pytest.mark.parametrize("address", ["8.8.8.8", "20.50.2.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_outside_is_reached(address: str) -> None:
    assert permitted("model.example.org", [address], NOTHING) == [address]


@pytest.mark.parametrize("words", [["any"], ["gpu-1"], ["10.0.0.0/8"], ["10.1.2.3"], ["other", "10.1.0.0/16"]])
def test_the_operator_allows_hosts_and_networks_inside(words: list[str]) -> None:
    assert permitted("GPU-1", ["10.1.2.3"], Inside.of(words)) == ["10.1.2.3"]


@pytest.mark.parametrize("address", ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fe80::1"])
def test_what_hands_out_credentials_of_machines_is_never_reached(address: str) -> None:
    with pytest.raises(NotAllowedAddress):
        permitted("metadata", [address], Inside.of(["any", "metadata", f"{address}"]))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1",
        "file:///etc/passwd",
        "gopher://host",
        "//host/v1",
        "https://",
        "https://user:pass@host/v1",
        "https://user@host/v1",
        "https://host:port/v1",
        "https://host/v1#x",
        "https://ho st/v1",
        "https://[::1",
    ],
)
def test_only_plain_addresses_are_taken(url: str) -> None:
    with pytest.raises(NotAllowedAddress):
        check_form(url)


def test_numbers_that_stand_for_loopback_are_seen_through() -> None:
    for host in ("2130706433", "0x7f000001", "127.1", "localhost"):
        with pytest.raises(NotAllowedAddress):
            check_address(f"http://{host}/v1", NOTHING)


def test_a_connection_is_refused_where_the_endpoint_may_not_lead() -> None:
    with StubServer() as server:
        model = OpenAICompatible(server.url, inside=NOTHING, attempts=1)
        for act in (model.list_models, lambda: list(model.stream(QUESTION))):
            with pytest.raises(ModelRefused) as refusal:
                act()
            assert refusal.value.fault == Fault.ADDRESS
        assert server.requests == []


def test_a_name_that_is_turned_round_after_the_check_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look-up says outside, all later ones say loopback; whoever looked up twice would connect to the latter."""
    answers = iter(["93.184.216.34"])

    def resolve(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        address = next(answers, "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0))]

    with StubServer() as server:
        port = server.server_address[1]
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        check_address(f"http://rebinding.example:{port}/v1", NOTHING)
        model = OpenAICompatible(f"http://rebinding.example:{port}/v1", inside=NOTHING, attempts=1)
        with pytest.raises(ModelRefused) as refusal:
            list(model.stream(QUESTION))
        assert refusal.value.fault == Fault.ADDRESS
        assert server.requests == []


def test_an_allowed_host_is_asked_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    with Provider("vllm", models=["m"]) as vllm:
        monkeypatch.setattr("apps.serving.transport.socket.getaddrinfo", lambda *_, **__: found)
        port = vllm.server_address[1]
        model = OpenAICompatible(f"http://gpu-1.example:{port}/v1", inside=Inside.of(["gpu-1.example"]), attempts=1)
        with pytest.raises(ModelRefused):  # it wants a key, so it was reached
            list(model.stream(QUESTION))
        assert vllm.asked[0][1]["host"] == f"gpu-1.example:{port}"


def test_nobody_is_followed_elsewhere() -> None:
    with Provider("vllm", models=["m"]) as server:
        model = OpenAICompatible(
            f"{server.root}/v1", inside=Inside.of(["any"]), authorise=lambda: {"x-forward": "yes"}, attempts=1
        )
        with pytest.raises(ModelRefused) as refusal:
            model.list_models()
        assert refusal.value.fault == Fault.REDIRECT


def test_a_name_that_leads_nowhere_is_told_from_a_port_where_nobody_is() -> None:
    with pytest.raises(ModelDown) as nowhere:
        OpenAICompatible("http://no-such-host.invalid/v1", inside=NOTHING, attempts=1).list_models()
    with pytest.raises(ModelDown) as nobody:
        OpenAICompatible("http://127.0.0.1:9/v1", inside=Inside.of(["any"]), attempts=1).list_models()
    assert (nowhere.value.fault, nobody.value.fault) == (Fault.NAME, Fault.NOBODY)
