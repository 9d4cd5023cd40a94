"""Endpoints lead outside, and inside only where the operator allows it: when they are saved, and whenever they are asked."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from apps.serving.addresses import Inside, NotAllowedAddress, check_address, check_form, permitted
from apps.serving.client import OpenAICompatible
from apps.serving.faults import Fault
from apps.serving.llm import ChatRequest, ModelDown, ModelError, ModelRefused
from config.env import Env
from inference.stub import StubServer
from tests.serving.emulated import KEY, Provider

NOTHING = Inside()
QUESTION = ChatRequest("stub-reasoner", ({"role": "user", "content": "Hi"},), max_tokens=4)


def to_loopback(port: Any) -> list[Any]:
    """Return what looking up a name gives that leads to this machine."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port or 0))]


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
    with Provider("vllm", models=["m"]) as vllm:
        monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, *_, **__: to_loopback(port))
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


def test_the_certificate_is_checked_against_the_name_not_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context, trusted = certificate_for("gpu-1.example", tmp_path)
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, port, *_, **__: to_loopback(port))
    monkeypatch.setattr("apps.serving.transport.certificates", lambda: trusted)
    secured = StubServer()
    secured.socket = context.wrap_socket(secured.socket, server_side=True)
    with secured as server:
        port = server.server_address[1]

        def model_at(host: str) -> OpenAICompatible:
            return OpenAICompatible(f"https://{host}:{port}/v1", inside=Inside.of(["any"]), attempts=1)

        assert model_at("gpu-1.example").list_models()[0].name == "stub-reasoner"
        assert list(model_at("gpu-1.example").stream(QUESTION))
        with pytest.raises(ModelDown) as other:
            model_at("gpu-2.example").list_models()
        assert other.value.fault == Fault.CERTIFICATE


def test_a_proxy_of_the_operator_is_used_and_what_is_inside_stays_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider("vllm", models=["m"]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.root)
        monkeypatch.setenv("no_proxy", "")
        outside = OpenAICompatible("http://8.8.8.8/v1", api_key=KEY, inside=NOTHING, attempts=1)
        assert outside.list_models()[0].name == "m"
        assert list(outside.stream(QUESTION))
        assert proxy.asked[-1][0] == "http://8.8.8.8/v1/chat/completions"
        with pytest.raises(ModelRefused) as refusal:
            list(OpenAICompatible("http://10.0.0.1/v1", api_key=KEY, inside=NOTHING, attempts=1).stream(QUESTION))
        assert refusal.value.fault == Fault.ADDRESS


@pytest.mark.parametrize("address", ["localhost:8000/v1", "ftp://host/v1", "http:///v1", "http://[::1/v1"])
def test_an_address_in_the_environment_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="llm_base_url"):
        Env(llm_base_url=address)


def test_an_address_that_cannot_be_asked_is_an_error_and_no_silence() -> None:
    model = OpenAICompatible("http://a b/v1", silence=60)
    for act in (model.list_models, lambda: list(model.stream(QUESTION))):
        with pytest.raises(ModelError):
            act()


def certificate_for(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the context of a server with a certificate for a host, and one that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, ssl.create_default_context(cadata=pem.decode())
