"""The write side of search: generations, and the passages of each version in them.

Writing the same chunks again changes nothing and embeds nothing: a passage's id follows from its version, place, text and
context, and from how its generation is built; and what was embedded before, wherever it stands, is taken from there.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q

from apps.core.errors import Unavailable
from apps.documents.models import Access, Document, Version
from apps.retrieval.chunking import CHUNKER_VERSION
from apps.retrieval.embedding import Embedder, Vectors, get_embedder, index_name
from apps.retrieval.graph import make_graph
from apps.retrieval.models import BuiltVersion, IndexedPassage, IndexedPassageQuerySet, IndexGeneration, PostedPassages
from apps.retrieval.passages import Chunk
from apps.retrieval.rows import Row, add_rows, copy_rows, renew_rows

_NAMESPACE = uuid.UUID("b1c4f6f0-5a52-4c0e-9d8e-6a2f4b7f1f10")
_COPIED_AT_ONCE = 2000
_LOCK = 0x67656E  # "gen": one generation is made or switched to at a time


@dataclass(frozen=True, slots=True)
class Batch:
    """Chunks on their way into the index.

    `known` are the ids that are there already, `texts` what has to be embedded for the others, each once, and `vectors` what
    was embedded before, both by the hash of the text.
    """

    rows: tuple[Row, ...]
    known: frozenset[uuid.UUID]
    vectors: Mapping[bytes, Vectors]
    texts: Mapping[bytes, str]


def live_generation() -> IndexGeneration | None:
    """Return the generation that answers searches; None before anything was indexed."""
    return IndexGeneration.objects.filter(state=IndexGeneration.State.LIVE).first()


def embedder_of(generation: IndexGeneration | None) -> Embedder:
    """Return what embeds for a generation in this process; the configured one where there is none."""
    if generation is None or not generation.model or index_name(settings.ENV.embedding_model) == generation.embedder:
        return get_embedder()
    return get_embedder(generation.model)


def live_embedder() -> Embedder:
    """Return what embeds for the live generation, or is going to for the first."""
    return embedder_of(live_generation())


def open_generation(embedder: Embedder) -> IndexGeneration:
    """Return the live generation, made on first use. Raises `Unavailable` if it was built with another embedder."""
    generation = live_generation() or _first_generation(embedder)
    if generation.embedder != embedder.name:
        raise Unavailable(
            f"The index was built with “{generation.embedder}”, and this installation now embeds with “{embedder.name}”. "
            "Set TOULMIN_EMBEDDING_MODEL back, or have an index built for the new one: bin/manage index build.",
            code="other_embedder",
        )
    return generation


class PassageWriter:
    """Writes the passages of one version, batch by batch in reading order.

    A pending passage belongs to no reading that counts yet: searches do not see it, but its vector is there.
    """

    def __init__(self, version: Version, generation: IndexGeneration) -> None:
        self._version, self._generation = version, generation
        self._built = f"{generation.number}/{generation.embedder}/{generation.chunker_version}/{version.pk}"
        self._seen: Counter[str] = Counter()
        self._written: set[uuid.UUID] = set()

    def prepare(self, chunks: Sequence[Chunk]) -> Batch:
        """Return the next chunks with their ids, and what has to be embedded before they can be written."""
        rows = tuple(self._rows(chunks))
        known = frozenset(self._mine().filter(pk__in=[row.id for row in rows]).values_list("pk", flat=True))
        hashes = {row.embedded_hash for row in rows if row.id not in known}
        vectors = _vectors_of(self._generation, hashes)
        texts = {
            row.embedded_hash: embedded_text(row.chunk) for row in rows if row.embedded_hash in hashes - vectors.keys()
        }
        return Batch(rows, known, vectors, texts)

    def write(
        self, batch: Batch, embedded: Mapping[bytes, Vectors], document: Document, *, pending: bool = False
    ) -> None:
        """Write a batch whose texts have been embedded, in the caller's transaction. Pending ones change none that is there."""
        vectors = {**batch.vectors, **embedded}
        new = [row for row in batch.rows if row.id not in batch.known]
        in_force = not pending and document.in_force_id == self._version.pk
        add_rows(new, vectors, self._version, self._generation, document, in_force=in_force, pending=pending)
        if not pending:
            renew_rows([row for row in batch.rows if row.id in batch.known], self._version, in_force=in_force)
        self._written.update(row.id for row in batch.rows)

    def finish(self) -> int:
        """Remove what the version had before and no longer has, and return the number of its passages."""
        before = set(self._mine().values_list("pk", flat=True))
        IndexedPassage.objects.filter(pk__in=before - self._written).delete()
        BuiltVersion.objects.filter(version=self._version, generation=self._generation).delete()
        return len(self._written)

    def _mine(self) -> IndexedPassageQuerySet:
        return _passages_of(self._version, self._generation)

    def _rows(self, chunks: Sequence[Chunk]) -> Iterator[Row]:
        for chunk in chunks:
            place = chunk.page if chunk.page is not None else chunk.span
            key = self.next_id(place, chunk.context, chunk.text)
            yield Row(key, chunk, hashlib.sha256(embedded_text(chunk).encode()).digest())

    def next_id(self, place: int | tuple[int | None, int | None] | None, context: str, text: str) -> uuid.UUID:
        """Return the id of the next passage in reading order."""
        digest = hashlib.sha256(f"{self._built}/{place}/{context}\n{text}".encode()).hexdigest()
        self._seen[digest] += 1  # the same text may stand twice on a page
        return uuid.uuid5(_NAMESPACE, f"{digest}/{self._seen[digest]}")


def copy_passages(source: Version, target: Version, generation: IndexGeneration) -> int:
    """Give `target`, whose bytes and names are the same, the passages of `source`; return their number."""
    writer = PassageWriter(target, generation)
    rows = _passages_of(source, generation).filter(pending=False).order_by("ordinal")
    columns = rows.values_list("pk", "page", "span_start", "span_end", "context", "text")
    pairs = [
        (key, writer.next_id(page if page is not None else (start, end), context, text))
        for key, page, start, end, context, text in columns.iterator(_COPIED_AT_ONCE)
    ]
    copy_rows(pairs, target, in_force=target.document.in_force_id == target.pk)
    return len(pairs)


def hide_reading(version: Version) -> None:
    """Take what has been written of a version out of search, and keep it for when its reading is taken up again."""
    IndexedPassage.objects.filter(version=version).update(in_force=False, pending=True)


def forget_pending(version: Version) -> None:
    """Remove what was written for a reading that is not going to end."""
    IndexedPassage.objects.filter(version=version, pending=True).delete()


def remove_version(version: Version) -> None:
    """Take a version out of search."""
    IndexedPassage.objects.filter(version=version).delete()


def put_in_force(document_id: uuid.UUID, version_id: uuid.UUID | None) -> None:
    """Have searches of a document read the passages of this version and of no other; of none where it is None."""
    belongs = Q(version_id=version_id) if version_id else Q(pk__in=[])
    passages = IndexedPassage.objects.filter(document_id=document_id)
    passages.filter(in_force=True).exclude(belongs).update(in_force=False)
    passages.filter(belongs, in_force=False, pending=False).update(in_force=True)


def move_documents(documents: Sequence[uuid.UUID], access: Access) -> None:
    """Have the passages of these documents be read by whom `access` names, in its collection."""
    IndexedPassage.objects.filter(document__in=documents).update(access=access, collection=access.collection_id)


def hold_postings(document_id: uuid.UUID) -> None:
    """Lock a document, and the postings among which its passages are, until the transaction ends.

    Who writes passages locks these before the record. Whoever records first, and changes passages then, calls this before.
    """
    row = Document.objects.select_for_update(no_key=True).filter(pk=document_id).first()
    if row is not None:
        posted = PostedPassages.objects.filter(access=row.access_id).order_by("generation", "in_force")
        list(posted.select_for_update().values_list("passages"))


def embedded_text(chunk: Chunk) -> str:
    """Return what the vector of a chunk is computed from."""
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


def _passages_of(version: Version, generation: IndexGeneration) -> IndexedPassageQuerySet:
    return IndexedPassage.objects.filter(version=version, generation=generation)


def _vectors_of(generation: IndexGeneration, hashes: set[bytes]) -> dict[bytes, Vectors]:
    """Return the vectors of texts that have been embedded before, anywhere in this generation."""
    rows = IndexedPassage.objects.filter(generation=generation, embedded_hash__in=hashes)
    found = rows.order_by("embedded_hash").distinct("embedded_hash").values_list("embedded_hash", "embedding")
    return {bytes(key): np.asarray(vector, dtype=np.float32) for key, vector in found}


def make_generation(embedder: Embedder, model: str, state: IndexGeneration.State) -> IndexGeneration:
    """Make the next generation, empty and without a graph, in the caller's transaction, which locks out others that would."""
    last = IndexGeneration.objects.aggregate(last=Max("number"))["last"] or 0
    return IndexGeneration.objects.create(
        number=last + 1,
        embedder=embedder.name,
        model=model,
        dimensions=embedder.dimensions,
        chunker_version=CHUNKER_VERSION,
        state=state,
    )


def lock_generations() -> None:
    """Be the only one to make generations or to change which is live, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _first_generation(embedder: Embedder) -> IndexGeneration:
    embedder.warm_up()
    with transaction.atomic():
        lock_generations()
        made = live_generation()
        if made is not None:
            return made
        generation = make_generation(embedder, settings.ENV.embedding_model, IndexGeneration.State.LIVE)
        make_graph(generation)
    return generation
