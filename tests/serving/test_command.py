"""Endpoints are looked after from a shell, without a key ever being an argument."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.serving.models import Endpoint
from apps.serving.secrets import opened
from inference.stub import StubServer

pytestmark = pytest.mark.django_db

KEY = "sk-from-a-file"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENV, "llm_base_url", "")
    monkeypatch.setattr(settings.ENV, "llm_private_addresses", ["127.0.0.1"])


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("endpoint", *words, stdout=out)
    return out.getvalue()


def add(url: str, *words: str, name: str = "GPU") -> str:
    return run("add", "--name", name, "--kind", "vllm", "--url", url, *words)


def test_an_endpoint_is_added_with_its_key_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    add(
        "https://8.8.8.8",
        "--key-file",
        str(tmp_path / "key"),
        "--price-prompt",
        "0.5",
        "--price-output",
        "2",
        "--currency",
        "EUR",
    )
    endpoint = Endpoint.objects.get()
    assert (opened(bytes(endpoint.secret)).key, str(endpoint.price_output)) == (KEY, "2.000000")
    assert "https://8.8.8.8/v1" in run("list")
    assert KEY not in run("list")


def test_or_from_the_environment_or_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOULMIN_ENDPOINT_KEY", KEY)
    add("https://8.8.8.8")
    monkeypatch.setattr("sys.stdin", io.StringIO("another\n"))
    run("change", "GPU", "--key-file", "-", "--off")
    endpoint = Endpoint.objects.get()
    assert (opened(bytes(endpoint.secret)).key, endpoint.enabled) == ("another", False)
    assert "(off)" in run("list")


def test_a_test_prints_its_findings_and_fails_where_the_endpoint_does() -> None:
    with StubServer(models=["m"]) as server:
        add(server.url)
        assert "+ The model answers." in run("test", "GPU")
    with pytest.raises(CommandError, match="cannot be used"):
        run("test", "GPU")


def test_what_cannot_be_used_is_said_by_field() -> None:
    with pytest.raises(CommandError, match=r"base_url: 10\.0\.0\.1 leads to"):
        add("http://10.0.0.1/v1")
    with pytest.raises(CommandError, match="no endpoint named"):
        run("test", "nothing")


def test_the_order_is_set_and_an_endpoint_removed() -> None:
    add("https://8.8.8.8")
    add("https://8.8.4.4", name="Second")
    run("order", "Second", "GPU")
    assert [row.name for row in Endpoint.objects.all()] == ["Second", "GPU"]
    run("remove", "GPU")
    assert "GPU" not in run("list")
    assert "0" in run("reseal")
