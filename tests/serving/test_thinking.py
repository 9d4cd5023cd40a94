"""Reasoning is told from the answer wherever the endpoint puts it, and however the chunks are cut."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.serving.thinking import Reasoning, Reclassified, Text, ThinkingSplitter, Unopened


def split(
    chunks: Iterable[dict[str, str]], *, opened_in_prompt: bool = False, finish: str = "stop"
) -> tuple[str, str, str]:
    """Return reasoning, answer and source, as a reader of the pieces would put them together."""
    splitter = ThinkingSplitter(opened_in_prompt=opened_in_prompt)
    pieces = [piece for chunk in chunks for piece in splitter.feed(**chunk)]
    pieces += splitter.close(finish)
    reasoning = text = ""
    for piece in pieces:
        match piece:
            case Reasoning(words):
                reasoning += words
            case Text(words):
                text += words
            case Reclassified():
                reasoning, text = reasoning + text, ""
            case Unopened():
                reasoning, text = "", reasoning + text
    return reasoning, text, splitter.source


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_a_field_of_its_own(name: str) -> None:
    assert split([{name: "so "}, {name: "be it"}, {"content": "Yes"}]) == ("so be it", "Yes", "field")


def test_both_fields_with_the_same_words_count_once() -> None:
    chunks = [{"reasoning": "hm", "reasoning_content": "hm"}, {"content": "Yes"}]
    assert split(chunks) == ("hm", "Yes", "field")


def test_a_chunk_may_end_the_reasoning_and_begin_the_answer() -> None:
    assert split([{"reasoning": "hm"}, {"reasoning": "!", "content": "Yes"}]) == ("hm!", "Yes", "field")


def test_a_field_rules_out_tags_even_where_the_template_opens_them() -> None:
    chunks = [{"reasoning": "hm"}, {"content": "Write </think>\nliterally"}]
    assert split(chunks, opened_in_prompt=True) == ("hm", "Write </think>\nliterally", "field")


def test_a_closing_tag_left_at_the_head_of_the_content_is_dropped() -> None:
    assert split([{"reasoning": "hm"}, {"content": "</th"}, {"content": "ink>\n\nYes"}])[1] == "Yes"


CASES = {
    "tags": ("<think>\nhm, so\n</think>\n\nYes", False, "stop", "hm, so\n", "Yes", "tag"),
    "no opener, as the template has it": ("hm, so\n</think>\n\nYes", True, "stop", "hm, so\n", "Yes", "tag"),
    "no opener, unexpectedly": ("hm, so\n</think>\n\nYes", False, "stop", "hm, so\n", "Yes", "tag"),
    "opener although the template has it": ("<think>hm</think>Yes", True, "stop", "hm", "Yes", "tag"),
    "never closed": ("<think>hm, so", False, "length", "hm, so", "", "tag"),
    "never closed, no opener": ("hm, so", True, "length", "hm, so", "", "tag"),
    "empty think": ("<think>\n\n</think>\n\nYes", True, "stop", "", "Yes", "tag"),
    "closing tag first": ("</think>\n\nYes", True, "stop", "", "Yes", "none"),
    "literal tag in the answer": ("<think>a</think>b </think>\n c", True, "stop", "a", "b </think>\n c", "tag"),
    "thinking twice": ("<think>a</think>\n<think>b</think>Yes", False, "stop", "ab", "Yes", "tag"),
    "thinking twice, the first empty": ("</think>\n<think>b</think>Yes", True, "stop", "b", "Yes", "tag"),
    "opener later in the answer": ("<think>a</think>Yes <think>b", True, "stop", "a", "Yes <think>b", "tag"),
    "literal tag in a plain answer": (
        "The tag </think> ends it.",
        False,
        "stop",
        "",
        "The tag </think> ends it.",
        "none",
    ),
    "no thinking at all": ("Yes, it was.", False, "stop", "", "Yes, it was.", "none"),
    "no thinking although expected": ("Yes, it was.", True, "stop", "", "Yes, it was.", "none"),
    "angle brackets": ("a < b <thi", False, "stop", "", "a < b <thi", "none"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@given(data=st.data())
def test_tags_in_the_content_however_it_is_cut(case: tuple[str, bool, str, str, str, str], data: st.DataObject) -> None:
    content, opened, finish, *expected = case
    cuts = sorted(data.draw(st.sets(st.integers(1, max(len(content) - 1, 1)))))
    chunks = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    got = split(({"content": chunk} for chunk in chunks), opened_in_prompt=opened, finish=finish)
    assert list(got) == expected


@given(st.text(alphabet="<>/think\n ab", max_size=60), st.booleans())
def test_nothing_but_tags_and_outer_space_is_ever_lost(content: str, opened: bool) -> None:
    reasoning, text, _ = split([{"content": char} for char in content], opened_in_prompt=opened)
    left = "".join((reasoning + text).split()).replace("<think>", "").replace("</think>", "")
    assert left == "".join(content.split()).replace("<think>", "").replace("</think>", "")
