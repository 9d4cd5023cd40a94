"""What is said of claims, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.verification.verdicts import Finding, Verdict, judge_claims


@dataclass(frozen=True)
class Read:
    text: str
    heading: str = ""
    document_title: str = "Annual report"


@dataclass(frozen=True)
class Said:
    text: str
    start: int
    end: int
    markers: tuple[int, ...]


PASSAGES = {
    1: Read(
        "Acme Corp reported revenue of $1,204 million in 2023, an increase of 10.8% over 2022. John Smith was appointed chief "
        "financial officer on 5 March 2023.\nThe company did not pay a dividend."
    ),
    2: Read("The lease ends on 31.12.2027. Either party may terminate it with at least 90 days notice."),
    3: Read("The plant in Hamburg employs 450 people."),
}


def said(text: str, *markers: int, start: int = 0) -> Said:
    return Said(text, start, start + len(text), markers)


def judged(*claims: Said, read: Sequence[int] = (1, 2, 3), candidates: Sequence[int] = ()) -> list[Finding]:
    return judge_claims(
        claims, {marker: PASSAGES[marker] for marker in read}, {marker: PASSAGES[marker] for marker in candidates}
    )


def test_a_claim_that_its_passage_bears_out_is_supported() -> None:
    (finding,) = judged(said("Acme's revenue was $1,204 million in 2023 [1].", 1))
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.unsupported == ()


def test_a_figure_that_is_another_in_the_passage_contradicts_the_claim_and_is_marked_where_it_stands() -> None:
    answer = "In short: Acme's revenue was $1,304 million in 2023 [1]."
    claim = said(answer[10:], 1, start=10)
    (finding,) = judged(claim)
    assert finding.verdict is Verdict.CONTRADICTED
    assert [answer[start:end] for start, end in finding.unsupported] == ["$1,304 million"]
    assert "$1,204 million" in finding.why


def test_what_no_passage_speaks_of_is_not_supported() -> None:
    (finding,) = judged(said("Bananas are grown in plantations near the equator [1].", 1))
    assert finding.verdict is Verdict.UNSUPPORTED


def test_an_uncited_claim_gets_the_passage_that_bears_it_out() -> None:
    (finding,) = judged(said("The plant in Hamburg employs 450 people."))
    assert (finding.verdict, finding.found_afterwards) == (Verdict.SUPPORTED, (3,))


def test_a_passage_that_was_not_read_but_may_be_seen_is_found_afterwards() -> None:
    (finding,) = judged(said("The plant in Hamburg employs 450 people."), read=(1, 2), candidates=(3,))
    assert finding.found_afterwards == (3,)


def test_a_claim_with_the_wrong_citation_is_but_partly_supported() -> None:
    (finding,) = judged(said("The plant in Hamburg employs 450 people [2].", 2))
    assert (finding.verdict, finding.found_afterwards) == (Verdict.PARTLY, (3,))


def test_what_is_only_alike_is_never_found_afterwards() -> None:
    (finding,) = judged(said("The plant in Hamburg employs 470 people."))
    assert (finding.verdict, finding.found_afterwards) == (Verdict.UNSUPPORTED, ())


def test_openings_state_nothing_that_could_be_checked() -> None:
    findings = judged(said("Here is what the documents say:"), said("In summary:"))
    assert {finding.verdict for finding in findings} == {Verdict.UNCHECKED}


def test_a_figure_that_the_ledger_accounts_for_is_not_held_against_a_claim() -> None:
    claim = said("Revenue of $1,204 million in 2023 was $117 million more than in 2022 [1].", 1)
    at = claim.text.index("$117 million")
    without, accounted = (
        judge_claims([claim], PASSAGES, {}, accounted=ranges)[0] for ranges in ((), [(at, at + len("$117 million"))])
    )
    assert without.verdict is not Verdict.SUPPORTED
    assert accounted.verdict is Verdict.SUPPORTED


def test_findings_come_in_the_order_of_the_claims() -> None:
    findings = judged(said("Bananas are yellow [1].", 1), said("The lease ends on 31 December 2027 [2].", 2))
    assert [finding.verdict for finding in findings] == [Verdict.UNSUPPORTED, Verdict.SUPPORTED]


def test_no_claims_are_no_findings() -> None:
    assert judge_claims([], PASSAGES, {}) == []
