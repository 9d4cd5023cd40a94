"""What is found of an answer: verdicts with their reasons, figures with their lineage, and what is shown of claims that fall short."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import Unavailable
from apps.documents.models import Document, Grant, Role
from apps.documents.parsing import BlockKind
from apps.reasoning.calculations import Calculation
from apps.reasoning.citations import MarkerReader, markers_in
from apps.reasoning.claims import split_claims
from apps.reasoning.grounds import ground
from apps.reasoning.missing import says_what_is_missing
from apps.reasoning.models import CandidateReason, Verdict
from apps.reasoning.opening import Opening
from apps.reasoning.reason import Draft, End
from apps.reasoning.selection import Considered
from apps.reasoning.unsupported import withheld_claim, without_unsupported
from apps.reasoning.verifying import Checked, Checks, verify
from apps.reasoning.written import Judged, Question, ledger_objects
from apps.retrieval.passages import Passage
from tests.factories import BlockFactory, DocumentFactory, PageFactory, UserFactory, owned_by, scope_of
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, make_passage
from tests.verification.tables import NET_DEBT as TABLE
from tests.verification.tables import ground as as_read

DIVIDEND = "The Board proposes a final dividend of 12.5 pence per ordinary share."


def read(*passages: Passage, unread: Sequence[tuple[Passage, CandidateReason]] = ()) -> list[Considered]:
    """Return passages as considered: numbered from 1, then those that were not read."""
    shown = [
        Considered(passage, n, CandidateReason.USED_NOT_CITED, marker=n) for n, passage in enumerate(passages, start=1)
    ]
    others = [Considered(passage, n, reason) for n, (passage, reason) in enumerate(unread, start=len(shown) + 1)]
    return [*shown, *others]


PASSAGES = read(
    make_passage(NET_DEBT),
    make_passage(COVENANT),
    unread=[
        (make_passage(DIVIDEND), CandidateReason.BELOW_K),
        (make_passage("Auditor fees were £3 million in 2025."), CandidateReason.OLD_VERSION),
        (make_passage(PENSION), CandidateReason.RERANK_CUT),
    ],
)


def drafted(text: str, **fields: Any) -> Draft:
    """Return a draft as a model ended it by itself."""
    whole: dict[str, Any] = {
        "text": text, "opening": Opening.ANSWERED, "reasoning": "", "reasoning_source": "field", "reasoning_cut": False,
        "end": End.WHOLE, "error": None, "prompts": (), "request": {}, "dropped_markers": 0, "usage": {},
        "first_token_seconds": None,
    }  # fmt: skip
    return Draft(**whole | fields)


@pytest.fixture
def check(db: None) -> Any:
    def checked(
        text: str, considered: Sequence[Considered] = PASSAGES, policy: str = "mark", **options: Any
    ) -> Checked:
        question = Question(uuid.uuid4(), options.pop("question", "What is said?"), scope_of(UserFactory()))
        return verify(question, text, considered, Checks(options.pop("embed", None), policy), **options)

    return checked


def verdicts(checked: Checked) -> list[str]:
    return [judged.verdict.value for judged in checked.grounds.claims]


def test_each_claim_is_judged_by_the_passages_that_it_cites(check: Any) -> None:
    text = "Net debt stood at £1,204 million [1]. Net debt stood at £1,240 million [1]. Lenders usually waive this."
    checked = check(text)
    assert verdicts(checked) == ["supported", "contradicted", "unsupported"]
    right, wrong, idle = checked.grounds.claims
    assert right.why == "The cited passage bears this out."
    assert "£1,204 million" in wrong.why
    assert [text[a:b] for a, b in wrong.unsupported] == ["£1,240 million"]
    assert (idle.score, [text[a:b] for a, b in idle.unsupported]) == (0.0, ["Lenders usually waive this."])
    assert checked.notice.code == "mostly_short"


def test_an_answer_that_is_borne_out_carries_no_notice(check: Any) -> None:
    assert check("Net debt stood at £1,204 million [1]. Leverage must not exceed 3.75:1 [2].").notice.code == ""


def test_a_citation_that_is_missing_is_found_among_the_candidates_and_quoted(check: Any) -> None:
    checked = check(
        "A final dividend of 12.5 pence per ordinary share is proposed. Leverage must not exceed 3.75:1 [2]."
    )
    claim = checked.grounds.claims[0]
    assert (claim.verdict, claim.claim.markers, claim.found_afterwards) == (Verdict.SUPPORTED, (), (3,))
    assert "[3]" in claim.why
    assert [(one.marker, one.quote, one.found) for one in checked.grounds.citations] == [
        (2, COVENANT, True), (3, DIVIDEND, True),
    ]  # fmt: skip
    fates = {one.passage.text: (one.marker, one.reason) for one in checked.grounds.considered}
    assert fates[DIVIDEND] == (None, CandidateReason.BELOW_K)


def test_passages_found_afterwards_are_numbered_on_without_a_gap(check: Any) -> None:
    checked = check("The pension scheme closed to new members in 2011. Leverage must not exceed 3.75:1 [2].")
    assert checked.grounds.claims[0].found_afterwards == (3,)
    assert "[3]" in checked.grounds.claims[0].why
    assert checked.grounds.citations[-1].passage.text == PENSION


def test_a_superseded_passage_bears_nothing_out(check: Any) -> None:
    checked = check("Auditor fees were £3 million in 2025. Leverage must not exceed 3.75:1 [2].")
    assert verdicts(checked) == ["unsupported", "supported"]
    assert checked.grounds.claims[0].found_afterwards == ()


def test_a_sentence_that_says_what_is_missing_is_not_called_unsupported(check: Any) -> None:
    checked = check(
        "The passages do not state an interest rate. Leverage must not exceed 3.75:1 [2].", policy="withhold"
    )
    assert verdicts(checked) == ["unchecked", "supported"]
    assert checked.text.startswith("The passages do not state an interest rate.")


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("No rate is given.", True),
        ("The interest rate is not stated.", True),
        ("Der Zinssatz wird in den Unterlagen nicht genannt.", True),
        ("Les documents ne mentionnent pas le taux.", True),
        ("文書には金利が記載されていない。", True),
        ("The company did not pay a dividend.", False),
        ("Net debt is given as £1,204 million.", False),
        ("Directors may not hold shares.", False),
    ],
)
def test_what_is_missing_is_told_by_its_words(sentence: str, missing: bool) -> None:
    assert says_what_is_missing(sentence) is missing


def test_quotations_are_borne_out_as_they_are(check: Any) -> None:
    text = f"- “{NET_DEBT}” [1]"
    quoted = ground(text, PASSAGES).citations
    checked = check(text, quoted=quoted)
    [claim] = checked.grounds.claims
    assert (claim.verdict, claim.score, claim.why) == (
        Verdict.SUPPORTED, 1.0, "Quoted word for word from the passage.",
    )  # fmt: skip
    assert {figure.verdict.value for figure in checked.figures} == {"traced"}


def test_a_calculation_that_gives_something_else_contradicts_its_claim(check: Any) -> None:
    text = "Net debt rose by 12.3 % [1]."
    line = Calculation("calc: (1,204 − 1,087) ÷ 1,087 = 12.3 %", len(text))
    [claim] = check(text, draft=drafted(text, calculations=(line,))).grounds.claims
    assert claim.verdict is Verdict.CONTRADICTED
    assert claim.why == "“12.3 %” should read “10.8 %”: (1,204 − 1,087) ÷ 1,087 = 10.8 %."
    assert [text[a:b] for a, b in claim.unsupported] == ["12.3 %"]


def test_a_figure_that_was_computed_need_not_stand_in_the_passage(check: Any) -> None:
    text = "Net debt rose by 10.8 % from £1,087 million to £1,204 million [1]."
    checked = check(text)
    assert verdicts(checked) == ["supported"]
    computed = next(figure for figure in checked.figures if figure.text == "10.8 %")
    assert computed.expression == "(£1,204 million − £1,087 million) ÷ £1,087 million = 10.8 %"
    written = ledger_objects(checked.figures, checked.grounds.claims)
    assert [(one["ordinal"], one["claim"], one["text"]) for one in written] == [
        (1, 1, "10.8 %"), (2, 1, "£1,087 million"), (3, 1, "£1,204 million"),
    ]  # fmt: skip


def test_figures_are_traced_to_the_cells_of_the_table_behind_a_passage(check: Any) -> None:
    user = UserFactory()
    document: Document = DocumentFactory(collection=owned_by(user))
    version = document.latest
    [table] = as_read(TABLE).tables
    page = PageFactory(version=version, number=84)
    BlockFactory(
        page=page,
        ordinal=7,
        kind=BlockKind.TABLE.value,
        text="EBITDA | 348.6 | 331.2",
        boxes=[[0.1, 0.0, 0.9, 0.3]],
        cells=[asdict(cell) for cell in table.cells],
        table=asdict(table.table),
    )
    passage = make_passage("EBITDA | 348.6 | 331.2", version_id=version.pk, document_id=document.pk)  # type: ignore[union-attr]
    question = Question(uuid.uuid4(), "What was EBITDA?", scope_of(user))
    text = "EBITDA was £348.6 million in 2025 [1]."
    [figure] = verify(question, text, read(passage), Checks()).figures
    [source] = figure.inputs
    assert source.place is not None
    assert (source.place.marker, source.place.table, source.place.row, source.place.column) == (1, "7", 2, 1)
    assert source.place.row_path == ("EBITDA",)
    Grant.objects.filter(
        collection=document.collection, role__in=[Role.MANAGER, Role.CONTRIBUTOR, Role.READER]
    ).delete()
    question = Question(uuid.uuid4(), "What was EBITDA?", scope_of(user))
    [figure] = verify(question, text, read(passage), Checks()).figures
    assert figure.inputs[0].place is not None
    assert not figure.inputs[0].place.is_cell


def test_the_reasoning_is_read_by_sentence_and_what_only_one_of_the_two_says_is_noted(check: Any) -> None:
    reasoning = "Net debt stood at £1,204 million at 31 March 2025. I recall that EBITDA was £999 million."
    text = "Net debt stood at £1,204 million [1]."
    checked = check(text, draft=drafted(text, reasoning=reasoning))
    assert [(one["kind"], one["marker"]) for one in checked.trace] == [("restates", 1), ("memory", None)]
    assert [reasoning[one["start"] : one["end"]] for one in checked.trace] == [one["text"] for one in checked.trace]
    assert {note["code"] for note in checked.trace_notes} == {"from_memory", "not_proof"}
    assert check(text, draft=drafted(text)).trace_notes == ()


def test_where_no_vectors_can_be_had_words_decide(check: Any) -> None:
    def gone(texts: Sequence[str]) -> Any:
        raise Unavailable("The embedding model cannot be loaded.")

    assert verdicts(check("Net debt stood at £1,204 million [1].", embed=gone)) == ["supported"]


def test_what_nothing_bears_out_is_withheld_where_that_is_the_policy(check: Any) -> None:
    text = (
        "Lenders usually waive breaches at 99 % [2]. Net debt was £1,204 million [1]. Net debt was £1,240 million [1]."
    )
    checked = check(text, policy="withhold")
    withheld = withheld_claim([2])
    assert withheld.endswith("[2]")
    assert checked.text == f"{withheld} Net debt was £1,204 million [1]. Net debt was £1,240 million [1]."
    assert checked.original == text
    assert verdicts(checked) == ["unsupported", "supported", "contradicted"]
    assert [judged.original for judged in checked.grounds.claims] == [
        "Lenders usually waive breaches at 99 % [2].", "", "",
    ]  # fmt: skip
    assert [checked.text[judged.claim.start : judged.claim.end] for judged in checked.grounds.claims] == [
        judged.claim.text for judged in checked.grounds.claims
    ]
    assert [checked.text[figure.start : figure.end] for figure in checked.figures] == [
        "£1,204 million",
        "£1,240 million",
    ]
    assert {one.marker for one in checked.grounds.citations} == {1, 2}


def test_a_text_of_which_nothing_is_withheld_has_no_original(check: Any) -> None:
    assert check("Net debt was £1,204 million [1].", policy="withhold").original == ""


@given(st.lists(st.sampled_from([*Verdict]), max_size=8), st.data())
def test_ranges_hold_whatever_is_withheld(given_verdicts: list[Verdict], data: st.DataObject) -> None:
    sentences = [
        f"Claim {n} says {data.draw(st.sampled_from(['so', 'much more than that', '7']))} [{n + 1}]." for n in range(8)
    ]
    text = "## Head\n\n" + " ".join(sentences[: len(given_verdicts)]) + "\n\nEnd"
    claims = [
        Judged(claim, "", verdict, unsupported=((claim.start, claim.start + 5),))
        for claim, verdict in zip(split_claims(text), given_verdicts, strict=False)
    ]
    shown = without_unsupported(text, claims, ())
    assert shown.withheld == sum(one.verdict is Verdict.UNSUPPORTED for one in claims)
    assert [shown.text[one.claim.start : one.claim.end] for one in shown.claims] == [
        one.claim.text for one in shown.claims
    ]
    assert markers_in(shown.text) == markers_in(text)
    for before, after in zip(claims, shown.claims, strict=True):
        if before.verdict is not Verdict.UNSUPPORTED:
            assert [shown.text[a:b] for a, b in after.unsupported] == ["Claim"]
            assert after.claim.text == before.claim.text


PIECES = st.sampled_from(
    [
        "Net debt was £1,204 million", " [1]", "[2]", "[3]", "[17]", "[1, 9]", "[1-4]", "[citation:2]", "[0]", ". ", "\n", "| a | b |\n|---|---|\n",
        "| cash | 12 [2] |\n", "- ", "“Leverage does not exceed 3.75:1”", "[", "]", "[x]", "calc: 1 + 1 = 2\n", "Nothing of this. ", "[passage 1]",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14), st.integers(0, 3))
def test_no_marker_without_a_passage_and_no_quote_that_is_not_there_leaves(pieces: list[str], passages: int) -> None:
    """Whatever a model writes, each citation is of a passage that was read for this asker, with words that stand in it."""
    considered = (
        PASSAGES[:passages]
        if passages < 3
        else [*PASSAGES[:2], Considered(make_passage(PENSION), 9, CandidateReason.USED_NOT_CITED, 3)]
    )
    reader = MarkerReader(len(considered))
    streamed = [reader.feed(piece) for piece in pieces] + [reader.close()]
    text = "".join(streamed).strip()
    known = {one.marker: one.passage for one in considered}
    assert set(markers_in(text)) <= set(known)
    found = ground(text, considered)
    assert {citation.marker for citation in found.citations} == set(markers_in(text))
    for citation in found.citations:
        assert citation.passage is known[citation.marker]
        assert citation.quote in citation.passage.text
        assert bool(citation.quote) is citation.found
        assert set(citation.boxes) <= set(citation.passage.boxes)
    for judged in found.claims:
        assert set(judged.claim.markers) <= set(known)
        assert text[judged.claim.start : judged.claim.end] == judged.claim.text
