"""Fusion: one score from what both legs say of a passage. Pure.

Scores are added, not ranks: a passage is worth the share of the question's words that it holds, by their weight, and its
cosine. A rank would forget how much better the first is than the second, and make the best of a bad lot a first all the same.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WORDS = 0.5
"""What the share of the words counts beside the cosine, of 1, unless a configuration says otherwise."""

LEAST_SPREAD = 0.03
"""Cosines of embedders that crowd them together are spread out to this standard deviation over the nearest passages."""

_MOST_GAIN = 4.0
_ENOUGH_TO_JUDGE = 20
_AMONG_NEAREST = 20
"""A passage this near may have a language's place for it, however few of the question's words it can hold."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a leg found: its cosine and BM25 score, None where it has none, and its places in the legs."""

    number: int
    vector: float | None = None
    keyword: float | None = None
    vector_rank: int | None = None
    keyword_rank: int | None = None
    fused: float = 0.0


def fuse(
    nearest: Sequence[tuple[int, float]],
    by_words: Sequence[tuple[int, float]],
    *,
    cosines: Mapping[int, float],
    scores: Mapping[int, float],
    attainable: float,
    languages: Mapping[int, str] | None = None,
    words: float = WORDS,
) -> list[Hit]:
    """Return all that the legs found, best first.

    `cosines` and `scores` are of passages that only the other leg returned. `attainable` is the most that a passage can score
    by words, `words` what its share of that counts beside its cosine, of 1. With `languages`, for an embedder that knows many, none is crowded out by the one that the question is in.
    """
    vector, keyword = {**cosines, **dict(nearest)}, {**scores, **dict(by_words)}
    places = _places(nearest), _places(by_words)
    shares = {number: score / attainable for number, score in keyword.items()} if attainable else {}
    if languages:
        shares = _levelled(shares, nearest, languages)
    gain = _gain([cosine for _, cosine in nearest])
    hits = [
        Hit(
            number,
            vector.get(number),
            keyword.get(number),
            places[0].get(number),
            places[1].get(number),
            words * shares.get(number, 0.0) + (1 - words) * gain * vector.get(number, 0.0),
        )
        for number in dict.fromkeys([number for number, _ in (*nearest, *by_words)])
    ]
    return sorted(hits, key=lambda hit: (-hit.fused, hit.number))


def _levelled(
    shares: Mapping[int, float], nearest: Sequence[tuple[int, float]], languages: Mapping[int, str]
) -> dict[int, float]:
    """Return shares in which the nearest passages of each language count as holding as many of the question's words as the
    passages at the same place hold over all languages: a text in another language can hold hardly any of them."""
    best = sorted(shares.values(), reverse=True)
    seen: dict[str, int] = defaultdict(int)
    levelled = dict(shares)
    for number, _ in nearest[:_AMONG_NEAREST]:
        place = seen[languages.get(number, "")]
        seen[languages.get(number, "")] += 1
        if place < len(best):
            levelled[number] = max(levelled.get(number, 0.0), best[place])
    return levelled


def _places(ranked: Sequence[tuple[int, float]]) -> dict[int, int]:
    return {number: place for place, (number, _) in enumerate(ranked, start=1)}


def _gain(cosines: Sequence[float]) -> float:
    if len(cosines) < _ENOUGH_TO_JUDGE:
        return 1.0
    spread = statistics.pstdev(cosines)
    return min(max(LEAST_SPREAD / spread, 1.0), _MOST_GAIN) if spread else 1.0
