"""A citation quotes words that are in the passage, and lights the lines on which they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reasoning.extract import extract
from apps.reasoning.quotes import quote_from
from apps.verification.matching import terms_of, units_of
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, make_passage

TABLE = "Note 19 Borrowings\nNet debt | 1,204 | 1,087\nCash | (119) | (98)\nEBITDA | 348.6 | 331.2"


def test_the_sentence_that_bears_out_the_claim_is_quoted() -> None:
    passage = make_passage(f"{PENSION} {NET_DEBT} {COVENANT}")
    quoted = quote_from(passage, 1, ["Net debt was £1,204 million at the year end [1]."])
    assert (quoted.quote, quoted.found) == (NET_DEBT, True)


def test_a_row_of_a_table_is_quoted_alone_and_its_line_is_lit() -> None:
    quoted = quote_from(make_passage(TABLE), 1, ["EBITDA was 348.6 [1]."])
    assert quoted.quote == "EBITDA | 348.6 | 331.2"
    assert [box[1] for box in quoted.boxes] == pytest.approx([0.3])


def test_two_claims_that_cite_the_same_passage_both_find_their_ground_lit() -> None:
    quoted = quote_from(make_passage(TABLE), 1, ["EBITDA was 348.6 [1].", "Net debt was 1,204 and 1,087 [1]."])
    assert [box[1] for box in quoted.boxes] == pytest.approx([0.1, 0.3])
    assert quoted.quote in {"EBITDA | 348.6 | 331.2", "Net debt | 1,204 | 1,087"}


def test_figures_match_however_they_are_grouped() -> None:
    assert terms_of("1.204,5 und 1,204.5 et 1 204,5")[::2] == ["1204.5"] * 3
    quoted = quote_from(make_passage(TABLE), 1, ["Die Nettoverschuldung betrug 1.204 [1]."])
    assert quoted.quote == "Net debt | 1,204 | 1,087"


def test_a_sentence_over_two_lines_lights_both() -> None:
    quoted = quote_from(
        make_passage("Net debt stood at £1,204 million\nat 31 March 2025. It fell later."),
        1,
        ["Net debt 1,204 in March 2025"],
    )
    assert quoted.quote == "Net debt stood at £1,204 million\nat 31 March 2025."
    assert len(quoted.boxes) == 2


def test_a_heading_is_not_part_of_the_sentence_below_it() -> None:
    passage = make_passage(
        f"Share repurchases\nIn the fourth quarter the company repurchased 722,457\nshares. {PENSION}"
    )
    quoted = quote_from(passage, 1, ["It repurchased 722,457 shares in the fourth quarter [1]."])
    assert quoted.quote == "In the fourth quarter the company repurchased 722,457\nshares."


def test_neighbouring_sentences_are_quoted_together_only_if_both_are_needed() -> None:
    passage = make_passage(f"The bond was issued in May 2024. Its size was £150 million. {PENSION}")
    both = quote_from(passage, 1, ["A bond of £150 million was issued in May 2024 [1]."])
    assert both.quote == "The bond was issued in May 2024. Its size was £150 million."


def test_without_a_word_in_common_all_of_the_passage_is_lit_and_nothing_quoted() -> None:
    passage = make_passage("純有利子負債は増加した。")
    quoted = quote_from(passage, 1, ["Net debt rose [1]."])
    assert (quoted.quote, quoted.found, quoted.boxes) == ("", False, passage.boxes)


def test_a_passage_without_pages_is_quoted_too() -> None:
    quoted = quote_from(make_passage(page=None, boxes=(), lines=(), span=(0, 90)), 1, ["Net debt £1,204 million"])
    assert (quoted.quote, quoted.boxes) == (NET_DEBT, ())


@given(st.text(alphabet="ab 12|.\n", max_size=80), st.text(alphabet="ab 12", max_size=20))
def test_a_quote_is_always_a_part_of_its_passage(text: str, claim: str) -> None:
    quoted = quote_from(make_passage(text), 1, [claim])
    assert quoted.quote in text
    assert quoted.found == bool(quoted.quote)


def test_units_cover_every_word() -> None:
    text = f"Heading\n{TABLE}\n\n{NET_DEBT}\n{COVENANT}"
    assert {word for unit in units_of(text) for word in text[unit.start : unit.end].split()} == set(text.split())


def test_an_extract_quotes_the_nearest_sentences_of_different_passages() -> None:
    passages = [
        make_passage(f"{PENSION} {NET_DEBT}", rank=1),
        make_passage(COVENANT, rank=2),
        make_passage(PENSION, rank=3),
    ]
    extracted = extract("What was net debt, and what leverage does the covenant allow?", passages)
    assert sorted(extracted.text.split("\n")) == [f"- “{NET_DEBT}” [1]", f"- “{COVENANT}” [2]"]
    assert [citation.quote for citation in extracted.citations] == [NET_DEBT, COVENANT]
    assert all(citation.found for citation in extracted.citations)


def test_an_extract_does_not_say_the_same_twice_nor_take_footnotes_for_citations() -> None:
    passages = [make_passage(f"{NET_DEBT} [3]", rank=1), make_passage(NET_DEBT, rank=2)]
    extracted = extract("What was net debt?", passages)
    assert extracted.text.count("Net debt stood") == 1
    assert "[3]" not in extracted.text


def test_an_extract_of_passages_that_share_no_word_with_the_question_still_shows_the_nearest() -> None:
    assert extract("Wie hoch?", [make_passage(PENSION)]).text == f"- “{PENSION}” [1]"
    assert extract("Anything?", []).text == ""


def test_an_extract_keeps_the_same_sentence_about_two_years_and_prefers_whole_sentences() -> None:
    passages = [
        make_passage("and net debt of the former group; the year was hard.", rank=1),
        make_passage("Net debt was 1,204 million in the year 2025.", rank=2),
        make_passage("Net debt was 1,087 million in the year 2024.", rank=3),
    ]
    assert extract("What was net debt in the year?", passages).text.count("Net debt was") == 2
