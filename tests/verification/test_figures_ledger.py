"""Each figure of an answer is traced, recomputed, set right or marked."""

from decimal import Decimal

import pytest

from apps.verification.figures.grounds import Ground
from apps.verification.figures.ledger import ledger_of
from apps.verification.figures.lineage import Author, Figure, Source, Verdict
from apps.verification.figures.objects import figure_objects
from apps.verification.figures.proposals import without_calculations
from apps.verification.figures.quantities import Flaw
from tests.verification.tables import NET_DEBT, ground

GROUNDS = {
    1: ground(NET_DEBT),
    2: Ground(
        "The Group issued £150 million of 5.25 % sterling bonds. Leverage shall not exceed 3.75:1.", document="d2"
    ),
}


def ledger(answer: str, grounds: dict[int, Ground] | None = None, question: str = "") -> list[Figure]:
    lines, at = [], 0
    for line in answer.split("\n"):
        lines.append((at, at + len(line), (1, 2)))
        at += len(line) + 1
    claims = [claim for claim in lines if not answer[claim[0] :].startswith("calc:")]
    return ledger_of(answer, claims, grounds or GROUNDS, question=question)


def only(answer: str, grounds: dict[int, Ground] | None = None, question: str = "") -> Figure:
    (figure,) = ledger(answer, grounds, question)
    return figure


@pytest.mark.parametrize(
    ("answer", "row", "column"),
    [
        ("Net debt was £1,204 million in 2025 [1].", "Net debt", "2025"),
        ("Net debt was £1.2 bn in 2025.", "Net debt", "2025"),
        ("Net debt was nearly £1,100 million in 2024.", "Net debt", "2024"),
        ("Die Nettoverschuldung betrug 2025 rund 1.204,0 Mio. £.", "Net debt", "2025"),
        ("£286 million was used in investing in 2025.", "Net cash used in investing", "2025"),
        ("The gross margin was 45.2 % in 2025.", "Gross margin (%)", "2025"),
        ("Net debt was 1,087 in 2024.", "Net debt", "2024"),
    ],
)
def test_a_figure_is_traced_to_its_cell(answer: str, row: str, column: str) -> None:
    figure = only(answer)
    assert (figure.verdict, figure.source) == (Verdict.TRACED, Source.CELL)
    place = figure.inputs[0].place
    assert place is not None
    assert (place.row_path, place.column_path) == ((row,), (column,))


def test_a_figure_is_traced_to_its_span() -> None:
    figure = only("Bonds of £150 million were issued [2].")
    assert (figure.verdict, figure.source) == (Verdict.TRACED, Source.SPAN)
    place = figure.inputs[0].place
    assert place is not None
    assert GROUNDS[2].text[place.start : place.end] == "£150 million"


@pytest.mark.parametrize(
    ("answer", "flaw", "corrected"),
    [
        ("Net debt was £1,204 in 2025.", Flaw.SCALE, "£1,204,000,000"),
        ("Net debt was £1,204 billion in 2025.", Flaw.SCALE, "£1.204 billion"),
        ("EBITDA was -£348.6 million in 2025.", Flaw.SIGN, "£348.6 million"),
        ("Net debt was €1,204 million in 2025.", Flaw.CURRENCY, ""),
        ("Net debt was £1,087 million in 2025.", Flaw.PERIOD, ""),
    ],
)
def test_a_slip_is_named_and_set_right_where_the_passage_says_how(answer: str, flaw: Flaw, corrected: str) -> None:
    figure = only(answer)
    assert (figure.verdict, figure.flaws, figure.corrected) == (Verdict.WRONG, (flaw,), corrected)


def test_a_figure_that_stands_nowhere_is_marked() -> None:
    figure = only("Net debt was £1,304 million in 2025.")
    assert (figure.verdict, figure.source, figure.is_marked) == (Verdict.UNFOUND, Source.NONE, True)


def test_a_proposed_calculation_is_carried_out() -> None:
    figure = only("Net debt rose by 10.76 % [1].\ncalc: (1,204 − 1,087) ÷ 1,087 = 10.76 %")
    assert (figure.verdict, figure.source, figure.by) == (Verdict.COMPUTED, Source.COMPUTED, Author.MODEL)
    assert figure.expression == "(1,204 − 1,087) ÷ 1,087 = 10.76 %"
    assert [figure.expression[slice(*source.at)] for source in figure.inputs] == ["1,204", "1,087", "1,087"]
    assert [source.place.column_path for source in figure.inputs if source.place] == [("2025",), ("2024",), ("2024",)]


def test_a_wrong_result_is_set_right_beside_what_was_written() -> None:
    figure = only("Net debt rose by 12.76 % [1].\ncalc: (1,204 − 1,087) ÷ 1,087 = 12.76 %")
    assert (figure.verdict, figure.text, figure.corrected) == (Verdict.WRONG, "12.76 %", "10.76 %")


def test_a_calculation_over_figures_that_stand_nowhere_founds_nothing() -> None:
    figure = only("Net debt rose by 20.00 %.\ncalc: (1,260 − 1,050) ÷ 1,050 = 20.00 %")
    assert (figure.verdict, figure.source) == (Verdict.UNFOUND, Source.NONE)


def test_a_rise_is_not_called_a_fall() -> None:
    figure = only("Net debt fell by 10.76 %.\ncalc: (1,204 − 1,087) ÷ 1,087")
    assert (figure.verdict, figure.flaws) == (Verdict.WRONG, (Flaw.SIGN,))


def test_a_fall_may_be_told_without_a_minus() -> None:
    grounds = {1: ground([["", "2025", "2024"], ["Revenue", "4,120", "4,360"], ["Costs", "3,000", "3,100"]])}
    assert only("Revenue fell by 5.5 %.\ncalc: (4,120 − 4,360) ÷ 4,360", grounds).verdict is Verdict.COMPUTED
    assert only("Revenue rose by 5.5 %.\ncalc: (4,120 − 4,360) ÷ 4,360", grounds).verdict is Verdict.WRONG


def test_a_change_from_one_figure_to_another_is_its_own_calculation() -> None:
    right = ledger("Net debt rose from £1,087 million to £1,204 million, or 10.8 %.")
    assert [figure.verdict for figure in right] == [Verdict.TRACED, Verdict.TRACED, Verdict.COMPUTED]
    wrong = ledger("Net debt rose from £1,087 million to £1,204 million, or 12.8 %.")[-1]
    assert (wrong.verdict, wrong.corrected, wrong.by) == (Verdict.WRONG, "10.8 %", Author.SENTENCE)


def test_an_equation_in_a_sentence_is_carried_out() -> None:
    figures = ledger("That is (1,204 − 1,087) ÷ 1,087 = 11.76 % more.")
    assert [figure.verdict for figure in figures] == [Verdict.TRACED, Verdict.TRACED, Verdict.TRACED, Verdict.WRONG]


def test_a_common_calculation_is_found_without_a_proposal() -> None:
    figure = ledger("Leverage, the ratio of net debt to EBITDA, was 3.454 times in 2025.")[0]
    assert (figure.verdict, figure.by) == (Verdict.COMPUTED, Author.SEARCH)
    assert figure.expression == "1,204 ÷ 348.6 = 3.454"


def test_no_calculation_is_found_for_a_figure_that_many_would_give() -> None:
    assert only("The ratio of net debt to EBITDA was 3.6 in 2025.").verdict is Verdict.UNFOUND


def test_what_the_question_says_is_no_invention() -> None:
    figure = only("No, it never exceeded $50,000 thousand.", question="Did it exceed $50,000 thousand?")
    assert figure.verdict is Verdict.GIVEN


def test_counts_and_numbers_in_words_are_not_marked() -> None:
    assert [figure.verdict for figure in ledger("There are three lenders in 7 places.")] == [Verdict.UNCHECKED] * 2


def test_years_sections_and_markers_are_no_figures() -> None:
    assert ledger("Under clause 22.2 the test date is 31 March 2025 [2].") == []


def test_a_scale_that_no_passage_says_is_neither_right_nor_wrong() -> None:
    figure = only(
        "売上高は5,174,632百万円。",
        {
            1: ground(
                [
                    ["", "2024年3月期", "2023年3月期"],
                    ["売上高", "5,174,632", "5,268,794"],
                    ["売上原価", "4,518,447", "4,638,727"],
                ]
            )
        },
    )
    assert (figure.verdict, figure.scale_said) == (Verdict.TRACED, False)


def test_a_figure_of_few_digits_is_not_traced_to_a_row_that_is_not_meant() -> None:
    grounds = {1: ground([["(in thousands)", "2025"], ["Depreciation", "173"], ["Goodwill", "272"]])}
    assert only("Depreciation was 173 thousand in 2025.", grounds).verdict is Verdict.TRACED
    assert only("Depreciation was 272 thousand in 2025.", grounds).verdict is Verdict.UNFOUND


@pytest.mark.parametrize("answer", ["Der Absatz stieg auf 1.234 Tonnen.", "Sales rose to 1,234 tonnes in 12 plants."])
def test_where_a_figure_may_be_read_in_two_ways_the_passages_decide(answer: str) -> None:
    grounds = {1: ground([["", "2025", "2024"], ["Absatz (Tonnen)", "1 234", "1 100"], ["Umsatz", "87 654", "80 321"]])}
    assert ledger(answer, grounds)[0].verdict is Verdict.TRACED


def test_the_lines_that_propose_calculations_are_not_shown() -> None:
    assert without_calculations("Net debt rose.\ncalc: 1,204 − 1,087 = 117\nIt fell.") == "Net debt rose.\nIt fell."


def test_an_empty_answer_and_no_passages_have_an_empty_ledger() -> None:
    assert ledger_of("", [], {}) == []
    assert ledger_of("It was 5 %.", [(0, 11, ())], {})[0].verdict is Verdict.UNFOUND


def test_a_ledger_is_json_with_decimal_strings() -> None:
    (found,) = figure_objects(ledger("Net debt rose by 10.76 %.\ncalc: (1,204 − 1,087) ÷ 1,087"))
    assert (found["value"], found["unit"], found["source"], found["verdict"]) == ("10.76", "%", "computed", "computed")
    assert Decimal(found["exact"]).quantize(Decimal("0.000001")) == Decimal("0.107636")
    assert found["inputs"][0]["place"] == {
        "marker": 1, "table": "t1", "row": 1, "column": 1, "row_path": ["Net debt"], "column_path": ["2025"],
    }  # fmt: skip
