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


def rank(words: Iterable[Entries], passages: int, length: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the numbers of all passages that hold any of the words, best first, and their scores.

    `passages` is how many there are, with the word or without it, and `length` how long they are on average.
    """
    words = [word for word in words if word.numbers.size]
    if not words:
        return np.empty(0, np.int64), np.empty(0)
    numbers, scores = _summed([word.numbers for word in words], [_scores(word, passages, length) for word in words])
    order = np.lexsort((numbers, -scores))
    return numbers[order], scores[order]


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
