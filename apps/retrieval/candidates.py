"""Candidates: what the two legs find, each judged by both and fused.

What only one leg returned is scored by the other all the same, so that fusion compares numbers and never guesses.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from apps.retrieval.embedding import Vectors
from apps.retrieval.fusion import WORDS, Hit, fuse
from apps.retrieval.keyword import WeighedWord, weigh_words
from apps.retrieval.nearest import nearest
from apps.retrieval.stages import Stages
from apps.retrieval.within import PASSAGES_NUMBERED, Within

_MULTILINGUAL = (
    "multilingual",
    "-e5",
    "e5-",
    "bge-m3",
    "qwen3-embedding",
    "labse",
    "distiluse",
    "gte-multi",
    "arctic-embed-l-v2",
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """All that the legs found, best first; the words looked for, and which legs took part."""

    hits: list[Hit]
    words: tuple[WeighedWord, ...]
    legs: tuple[str, ...]


def find_candidates(
    within: Within,
    question: str,
    vector: Vectors | None,
    languages: dict[str, int],
    stages: Stages,
    *,
    words: float = WORDS,
) -> Candidates:
    """Search by meaning, where the question could be embedded, and by words. `languages` counts what may be searched."""
    with stages.timed("vector"):
        near = nearest(within, vector, sum(languages.values())) if vector is not None else []
    with stages.timed("keyword"):
        worded = weigh_words(within, question, languages)
    with stages.timed("fuse"):
        wanted = {number for number, _ in worded.hits} - {number for number, _ in near}
        levelled = vector is not None and len(languages) > 1 and knows_many_languages(within.generation.embedder)
        hits = fuse(
            near,
            worded.hits,
            cosines=cosines(within, vector, wanted) if vector is not None else {},
            scores=worded.ranking.scores_of(number for number, _ in near),
            attainable=worded.attainable,
            languages=_languages(within, [number for number, _ in near]) if levelled else None,
            words=words,
        )
    return Candidates(hits, worded.words, ("keyword",) if vector is None else ("vector", "keyword"))


def cosines(within: Within, vector: Vectors, numbers: Collection[int]) -> dict[int, float]:
    """Return the cosine similarity of these passages to a question."""
    if not numbers:
        return {}
    distance = f"p.embedding::halfvec({within.generation.dimensions:d}) <=> %(vector)s::halfvec"
    given = {"vector": "[" + ",".join(map(repr, vector.tolist())) + "]", "numbers": list(numbers)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.number, 1 - ({distance}) FROM {PASSAGES_NUMBERED} WHERE {within.sql}",  # noqa: S608
            within.parameters | given,
        )
        return dict(cursor.fetchall())


def knows_many_languages(embedder: str) -> bool:
    """Whether an embedder puts the same meaning near in several languages, as far as its name says."""
    name = embedder.lower()
    return any(part in name for part in _MULTILINGUAL) and not name.endswith("-en")


def _languages(within: Within, numbers: Collection[int]) -> dict[int, str]:
    return dict(within.passages().filter(number__in=numbers).values_list("number", "language"))
