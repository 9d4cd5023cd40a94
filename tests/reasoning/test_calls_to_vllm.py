"""What a real vLLM makes of our calls: its budget, its counts, its cache, and a second call in the model's own turn."""

import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace

import pytest

from apps.reasoning.asked import Asked
from apps.reasoning.effort import Limits
from apps.reasoning.prompts import answer_prompt
from apps.reasoning.reason import Draft, End, reason
from apps.serving.catalogue import read_catalogue
from apps.serving.client import OpenAICompatible
from apps.serving.llm import ChatRequest, Delta, Finish, Tokens, Usage
from apps.serving.thinking import Reasoning, Text
from inference.catalogue import MODELS_FILE
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, followed, make_passage
from tests.vllm import MODEL

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]

ENTRY = next(entry for entry in read_catalogue(MODELS_FILE) if entry.key == MODEL)
LIMITS = Limits(found=24, passages=6, thinking=16, answer=24, prompt=1500)


@dataclass
class Overheard:
    """A model that keeps what its server said."""

    model: OpenAICompatible
    deltas: list[Delta] = field(default_factory=list)

    def stream(self, request: ChatRequest) -> Generator[Delta, None, None]:
        for delta in self.model.stream(request):
            self.deltas.append(delta)
            yield delta

    def list_models(self) -> list[object]:
        raise NotImplementedError

    def usages(self) -> list[Usage]:
        return [delta for delta in self.deltas if isinstance(delta, Usage)]


def asked_of(question: str, *, salt: str = "") -> Asked:
    passages = [make_passage(NET_DEBT), make_passage(COVENANT), make_passage(PENSION)]
    return Asked(
        prompt=answer_prompt(question, passages, system_prompt=ENTRY.system_prompt),
        passages=3,
        name=MODEL,
        entry=ENTRY,
        limits=LIMITS,
        keeps_budget=True,
        seed=7,
        cache_salt=salt,
    )


def ask(address: str, asked: Asked) -> tuple[Draft, Overheard]:
    heard = Overheard(OpenAICompatible(address, silence=120))
    steps = reason(asked, heard, stopped=lambda: False, deadline=time.monotonic() + 300)  # type: ignore[arg-type]
    return followed(steps)[1], heard


@pytest.fixture(scope="module")
def first(vllm_server: str) -> tuple[Draft, Overheard]:
    """Return what came of a first question, and what the server said meanwhile."""
    return ask(vllm_server, asked_of("What was net debt at 31 March 2025?", salt="one scope"))


def test_what_is_counted_is_what_the_server_counted(first: tuple[Draft, Overheard]) -> None:
    usage, server = first[0].usage, first[1].usages()
    assert usage["prompt_tokens"] == sum(each.prompt_tokens or 0 for each in server)
    assert usage["reasoning_tokens"] + usage["answer_tokens"] == sum(each.completion_tokens or 0 for each in server)
    assert usage["cached_tokens"] == sum(each.cached_tokens or 0 for each in server)
    assert usage["source"]["prompt_tokens"] == "server"
    assert usage["source"]["reasoning_tokens"] in {"server", "split"}
    one_by_one = sum(delta.count for delta in first[1].deltas if isinstance(delta, Tokens))
    assert one_by_one == sum(each.completion_tokens or 0 for each in server)


def test_the_server_ends_the_reasoning_at_its_budget(first: tuple[Draft, Overheard]) -> None:
    draft = first[0]
    assert draft.end in {End.WHOLE, End.CUT, End.LOOPED}
    assert draft.text
    assert draft.reasoning
    assert draft.reasoning_source == "field"
    # The tokens that close the reasoning come on top.
    assert draft.usage["reasoning_tokens"] <= draft.usage["calls"] * (LIMITS.thinking + 8)


def test_the_prompt_is_kept_as_the_model_read_it(first: tuple[Draft, Overheard]) -> None:
    text, request = first[0].prompts[0].text, first[0].request
    assert NET_DEBT in text
    assert text.startswith("<|im_start|>system\n")
    assert text.endswith("<|im_start|>assistant\n<think>\n")
    assert str(request["system_fingerprint"]).startswith("vllm-")
    assert str(request["request_id"]).startswith("chatcmpl-")
    assert "cache_salt" not in request


def test_a_second_question_on_the_same_passages_is_read_from_the_cache(
    vllm_server: str, first: tuple[Draft, Overheard]
) -> None:
    second, heard = ask(vllm_server, asked_of("What is the cap on leverage?", salt="one scope"))
    begun = heard.usages()[0]
    assert (begun.cached_tokens or 0) > (begun.prompt_tokens or 0) / 2
    assert second.usage["cached_tokens"] >= (begun.cached_tokens or 0)


def test_whoever_may_read_other_things_learns_nothing_from_the_cache(
    vllm_server: str, first: tuple[Draft, Overheard]
) -> None:
    request = replace(asked_of("What was net debt at 31 March 2025?", salt="another").first().request, max_tokens=1)
    deltas = list(OpenAICompatible(vllm_server, silence=120).stream(request))
    assert [delta.cached_tokens for delta in deltas if isinstance(delta, Usage)] == [0]


def test_the_model_goes_on_from_its_own_reasoning_at_hardly_a_cost(
    vllm_server: str, first: tuple[Draft, Overheard]
) -> None:
    asked = asked_of("What was net debt at 31 March 2025?", salt="one scope")
    call = asked.last_from(first[0].prompts[0].text, "Passage 1 says that it stood at £1,204 million.")
    assert call is not None
    deltas = list(OpenAICompatible(vllm_server, silence=120).stream(call.request))
    usage = [delta for delta in deltas if isinstance(delta, Usage)][-1]
    assert (usage.cached_tokens or 0) > (usage.prompt_tokens or 0) * 0.7
    assert not [delta for delta in deltas if isinstance(delta, Reasoning)]
    assert [delta for delta in deltas if isinstance(delta, Text)]
    assert isinstance(deltas[-1], Finish)
    assert deltas[-1].source == "none"
    assert sum(delta.count for delta in deltas if isinstance(delta, Tokens)) == usage.completion_tokens


def test_the_server_ends_a_loop_itself_and_says_so(vllm_server: str) -> None:
    turn = "the cat sat on the mat and looked at the dog and the bird and the sun and the moon and the stars. "
    asked = asked_of("?")
    request = replace(
        asked.first().request,
        messages=({"role": "user", "content": f"Repeat this sentence for ever: {turn * 12}"},),
        temperature=0.0,
        thinking_budget=8,
        max_tokens=200,
    )
    deltas = list(OpenAICompatible(vllm_server, silence=120).stream(request))
    assert isinstance(deltas[-1], Finish)
    assert deltas[-1].reason == "repetition"
