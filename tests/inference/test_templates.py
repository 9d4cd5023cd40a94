"""The prompt formats that are ours, as transformers renders them."""

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from inference.catalogue import TEMPLATES

NAMES = sorted(path.stem for path in TEMPLATES.glob("*.jinja"))
OPENED = {"smollm2": "<|im_start|>assistant\n<think>\n", "deepseek-r1": "<｜Assistant｜><think>\n"}
EARLIER = {
    "smollm2": "<|im_start|>assistant\nsaid<|im_end|>\n",
    "deepseek-r1": "<｜Assistant｜>said<｜end▁of▁sentence｜>",
}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a tokenizer that knows three words: only its way of rendering a template is wanted."""
    path: Path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    words = {"type": "WordLevel", "vocab": {"<｜begin▁of▁sentence｜>": 0, "a": 1, "?": 2}, "unk_token": "?"}
    path.write_text(json.dumps({"version": "1.0", "added_tokens": [], "model": words}))
    return PreTrainedTokenizerFast(tokenizer_file=str(path), bos_token="<｜begin▁of▁sentence｜>", unk_token="?")


def render(tokenizer: Any, name: str, *turns: tuple[str, object], opened: bool = True) -> str:
    messages = [{"role": role, "content": content} for role, content in turns]
    template = (TEMPLATES / f"{name}.jinja").read_text()
    return str(
        tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=opened)
    )


def test_every_template_is_looked_at() -> None:
    assert set(NAMES) == OPENED.keys() == EARLIER.keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_opens_with_reasoning(tokenizer: Any, name: str) -> None:
    assert render(tokenizer, name, ("user", "Hello")).endswith(OPENED[name])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_opened_where_no_answer_is_wanted(tokenizer: Any, name: str) -> None:
    assert "<think>" not in render(tokenizer, name, ("user", "Hello"), opened=False)


@pytest.mark.parametrize("name", NAMES)
def test_reasoning_of_earlier_turns_is_dropped(tokenizer: Any, name: str) -> None:
    prompt = render(tokenizer, name, ("user", "a"), ("assistant", "<think>\nsecret\n</think>\n\nsaid"), ("user", "b"))
    assert EARLIER[name] in prompt
    assert "secret" not in prompt


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", ["Hello", [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]])
def test_text_comes_whole_or_in_pieces(tokenizer: Any, name: str, content: object) -> None:
    assert "Hello" in render(tokenizer, name, ("user", content))


def test_r1_reads_instructions_before_everything_else_and_unmarked(tokenizer: Any) -> None:
    prompt = render(tokenizer, "deepseek-r1", ("system", "Be brief."), ("user", "Hello"))
    assert prompt == "<｜begin▁of▁sentence｜>Be brief.<｜User｜>Hello<｜Assistant｜><think>\n"


def test_smollm2_reads_instructions_in_a_turn_of_their_own(tokenizer: Any) -> None:
    prompt = render(tokenizer, "smollm2", ("system", "Be brief."), ("user", "Hello"), opened=False)
    assert prompt == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n"
