"""What every `LanguageModel` does. Run over the client and the deterministic server, and over the client and real vLLM."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from apps.reasoning.prompts import answer_prompt
from apps.serving.client import OpenAICompatible
from apps.serving.llm import (
    ChatRequest,
    Delta,
    Finish,
    LanguageModel,
    ModelDown,
    ModelRefused,
    Prompted,
    Tokens,
    Usage,
)
from apps.serving.thinking import Reasoning, Text
from inference.stub import StubServer
from tests.reasoning.conftest import COVENANT, NET_DEBT, eventually, make_passage


@pytest.fixture(params=["stub", pytest.param("vllm", marks=pytest.mark.vllm)])
def model(request: pytest.FixtureRequest) -> Iterator[LanguageModel]:
    if request.param == "vllm":
        yield OpenAICompatible(request.getfixturevalue("vllm_server"), silence=120)
        return
    with StubServer() as server:
        yield OpenAICompatible(server.url, silence=10)


def ask(model: LanguageModel, *, streaming: bool = True, tokens: int = 120, thinking: int = 40) -> list[Delta]:
    prompt = answer_prompt(
        "What was net debt at 31 March 2025?", [make_passage(NET_DEBT), make_passage(COVENANT)], system_prompt="native"
    )
    request = ChatRequest(
        model=model.list_models()[0].name,
        messages=prompt.messages,
        max_tokens=tokens,
        temperature=0.3,
        top_p=0.95,
        seed=7,
        thinking_budget=thinking,
        opened_in_prompt=True,
        streaming=streaming,
    )
    return list(model.stream(request))


def words(deltas: list[Delta], kind: type[Reasoning] | type[Text]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, kind))


def test_it_lists_the_models_that_can_be_asked(model: LanguageModel) -> None:
    served = model.list_models()
    assert served[0].name
    assert served[0].context > 0


@pytest.mark.parametrize("streaming", [True, False])
def test_it_thinks_within_its_budget_answers_and_says_what_that_took(model: LanguageModel, streaming: bool) -> None:
    deltas = ask(model, streaming=streaming, thinking=16)
    assert isinstance(deltas[-1], Finish)
    assert deltas[-1].source == "field"
    assert words(deltas, Reasoning)
    assert words(deltas, Text)
    usage = [delta for delta in deltas if isinstance(delta, Usage)][-1]
    assert usage.prompt_tokens
    assert usage.completion_tokens
    assert usage.completion_tokens <= 120


def test_an_answer_that_runs_out_says_so(model: LanguageModel) -> None:
    deltas = ask(model, tokens=5, thinking=1000)
    assert isinstance(deltas[-1], Finish)
    assert deltas[-1].reason == "length"


def test_it_shows_what_the_model_reads_counts_token_by_token_and_goes_on_from_there(model: LanguageModel) -> None:
    shown = {"return_token_ids": True, "return_prompt_text": True}
    asked = ChatRequest(
        model=model.list_models()[0].name,
        messages=({"role": "user", "content": "What is net debt?"},),
        max_tokens=30,
        temperature=0.3,
        thinking_budget=8,
        opened_in_prompt=True,
        extra=shown,
    )
    deltas = list(model.stream(asked))
    prompt = next(delta for delta in deltas if isinstance(delta, Prompted))
    assert "What is net debt?" in prompt.text
    assert prompt.text.endswith("<think>\n")
    whole = [delta for delta in deltas if isinstance(delta, Usage)][-1].completion_tokens
    assert sum(delta.count for delta in deltas if isinstance(delta, Tokens)) == whole

    text = f"{prompt.text}That is easy.\n</think>\n\n"
    on = list(model.stream(replace(asked, messages=(), continued=text, thinking_budget=None, opened_in_prompt=False)))
    assert words(on, Text)
    assert not words(on, Reasoning)
    assert isinstance(on[-1], Finish)


def test_closing_the_stream_frees_the_model_for_the_next_question(model: LanguageModel) -> None:
    stream = model.stream(
        ChatRequest(
            model.list_models()[0].name,
            ({"role": "user", "content": "Count to a thousand."},),
            max_tokens=400,
            temperature=0.3,
        )
    )
    next(delta for delta in stream if isinstance(delta, Reasoning | Text))
    begun = time.monotonic()
    stream.close()
    assert time.monotonic() - begun < 3
    assert isinstance(ask(model, tokens=8, thinking=4)[-1], Finish)


def test_a_model_that_is_not_there_is_refused_at_once(model: LanguageModel) -> None:
    if isinstance(model, OpenAICompatible) and model.list_models()[0].owner == "stub":
        pytest.skip("the stub answers for any name")
    with pytest.raises(ModelRefused):
        list(model.stream(ChatRequest("no-such-model", ({"role": "user", "content": "Hi"},), max_tokens=1)))


def test_nobody_at_the_endpoint_is_told_within_seconds() -> None:
    model = OpenAICompatible("http://127.0.0.1:9/v1")
    begun = time.monotonic()
    with pytest.raises(ModelDown):
        model.list_models()
    with pytest.raises(ModelDown):
        list(model.stream(ChatRequest("m", ({"role": "user", "content": "Hi"},), max_tokens=1)))
    assert time.monotonic() - begun < 10


def test_the_stub_notices_that_its_client_has_gone() -> None:
    with StubServer(delay=0.05) as server:
        model = OpenAICompatible(server.url)
        stream = model.stream(
            ChatRequest("stub-reasoner", ({"role": "user", "content": "word " * 200},), max_tokens=400)
        )
        next(delta for delta in stream if isinstance(delta, Reasoning))
        stream.close()
        assert eventually(lambda: server.active == 0)
        assert server.hung_up == 1
