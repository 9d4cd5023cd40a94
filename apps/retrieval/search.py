"""The read side: the passages that answer a question, within what the asker may read.

What may be read is resolved first, to a list of access ids that stands inside both searches: by meaning (vectors) and by
words (inverse document frequency, saturating term frequency). Their ranks are fused. If questions cannot be embedded now,
words alone answer, and the result says so.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

import structlog

from apps.accounts.scope import Scope
from apps.core.errors import Unavailable
from apps.documents.walls import reading
from apps.retrieval.embedding import Vectors
from apps.retrieval.index import embedder_of
from apps.retrieval.keyword import by_words
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.nearest import nearest
from apps.retrieval.passages import Passage, PassageLine, Scores, SearchResult
from apps.retrieval.within import Filters, Within
from apps.retrieval.within import within as resolve

FUSION = 60  # the usual constant of reciprocal rank fusion

log = structlog.get_logger(__name__)


def search(
    scope: Scope,
    question: str,
    *,
    collections: Sequence[uuid.UUID | str] = (),
    documents: Sequence[uuid.UUID | str] = (),
    filters: Filters | None = None,
    limit: int = 40,
) -> SearchResult:
    """Return up to `limit` passages, best first. Collections, documents and filters narrow; what the scope cannot see is not
    searched."""
    started = time.monotonic()
    within = resolve(scope, collections=collections, documents=documents, filters=filters)
    if within is None:
        return SearchResult((), (), "", 0, time.monotonic() - started)
    vector = _embed(question, within.generation)
    with reading(scope):
        languages = within.languages()
        searched = sum(languages.values())
        legs = {"vector": nearest(within, vector, searched)} if vector is not None else {}
        legs["keyword"] = by_words(within, question, languages)
        fused = _fuse(legs)[:limit]
        passages = _load(within, fused, legs)
    return SearchResult(
        passages=passages,
        legs=tuple(legs),
        generation=str(within.generation),
        searched=searched,
        seconds=time.monotonic() - started,
    )


def _embed(question: str, generation: IndexGeneration) -> Vectors | None:
    embedder = embedder_of(generation)
    if embedder.name != generation.embedder:
        log.warning("search.other_embedder", index=generation.embedder, embedder=embedder.name)
        return None
    try:
        return embedder.embed_question(question)
    except Unavailable as error:
        log.warning("search.words_only", detail=error.detail)
        return None


def _fuse(legs: dict[str, list[tuple[int, float]]]) -> list[tuple[int, float]]:
    """Return passages by the sum of their reciprocal ranks over the legs."""
    scores: dict[int, float] = {}
    for hits in legs.values():
        for rank, (key, _) in enumerate(hits, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (FUSION + rank)
    return sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))


def _load(
    within: Within, fused: list[tuple[int, float]], legs: dict[str, list[tuple[int, float]]]
) -> tuple[Passage, ...]:
    rows = (
        within.passages()
        .filter(number__in=[key for key, _ in fused])
        .select_related("document", "version")
        .defer("embedding", "terms")
        .in_bulk(field_name="number")
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
