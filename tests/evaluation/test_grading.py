"""The grader without a model: what it takes for right, wrong and refused, and how far it agrees with people."""

import json
import os
from pathlib import Path

import pytest

from apps.evaluation.grading.agreement import agreement_of
from apps.evaluation.grading.exact import grade
from apps.evaluation.grading.grades import By, Gold, Label

_SETS = Path(os.environ.get("TOULMIN_EVAL_DIR", "/nowhere"))


def _label(gold: str, answer: str, *, question: str = "How much was it?", scale: str = "") -> Label:
    return grade(Gold(question, (gold,), scale), answer).label


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("$1577.00", "Capital expenditure was $1,577 million in 2018."),
        ("101.5%", "Revenue grew by 101.5 per cent."),
        ("16.5%", "The margin is 14,332 / 86,392 ≈ 16.59 %."),
        ("36%", "It was 36.46 % of the total."),
        ("-755,298百万円", "△755,298百万円でした。"),
        ("4", "There were 4 of them."),
        ("1 January 2019", "The term ends on 2019-01-01."),
        ("6/1/99", "The agreement is dated June 1, 1999."),
        ("2019, 2018", "The table is about 2018 and 2019."),
        ("Battle of Hastings", "It began with the Battle of Hastings."),
        ("改善", "経常利益は改善した。"),
    ],
)
def test_what_says_the_same_in_another_form_is_right(gold: str, answer: str) -> None:
    assert _label(gold, answer) is Label.CORRECT


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("$1577.00", "Capital expenditure was $1,677 million in 2018."),
        ("101.5%", "Revenue grew by 10.15 %."),
        ("-12.4", "It rose by 12.4 in the year."),
        ("4", "There were 40 of them."),
        ("1", "It came to -433."),
        ("1 January 2019", "The term ends on 1 February 2019."),
        ("2019, 2018", "The table is about 2019."),
        ("Battle of Hastings", "It began with the Battle of Bouvines."),
        ("non-Catholics", "Protestants and Catholics were."),
    ],
)
def test_what_says_something_else_is_wrong(gold: str, answer: str) -> None:
    assert _label(gold, answer) is Label.INCORRECT


def test_a_figure_may_stand_in_the_scale_that_the_question_or_the_set_names() -> None:
    asked = "How much was it, in USD millions?"
    assert _label("1577", "It was 1.577 billion.", question=asked) is Label.CORRECT
    assert _label("1577", "It was 1.577 million.", question=asked) is Label.INCORRECT
    assert _label("44.1", "It was 44,100,000.", scale="million") is Label.CORRECT


def test_yes_and_no_count_by_their_word_or_by_the_sentence_nearest_to_the_question() -> None:
    asked = "Is the company capital-intensive?"
    gold = "No, it manages its assets efficiently."
    assert _label(gold, "No. Its assets are few.", question=asked) is Label.CORRECT
    assert _label(gold, "The company is not capital-intensive.", question=asked) is Label.CORRECT
    assert _label(gold, "The company is capital-intensive.", question=asked) is Label.INCORRECT
    assert _label(gold, "Here are key points of its history.", question=asked) is Label.INCORRECT


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I do not have access to the report.",
        "The passages do not state the amount of capital expenditure.",
        "To compute the margin we would need depreciation. Without it, it cannot be calculated.",
        "Die Unterlagen enthalten keine Angaben dazu.",
        "資料には記載されていません。",
    ],
)
def test_who_says_that_nothing_is_known_refuses(answer: str) -> None:
    found = grade(Gold("How much was it?", ("$12.00",)), answer)
    assert (found.label, found.by) == (Label.REFUSAL, By.REFUSAL)


def test_a_caveat_beside_an_answer_is_no_refusal() -> None:
    said = "Best Buy bought Current Health and Yardbird in 2022. The report does not mention other years."
    assert _label("Current Health and Yardbird", said, question="Which companies were bought?") is Label.CORRECT


def test_what_the_product_says_of_its_own_outcome_goes_before_its_words() -> None:
    gold = Gold("How much?", ("12 million",))
    assert grade(gold, "It was 12 million.", is_refusal=True).label is Label.REFUSAL
    assert grade(gold, "The reports do not state it, yet 12 million.", is_refusal=False).label is Label.CORRECT


def test_agreement_is_counted_beyond_chance() -> None:
    same = [(Label.CORRECT, Label.CORRECT)] * 6 + [(Label.INCORRECT, Label.INCORRECT)] * 4
    assert agreement_of(same).kappa == pytest.approx(1)
    always = [(person, Label.CORRECT) for person, _grader in same]
    assert agreement_of(always).accuracy.value == pytest.approx(0.6)
    assert agreement_of(always).kappa == pytest.approx(0)
    # 20, 5, 10, 15 of 50: Cohen's own arithmetic gives 0.4.
    yes, no = Label.CORRECT, Label.INCORRECT
    mixed = [(yes, yes)] * 20 + [(yes, no)] * 5 + [(no, yes)] * 10 + [(no, no)] * 15
    assert agreement_of(mixed).kappa == pytest.approx(0.4)
    assert agreement_of(mixed).recall(yes).value == pytest.approx(0.8)


@pytest.mark.skipif(not (_SETS / "financebench").is_dir(), reason="needs the sets of TOULMIN_EVAL_DIR")
def test_people_agree_with_it_where_it_is_sure() -> None:
    folder = _SETS / "financebench"
    questions = {row["id"]: row for row in map(json.loads, (folder / "queries.jsonl").open(encoding="utf-8"))}
    named = {"Correct Answer": Label.CORRECT, "Incorrect Answer": Label.INCORRECT, "Refusal": Label.REFUSAL}
    pairs, sure = [], []
    for row in map(json.loads, (folder / "human_graded_answers.jsonl").open(encoding="utf-8")):
        asked = questions[row["query_id"]]
        found = grade(Gold(asked["question"], tuple(asked["answers"])), row["model_answer"])
        pairs.append((named[row["label"]], found.label))
        if found.is_sure:
            sure.append(pairs[-1])
    assert agreement_of(pairs).accuracy.value > 0.8
    assert agreement_of(sure).accuracy.value > 0.9
