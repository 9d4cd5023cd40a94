"""The leg by words: BM25 over the postings of what may be searched.

How rare a word is, and how long passages are, is counted among what the asker may read, never among all there is: else a score
would tell of documents that may not be seen.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from apps.retrieval.analysis import Word, question_words, term_key
from apps.retrieval.bm25 import Entries, rank, rarity
from apps.retrieval.postings import allowed_numbers, entries_of, still_allowed, totals
from apps.retrieval.within import Within

DEPTH = 100  # passages that this leg hands to fusion
FEW = 20_000
"""Up to this many passages a search that is narrowed is told beforehand which they are; of more, the best are asked about."""

_ASKED_AT_ONCE = 2 * DEPTH


@dataclass(frozen=True, slots=True)
class WeighedWord:
    """A word of a question: the terms that it is in the languages searched, and the most that it can add to a score."""

    terms: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class WordHits:
    """What the leg found: its hits, the scores and places of others that were asked about, and the words it looked for."""

    hits: list[tuple[int, float]]
    others: dict[int, float]
    places: dict[int, int]
    words: tuple[WeighedWord, ...]

    @property
    def attainable(self) -> float:
        """The score of a passage that would say all that the question does."""
        return sum(word.weight for word in self.words)


def by_words(within: Within, question: str, languages: dict[str, int]) -> list[tuple[int, float]]:
    """Return the numbers of passages and their BM25 score, best first. Any word may match.

    `languages` says how many passages of each there are to be searched.
    """
    return weigh_words(within, question, languages).hits


def weigh_words(within: Within, question: str, languages: dict[str, int], also: Collection[int] = ()) -> WordHits:
    """Return what `by_words` does with how it came about, and the scores of the passages numbered in `also` too."""
    words = question_words(question, languages)
    found = _entries(within, words)
    everything = totals(within)
    passages, size = everything.passages, sum(languages.values())
    if within.filters.other_day:
        # What was in force then is posted together with what was not, so nothing can be counted before it is known.
        allowed = allowed_numbers(within)
        found, passages = [word.only(allowed) for word in found], allowed.size
        numbers, scores = rank(found, passages, everything.average)
    else:
        numbers, scores = rank(found, passages, everything.average)
        if size < passages and size <= FEW:
            kept = np.isin(numbers, allowed_numbers(within))
            numbers, scores = numbers[kept], scores[kept]
    asked = np.flatnonzero(np.isin(numbers, list(also)))
    return WordHits(
        hits=_first_allowed(within, numbers.tolist(), scores.tolist()),
        others=dict(zip(numbers[asked].tolist(), scores[asked].tolist(), strict=True)),
        places=dict(zip(numbers[asked].tolist(), (asked + 1).tolist(), strict=True)),
        words=tuple(
            WeighedWord(word.terms, rarity(entries, passages))
            for word, entries in zip(words, found, strict=True)
            if entries.numbers.size
        ),
    )


def _entries(within: Within, words: Iterable[Word]) -> list[Entries]:
    """Return for each word of the question where it stands, in any of its forms."""
    keys = [[term_key(term) for term in word.terms] for word in words]
    posted = entries_of(within, {term for word in keys for term in word})
    return [Entries.of_any(posted[term] for term in word if term in posted) for word in keys]


def _first_allowed(within: Within, numbers: list[int], scores: list[float]) -> list[tuple[int, float]]:
    """Return the first hits that may be searched, as the passages themselves say."""
    found: list[tuple[int, float]] = []
    for start in range(0, len(numbers), _ASKED_AT_ONCE):
        asked = numbers[start : start + _ASKED_AT_ONCE]
        allowed = still_allowed(within, asked)
        hits = zip(asked, scores[start : start + _ASKED_AT_ONCE], strict=True)
        found.extend(hit for hit in hits if hit[0] in allowed)
        if len(found) >= DEPTH:
            break
    return found[:DEPTH]
