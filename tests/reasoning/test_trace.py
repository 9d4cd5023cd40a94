"""The reasoning by sentence: what each is, and what only it or only the answer says."""

import time

import pytest

from apps.reasoning.claims import split_claims
from apps.reasoning.trace import Kind, read_trace
from apps.reasoning.trace_notes import trace_notes
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, make_passage

QUESTION = "What was net debt, and what leverage does the covenant allow?"
PASSAGES = [make_passage(NET_DEBT), make_passage(COVENANT), make_passage(PENSION)]


def told(text: str, *passages: str) -> list[tuple[Kind, int | None]]:
    read = [make_passage(each) for each in passages] or PASSAGES
    return [(thought.kind, thought.marker) for thought in read_trace(text, read, QUESTION)]


@pytest.mark.parametrize(
    ("sentence", "kind", "marker"),
    [
        ("Okay, let me look at what the passages say about leverage.", Kind.PLAN, None),
        ("Is there anything about fines?", Kind.PLAN, None),
        ("Ich muss zuerst die Nettoverschuldung finden.", Kind.PLAN, None),
        ("首先，我需要找到净债务。", Kind.PLAN, None),
        ("Passage 1 says net debt stood at £1,204 million at 31 March 2025.", Kind.RESTATES, 1),
        ("Leverage must not exceed 3.75:1 on each test date.", Kind.RESTATES, 2),
        ("The scheme closed to new members in 2011, per passage [3].", Kind.RESTATES, 3),
        ("So the change is 1,204 − 1,087 = 117.", Kind.INFERENCE, None),
        ("That leaves a comfortable distance to the limit.", Kind.INFERENCE, None),
        ("In the UK, lenders such as Barclays usually waive this.", Kind.MEMORY, None),
        ("I recall that covenants are tested twice a year.", Kind.MEMORY, None),
        ("The margin on the loan was 2.25 %.", Kind.MEMORY, None),
        ("Bekanntlich werden Kreditklauseln halbjährlich geprüft.", Kind.MEMORY, None),
        ("Net debt stood at £1,240 million at 31 March 2025.", Kind.CONTRADICTS, 1),
    ],
)
def test_a_sentence_is_told_for_what_it_is(sentence: str, kind: Kind, marker: int | None) -> None:
    assert told(sentence) == [(kind, marker)]


def test_a_figure_that_was_worked_out_is_known_from_then_on() -> None:
    assert told("So 1,204 − 1,087 = 117. Net debt therefore rose by £117 million.")[1] == (Kind.INFERENCE, None)


def test_german_nouns_are_no_names() -> None:
    passage = (
        "Die Nettoverschuldung betrug zum 31. März 2025 1.204 Mio. Euro und wird von den Banken halbjährlich geprüft."
    )
    sentences = "Das ist für die Beurteilung der Lage und der Risiken von großer Bedeutung, denn der Abstand ist klein."
    assert told(sentences, passage) == [(Kind.INFERENCE, None)]


def test_chinese_reasoning_is_found_in_a_chinese_passage() -> None:
    passage = "截至2025年3月31日，净债务为12.04亿英镑，上年同期为10.87亿英镑。"
    assert told("段落1说截至2025年3月31日，净债务为12.04亿英镑。", passage) == [(Kind.RESTATES, 1)]


def test_ranges_are_verbatim_and_bullets_belong_to_no_sentence() -> None:
    text = "Plan:\n- Net debt stood at £1,204 million.\n2) Leverage does not exceed 3.75:1. So it holds.\n\n---"
    thoughts = read_trace(text, PASSAGES, QUESTION)
    assert [thought.text for thought in thoughts] == [
        "Plan:", "Net debt stood at £1,204 million.", "Leverage does not exceed 3.75:1.", "So it holds.",
    ]  # fmt: skip
    assert all(text[thought.start : thought.end] == thought.text for thought in thoughts)


def notes(reasoning: str, answer: str, *, broken_off: bool = False) -> dict[str, str]:
    thoughts = read_trace(reasoning, PASSAGES, QUESTION)
    found = trace_notes(thoughts, split_claims(answer), PASSAGES, QUESTION, broken_off=broken_off)
    return {note["code"]: note["text"] for note in found}


CONCLUDED = f"{NET_DEBT} {COVENANT} So the change is 1,204 − 1,087 = 117. Therefore net debt rose by £117 million."


def test_a_conclusion_that_the_answer_leaves_out_is_pointed_out() -> None:
    assert "117" in notes(CONCLUDED, "Net debt was £1,204 million [1].")["only_in_trace"]
    assert "only_in_trace" not in notes(CONCLUDED, "Net debt was £1,204 million [1], £117 million more [1].")


def test_what_only_the_answer_says_is_pointed_out() -> None:
    said = notes(CONCLUDED, "Net debt rose by £117 million [1]. The margin was 2.25 %.")
    assert "2.25" in said["only_in_answer"]
    assert "only_in_answer" not in notes(CONCLUDED, "Net debt rose by £117 million [1]. The scheme closed in 2011 [3].")


def test_every_reasoning_carries_the_note_that_it_is_no_proof() -> None:
    assert list(notes(NET_DEBT, NET_DEBT)) == ["not_proof"]
    assert list(notes(NET_DEBT, NET_DEBT, broken_off=True)) == ["broken_off", "not_proof"]
    assert notes("", NET_DEBT) == {}


def test_two_thousand_words_beside_twenty_four_passages_are_read_at_once() -> None:
    text = "\n".join([CONCLUDED] * 60)
    assert len(text.split()) > 2000
    read_trace(text, PASSAGES, QUESTION)
    begun = time.process_time()
    thoughts = read_trace(text, PASSAGES * 8, QUESTION)
    trace_notes(thoughts, split_claims(CONCLUDED), PASSAGES * 8, QUESTION)
    assert time.process_time() - begun < 0.2
