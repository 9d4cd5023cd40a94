"""What the launcher promises of the server that it starts, asked of a real one."""

import httpx
import pytest

from tests.vllm import MODEL

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]


def _ask(address: str, **options: object) -> dict[str, object]:
    question = {"role": "user", "content": "Net debt was 412 million. What was net debt?"}
    answer = httpx.post(
        f"{address}/chat/completions",
        json={"model": MODEL, "messages": [question], "temperature": 0, "max_tokens": 60, **options},
        timeout=120,
    )
    answer.raise_for_status()
    return dict(answer.json())


def test_it_lists_the_model_under_its_catalogue_key(vllm_server: str) -> None:
    listed = httpx.get(f"{vllm_server}/models", timeout=30).json()["data"]
    assert [(model["id"], model["max_model_len"]) for model in listed] == [(MODEL, 8192)]


def test_reasoning_comes_apart_from_the_answer_and_within_its_budget(vllm_server: str) -> None:
    answer = _ask(vllm_server, thinking_token_budget=12)
    message = answer["choices"][0]["message"]  # type: ignore[index]
    assert message["reasoning"].strip()
    assert message["content"].strip()
    assert "<think>" not in message["reasoning"] + message["content"]
    assert len(message["reasoning"].split()) <= 24


def test_a_repeated_prompt_is_read_from_the_cache(vllm_server: str) -> None:
    long = {"role": "user", "content": "Revenue rose in every year since the company was founded. " * 40}
    _ask(vllm_server, messages=[long], max_tokens=2)
    usage = _ask(vllm_server, messages=[long], max_tokens=2)["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] > 100  # type: ignore[index]


def test_earlier_reasoning_is_not_shown_to_the_model_again(vllm_server: str) -> None:
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "<think>A secret plan.</think>Good day."},
        {"role": "user", "content": "Goodbye"},
    ]
    prompt = _ask(vllm_server, messages=turns, max_tokens=2, return_prompt_text=True)["prompt_text"]
    assert "Good day." in str(prompt)
    assert "secret" not in str(prompt)
    assert str(prompt).endswith("<think>\n")
