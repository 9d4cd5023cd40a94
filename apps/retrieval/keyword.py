"""The leg by words: BM25 over the postings of what may be searched.

How rare a word is, and how long passages are, is counted among what the asker may read, never among all there is: else a score
would tell of documents that may not be seen.
"""

from collections.abc import Iterable

import numpy as np

from apps.retrieval.analysis import question_words, term_key
from apps.retrieval.bm25 import Entries, rank
from apps.retrieval.postings import allowed_numbers, entries_of, still_allowed, totals
from apps.retrieval.within import Within

DEPTH = 100  # passages that this leg hands to fusion
FEW = 20_000
"""Up to this many passages a search that is narrowed is told beforehand which they are; of more, the best are asked about."""

_ASKED_AT_ONCE = 2 * DEPTH


def by_words(within: Within, question: str, languages: dict[str, int]) -> list[tuple[int, float]]:
    """Return the numbers of passages and their BM25 score, best first. Any word may match.

    `languages` says how many passages of each there are to be searched.
    """
    found = _entries(within, question, languages)
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
    return _first_allowed(within, numbers.tolist(), scores.tolist())


def _entries(within: Within, question: str, languages: Iterable[str]) -> list[Entries]:
    """Return for each word of the question where it stands, in any of its forms."""
    words = [[term_key(term) for term in word.terms] for word in question_words(question, languages)]
    posted = entries_of(within, {term for word in words for term in word})
    return [Entries.of_any(posted[term] for term in word if term in posted) for word in words]


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
