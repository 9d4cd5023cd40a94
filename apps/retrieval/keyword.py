"""The leg by words: the passages that hold the question's words, best first."""

from django.db import connection

from apps.retrieval.models import IndexedPassage
from apps.retrieval.within import Within
from apps.retrieval.words import question_words

DEPTH = 100  # passages that this leg hands to fusion
LENGTH_WEIGHT = 0.3
CONTEXT_WEIGHT, TEXT_WEIGHT = 0.5, 1.0

_TABLE = IndexedPassage._meta.db_table


def by_words(within: Within, question: str, languages: dict[str, int]) -> list[tuple[int, float]]:
    """Return the numbers of passages and how much of the question's words they hold, best first.

    Any word may match. A word counts by how rare it is among what may be searched, and by `ts_rank`, which grows with each
    further occurrence less and less; longer passages are discounted.
    """
    words = question_words(question, languages)
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _WORDS_SQL.format(table=_TABLE, within=within.sql),
            within.parameters
            | {
                "queries": [word.query for word in words],
                "variants": [len(word.stems) for word in words],
                "size": sum(languages.values()),
                "weights": [0.0, 0.0, TEXT_WEIGHT, CONTEXT_WEIGHT],
                "length_weight": LENGTH_WEIGHT,
                "depth": DEPTH,
            },
        )
        return list(cursor.fetchall())


_WORDS_SQL = """
WITH word AS (
    SELECT query::tsquery, variants FROM unnest(%(queries)s::text[], %(variants)s::int[]) AS w(query, variants)
), hit AS MATERIALIZED (
    SELECT word.query, p.number, length(p.words) AS length,
           word.variants * ts_rank(%(weights)s::real[], p.words, word.query) AS weight
    FROM word JOIN {table} p ON p.words @@ word.query
    WHERE {within}
), rarity AS (
    SELECT query, ln(1 + (%(size)s - count(*) + 0.5::float8) / (count(*) + 0.5::float8)) AS rarity FROM hit GROUP BY query
), average AS (
    SELECT greatest(avg(length), 1)::float8 AS length FROM hit
)
SELECT hit.number,
       (sum(rarity.rarity * hit.weight)
        / (1 - %(length_weight)s + %(length_weight)s * max(hit.length) / max(average.length))) AS score
FROM hit JOIN rarity USING (query) CROSS JOIN average
GROUP BY hit.number ORDER BY score DESC, hit.number LIMIT %(depth)s
"""
