"""Why not this document? Where on its way the best passage of a document falls out of a search, with its exact scores and places.

The search is made again, so it tells of the index as it is now. A document that may not be seen is one that does not exist.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.db import connection

from apps.accounts.scope import Scope
from apps.documents.models import Document
from apps.documents.walls import reading
from apps.retrieval.embedding import Vectors
from apps.retrieval.keyword import weigh_words
from apps.retrieval.models import IndexedPassage
from apps.retrieval.passages import Passage, passage_object
from apps.retrieval.search import as_passage, embed, search
from apps.retrieval.within import Filters, Within
from apps.retrieval.within import within as resolve

_TABLE = IndexedPassage._meta.db_table


class Fall(StrEnum):
    """Where a document falls out."""

    NOT_READ = "not_read"
    OLD_VERSION = "old_version"
    NARROWED_OUT = "narrowed_out"
    BELOW_DEPTH = "below_depth"
    BELOW_K = "below_k"
    DUPLICATE_OF = "duplicate_of"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a document: the stage, why, its best passage with scores and ranks, and how many it was ranked among.

    Ranks of a passage below the depth of a leg are counted over all that was searched. `duplicate_of` is a rank.
    """

    reason: str
    stage: str
    passage: dict[str, Any] | None = None
    searched: int = 0
    limit: int = 0
    duplicate_of: int | None = None
    marker: int | None = None
    again: bool = True
    facts: dict[str, Any] = field(default_factory=dict)


def fate_in_search(
    scope: Scope,
    question: str,
    document_id: uuid.UUID,
    *,
    collections: Sequence[uuid.UUID] = (),
    documents: Sequence[uuid.UUID] = (),
    filters: Filters | None = None,
    limit: int = 40,
) -> Fate:
    """Return what a search makes of a document. Raises `NotFound` for one that the scope cannot see."""
    document = Document.objects.get_visible(scope, document_id)
    if document.in_force_id is None:
        status = document.latest.status if document.latest else "none"
        return Fate(Fall.NOT_READ, "documents", facts={"status": status})
    everything = resolve(scope)
    narrowed = resolve(scope, collections=collections, documents=documents, filters=filters)
    with reading(scope):
        if everything is None or not everything.passages().filter(document=document).exists():
            return Fate(Fall.NOT_READ, "documents", facts={"status": "without_passages"})
        if narrowed is None or not narrowed.passages().filter(document=document).exists():
            return _left_out(document, filters or Filters())
    asked: dict[str, Any] = {"collections": collections, "documents": documents, "filters": filters}
    found = search(scope, question, **asked, limit=limit)
    mine = [each for each in (*found.passages, *found.folded) if each.document_id == document.pk]
    if mine:
        best = min(mine, key=lambda each: (each.duplicate_of is not None, each.rank))
        reason = Fall.FOUND if best.duplicate_of is None else Fall.DUPLICATE_OF
        return _of(best, reason, "retrieve", found.searched, limit)
    deeper = [
        each for each in search(scope, question, **asked, explain=True).passages if each.document_id == document.pk
    ]
    if deeper:
        return _of(min(deeper, key=lambda each: each.rank), Fall.BELOW_K, "retrieve", found.searched, limit)
    with reading(scope):
        best = _below_depth(narrowed, question, document)
    return _of(best, Fall.BELOW_DEPTH, "retrieve", found.searched, limit)


def fate_object(fate: Fate) -> dict[str, Any]:
    """Return a fate as the REST contract shows it."""
    return {
        "reason": fate.reason,
        "stage": fate.stage,
        "passage": fate.passage,
        "searched": fate.searched,
        "limit": fate.limit,
        "duplicate_of": fate.duplicate_of,
        "marker": fate.marker,
        "again": fate.again,
        "facts": fate.facts,
    }


def _of(passage: Passage, reason: Fall, stage: str, searched: int, limit: int) -> Fate:
    return Fate(reason, stage, passage_object(passage), searched, limit, passage.duplicate_of)


def _left_out(document: Document, filters: Filters) -> Fate:
    """Tell a document whose version of the day is another, or not yet, from one that the asker narrowed out."""
    other_day = filters.other_day
    if other_day:
        facts = {"as_of": other_day.isoformat(), "in_force": document.in_force.number if document.in_force else None}
        return Fate(Fall.OLD_VERSION, "versions", facts=facts)
    return Fate(Fall.NARROWED_OUT, "filters", facts=filters.as_json())


def _below_depth(within: Within, question: str, document: Document) -> Passage:
    """Return the passage of a document that comes nearest, with its exact places among all that is searched."""
    rows = within.passages().filter(document=document)
    numbers = list(rows.values_list("number", flat=True))
    vector = embed(question, within.generation)
    worded = weigh_words(within, question, within.languages())
    cosine = _nearest_of(within, vector, numbers) if vector is not None else None
    by_words = worded.ranking.scores_of(numbers)
    number = cosine[0] if cosine else max(by_words, key=by_words.__getitem__, default=numbers[0])
    passage = as_passage(rows.select_related("document", "version").get(number=number))
    return replace(
        passage,
        scores=replace(passage.scores, vector=cosine[1] if cosine else None, keyword=by_words.get(number)),
        ranks=replace(passage.ranks, vector=cosine[2] if cosine else None, keyword=worded.ranking.place_of(number)),
    )


def _nearest_of(within: Within, vector: Vectors, numbers: Sequence[int]) -> tuple[int, float, int]:
    """Return the nearest of some passages, its cosine, and its place among all that is searched, all of them compared."""
    distance = f"p.embedding::halfvec({within.generation.dimensions:d}) <=> %(vector)s::halfvec"
    given = {"vector": "[" + ",".join(map(repr, vector.tolist())) + "]", "numbers": list(numbers)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.number, 1 - ({distance}) AS cosine FROM {_TABLE} p "  # noqa: S608
            f"WHERE p.number = ANY(%(numbers)s::bigint[]) AND {within.sql} ORDER BY cosine DESC LIMIT 1",
            within.parameters | given,
        )
        number, cosine = cursor.fetchone()
        cursor.execute(
            f"SELECT count(*) FROM {_TABLE} p WHERE 1 - ({distance}) > %(cosine)s AND {within.sql}",  # noqa: S608
            within.parameters | given | {"cosine": cosine},
        )
        return number, cosine, cursor.fetchone()[0] + 1
