"""The read side: the passages that answer a question, within what the asker may read.

What may be read is resolved first, to a list of access ids that stands inside both searches: by meaning (vectors) and by
words (BM25). Their scores are fused, a second stage judges the first of them again, and passages that say the same are folded.
If questions cannot be embedded now, words alone answer, and the result says so.
"""

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import structlog

from apps.accounts.scope import Scope
from apps.core.errors import Unavailable
from apps.documents.models import Page
from apps.documents.parsing import Quality
from apps.documents.walls import reading
from apps.retrieval.candidates import Candidates, find_candidates
from apps.retrieval.configuration import Configuration, live_configuration
from apps.retrieval.duplicates import fold
from apps.retrieval.embedding import Vectors
from apps.retrieval.fusion import Hit
from apps.retrieval.index import embedder_of
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.passages import Passage, PassageLine, Ranks, Scores, SearchResult
from apps.retrieval.reranking import get_reranker
from apps.retrieval.second_stage import judged
from apps.retrieval.stages import Stages
from apps.retrieval.within import Filters, Within
from apps.retrieval.within import within as resolve

log = structlog.get_logger(__name__)

_OF_A_PASSAGE = (
    *("id", "number", "collection_id", "page", "boxes", "lines", "span_start", "span_end"),
    *("heading", "context", "text", "language", "document__title", "version__number"),
)


def search(
    scope: Scope,
    question: str,
    *,
    collections: Sequence[uuid.UUID | str] = (),
    documents: Sequence[uuid.UUID | str] = (),
    filters: Filters | None = None,
    limit: int = 40,
    explain: bool = False,
    configuration: Configuration | None = None,
) -> SearchResult:
    """Return up to `limit` passages, best first. Collections, documents and filters narrow; what the scope cannot see is not
    searched. To `explain` is to return all that either leg found, with every score, and nothing folded. Without a
    `configuration` it is the live one."""
    started = time.monotonic()
    run = configuration or live_configuration()
    within = resolve(scope, collections=collections, documents=documents, filters=filters, generation=run.generation)
    if within is None:
        return SearchResult((), (), "", 0, time.monotonic() - started)
    stages = Stages()
    with stages.timed("embed"):
        vector = embed(question, within.generation)
    with reading(scope):
        with stages.timed("count"):
            languages = within.languages()
        found = find_candidates(within, question, vector, languages, stages, words=run.words)
        with stages.timed("load"):
            rows = _load(within, found.hits if explain else found.hits[: max(2 * limit, run.judged)])
            poor = _poor_pages(rows.values())
    with stages.timed("rerank"):
        scores, reranker = _judge(question, found, rows, run)
        ranked = _ranked(found.hits, rows, scores, poor)
        shown, folded = (ranked, []) if explain else _folded(ranked[: 2 * limit], question, limit)
    return SearchResult(
        passages=tuple(shown),
        folded=tuple(folded),
        legs=found.legs,
        reranker=reranker,
        generation=str(within.generation),
        searched=sum(languages.values()),
        seconds=time.monotonic() - started,
        stages=stages.seconds,
        accesses=within.accesses,
    )


def embed(question: str, generation: IndexGeneration) -> Vectors | None:
    """Return the vector of a question; None where it cannot be had now."""
    embedder = embedder_of(generation)
    if embedder.name != generation.embedder:
        log.warning("search.other_embedder", index=generation.embedder, embedder=embedder.name)
        return None
    try:
        return embedder.embed_question(question)
    except Unavailable as error:
        log.warning("search.words_only", detail=error.detail)
        return None


def _judge(
    question: str, found: Candidates, rows: Mapping[int, IndexedPassage], run: Configuration
) -> tuple[dict[int, float], str]:
    """Return the second stage's scores by number, and what judged: a model where there is one, else words and headings."""
    reranker = get_reranker() if run.reranked else None
    if reranker is not None:
        first = [hit for hit in found.hits[: run.reranked] if hit.number in rows]
        texts = [f"{rows[hit.number].context}\n{rows[hit.number].text}".strip() for hit in first]
        try:
            scores = reranker.rank(question, texts)
            return {hit.number: score for hit, score in zip(first, scores, strict=True)}, reranker.name
        except Unavailable as error:
            log.warning("search.not_reranked", reranker=reranker.name, detail=error.detail)
    chosen = [(hit, rows[hit.number]) for hit in found.hits[: run.judged] if hit.number in rows]
    weights = {"closeness": run.closeness, "headings": run.headings}
    return {
        hit.number: judged(hit.fused, found.words, row.text, row.context, row.language, **weights)
        for hit, row in chosen
    }, "words" if chosen else ""


def _ranked(
    hits: Sequence[Hit],
    rows: Mapping[int, IndexedPassage],
    scores: Mapping[int, float],
    poor: Collection[tuple[uuid.UUID, int | None]],
) -> list[Passage]:
    """Return the passages in their last order: those judged by the second stage, then the others as they were fused."""
    fused = {hit.number: place for place, hit in enumerate(hits, start=1)}
    judged_first = sorted(
        (hit for hit in hits if hit.number in rows),
        key=lambda hit: (hit.number not in scores, -scores.get(hit.number, 0.0), fused[hit.number]),
    )
    return [
        replace(
            as_passage(rows[hit.number]),
            scores=Scores(hit.vector, hit.keyword, hit.fused, scores.get(hit.number)),
            ranks=Ranks(hit.vector_rank, hit.keyword_rank, fused[hit.number], rank if hit.number in scores else None),
            rank=rank,
            poor=(rows[hit.number].version_id, rows[hit.number].page) in poor,
        )
        for rank, hit in enumerate(judged_first, start=1)
    ]


def _folded(ranked: Sequence[Passage], question: str, limit: int) -> tuple[list[Passage], list[Passage]]:
    """Return the first `limit` passages that say something of their own, and those before the next that do not."""
    judged_once = fold(ranked, question)
    own = [passage for passage in judged_once if passage.duplicate_of is None]
    last = own[limit].rank if len(own) > limit else len(ranked) + 1
    return own[:limit], [each for each in judged_once if each.duplicate_of is not None and each.rank < last]


def _load(within: Within, hits: Sequence[Hit]) -> dict[int, IndexedPassage]:
    """Return the rows of hits with their documents, in one statement: else a document could be withdrawn in between."""
    rows = within.passages().filter(number__in=[hit.number for hit in hits])
    return rows.select_related("document", "version").only(*_OF_A_PASSAGE).in_bulk(field_name="number")


def _poor_pages(rows: Collection[IndexedPassage]) -> set[tuple[uuid.UUID, int | None]]:
    """Return the pages, by version and number, that were read badly."""
    pages = Page.objects.filter(
        version__in={row.version_id for row in rows}, number__in={row.page for row in rows if row.page is not None}
    )
    return set(pages.exclude(quality=Quality.READ).values_list("version_id", "number"))


def as_passage(row: IndexedPassage) -> Passage:
    """Return a row of the index as searches return it, not yet judged."""
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
