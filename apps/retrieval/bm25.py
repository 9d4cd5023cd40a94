"""BM25: how much a passage says of a question's words. Pure: arrays in, arrays out.

The formula is Lucene's. A word in the context of a passage (its title and headings) counts for more than one in its text: it
says what all of it is about.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1, B = 0.9, 0.4
CONTEXT_WEIGHT = 1.5

_SPARSE = 16
"""Where there are more numbers than this many a hit between the first and the last, hits are sorted instead of spread out."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The passages that hold a word: their numbers, each once, how long they are, and how often the word is in each."""

    numbers: NDArray[np.int64]
    lengths: NDArray[np.int64]
    counts: NDArray[np.float64]

    @classmethod
    def unpacked(cls, packed: bytes) -> "Entries":
        """Read entries as postings keep them: number (32 bits), length (16), counts in text and context (8 each)."""
        entries = np.frombuffer(packed, dtype=">i8").astype(np.int64)
        counts = (entries >> 8 & 0xFF) + CONTEXT_WEIGHT * (entries & 0xFF)
        return cls(entries >> 32, entries >> 16 & 0xFFFF, counts)

    @classmethod
    def of_any(cls, variants: Iterable["Entries"]) -> "Entries":
        """Return the entries of a word that is written in several ways, of which a passage may hold more than one."""
        some = [each for each in variants if each.numbers.size]
        if len(some) == 1:
            return some[0]
        if not some:
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        numbers, first, place = np.unique(
            np.concatenate([each.numbers for each in some]), return_index=True, return_inverse=True
        )
        lengths = np.concatenate([each.lengths for each in some])[first]
        return cls(numbers, lengths, _sums(place, [each.counts for each in some]))

    def only(self, allowed: NDArray[np.int64]) -> "Entries":
        """Return the entries of these passages."""
        kept = np.isin(self.numbers, allowed)
        return Entries(self.numbers[kept], self.lengths[kept], self.counts[kept])


@dataclass(frozen=True, slots=True)
class Ranking:
    """All passages that hold any of a question's words, by ascending number, and their scores.

    They are put in order only as far as somebody asks, since a common word is in very many.
    """

    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]

    @classmethod
    def of(cls, words: Iterable[Entries], passages: int, length: float) -> "Ranking":
        """Score by the words' entries. `passages` is how many there are, with the words or without them, and `length` how long
        they are on average."""
        words = [word for word in words if word.numbers.size]
        if not words:
            return cls(np.empty(0, np.int64), np.empty(0))
        return cls(*_summed([word.numbers for word in words], [_scores(word, passages, length) for word in words]))

    def only(self, allowed: NDArray[np.int64]) -> "Ranking":
        """Return the same without passages that are not among these."""
        kept = np.isin(self.numbers, allowed)
        return Ranking(self.numbers[kept], self.scores[kept])

    def first(self, count: int) -> tuple[list[int], list[float]]:
        """Return the numbers of the best and their scores, best first; of equal ones the lower number."""
        numbers, scores = self.numbers, self.scores
        if scores.size > count:
            least = np.partition(scores, scores.size - count)[scores.size - count]
            near = np.flatnonzero(scores >= least)
            numbers, scores = numbers[near], scores[near]
        order = np.lexsort((numbers, -scores))[:count]
        return numbers[order].tolist(), scores[order].tolist()

    def scores_of(self, numbers: Iterable[int]) -> dict[int, float]:
        """Return the scores of these passages, of those that hold any of the words."""
        asked = np.unique(np.fromiter(numbers, np.int64))
        places = np.searchsorted(self.numbers, asked)
        held = places < self.numbers.size
        held[held] = self.numbers[places[held]] == asked[held]
        return dict(zip(asked[held].tolist(), self.scores[places[held]].tolist(), strict=True))

    def place_of(self, number: int) -> int | None:
        """Return at which place a passage stands, counted from 1; None where it holds none of the words."""
        score = self.scores_of([number]).get(number)
        if score is None:
            return None
        equal = np.count_nonzero((self.scores == score) & (self.numbers < number))
        return int(np.count_nonzero(self.scores > score) + equal) + 1


def rarity(word: Entries, passages: int) -> float:
    """Return how rare a word is, which is also the most that it can add to a score."""
    holding = word.numbers.size
    return math.log1p((max(passages, holding) - holding + 0.5) / (holding + 0.5))


def _scores(word: Entries, passages: int, length: float) -> NDArray[np.float64]:
    saturation = K1 * (1 - B + B * word.lengths / max(length, 1.0))
    scores: NDArray[np.float64] = rarity(word, passages) * word.counts / (word.counts + saturation)
    return scores


def _summed(
    numbers: list[NDArray[np.int64]], scores: list[NDArray[np.float64]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each number once, with the sum of its scores."""
    first = min(int(each.min()) for each in numbers)
    span = max(int(each.max()) for each in numbers) - first + 1
    if span > _SPARSE * sum(each.size for each in numbers):
        every, place = np.unique(np.concatenate(numbers), return_inverse=True)
        return every, _sums(place, scores)
    total = np.zeros(span)
    for each, some in zip(numbers, scores, strict=True):
        total[each - first] += some  # a number stands once in each
    found = np.flatnonzero(total)
    return found + first, total[found]


def _sums(places: NDArray[np.int64], values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.bincount(places, np.concatenate(values)).astype(np.float64, copy=False)
