"""An answer is split where its sentences end, in any language, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reasoning.claims import quotation_claims, split_claims


def texts(answer: str) -> list[str]:
    return [claim.text for claim in split_claims(answer)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Leverage was 3.45 times EBITDA.",
        "The cap, i.e. the limit of cl. 22.2, is 3.75.",
        "Am 31. März 2025 betrug die Nettoverschuldung 1,2 Mrd. Euro.",
        "Gemäß Art. 5 Abs. 2 ist z.B. Dr. Meier zuständig.",
        "See Note No. 19 and Fig. 3 on p. 84.",
        "J. Smith of Acme Inc. signed it for the U.S. business.",
        "Die Frist endet im 3. Quartal 2025.",
        "M. Dupont a signé l'art. 4 du contrat.",
        "Version 2.0.1 replaced version 1.9.",
        "He asked “why?” and left.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_split_it(sentence: str) -> None:
    assert texts(f"First it was so. {sentence} Then it was not.") == ["First it was so.", sentence, "Then it was not."]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Yes. No! Really?", ["Yes.", "No!", "Really?"]),
        ("負債は増えた。契約は守られた。", ["負債は増えた。", "契約は守られた。"]),
        ("ऋण बढ़ा। शर्त पूरी हुई।", ["ऋण बढ़ा।", "शर्त पूरी हुई।"]),
        ("¿Subió la deuda? Sí, subió.", ["¿Subió la deuda?", "Sí, subió."]),
        ("ارتفع الدين. هل تم الوفاء؟ نعم.", ["ارتفع الدين.", "هل تم الوفاء؟", "نعم."]),
        ("It is in Note 19. The rest is not.", ["It is in Note 19.", "The rest is not."]),
    ],
)
def test_sentences_end_in_every_script(answer: str, expected: list[str]) -> None:
    assert texts(answer) == expected


@pytest.mark.parametrize(
    "written", ["Debt rose [1]. It fell [2].", "Debt rose. [1] It fell. [2]", "Debt rose.[1] It fell.[2]"]
)
def test_a_marker_belongs_to_the_sentence_it_follows(written: str) -> None:
    assert [claim.markers for claim in split_claims(written)] == [(1,), (2,)]


def test_list_items_are_claims_and_their_numbers_are_not() -> None:
    answer = "Two things:\n\n- Debt rose [1]\n- Cash fell [2]. So did profit.\n\n1. First of all\n2. And then"
    assert texts(answer) == [
        "Two things:", "Debt rose [1]", "Cash fell [2].", "So did profit.", "First of all", "And then",
    ]  # fmt: skip


def test_headings_rules_and_fences_claim_nothing() -> None:
    assert texts("## Net debt\n\nIt rose.\n\n---\n\n```\n") == ["It rose."]


def test_a_paragraph_runs_over_its_line_ends() -> None:
    assert texts("Net debt\nrose by 10 %.\nCash fell.") == ["Net debt\nrose by 10 %.", "Cash fell."]


def test_cells_of_a_table_are_claims_and_a_column_of_markers_speaks_for_its_row() -> None:
    answer = "| | 2025 | Source |\n|---|---|---|\n| Net debt | 1,204 | [1] |\n| EBITDA | 348.6 [2] | |\n\nSo it is."
    assert [(claim.text, claim.markers) for claim in split_claims(answer)] == [
        ("1,204", (1,)), ("348.6 [2]", (2,)), ("So it is.", ()),
    ]  # fmt: skip


@given(st.text(alphabet="aB1.!?。 \n|-[]#*", max_size=80))
def test_claims_stand_in_the_answer_in_order_without_overlap(answer: str) -> None:
    end = 0
    for claim in split_claims(answer):
        assert claim.start >= end
        assert answer[claim.start : claim.end] == claim.text == claim.text.strip()
        end = claim.end


def test_a_quotation_is_one_claim_whatever_stops_stand_in_it() -> None:
    text = "- “I certify that: 1. I have read it; 2. It is true.” [5]\n- “Net debt fell.” [1]"
    claims = quotation_claims(text)
    assert [claim.markers for claim in claims] == [(5,), (1,)]
    assert all(text[claim.start : claim.end] == claim.text for claim in claims)
