"""The leg by words: BM25 over the postings of what may be searched.

How rare a word is, and how long passages are, is counted among what the asker may read, never among all there is: else a score
would tell of documents that may not be seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.retrieval.analysis import Word, question_words, term_key
from apps.retrieval.bm25 import Entries, Ranking, rarity
from apps.retrieval.postings import allowed_numbers, entries_of, still_allowed, totals
from apps.retrieval.within import Within

DEPTH = 100  # passages that this leg hands to fusion
FEW = 20_000
"""Up to this many passages a search that is narrowed is told beforehand which they are; of more, the best are asked about."""

_ASKED_AT_FIRST = 2 * DEPTH


@dataclass(frozen=True, slots=True)
class WeighedWord:
    """A word of a question: the terms that it is in the languages searched, and the most that it can add to a score."""

    terms: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class WordHits:
    """What the leg found: its hits, all that was ranked, and the words it looked for."""

    hits: list[tuple[int, float]]
    ranking: Ranking
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


def weigh_words(within: Within, question: str, languages: dict[str, int]) -> WordHits:
    """Return what `by_words` does with how it came about."""
    words = question_words(question, languages)
    found = _entries(within, words)
    everything = totals(within)
    passages, size = everything.passages, sum(languages.values())
    if within.filters.other_day:
        # What was in force then is posted together with what was not, so nothing can be counted before it is known.
        allowed = allowed_numbers(within)
        found, passages = [word.only(allowed) for word in found], allowed.size
        ranking = Ranking.of(found, passages, everything.average)
    else:
        ranking = Ranking.of(found, passages, everything.average)
        if size < passages and size <= FEW:
            ranking = ranking.only(allowed_numbers(within))
    weighed = (
        WeighedWord(word.terms, rarity(entries, passages))
        for word, entries in zip(words, found, strict=True)
        if entries.numbers.size
    )
    return WordHits(_first_allowed(within, ranking), ranking, tuple(weighed))


def _entries(within: Within, words: Iterable[Word]) -> list[Entries]:
    """Return for each word of the question where it stands, in any of its forms."""
    keys = [[term_key(term) for term in word.terms] for word in words]
    posted = entries_of(within, {term for word in keys for term in word})
    return [Entries.of_any(posted[term] for term in word if term in posted) for word in keys]


def _first_allowed(within: Within, ranking: Ranking) -> list[tuple[int, float]]:
    """Return the first hits that may be searched, as the passages themselves say.

    Nearly always these are the first that were ranked; only narrow filters have more and more of them asked about.
    """
    count = _ASKED_AT_FIRST
    while True:
        numbers, scores = ranking.first(count)
        allowed = still_allowed(within, numbers)
        found = [hit for hit in zip(numbers, scores, strict=True) if hit[0] in allowed]
        if len(found) >= DEPTH or len(numbers) == ranking.numbers.size:
            return found[:DEPTH]
        count *= 8
