"""What search is run with is a value that can be written down and read back."""

import pytest

from apps.core.errors import Invalid
from apps.retrieval.configuration import Configuration
from apps.retrieval.search import search
from tests.factories import UserFactory, owned_by, scope_of
from tests.retrieval.indexing import indexed


def test_it_comes_back_from_its_json_as_it_was() -> None:
    configuration = Configuration(generation=2, words=0.25, judged=0)
    assert Configuration.of(configuration.as_json()) == configuration


def test_it_is_made_of_what_is_typed_and_says_what_differs_from_the_usual() -> None:
    configuration = Configuration.of({"words": "0.7", "judged": "20"})
    assert (configuration.words, configuration.judged) == (0.7, 20)
    assert str(configuration) == "words=0.7,judged=20"
    assert str(Configuration()) == "default"


@pytest.mark.parametrize("values", [{"wrods": 1}, {"words": 2}, {"judged": -1}, {"generation": 0}, {"words": "much"}])
def test_what_makes_no_sense_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Configuration.of(values)


@pytest.mark.django_db
def test_a_search_runs_with_the_one_it_is_given() -> None:
    person = UserFactory()
    indexed(owned_by(person), "Net debt fell to 4,120 million.", "The weather was mild.")
    by_words = search(scope_of(person), "net debt", explain=True, configuration=Configuration(words=1.0, judged=0))
    usual = search(scope_of(person), "net debt", explain=True)
    assert by_words.passages[-1].scores.fused == 0 != usual.passages[-1].scores.fused
    assert by_words.reranker == ""
    assert not search(scope_of(person), "net debt", configuration=Configuration(generation=9)).passages
