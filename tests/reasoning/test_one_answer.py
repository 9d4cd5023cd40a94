"""The same question comes to the same answer, wherever the endpoint puts the model's reasoning."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from apps.accounts.models import User
from apps.audit import log as audit
from apps.audit.models import Record
from apps.reasoning import services, tasks
from apps.reasoning.models import Answer
from apps.reasoning.objects import answer_object
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.storing import store
from apps.reasoning.written import Question
from apps.serving.kinds import Kind
from apps.serving.line import look_along
from apps.serving.models import Endpoint
from inference.stub import StubServer
from tests.factories import DocumentFactory, UserFactory, owned_by, scope_of
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, FakeSearch, followed, make_passage

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60), pytest.mark.usefixtures("clean_cache")]

ASKED = "What was net debt, and what leverage does the covenant allow?"
STYLES = ["reasoning", "reasoning_content", "both", "tags", "tags-no-opener", "azure"]
OF_THE_MOMENT = ("id", "conversation", "record", "created_at", "finished_at")


@pytest.fixture
def asker(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(tasks.write_answer, "delay", lambda _id: None)
    return UserFactory(name="Ingrid Falk")


@pytest.fixture
def library(asker: User) -> FakeSearch:
    document = DocumentFactory(collection=owned_by(asker, name="Credit file"), title="Annual Report 2025")
    place = {
        "document_id": document.pk,
        "document_title": document.title,
        "collection_id": document.collection_id,
        "version_id": document.latest.pk,
    }
    return FakeSearch(
        make_passage(f"{PENSION} {NET_DEBT}", rank=1, **place),
        make_passage(COVENANT, rank=2, page=97, **place),
        make_passage(PENSION, rank=3, page=98, **place),
    )


@pytest.fixture
def servers() -> Iterator[dict[str, StubServer]]:
    with ExitStack() as stack:
        yield {style: stack.enter_context(StubServer(style=style)) for style in STYLES}


def point_at(server: StubServer, style: str, settings: Any) -> None:
    """Make a server the only endpoint: the environment's, or for Azure's style a row of Azure's kind and address."""
    Endpoint.objects.all().delete()
    azure = style == "azure"
    changes = {"llm_base_url": "" if azure else server.url, "llm_private_addresses": ["127.0.0.1"], "llm_timeout": 5.0}
    settings.ENV = settings.ENV.model_copy(update=changes)
    if azure:
        Endpoint.objects.create(
            name="Foundry",
            kind=Kind.AZURE,
            base_url=server.url.replace("/v1", "/models"),
            api_version="2024-05-01-preview",
            model="stub-reasoner",
        )


def answered(asker: User, library: FakeSearch) -> dict[str, Any]:
    """Return the stored answer as its asker sees it."""
    scope = scope_of(asker)
    answer = services.ask(scope, question=ASKED)
    using = Answering(look_along(), lambda: False, time.monotonic() + 30, search=library)
    steps = write_answer(Question(answer.pk, ASKED, scope), using)
    _events, written = followed(steps)
    assert store(answer.pk, written)
    return answer_object(scope, Answer.objects.get(pk=answer.pk))


def lasting(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what of an answer does not hang on the moment it was given and the address of the model."""
    kept: dict[str, Any] = json.loads(json.dumps(shown))
    for name in OF_THE_MOMENT:
        del kept[name]
    kept["usage"].pop("seconds")
    kept["usage"].pop("attempts", None)
    kept["reasoning"].pop("source")
    kept["model"] = {name: kept["model"][name] for name in ("name", "label", "id", "demonstration", "degraded")}
    return kept


def test_the_answer_is_the_same_wherever_the_reasoning_comes(
    asker: User, library: FakeSearch, servers: dict[str, StubServer], settings: Any
) -> None:
    shown: dict[str, dict[str, Any]] = {}
    for style, server in servers.items():
        point_at(server, style, settings)
        shown[style] = answered(asker, library)
        assert server.active == 0
    first = shown["reasoning"]
    assert first["outcome"] == "answered"
    assert first["reasoning"]["text"].startswith("The question is:")
    assert {each["quote"] for each in first["citations"]} >= {NET_DEBT, COVENANT}
    assert first["usage"]["source"]["reasoning_tokens"] == "server"
    as_bytes = {style: json.dumps(lasting(each), sort_keys=True) for style, each in shown.items()}
    assert dict.fromkeys(STYLES, as_bytes["reasoning"]) == as_bytes


def test_where_the_reasoning_came_is_kept_beside_it(
    asker: User, library: FakeSearch, servers: dict[str, StubServer], settings: Any
) -> None:
    found = {}
    for style, server in servers.items():
        point_at(server, style, settings)
        found[style] = answered(asker, library)["reasoning"]["source"]
    assert found == {
        "reasoning": "field", "reasoning_content": "field", "both": "field",
        "tags": "tag", "tags-no-opener": "tag", "azure": "tag",
    }  # fmt: skip


def test_what_the_model_read_is_sealed_as_the_server_put_it(asker: User, library: FakeSearch, settings: Any) -> None:
    with StubServer(owner="vllm") as server:
        point_at(server, "reasoning", settings)
        shown = answered(asker, library)
    sealed = audit.read_body(Record.objects.get(sequence=shown["record"]["sequence"]))["data"]
    assert sealed["prompts"][0]["text"].endswith("<assistant><think>\n")
    assert NET_DEBT in sealed["prompts"][0]["text"]
    assert sealed["model"]["parameters"]["return_prompt_text"] is True
    assert sealed["model"]["parameters"]["request_id"] == "stub"


def test_the_record_says_what_was_sent_and_not_what_was_meant(
    asker: User, library: FakeSearch, servers: dict[str, StubServer], settings: Any
) -> None:
    point_at(servers["azure"], "azure", settings)
    parameters = answered(asker, library)["model"]["parameters"]
    asked = servers["azure"].requests[-1]
    assert {name: parameters[name] for name in asked if name != "messages"} == {
        name: value for name, value in asked.items() if name != "messages"
    }
    assert "temperature" not in parameters


def test_azure_is_asked_at_its_own_address_and_spared_what_it_refuses(
    asker: User, library: FakeSearch, servers: dict[str, StubServer], settings: Any
) -> None:
    point_at(servers["azure"], "azure", settings)
    answered(asker, library)
    asked = servers["azure"].requests[-1]
    assert {"temperature", "top_p", "seed", "thinking_token_budget", "return_prompt_text"}.isdisjoint(asked)
