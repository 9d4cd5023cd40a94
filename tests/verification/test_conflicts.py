"""Where passages give different values for the same thing."""

from datetime import date

from apps.verification.conflicts import Conflict, Witness, conflict_objects, conflicts_among
from apps.verification.figures.grounds import Ground
from tests.verification.tables import ground


def passage(
    text: str, *, document: str = "a", title: str = "Acme annual report", version: int = 1, on: date | None = None
) -> Witness:
    return Witness(Ground(text, (), document), document, title, version=version, dated=on)


def found(*passages: Witness, answer: str = "") -> list[Conflict]:
    return conflicts_among(dict(enumerate(passages, 1)), answer)


def test_two_versions_with_different_notice_periods_conflict_and_the_newer_stands_first() -> None:
    (conflict,) = found(
        passage("The notice period for termination is 30 days.", version=1),
        passage("The notice period for termination is 60 days.", version=2),
        answer="The notice period is 30 days [1].",
    )
    assert [(side.marker, side.value, side.used) for side in conflict.sides] == [
        (2, "60 days", False),
        (1, "30 days", True),
    ]
    assert "60 days" in conflict.why


def test_two_documents_of_one_firm_conflict_over_a_figure_of_one_year() -> None:
    (conflict,) = found(
        passage("Revenue of the group was $1,204 million in 2023."),
        passage("Revenue of the group was $1,304 million in 2023.", document="b", title="Acme press release"),
    )
    assert (conflict.period, {side.value for side in conflict.sides}) == ("2023", {"$1,204 million", "$1,304 million"})


def test_dates_conflict_too() -> None:
    assert found(
        passage("The lease of the office ends on 31 December 2026.", version=1),
        passage("The lease of the office ends on 31.12.2027.", version=2),
    )


def test_the_same_date_or_figure_in_another_notation_is_no_conflict() -> None:
    assert not found(
        passage("The lease of the office ends on 31 December 2027. The rent is EUR 1,204.00 a month.", version=1),
        passage("The lease of the office ends on 31.12.2027. The rent is EUR 1,204 a month.", version=2),
    )


def test_rounding_is_no_conflict() -> None:
    assert not found(
        passage("Revenue of the group was $1,204 million in 2023."),
        passage("Revenue of the group was $1.2 billion in 2023.", document="b", title="Acme press release"),
    )


def test_other_years_other_firms_and_other_people_are_no_conflict() -> None:
    one = "Revenue of the group was $1,204 million in 2023."
    assert not found(passage(one), passage(one.replace("1,204", "1,304").replace("2023", "2022"), version=2))
    assert not found(passage(one), passage(one.replace("1,204", "1,304"), document="b", title="Borealis annual report"))
    assert not found(
        passage("The bonus paid to Miller was $10,000.", version=1),
        passage("The bonus paid to Smith was $12,000.", version=2),
    )


def test_one_version_of_one_document_does_not_conflict_with_itself() -> None:
    assert not found(passage("The fee payable is 30 dollars."), passage("The fee payable is 40 dollars."))


def test_cells_with_the_same_labels_conflict() -> None:
    witnesses = [
        Witness(ground([["Item", "2023", "2022"], ["Net revenue", value, "1,087"]]), document, title)
        for value, document, title in (("1,204", "a", "Acme annual report"), ("1,240", "b", "Acme results"))
    ]
    (conflict,) = found(*witnesses)
    assert ({side.value for side in conflict.sides}, conflict.period) == ({"1,204", "1,240"}, "2023")


def test_a_conflict_reads_as_the_contract_says() -> None:
    (shown,) = conflict_objects(
        found(
            passage("The notice period for termination is 30 days.", version=1, on=date(2023, 1, 1)),
            passage("The notice period for termination is 60 days.", version=2, on=date(2024, 1, 1)),
        )
    )
    assert set(shown) == {"entity", "attribute", "period", "sides", "why"}
    assert shown["sides"][0] == {
        "marker": 2,
        "value": "60 days",
        "quote": "The notice period for termination is 60 days.",
        "date": "2024-01-01",
        "version": 2,
        "used": False,
    }
