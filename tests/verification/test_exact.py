"""Figures, dates, names, identifiers and the sense of a claim, compared exactly."""

from dataclasses import dataclass

import pytest

from apps.verification.dates import dates_in, stands_among, years_named
from apps.verification.exact import Kind, Mismatch, mismatches_of
from apps.verification.names import known_in, knows, names_in
from apps.verification.reading import Sources
from apps.verification.support import WordJudge


@dataclass(frozen=True)
class Read:
    text: str
    heading: str = ""
    document_title: str = ""


def mismatches(claim: str, *texts: str, title: str = "") -> list[Mismatch]:
    sources = Sources({number: Read(text, document_title=title) for number, text in enumerate(texts, 1)})
    markers = list(sources.by_marker)
    (support,) = WordJudge().judge([(claim, markers)], sources)
    return mismatches_of(claim, sources, markers, support.places)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Revenue was $1.2 billion.", "Revenue was $1,204 million."),
        ("Revenue was 1,204.", "Der Umsatz betrug 1.204."),
        ("The contract was signed on March 5, 2024.", "Signed on 05.03.2024, the contract runs for years."),
        ("Der Vertrag endet am 31. Dezember 2027.", "The contract ends on 2027-12-31."),
        ("The plant opened in May 2019.", "The plant opened on 3 May 2019."),
        ("Dr. J. Smith chairs the board.", "The board is chaired by John Smith."),
        ("Premier Gorbachov met the delegation.", "The delegation was met by Premier Gorbatschow."),
        ("The World Health Organization issued guidance.", "The WHO issued guidance."),
        ("Müller runs the plant.", "The plant is run by Mueller."),
        ("American suppliers were chosen.", "Suppliers from America were chosen."),
        ("The part is XR-2000/B.", "Order part XR-2000/B here."),
        ("See clause 4.2(b) on fees.", "Fees are set out in clause 4.2(b)."),
        ("About 1,200 people work there.", "1,187 people work there."),
        ("Sales were not only higher but also steadier.", "Sales were higher and steadier."),
        ("売上高は1,204億円であった。", "当期の売上高は1,204億円でした。"),
    ],
)
def test_the_same_in_another_form_is_no_mismatch(claim: str, passage: str) -> None:
    assert mismatches(claim, passage) == []


@pytest.mark.parametrize(
    ("claim", "passage", "kind", "text", "instead"),
    [
        ("Revenue was $1,304 million in 2023.", "Revenue was $1,204 million in 2023.", Kind.NUMBER, "$1,304 million", "$1,204 million"),
        ("Revenue was $1,204 billion.", "Revenue was $1,204 million.", Kind.NUMBER, "$1,204 billion", "$1,204 million"),
        ("The margin rose to 12.5 %.", "The margin rose to 11.5 %.", Kind.NUMBER, "12.5 %", "11.5 %"),
        ("The lease ends on 31 December 2028.", "The lease ends on 31.12.2027.", Kind.DATE, "31 December 2028", "31.12.2027"),
        ("The plant opened in 2018.", "The plant opened in 2019.", Kind.DATE, "2018", "2019"),
        ("The board appointed Jane Miller as chair.", "The board appointed John Smith as chair.", Kind.NAME, "Jane Miller", "John Smith"),
        ("Fees follow IFRS 15 rules.", "Fees follow IFRS 16 rules.", Kind.IDENTIFIER, "IFRS 15", "IFRS 16"),
        ("Fees are set out in clause 4.3.", "Fees are set out in clause 4.2.", Kind.IDENTIFIER, "clause 4.3", "clause 4.2"),
        ("Prices increased in all regions.", "Prices decreased in all regions.", Kind.SENSE, "increased", "decreased"),
        ("Notice of at most 90 days is required.", "Notice of at least 90 days is required.", Kind.SENSE, "at most", "at least"),
        ("The bank may not assign the loan.", "The bank may assign the loan.", Kind.SENSE, "not", "The bank may assign the loan."),
    ],
)  # fmt: skip
def test_what_differs_is_told_with_what_stands_instead(
    claim: str, passage: str, kind: Kind, text: str, instead: str
) -> None:
    (found,) = mismatches(claim, passage)
    assert (found.kind, found.text, found.instead) == (kind, text, instead)
    assert claim[found.start : found.end] == text


def test_what_stands_nowhere_is_told_without_a_guess_at_what_was_meant() -> None:
    (found,) = mismatches("The company was founded by Miller [1].", "The weather was fine all week.")
    assert (found.text, found.instead, found.place) == ("Miller", "", None)


def test_a_figure_that_stands_beside_other_words_does_not_count() -> None:
    passage = "The plant in Hamburg employs 450 people. The plant in Bremen employs 620 people."
    (found,) = mismatches("The plant in Hamburg employs 620 people.", passage)
    assert found.instead == "450 people"


def test_the_title_of_a_document_names_what_its_passages_speak_of() -> None:
    assert mismatches("Acme earned 5.5 million in 2023.", "Earned were 5.5 million.", title="Acme report 2023") == []


def test_any_of_the_cited_passages_may_hold_what_is_said() -> None:
    assert mismatches("Revenue was 1,204 and costs were 1,001.", "Revenue was 1,204.", "Costs were 1,001.") == []


def test_a_word_that_only_opens_its_sentence_is_no_name() -> None:
    assert mismatches("Moreover, the roof was renewed.", "The roof was renewed.") == []


def test_german_nouns_are_no_names() -> None:
    assert (
        mismatches("Der Mieter trägt die Kosten für das Dach.", "Das Dach wird auf Kosten der Mieter gepflegt.") == []
    )


def test_dates_in_any_notation_are_one() -> None:
    texts = (
        "5 March 2024",
        "March 5, 2024",
        "5. März 2024",
        "2024-03-05",
        "5 mars 2024",
        "5 de marzo de 2024",
        "2024年3月5日",
    )
    assert {(date.year, date.month, date.day) for text in texts for date in dates_in(text)} == {(2024, 3, 5)}
    assert all(len(dates_in(text)) == 1 for text in texts)


def test_a_day_that_only_its_month_is_named_for_is_not_borne_out() -> None:
    (day,) = dates_in("5 March 2024")
    assert not stands_among(day, dates_in("in March 2024"), years_named("in March 2024"))


def test_names_are_known_by_initials_and_not_by_their_beginning_alone() -> None:
    known = known_in("John Johnston of the World Trade Organization")
    assert knows(known, "J.")
    assert knows(known, "WTO")
    assert not knows(known, "Johnson")


def test_names_of_a_claim_come_without_titles() -> None:
    (name,) = names_in("It was signed by Dr. Jane Miller.")
    assert name.words == ("Jane", "Miller")
