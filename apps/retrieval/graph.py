"""The graph of vectors (HNSW) of each generation: made, checked, removed.

A vector column of no fixed length is indexed through a cast; the condition keeps generations apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from apps.retrieval.models import IndexedPassage, IndexGeneration

LINKS = 24  # of each vector to others (m): more than the usual 16, so that filters leave enough ways through
CANDIDATES = 128  # among which a new vector’s links are chosen (ef_construction)

_TABLE = IndexedPassage._meta.db_table
_BYTES_A_LINK = 24
_BYTES_A_VECTOR = 200
_AT_LEAST_MB = 64

log = structlog.get_logger(__name__)


def graph_name(generation: IndexGeneration) -> str:
    return f"passage_hnsw_{generation.pk.hex[:12]}"


def make_graph(generation: IndexGeneration) -> None:
    """Make the graph unless it is there and whole. Outside a transaction others may write meanwhile; inside one they wait."""
    with connection.cursor() as cursor:
        if _is_valid(cursor, generation):
            return
        concurrently = _concurrently(cursor)
        cursor.execute(
            f"DROP INDEX {concurrently} IF EXISTS {graph_name(generation)}"
        )  # what an interrupted build left
        with _room_to_build(cursor, generation):
            _create(cursor, generation, concurrently)


def drop_graph(generation: IndexGeneration) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {_concurrently(cursor)} IF EXISTS {graph_name(generation)}")


def has_graph(generation: IndexGeneration) -> bool:
    with connection.cursor() as cursor:
        return _is_valid(cursor, generation)


def graph_bytes(generation: IndexGeneration) -> int:
    """Return its size on disk; 0 where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_relation_size(to_regclass(%s)), 0)", [graph_name(generation)])
        return int(cursor.fetchone()[0])


def vectors_in(generation: IndexGeneration) -> int:
    """Return about how many vectors the graph holds, as PostgreSQL last counted them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = to_regclass(%s)", [graph_name(generation)]
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def megabytes_to_build(passages: int, dimensions: int) -> int:
    """Return how much memory holds the whole graph of so many vectors while it is built."""
    each = 2 * dimensions + 2 * LINKS * _BYTES_A_LINK + _BYTES_A_VECTOR
    return max(passages * each >> 20, _AT_LEAST_MB)


def _concurrently(cursor: Any) -> str:
    """Return how to make or remove an index; inside a transaction, what was written in it has to be settled first."""
    if not connection.in_atomic_block:
        return "CONCURRENTLY"
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return ""


@contextmanager
def _room_to_build(cursor: Any, generation: IndexGeneration) -> Iterator[None]:
    """Let the build use as much memory as the graph needs and is allowed; beyond that it goes on, several times as slow."""
    passages = IndexedPassage.objects.filter(generation=generation).count()
    needed, allowed = megabytes_to_build(passages, generation.dimensions), settings.ENV.index_memory_mb
    if needed > allowed:
        log.warning("index.graph_exceeds_memory", generation=generation.number, needed_mb=needed, allowed_mb=allowed)
    cursor.execute("SELECT current_setting('maintenance_work_mem')")
    before = cursor.fetchone()[0]
    _set(cursor, "maintenance_work_mem", f"{min(needed, allowed)}MB")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _set(cursor, "maintenance_work_mem", before)


def _set(cursor: Any, name: str, value: str) -> None:
    cursor.execute("SELECT set_config(%s, %s, false)", [name, value])


def _create(cursor: Any, generation: IndexGeneration, concurrently: str) -> None:
    statement = (
        f"CREATE INDEX {concurrently} {graph_name(generation)} ON {_TABLE} "
        f"USING hnsw ((embedding::halfvec({generation.dimensions:d})) halfvec_cosine_ops) "
        f"WITH (m = {LINKS}, ef_construction = {CANDIDATES}) WHERE generation_id = '{generation.pk}'"
    )
    cursor.execute(statement)


def _is_valid(cursor: Any, generation: IndexGeneration) -> bool:
    cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [graph_name(generation)])
    row = cursor.fetchone()
    return bool(row and row[0])
