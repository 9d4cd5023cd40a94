"""The leg by meaning: the passages whose vectors are nearest to the question's.

Few permitted passages are all compared, which is exact and faster there. Where much of all is permitted, the graph (HNSW) is
walked; if it brings too few home, as it does when what is permitted is far from what is asked, all are compared after
all. So there are always as many as there can be, and it never walks on among what may not be read.
"""

from typing import Any

from django.db import connection

from apps.retrieval.embedding import Vectors
from apps.retrieval.graph import vectors_in
from apps.retrieval.models import IndexedPassage
from apps.retrieval.within import Within

DEPTH = 100  # passages that each search hands to fusion
EXACT_UP_TO = 10_000
"""Up to so many permitted passages, every one is compared: no walk through the graph costs less and finds as much."""

FEWEST_CANDIDATES = 400
MOST_CANDIDATES = 1000  # what PostgreSQL takes for `hnsw.ef_search`
SURPLUS = 2
"""How many times as many candidates are kept on a walk as would hold `DEPTH` permitted ones by their share."""

AS_EXPECTED = 0.5
"""With a smaller part of the permitted ones that its share lets expect, a walk was too far from them to go on."""

ITERATIVE = "off"
"""A walk that goes on until it has enough returns, when it gives up, what it has, and does not say so."""

_TABLE = IndexedPassage._meta.db_table


def nearest(within: Within, vector: Vectors, size: int) -> list[tuple[int, float]]:
    """Return the numbers of passages and their cosine similarity, nearest first. `size` is how many may be searched."""
    every = max(vectors_in(within.generation), size) if size > EXACT_UP_TO else size
    for candidates in walks(size, every):
        found = by_graph(within, vector, candidates)
        if len(found) == DEPTH:
            return found
        if len(found) < AS_EXPECTED * candidates * size / every:
            break
    return by_comparing(within, vector)


def walks(size: int, every: int) -> list[int]:
    """Return how many candidates to keep on each walk that is worth while among `every` vectors of which `size` are permitted.

    A walk with many is not begun before one with few has shown that what is permitted is about where it is asked for.
    """
    if size <= EXACT_UP_TO:
        return []
    candidates = max(int(SURPLUS * DEPTH * every / size), FEWEST_CANDIDATES)
    if candidates > MOST_CANDIDATES:
        return []
    return [candidates] if candidates < 1.5 * FEWEST_CANDIDATES else [FEWEST_CANDIDATES // 2, candidates]


def by_comparing(within: Within, vector: Vectors) -> list[tuple[int, float]]:
    """Compare every permitted passage."""
    # No index serves the sum. Rows have length 1, so the product, which is cheaper, ranks as the angle does.
    return _hits(
        within, vector, f"(p.embedding::halfvec({within.generation.dimensions:d}) <#> %(vector)s::halfvec) + 0", 0
    )


def by_graph(within: Within, vector: Vectors, candidates: int) -> list[tuple[int, float]]:
    """Walk the graph; fewer than `DEPTH` come back where fewer of the candidates are permitted."""
    distance = f"p.embedding::halfvec({within.generation.dimensions:d}) <=> %(vector)s::halfvec"
    with connection.cursor() as cursor:
        _prepare(cursor, candidates)
        found = _hits(within, vector, distance, 1)
        cursor.execute("SET LOCAL enable_sort = on")
    return found


def _hits(within: Within, vector: Vectors, distance: str, zero: int) -> list[tuple[int, float]]:
    """Return hits by a distance that is `zero` minus the similarity."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.number, {distance} AS distance FROM {_TABLE} p WHERE {within.sql} ORDER BY distance LIMIT {DEPTH}",  # noqa: S608
            within.parameters | {"vector": "[" + ",".join(map(repr, vector.tolist())) + "]"},
        )
        return sorted(((key, zero - distance) for key, distance in cursor.fetchall()), key=lambda hit: -hit[1])


def _prepare(cursor: Any, candidates: int) -> None:
    """Set how the graph is walked in this transaction, and make sure of it: a misspelt name would only be warned of."""
    wanted = {
        "hnsw.ef_search": str(candidates),
        "hnsw.iterative_scan": ITERATIVE,
        # The graph it shall be; the planner would at times compare all, at a price that it does not know.
        "enable_sort": "off",
    }
    cursor.execute("SELECT '[1]'::halfvec")  # loads the extension, which otherwise does not know its settings yet
    values = [part for pair in wanted.items() for part in pair]
    cursor.execute("SELECT " + ", ".join("set_config(%s, %s, true)" for _ in wanted), values)
    cursor.execute("SELECT " + ", ".join("current_setting(%s)" for _ in wanted), list(wanted))
    if tuple(wanted.values()) != cursor.fetchone():
        raise RuntimeError("PostgreSQL did not take the settings of the vector index.")
