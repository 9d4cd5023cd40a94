"""Words that stand together count for more than words apart, and so do words of the headings."""

from apps.retrieval.keyword import WeighedWord
from apps.retrieval.second_stage import CLOSENESS, HEADINGS, judged

WORDS = tuple(WeighedWord((term,), 2.0) for term in ("net", "debt", "rose"))


def _score(text: str, context: str = "") -> float:
    return judged(0.5, WORDS, text, context, "en")


def test_words_side_by_side_count_more_than_words_apart() -> None:
    near, apart = _score("Net debt rose."), _score("Net sales fell while staff costs and long-term debt slowly rose.")
    assert near > apart > 0.5
    assert near <= 0.5 + CLOSENESS


def test_words_of_the_headings_count_once_and_not_for_closeness() -> None:
    assert _score("Nothing of it.", "Net debt") == 0.5 + HEADINGS * 2 / 3
    assert _score("Net debt of the group.", "Net debt") == _score("Nothing of it.", "Net debt")


def test_a_passage_without_any_of_the_words_keeps_its_score() -> None:
    assert _score("The weather was mild.") == 0.5


def test_a_question_without_words_changes_nothing() -> None:
    assert judged(0.5, (), "Net debt rose.", "Debt", "en") == 0.5


def test_a_word_counts_in_any_of_its_forms() -> None:
    words = (WeighedWord(("kundigungsfrist", "notic"), 1.0), WeighedWord(("period",), 1.0))
    assert judged(0.0, words, "The notice period.", "", "en") > 0.0
