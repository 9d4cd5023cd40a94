"""The leg by meaning: the passages whose vectors are nearest to the question's.

Few permitted passages are all compared, which is exact and faster there; many are searched through the graph (HNSW).
"""

from typing import Any

from django.db import connection

from apps.retrieval.embedding import Vectors
from apps.retrieval.models import IndexedPassage
from apps.retrieval.within import Within

EXACT_UP_TO = 10_000
EXACT_SHARE = 0.05
"""Up to this many permitted passages, or this share of all, every one is compared: faster there than the graph, and exact."""

EF_SEARCH = 200
DEPTH = 100  # passages that each search hands to fusion; never above EF_SEARCH

_TABLE = IndexedPassage._meta.db_table


def nearest(within: Within, vector: Vectors, size: int) -> list[tuple[int, float]]:
    """Return the numbers of passages and their cosine similarity, nearest first. `size` is how many may be searched."""
    distance = f"p.embedding::halfvec({within.generation.dimensions:d}) <=> %(vector)s::halfvec"
    exact = size <= max(EXACT_UP_TO, EXACT_SHARE * _all_passages())
    order = f"({distance}) + 0" if exact else distance  # no index serves the sum, so all are compared
    with connection.cursor() as cursor:
        if not exact:
            _use_graph(cursor)
        cursor.execute(
            f"SELECT p.number, {distance} FROM {_TABLE} p WHERE {within.sql} ORDER BY {order} LIMIT {DEPTH}",  # noqa: S608
            within.parameters | {"vector": "[" + ",".join(map(repr, vector.tolist())) + "]"},
        )
        return sorted(((key, 1 - distance) for key, distance in cursor.fetchall()), key=lambda hit: -hit[1])


def _use_graph(cursor: Any) -> None:
    """Set how the graph is walked for this transaction, and make sure of it: a misspelt name would only be warned of."""
    wanted = {"hnsw.ef_search": str(EF_SEARCH), "hnsw.iterative_scan": "relaxed_order"}
    cursor.execute("SELECT '[1]'::halfvec")  # loads the extension, which otherwise does not know its settings yet
    for name, value in wanted.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    cursor.execute("SELECT current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan')")
    if tuple(wanted.values()) != cursor.fetchone():
        raise RuntimeError("PostgreSQL did not take the settings of the vector index.")


def _all_passages() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [_TABLE])
        return float(cursor.fetchone()[0])
