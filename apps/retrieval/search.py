"""The read side: the passages that answer a question, within what the asker may read.

What may be read is resolved first, to a list of access ids that stands inside both searches: by meaning (vectors) and by
words (inverse document frequency, saturating term frequency). Their ranks are fused. If questions cannot be embedded now,
words alone answer, and the result says so.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Count

from apps.accounts.scope import Scope
from apps.core.errors import Unavailable
from apps.documents.models import Access
from apps.retrieval.embedding import Vectors, get_embedder
from apps.retrieval.index import live_generation
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.passages import Passage, PassageLine, Scores, SearchResult
from apps.retrieval.words import question_words

EXACT_UP_TO = 10_000
EXACT_SHARE = 0.05
"""Up to this many permitted passages, or this share of all, every one is compared: faster there than the graph, and exact."""

EF_SEARCH = 200
DEPTH = 100  # passages that each search hands to fusion; never above EF_SEARCH
FUSION = 60  # the usual constant of reciprocal rank fusion
LENGTH_WEIGHT = 0.3
CONTEXT_WEIGHT, TEXT_WEIGHT = 0.5, 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Within:
    """What one search may look at: a generation, the permitted accesses, and the documents if it was narrowed to some."""

    generation: IndexGeneration
    accesses: list[int]
    documents: list[uuid.UUID]

    @property
    def sql(self) -> str:
        """The condition, for queries on passages named `p`. Ids are literals, so that the planner sees them."""
        narrowed = " AND p.document_id = ANY(%(documents)s::uuid[])" if self.documents else ""
        return f"p.generation_id = %(generation)s AND p.in_force AND p.access_id = ANY(%(accesses)s::int[]){narrowed}"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"generation": self.generation.pk, "accesses": self.accesses, "documents": self.documents}


def search(
    scope: Scope,
    question: str,
    *,
    collections: Sequence[uuid.UUID | str] = (),
    documents: Sequence[uuid.UUID | str] = (),
    limit: int = 40,
) -> SearchResult:
    """Return up to `limit` passages, best first. Collections and documents narrow; what the scope cannot see is not searched."""
    started = time.monotonic()
    within = _within(scope, collections, documents)
    if within is None:
        return SearchResult((), (), "", 0, time.monotonic() - started)
    vector = _embed(question, within.generation)
    with transaction.atomic():
        languages = _languages(within)
        searched = sum(languages.values())
        legs = {"vector": _by_vector(within, vector, searched)} if vector is not None else {}
        legs["keyword"] = _by_words(within, question, languages)
        fused = _fuse(legs)[:limit]
        passages = _load(within, fused, legs)
    return SearchResult(
        passages=passages,
        legs=tuple(legs),
        generation=str(within.generation),
        searched=searched,
        seconds=time.monotonic() - started,
    )


def _within(
    scope: Scope, collections: Sequence[uuid.UUID | str], documents: Sequence[uuid.UUID | str]
) -> _Within | None:
    permitted = Access.objects.visible_to(scope)
    if collections:
        permitted = permitted.filter(collection__in=[uuid.UUID(str(c)) for c in collections])
    ids = list(permitted.values_list("pk", flat=True))
    generation = live_generation() if ids else None
    return _Within(generation, ids, [uuid.UUID(str(d)) for d in documents]) if generation else None


def _embed(question: str, generation: IndexGeneration) -> Vectors | None:
    embedder = get_embedder()
    if embedder.name != generation.embedder:
        log.warning("search.other_embedder", index=generation.embedder, embedder=embedder.name)
        return None
    try:
        return embedder.embed_question(question)
    except Unavailable as error:
        log.warning("search.words_only", detail=error.detail)
        return None


def _languages(within: _Within) -> dict[str, int]:
    """Return the languages of what may be searched, each with its number of passages."""
    rows = IndexedPassage.objects.filter(generation=within.generation, in_force=True, access__in=within.accesses)
    if within.documents:
        rows = rows.filter(document__in=within.documents)
    return dict(rows.order_by().values("language").annotate(n=Count("*")).values_list("language", "n"))


def _by_vector(within: _Within, vector: Vectors, size: int) -> list[tuple[uuid.UUID, float]]:
    """Return passages and their cosine similarity, nearest first."""
    distance = f"p.embedding::halfvec({within.generation.dimensions:d}) <=> %(vector)s::halfvec"
    exact = size <= max(EXACT_UP_TO, EXACT_SHARE * _all_passages())
    order = f"({distance}) + 0" if exact else distance  # no index serves the sum, so all are compared
    with connection.cursor() as cursor:
        if not exact:
            _use_graph(cursor)
        cursor.execute(
            f"SELECT p.id, {distance} FROM {_TABLE} p WHERE {within.sql} ORDER BY {order} LIMIT {DEPTH}",  # noqa: S608
            within.parameters | {"vector": "[" + ",".join(map(repr, vector.tolist())) + "]"},
        )
        return sorted(((key, 1 - distance) for key, distance in cursor.fetchall()), key=lambda hit: -hit[1])


_TABLE = IndexedPassage._meta.db_table


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


def _by_words(within: _Within, question: str, languages: dict[str, int]) -> list[tuple[uuid.UUID, float]]:
    """Return passages and how much of the question's words they hold, best first.

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
    SELECT word.query, p.id, length(p.words) AS length,
           word.variants * ts_rank(%(weights)s::real[], p.words, word.query) AS weight
    FROM word JOIN {table} p ON p.words @@ word.query
    WHERE {within}
), rarity AS (
    SELECT query, ln(1 + (%(size)s - count(*) + 0.5::float8) / (count(*) + 0.5::float8)) AS rarity FROM hit GROUP BY query
), average AS (
    SELECT greatest(avg(length), 1)::float8 AS length FROM hit
)
SELECT hit.id,
       (sum(rarity.rarity * hit.weight)
        / (1 - %(length_weight)s + %(length_weight)s * max(hit.length) / max(average.length))) AS score
FROM hit JOIN rarity USING (query) CROSS JOIN average
GROUP BY hit.id ORDER BY score DESC, hit.id LIMIT %(depth)s
"""


def _fuse(legs: dict[str, list[tuple[uuid.UUID, float]]]) -> list[tuple[uuid.UUID, float]]:
    """Return passages by the sum of their reciprocal ranks over the legs."""
    scores: dict[uuid.UUID, float] = {}
    for hits in legs.values():
        for rank, (key, _) in enumerate(hits, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (FUSION + rank)
    return sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))


def _load(
    within: _Within, fused: list[tuple[uuid.UUID, float]], legs: dict[str, list[tuple[uuid.UUID, float]]]
) -> tuple[Passage, ...]:
    rows = (
        IndexedPassage.objects.filter(pk__in=[key for key, _ in fused], access__in=within.accesses)
        .select_related("document", "version")
        .defer("embedding", "words")
        .in_bulk()
    )
    by_leg = {name: dict(hits) for name, hits in legs.items()}
    vector, keyword = by_leg.get("vector", {}), by_leg.get("keyword", {})
    found = [
        replace(_passage(rows[key]), scores=Scores(vector.get(key), keyword.get(key), score))
        for key, score in fused
        if key in rows
    ]
    return tuple(replace(passage, rank=rank) for rank, passage in enumerate(found, start=1))


def _passage(row: IndexedPassage) -> Passage:
    return Passage(
        id=row.pk,
        document_id=row.document_id,
        document_title=row.document.title,
        collection_id=row.collection_id,
        version_id=row.version_id,
        version=row.version.number,
        text=row.text,
        page=row.page,
        boxes=tuple(tuple(box) for box in row.boxes),
        lines=tuple(PassageLine(line["start"], line["end"], tuple(line["box"])) for line in row.lines),
        span=(row.span_start, row.span_end) if row.span_start is not None and row.span_end is not None else None,
        heading=row.heading,
        language=row.language,
    )
