"""An answer that explains itself: figures, conflicts, searches, the reasoning by sentence, claims, the conversation."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test.client import RequestFactory

from apps.accounts.models import User
from apps.documents.models import Document
from apps.reasoning.models import Answer, Candidate, Claim, Figure
from apps.web.answer_page import AnswerPage, answer_page
from apps.web.answer_parts import notices_of
from apps.web.specimens_answer import answer_specimens
from tests.factories import (
    AnswerFactory,
    BlockFactory,
    DocumentFactory,
    PageFactory,
    UserFactory,
    answer_with_grounds,
    owned_by,
)
from tests.web.conftest import SignedIn


@pytest.fixture
def parts() -> dict[str, Any]:
    return answer_specimens()


@pytest.fixture
def shown(parts: dict[str, Any]) -> AnswerPage:
    shown: AnswerPage = parts["explained"]
    return shown


def changed(answer: Mapping[str, Any], **fields: Any) -> AnswerPage:
    return answer_page({**answer, **fields}, {})


def text_of(shown: AnswerPage) -> str:
    return "".join(para.paragraph.html for para in shown.paragraphs)


def drawn(partial: str, **context: Any) -> str:
    return render_to_string(f"components/{partial}.html", context, RequestFactory().get("/"))


class TestFigures:
    def test_a_figure_is_a_button_that_opens_its_ledger_and_says_its_verdict(self, shown: AnswerPage) -> None:
        assert re.search(
            r'<button class="figure" type="button" data-source="computed" data-verdict="computed" '
            r'popovertarget="f1" aria-label="3.45, recomputed">3.45</button>',
            text_of(shown),
        )

    def test_a_wrong_figure_stays_and_what_is_right_follows_it(self, shown: AnswerPage) -> None:
        assert re.search(
            r'data-verdict="wrong"[^>]*>10.8 %</button> <span class="corrected">10.76 %</span>', text_of(shown)
        )

    def test_every_operand_of_a_calculation_leads_to_its_place(self, shown: AnswerPage) -> None:
        ledger = shown.ledgers[1]
        assert "".join(piece.text for piece in ledger.pieces) == "(1,204 − 1,087) ÷ 1,087 = 10.76 %"
        assert [piece.text for piece in ledger.pieces if piece.marker] == ["1,204", "1,087", "1,087"]
        assert [piece.text for piece in ledger.pieces if piece.result] == ["10.76 %"]
        html = drawn("ledger", figure=ledger)
        assert html.count('data-marker="1"') == 3
        assert 'data-cell="1-7-6-1"' in html
        assert 'id="f2" popover' in html

    def test_a_source_that_serves_twice_is_told_once(self, shown: AnswerPage) -> None:
        terms = [line.term for line in shown.ledgers[1].lines]
        assert terms == ["1,204\u00a0£m", "1,087\u00a0£m", "Written", "Exactly"]

    def test_a_figure_of_running_text_stands_in_its_sentence(self, shown: AnswerPage) -> None:
        said = "".join(piece.text for piece in shown.ledgers[2].pieces)
        assert said.startswith("“In May 2024 the Group issued £150 million of sterling bonds")

    def test_a_figure_without_a_source_is_not_to_be_relied_on(self, shown: AnswerPage) -> None:
        assert shown.ledgers[4].word == "No source"
        assert "Do not rely on it." in drawn("ledger", figure=shown.ledgers[4])

    def test_counts_and_what_the_question_said_are_not_marked_in_the_text(self, parts: dict[str, Any]) -> None:
        figures = [{**figure, "verdict": "given"} for figure in parts["answer"]["figures"][:1]]
        shown = changed(parts["answer"], figures=figures)
        assert "<button" not in text_of(shown)
        assert shown.ledgers[0].word == "From the question"
        assert not changed(parts["answer"], figures=[{**figures[0], "verdict": "unchecked"}]).ledgers

    def test_figures_are_counted_by_how_they_came_about(self, shown: AnswerPage) -> None:
        assert shown.figures == "2 traced to their places, 1 recomputed, 1 corrected, 1 without a source"

    def test_calculations_stand_in_the_margin(self, shown: AnswerPage) -> None:
        margin = shown.paragraphs[0]
        assert [figure.calculation for figure in margin.calculations] == ["1,204 ÷ 348.6", "(1,204 − 1,087) ÷ 1,087"]
        assert 'aria-label="10.8 % is (1,204 − 1,087) ÷ 1,087"' in drawn(
            "para", para=margin, answer_id=shown.answer["id"]
        )


class TestClaims:
    def test_only_the_words_that_nothing_bears_out_are_marked_in_a_claim_that_holds_in_part(
        self, shown: AnswerPage
    ) -> None:
        assert '<span class="short">paid for most of that programme</span>' in text_of(shown)

    def test_a_passage_found_afterwards_is_cited_as_such(self, shown: AnswerPage) -> None:
        assert re.search(r'class="cite cite--after"[^>]*aria-label="Citation 3, found afterwards"', text_of(shown))
        assert [note.marker for note in shown.paragraphs[0].notes if note.found_afterwards] == [3]

    def test_each_claim_that_falls_short_says_why_beside_it(self, shown: AnswerPage) -> None:
        flags = shown.paragraphs[0].flags
        assert [(flag.number, flag.verdict) for flag in flags] == [
            (3, "partly"),
            (4, "contradicted"),
            (5, "unsupported"),
        ]
        assert "£340 million (2024: £375 million)" in flags[1].against

    def test_a_card_lights_the_words_that_claim_and_quote_share(self, shown: AnswerPage) -> None:
        html = drawn("claimcard", card=shown.cards[3], answer_id=shown.answer["id"])
        assert "<mark>facilities</mark>" in html
        assert "Contradicted" in html

    def test_claims_that_were_not_checked_have_no_cards(self, parts: dict[str, Any]) -> None:
        claims = [{**claim, "verdict": "unchecked"} for claim in parts["answer"]["claims"]]
        assert changed(parts["answer"], claims=claims).cards == ()

    def test_an_answer_that_mostly_falls_short_is_warned_of_once(self, parts: dict[str, Any]) -> None:
        claims = [{**claim, "verdict": "unsupported"} for claim in parts["answer"]["claims"]]
        answer = {**parts["answer"], "claims": claims}
        title = "More than half of this answer is not supported by the passages."
        assert [n.title for n in notices_of(answer)].count(title) == 1
        said = {"code": "mostly_short", "detail": "Look at the marks."}
        assert [n.title for n in notices_of({**answer, "notice": said})].count(title) == 1


class TestGrounds:
    def test_a_conflict_shows_both_sides_after_the_paragraph_that_follows_one(self, shown: AnswerPage) -> None:
        (conflict,) = shown.paragraphs[0].conflicts
        assert [(side.value, side.used) for side in conflict.sides] == [
            ("£1,204 million", True),
            ("£1,143 million", False),
        ]
        assert "of 12 June 2025, version 1" in drawn("conflict", conflict=conflict)
        assert 4 in [place.marker for place in shown.places], "the side that is not used can be looked at too"

    def test_a_conflict_with_a_passage_that_may_no_longer_be_seen_is_not_told(self, parts: dict[str, Any]) -> None:
        seen = [candidate for candidate in parts["answer"]["candidates"] if candidate["marker"] != 4]
        assert not [c for para in changed(parts["answer"], candidates=seen).paragraphs for c in para.conflicts]

    def test_the_reasoning_is_told_by_sentence_with_what_each_is(self, shown: AnswerPage) -> None:
        assert shown.trace is not None
        assert [thought.word for thought in shown.trace.first] == [
            "Plan",
            "Restates",
            "Infers",
            "Contradicts",
            "From memory",
        ]
        html = drawn("reasoning", answer=shown.answer, trace=shown.trace, reasoning=shown.reasoning)
        assert "it does not prove how the model came to it" in html
        assert "Only the reasoning says:" in html
        assert "1 sentence restates a passage, 1 infers, 1 is from memory" in html

    def test_one_search_alone_is_not_worth_telling(self, parts: dict[str, Any], shown: AnswerPage) -> None:
        assert [search.question for search in shown.searches][1] == "leverage covenant 31 March 2025"
        assert changed(parts["answer"], steps=parts["answer"]["steps"][:1]).searches == ()

    def test_text_that_addresses_the_model_is_listed_and_said(self, shown: AnswerPage) -> None:
        assert "1 passage gives instructions to the model." in [notice.title for notice in shown.notices]
        assert "Demands an answer" in drawn("suspects", suspects=shown.suspects)


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def document(self, reader: User) -> Document:
        made = DocumentFactory(collection=owned_by(reader), title="Annual report 2024")
        first = PageFactory(version=made.latest, number=1)
        cells = [{"row": 2, "column": 1, "text": "4,120", "box": [0.5, 0.5, 0.6, 0.52]}]
        BlockFactory(page=first, ordinal=7, kind="table", cells=cells)
        return made

    def test_the_cell_of_a_figure_is_outlined_on_its_page(
        self, visitor: SignedIn, reader: User, document: Document
    ) -> None:
        answer = answer_with_grounds(reader, document)
        with_figure(answer)
        html = visitor.get(f"/answers/{answer.pk}/").content.decode()
        assert re.search(r'<g class="mark mark--cell" data-cell="1-7-2-1"><rect class="hit" x="496" y="\d+"', html)

    def test_a_follow_up_goes_on_in_the_same_conversation(self, visitor: SignedIn, reader: User) -> None:
        first = AnswerFactory(asker=reader, question="What is leverage?")
        assert f'name="conversation" value="{first.pk}"' in visitor.get(f"/answers/{first.pk}/").content.decode()
        visitor.post("/", {"question": "And in 2021?", "effort": "quick", "conversation": str(first.pk)})
        second = Answer.objects.get(question="And in 2021?")
        assert second.conversation == first.pk
        Answer.objects.filter(pk=second.pk).update(status="done", outcome="answered", text="2.1 times.")
        later, earlier = (visitor.get(f"/answers/{one.pk}/").content.decode() for one in (first, second))
        assert "Asked after this" in later
        assert "And in 2021?" in later
        assert "Earlier in this conversation" in earlier
        assert "What is leverage?" in earlier

    def test_the_conversation_shows_nobody_elses_questions(self, visitor: SignedIn, reader: User) -> None:
        own = AnswerFactory(asker=reader)
        AnswerFactory(asker=UserFactory(), conversation=own.pk, question="What are they paid?")
        assert "What are they paid?" not in visitor.get(f"/answers/{own.pk}/").content.decode()

    def test_a_hostile_figure_quote_or_thought_stays_words(
        self, visitor: SignedIn, reader: User, document: Document
    ) -> None:
        hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
        answer = answer_with_grounds(reader, document, text=f"It was {hostile} [1].", reasoning=hostile)
        answer.steps = [{"ordinal": n, "question": hostile, "why": hostile, "found": 1, "passages": [1], "seconds": None} for n in (1, 2)]  # fmt: skip
        answer.trace = [{"text": hostile, "start": 0, "end": 1, "kind": "memory", "marker": None}]
        answer.trace_notes = [{"code": "only_in_trace", "text": hostile}]
        answer.suspicious = [{"rank": 1, "document": {"id": str(document.pk), "title": hostile}, "page": 1, "quote": hostile, "kind": "role"}]  # fmt: skip
        sides = [{"marker": 1, "value": hostile, "quote": hostile, "date": hostile, "version": 1, "used": True}]
        answer.conflicts = [
            {"entity": hostile, "attribute": hostile, "period": hostile, "sides": sides, "why": hostile}
        ]
        answer.save()
        Claim.objects.filter(answer=answer).update(text=f"It was {hostile}", verdict="contradicted", why=hostile)
        with_figure(answer, text=hostile, corrected=hostile, expression=f"{hostile} = {hostile}", verdict="wrong")
        html = visitor.get(f"/answers/{answer.pk}/").content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert html.count("&lt;script&gt;alert(1)") > 10


def with_figure(answer: Answer, **fields: Any) -> None:
    """Add a figure that comes from the cell in row 2 and column 1 of the table in block 7."""
    place = {"marker": 1, "table": "7", "row": 2, "column": 1, "row_path": ["Net debt"], "column_path": ["2024"]}
    text = fields.get("text", "4,120 million")
    start = answer.text.index(text)
    lineage = {
        "text": text,
        "span": [start, start + len(text)],
        "value": "4120000000",
        "unit": "",
        "source": "cell",
        "verdict": "traced",
        "flaws": [],
        "corrected": None,
        "expression": None,
        "exact": None,
        "by": None,
        "inputs": [
            {"text": "4,120", "value": "4120", "unit": "", "at": [0, 0], "constant": False, "place": place},
        ],
        "years": [],
        "scale_said": True,
    } | fields
    assert Candidate.objects.filter(answer=answer, marker=1).exists()
    Figure.objects.create(answer=answer, ordinal=1, start=start, end=start + len(text), lineage=lineage)
