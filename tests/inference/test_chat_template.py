"""The template given to the packaged weights, as transformers renders it."""

from pathlib import Path

import jinja2
import pytest

TEMPLATE = Path(__file__).resolve().parents[2] / "inference" / "chat_template.jinja"


def render(*turns: tuple[str, object], opened: bool = True) -> str:
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)  # noqa: S701  this is no HTML
    messages = [{"role": role, "content": content} for role, content in turns]
    return environment.from_string(TEMPLATE.read_text()).render(messages=messages, add_generation_prompt=opened)


def test_the_answer_opens_with_reasoning() -> None:
    assert render(("system", "Be brief."), ("user", "Hello")) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n<think>\n"
    )


def test_reasoning_of_earlier_turns_is_dropped() -> None:
    prompt = render(("user", "a"), ("assistant", "<think>\nsecret\n</think>\n\nsaid"), ("user", "b"))
    assert "<|im_start|>assistant\nsaid<|im_end|>" in prompt
    assert "secret" not in prompt


@pytest.mark.parametrize("content", ["Hello", [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]])
def test_text_comes_whole_or_in_pieces(content: object) -> None:
    assert "<|im_start|>user\nHello<|im_end|>\n" in render(("user", content))


def test_nothing_is_opened_where_no_answer_is_wanted() -> None:
    assert render(("user", "Hello"), opened=False).endswith("Hello<|im_end|>\n")
