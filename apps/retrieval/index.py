"""The write side of search: generations, and the passages of each version in them.

Writing the same chunks again changes nothing and embeds nothing: a passage's id follows from its version, place, text and
context, and from how its generation is built.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Max, Q, Value
from django.db.models.expressions import CombinedExpression

from apps.core.errors import Unavailable
from apps.documents.models import Version
from apps.retrieval.chunking import CHUNKER_VERSION
from apps.retrieval.embedding import Embedder, Vectors
from apps.retrieval.models import IndexedPassage, IndexedPassageQuerySet, IndexGeneration
from apps.retrieval.passages import Chunk
from apps.retrieval.words import configuration, prepare

_NAMESPACE = uuid.UUID("b1c4f6f0-5a52-4c0e-9d8e-6a2f4b7f1f10")
_EMBED_BATCH = 64
_INSERT_BATCH = 200
_LOCK = 0x67656E  # "gen": one generation is opened at a time


class Progress(Protocol):
    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A version's chunks with their ids, and the vectors of those that are not in the index yet."""

    generation: IndexGeneration
    chunks: dict[uuid.UUID, Chunk]
    vectors: dict[uuid.UUID, Vectors]


def live_generation() -> IndexGeneration | None:
    """Return the generation that answers searches; None before anything was indexed."""
    return IndexGeneration.objects.filter(state=IndexGeneration.State.LIVE).first()


def open_generation(embedder: Embedder) -> IndexGeneration:
    """Return the live generation, made on first use. Raises `Unavailable` if it was built with another embedder."""
    generation = live_generation() or _make_generation(embedder)
    if generation.embedder != embedder.name:
        raise Unavailable(
            f"The index was built with “{generation.embedder}”, and this installation now embeds with “{embedder.name}”. "
            "Set TOULMIN_EMBEDDING_MODEL back, then have this document read again.",
            code="other_embedder",
        )
    return generation


def replace_passages(version: Version, chunks: Sequence[Chunk], embedder: Embedder, *, progress: Progress) -> int:
    """Make these chunks the document's passages and return their number."""
    return write_passages(version, embed_chunks(version, chunks, embedder, progress=progress))


def embed_chunks(version: Version, chunks: Sequence[Chunk], embedder: Embedder, *, progress: Progress) -> Prepared:
    """Return the chunks ready to be written, embedding only what is new. `progress` may raise to stop."""
    generation = open_generation(embedder)
    wanted = dict(_identified(version, chunks, generation))
    known = set(_passages_of(version, generation).filter(pk__in=wanted).values_list("pk", flat=True))
    new = sorted((key for key in wanted if key not in known), key=lambda key: len(wanted[key].text), reverse=True)
    vectors: dict[uuid.UUID, Vectors] = {}
    for start in range(0, len(new), _EMBED_BATCH):
        batch = new[start : start + _EMBED_BATCH]
        progress(len(vectors), len(new))
        vectors.update(zip(batch, embedder.embed_passages([embedded_text(wanted[key]) for key in batch]), strict=True))
    return Prepared(generation, wanted, vectors)


def write_passages(version: Version, prepared: Prepared) -> int:
    """Replace the document's passages by the prepared ones in one transaction, and return their number."""
    generation, chunks = prepared.generation, prepared.chunks
    with transaction.atomic():
        IndexedPassage.objects.filter(document=version.document_id, generation=generation).exclude(
            pk__in=chunks
        ).delete()
        kept = {row.pk: row for row in _passages_of(version, generation).only("ordinal")}
        moved = [row for key, row in kept.items() if row.ordinal != chunks[key].ordinal]
        for row in moved:
            row.ordinal = chunks[row.pk].ordinal
        IndexedPassage.objects.bulk_update(moved, ["ordinal"], batch_size=_INSERT_BATCH)
        collection = version.document.collection_id
        IndexedPassage.objects.bulk_create(
            (
                _row(key, chunks[key], version, generation, collection, vector)
                for key, vector in prepared.vectors.items()
                if key not in kept
            ),
            batch_size=_INSERT_BATCH,
        )
    return len(chunks)


def remove_version(version: Version) -> None:
    """Take a version out of search."""
    IndexedPassage.objects.filter(version=version).delete()


def put_in_force(document_id: uuid.UUID, version_id: uuid.UUID | None) -> None:
    """Have searches of a document read the passages of this version and of no other; of none where it is None."""
    belongs = Q(version_id=version_id) if version_id else Q(pk__in=[])
    passages = IndexedPassage.objects.filter(document_id=document_id)
    passages.filter(in_force=True).exclude(belongs).update(in_force=False)
    passages.filter(belongs, in_force=False).update(in_force=True)


def _passages_of(version: Version, generation: IndexGeneration) -> IndexedPassageQuerySet:
    return IndexedPassage.objects.filter(version=version, generation=generation)


def _identified(
    version: Version, chunks: Sequence[Chunk], generation: IndexGeneration
) -> Iterator[tuple[uuid.UUID, Chunk]]:
    built = f"{generation.embedder}/{generation.chunker_version}/{version.pk}"
    seen: dict[str, int] = {}
    for chunk in chunks:
        place = chunk.page if chunk.page is not None else chunk.span
        digest = hashlib.sha256(f"{built}/{place}/{chunk.context}\n{chunk.text}".encode()).hexdigest()
        seen[digest] = seen.get(digest, 0) + 1  # the same text may stand twice on a page
        yield uuid.uuid5(_NAMESPACE, f"{digest}/{seen[digest]}"), chunk


def embedded_text(chunk: Chunk) -> str:
    """Return what the vector of a chunk is computed from."""
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


def _row(
    key: uuid.UUID,
    chunk: Chunk,
    version: Version,
    generation: IndexGeneration,
    collection: uuid.UUID,
    vector: Vectors,
) -> IndexedPassage:
    language = version.language or chunk.language
    start, end = chunk.span or (None, None)
    return IndexedPassage(
        id=key,
        generation=generation,
        collection_id=collection,
        document_id=version.document_id,
        version=version,
        ordinal=chunk.ordinal,
        page=chunk.page,
        boxes=chunk.boxes,
        lines=[asdict(line) for line in chunk.lines],
        span_start=start,
        span_end=end,
        heading=chunk.heading,
        context=chunk.context,
        text=chunk.text,
        language=language,
        embedding=vector,
        words=_words(chunk, language),
    )


def _words(chunk: Chunk, language: str) -> CombinedExpression:
    config = configuration(language)
    above = SearchVector(Value(prepare(chunk.context)), config=config, weight="A")
    return above + SearchVector(Value(prepare(chunk.text)), config=config, weight="B")


def _make_generation(embedder: Embedder) -> IndexGeneration:
    dimensions = embedder.dimensions
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        made = live_generation()
        if made is not None:
            return made
        last = IndexGeneration.objects.aggregate(last=Max("number"))["last"] or 0
        generation = IndexGeneration.objects.create(
            number=last + 1,
            embedder=embedder.name,
            dimensions=dimensions,
            chunker_version=CHUNKER_VERSION,
            state=IndexGeneration.State.LIVE,
        )
        # A vector column of no fixed length is indexed through a cast; the condition keeps generations apart.
        cursor.execute(
            f"CREATE INDEX passage_hnsw_{generation.pk.hex[:12]} ON {IndexedPassage._meta.db_table} "
            f"USING hnsw ((embedding::halfvec({dimensions:d})) halfvec_cosine_ops) "
            f"WHERE generation_id = '{generation.pk}'"
        )
    return generation
