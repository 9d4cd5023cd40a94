"""Measures agree with their definitions, and intervals say what is certain."""

import math

import pytest

from apps.evaluation.comparing import compare
from apps.evaluation.grounds import Found, Ground, places, says
from apps.evaluation.measures import MEASURES, difference, mean_of, measure, summary


def test_what_comes_first_scores_one_everywhere() -> None:
    assert measure([1], [1.0]) == dict.fromkeys(MEASURES, 1.0)


def test_what_is_not_found_scores_nothing() -> None:
    assert measure([None], [1.0]) == dict.fromkeys(MEASURES, 0.0)


def test_each_measure_is_what_its_name_says() -> None:
    found = measure([3, None, 12], [1.0, 1.0, 1.0])
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert found["ndcg@10"] == pytest.approx(0.5 / ideal)
    assert found["mrr"] == pytest.approx(1 / 3)
    assert (found["hit@1"], found["hit@5"], found["hit@10"]) == (0, 1, 1)
    assert (found["recall@5"], found["recall@20"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))


def test_what_is_worth_more_counts_more() -> None:
    assert measure([1, 2], [2.0, 1.0])["ndcg@10"] == pytest.approx(1)
    assert measure([2, 1], [2.0, 1.0])["ndcg@10"] < 1


def test_an_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few, many = mean_of([0, 1] * 10), mean_of([0, 1] * 500)
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_a_small_steady_gain_is_certain_and_a_large_erratic_one_is_not() -> None:
    steady = difference([0.1 * (n % 9) for n in range(90)], [0.1 * (n % 9) + 0.05 for n in range(90)])
    erratic = difference([0, 1, 0, 1, 0], [1, 0, 1, 0, 1])
    assert steady.is_certain
    assert (steady.wins, steady.losses) == (90, 0)
    assert not erratic.is_certain
    assert (erratic.wins, erratic.losses) == (3, 2)


def test_a_summary_has_every_leg_and_measure() -> None:
    rows = [{"dense": measure([1], [1.0])}, {"dense": measure([None], [1.0])}]
    assert summary(rows)["dense"]["mrr"]["value"] == 0.5
    assert set(summary(rows)["dense"]) == set(MEASURES)


def test_a_comparison_has_the_questions_that_got_worse_first_and_only_those_that_both_were_asked() -> None:
    good, bad = measure([1], [1.0]), measure([4], [1.0])
    legs = ("dense", "keyword", "fused", "reranked")
    before = {key: dict.fromkeys(legs, value) for key, value in {"a": good, "b": bad, "c": good, "d": good}.items()}
    after = {key: dict.fromkeys(legs, value) for key, value in {"a": bad, "b": good, "c": good}.items()}
    found = compare(before, after, leg="fused")
    assert found.questions == 3
    assert [change.question for change in found.changes] == ["a", "b"]
    assert found.differences["dense"]["ndcg@10"].mean.value == pytest.approx(0)


def _found(*rows: tuple[str, int, str]) -> list[Found]:
    return [Found(document, page, text, str(number)) for number, (document, page, text) in enumerate(rows)]


def test_pages_count_once_where_a_page_is_named() -> None:
    ranked = _found(("a", 1, "x"), ("a", 1, "y"), ("a", 2, "z"))
    assert places(ranked, [Ground("a", 2)]) == [2]


def test_documents_count_once_where_only_a_document_is_named() -> None:
    ranked = _found(("a", 1, "x"), ("a", 2, "y"), ("b", 1, "z"))
    assert places(ranked, [Ground("b"), Ground("c")]) == [2, None]


def test_a_quote_is_looked_for_in_the_passages_of_its_page() -> None:
    ranked = _found(("a", 1, "Staff costs rose by 3 per cent."), ("a", 1, "Net debt fell to 4,120 million in March."))
    assert places(ranked, [Ground("a", 1, "net debt fell to 4,120 million")]) == [2]


def test_a_quote_is_found_across_other_blanks_and_letters_but_not_with_other_figures() -> None:
    assert says("Net  Debt fell\nto 4,120 million.", "net debt fell to 4,120 million")
    assert not says("Gross margin rose to 41 per cent.", "net debt fell to 4,120 million")


def test_a_passage_that_is_part_of_a_longer_quote_has_it() -> None:
    quote = (
        "The notes fall due in 2027. The bonds fall due in 2031, unless they are called before that day by the issuer."
    )
    assert says("The bonds fall due in 2031, unless they are called before that day", quote)
    assert not says("The notes", quote)
