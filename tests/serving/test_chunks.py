"""Whatever an endpoint sends for a chunk is read as far as it makes sense, and never breaks the reader."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.serving.chunks import checked, fingerprint_of, finish_of, prompted_of, read
from apps.serving.llm import Delta, ModelError, Prompted, Tokens, Usage
from apps.serving.thinking import Reasoning, Text, ThinkingSplitter

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PARTS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("reasoning", "reasoning_content", "content", "tool_calls"), ANYTHING)
)
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "index": ANYTHING,
        "delta": PARTS | ANYTHING,
        "message": PARTS | ANYTHING,
        "text": ANYTHING,
        "token_ids": ANYTHING,
        "finish_reason": ANYTHING,
    },
)
CHUNKS = st.fixed_dictionaries(
    {},
    optional={
        "id": ANYTHING,
        "choices": st.lists(CHOICES | ANYTHING, max_size=3) | ANYTHING,
        "usage": st.dictionaries(
            st.sampled_from(
                ["prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"]
            ),
            ANYTHING,
        )
        | ANYTHING,
        "prompt_text": ANYTHING,
        "prompt_token_ids": ANYTHING,
        "system_fingerprint": ANYTHING,
    },
)


def deltas(*chunks: dict[str, Any], opened: bool = False) -> list[Delta]:
    splitter = ThinkingSplitter(opened_in_prompt=opened)
    return [delta for chunk in chunks for delta in read(chunk, splitter)]


@given(CHUNKS)
def test_a_chunk_of_any_form_is_read_without_a_fault(chunk: dict[str, Any]) -> None:
    for delta in deltas(checked(chunk)):
        assert not isinstance(delta, Text | Reasoning) or delta.text
        assert not isinstance(delta, Usage) or all(
            count is None or count >= 0
            for count in (delta.prompt_tokens, delta.cached_tokens, delta.completion_tokens, delta.reasoning_tokens)
        )
    assert isinstance(finish_of(chunk), str)
    assert isinstance(fingerprint_of(chunk), str)
    assert isinstance(prompted_of(chunk).text, str)


@pytest.mark.parametrize("chunk", [None, [], "text", 5, {"error": "gone"}, {"object": "error", "message": "gone"}])
def test_what_is_no_chunk_is_an_error(chunk: Any) -> None:
    with pytest.raises(ModelError):
        checked(chunk)


def test_only_the_first_of_several_choices_is_read() -> None:
    other = {"index": 1, "delta": {"content": "No"}, "finish_reason": "length"}
    mine = {"index": 0, "delta": {"content": "Yes, it was."}}
    assert deltas({"choices": [other, mine]}, {"choices": [other]}) == [Text("Yes, it was.")]
    assert finish_of({"choices": [other]}) == ""


def test_tokens_are_filed_with_the_words_they_are() -> None:
    def chunk(ids: int, **delta: str) -> dict[str, Any]:
        return {"choices": [{"delta": delta, "token_ids": list(range(ids))}]}

    by_field = deltas(chunk(2, reasoning="hm"), chunk(1), chunk(1, content="\n\n"), chunk(3, content="Yes"), chunk(1))
    assert _split(by_field) == (3, 5)
    by_tags = deltas(chunk(2, content="hm"), chunk(1, content="</think>"), chunk(3, content="Yes"), opened=True)
    assert _split(by_tags) == (3, 3)
    assert _split(deltas(chunk(3, content="Yes, it was."), chunk(1))) == (0, 4)


def test_a_whole_response_does_not_say_which_of_its_tokens_are_reasoning() -> None:
    whole = {"choices": [{"message": {"reasoning": "hm", "content": "Yes"}, "token_ids": [1, 2, 3]}]}
    assert _split(deltas(whole)) == (0, 0)


def test_the_first_chunk_says_how_the_request_is_called_and_what_the_model_reads() -> None:
    first = {"id": "chatcmpl-1", "prompt_text": "<user>Why?", "prompt_token_ids": [4, 5], "choices": []}
    assert prompted_of(first) == Prompted("chatcmpl-1", "<user>Why?", 2)
    assert prompted_of({}) == Prompted("", "", None)
    completion = {"id": "cmpl-1", "choices": [{"index": 0, "text": "", "prompt_token_ids": [5, 6, 7]}]}
    assert prompted_of(completion) == Prompted("cmpl-1", "", 3)


def _split(given: list[Delta]) -> tuple[int, int]:
    tokens = [delta for delta in given if isinstance(delta, Tokens)]
    return (
        sum(each.count for each in tokens if each.reasoning),
        sum(each.count for each in tokens if not each.reasoning),
    )
