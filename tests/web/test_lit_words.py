"""Which words are lit in an excerpt, and which stretch of a passage it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.web.lit_words import LENGTH, Excerpt, excerpt_of


def lit(excerpt: Excerpt) -> list[str]:
    return [text for text, is_lit in excerpt.parts if is_lit]


@pytest.mark.parametrize(
    ("text", "question", "language", "words"),
    [
        ("The covenants were met.", "covenant", "en", ["covenants"]),
        ("Die Übernachtungen wurden bezahlt.", "Übernachtung", "de", ["Übernachtungen"]),
        ("Under ISO-9001 and ISO 14001.", "ISO 9001", "en", ["ISO-9001", "ISO"]),
        ("Net debt was 1,204 million.", "1204", "en", ["1,204"]),
        ("連結純有利子負債は増加した。", "有利子負債", "ja", ["有利子負債"]),
        ("The net debt of the group.", "What is the debt of it?", "en", ["debt"]),
        ("Nothing of the kind.", "dividend", "en", []),
    ],
)
def test_words_are_lit_as_the_search_matches_them(text: str, question: str, language: str, words: list[str]) -> None:
    assert lit(excerpt_of(text, question, language)) == words


def test_the_stretch_with_most_of_the_words_is_shown() -> None:
    text = "Revenue rose. " * 60 + "The leverage covenant was met. " + "Costs fell. " * 60
    excerpt = excerpt_of(text, "leverage covenant", "en")
    assert lit(excerpt) == ["leverage", "covenant"]
    assert excerpt.cut_before
    assert excerpt.cut_after


@given(st.text(max_size=900), st.text(max_size=40), st.sampled_from(["en", "de", "ja", "th", ""]))
def test_an_excerpt_is_a_part_of_the_text_as_it_is(text: str, question: str, language: str) -> None:
    excerpt = excerpt_of(text, question, language)
    shown = "".join(part for part, _ in excerpt.parts)
    assert shown in text
    assert len(shown) <= LENGTH
    assert (shown == text) == (not excerpt.cut_before and not excerpt.cut_after)
