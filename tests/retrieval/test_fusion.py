"""What both legs say is added as it is, and no language is crowded out."""

import pytest

from apps.retrieval.fusion import Hit, fuse


def _order(hits: list[Hit]) -> list[int]:
    return [hit.number for hit in hits]


def test_a_passage_is_worth_its_cosine_and_its_share_of_the_words() -> None:
    hits = fuse([(1, 0.8), (2, 0.6)], [(2, 6.0)], cosines={}, scores={1: 1.0}, attainable=10.0)
    assert [(hit.number, round(hit.fused, 3)) for hit in hits] == [(2, 0.6), (1, 0.45)]
    assert (hits[0].vector_rank, hits[0].keyword_rank) == (2, 1)
    assert (hits[1].vector_rank, hits[1].keyword_rank, hits[1].keyword) == (1, None, 1.0)


def test_what_only_words_found_counts_with_its_cosine() -> None:
    hits = fuse([(1, 0.5)], [(2, 2.0), (3, 1.9)], cosines={2: 0.1, 3: 0.4}, scores={}, attainable=10.0)
    assert _order(hits) == [3, 1, 2]


def test_the_best_of_a_bad_lot_is_not_made_good() -> None:
    """Nothing holds more than a tenth of the question's words: the first by words does not pass the first by meaning."""
    hits = fuse([(1, 0.7), (2, 0.3)], [(2, 1.0)], cosines={}, scores={}, attainable=10.0)
    assert _order(hits) == [1, 2]


def test_words_alone_fuse_to_their_own_order() -> None:
    hits = fuse([], [(1, 5.0), (2, 4.0)], cosines={}, scores={}, attainable=10.0)
    assert _order(hits) == [1, 2]
    assert hits[0].vector is None


def test_a_question_without_words_fuses_to_the_order_of_meaning() -> None:
    assert _order(fuse([(1, 0.9), (2, 0.8)], [], cosines={}, scores={}, attainable=0.0)) == [1, 2]


def test_nothing_found_is_nothing() -> None:
    assert fuse([], [], cosines={}, scores={}, attainable=0.0) == []


def test_an_embedder_that_crowds_its_cosines_is_heard_all_the_same() -> None:
    crowded = [(number, 0.9 - number * 0.0001) for number in range(40)]
    hits = fuse(crowded, [(39, 0.2)], cosines={}, scores={}, attainable=100.0)
    assert _order(hits)[0] == 0


@pytest.mark.parametrize("levelled", [True, False])
def test_the_best_of_another_language_gets_its_place_only_where_the_embedder_knows_it(levelled: bool) -> None:
    """Ten English passages share words with the English question; the German one, which means the same, cannot."""
    near = [(0, 0.80), *[(number, 0.75 - number / 100) for number in range(1, 11)]]
    worded = [(number, 8.0 - number / 10) for number in range(1, 11)]
    languages = {0: "de"} | dict.fromkeys(range(1, 11), "en")
    hits = fuse(near, worded, cosines={}, scores={}, attainable=10.0, languages=languages if levelled else None)
    assert (_order(hits).index(0) == 0) is levelled


def test_a_passage_far_away_gets_no_place_for_its_language() -> None:
    near = [(number, 0.9 - number / 100) for number in range(1, 31)] + [(99, 0.1)]
    worded = [(number, 8.0) for number in range(1, 31)]
    hits = fuse(near, worded, cosines={}, scores={}, attainable=10.0, languages={99: "de"})
    assert _order(hits)[-1] == 99
