"""Passages by the hundred thousand in the real tables, with given vectors and readers, without files having been read."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.documents.models import Access, Collection, Document, Status, Version
from apps.retrieval.encoders import Vectors
from apps.retrieval.index import open_generation
from apps.retrieval.models import IndexedPassage, IndexGeneration

_AT_ONCE = 20_000
_STAGED = "CREATE TEMP TABLE IF NOT EXISTS staged (ordinal int, access_id int, version_id uuid, document_id uuid, embedding halfvec)"
# As wide as a passage of a report: 800 letters and ten lines with their boxes, which do not compress to nothing.
_INSERT = f"""
INSERT INTO {IndexedPassage._meta.db_table} (
    id, created_at, generation_id, access_id, collection_id, document_id, version_id, in_force, pending, embedded_hash, ordinal,
    page, boxes, lines, heading, context, text, language, embedding, terms)
SELECT gen_random_uuid(), now(), %(generation)s, access_id, %(collection)s, document_id, version_id, true, false,
       sha256(ordinal::text::bytea), ordinal, 1, '[[0.1, 0.2, 0.9, 0.25]]', wide.lines, 'Heading', 'Title › Heading', wide.text,
       'en', embedding, '{{}}'
FROM staged, LATERAL (
    SELECT string_agg(md5(ordinal::text || n), ' ') AS text,
           jsonb_agg(jsonb_build_object('start', n * 80, 'end', n * 80 + 79, 'box', jsonb_build_array(
               0.1, n / 7.0 + ordinal %% 97, 0.9, n / 9.0 + ordinal %% 89))) AS lines
    FROM generate_series(1, 10) AS n) AS wide
"""  # noqa: S608


class Known:
    """Stands for the embedder: everything was embedded beforehand."""

    name = "bench"

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def warm_up(self) -> None:
        """Everything is computed."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError

    def embed_question(self, text: str) -> Vectors:
        raise NotImplementedError


def generation_for(dimensions: int) -> IndexGeneration:
    """Return the live generation of vectors so long."""
    return open_generation(Known(dimensions))


def make_accesses(count: int) -> list[int]:
    """Return so many accesses of one collection."""
    user = User.objects.filter(email="bench@example.org").first() or User.objects.create_user("bench@example.org")
    collection = Collection.objects.create(name=f"Bench {uuid.uuid4().hex[:6]}", created_by=user)
    rows = [Access(collection=collection, narrowed=True, key=f"{number:064}") for number in range(count)]
    return [row.pk for row in Access.objects.bulk_create(rows)]


def fill(generation: IndexGeneration, vectors: Vectors, documents: Sequence[int], accesses: Sequence[int]) -> float:
    """Write passages, each of the document whose number it has and with that document's access; return the seconds taken."""
    started = time.monotonic()
    by_access = {row.pk: row.collection_id for row in Access.objects.filter(pk__in=set(accesses))}
    access_of = dict(zip(documents, accesses, strict=True))
    made = {number: _document(number, access, by_access[access]) for number, access in access_of.items()}
    for start in range(0, len(made), _AT_ONCE):
        some = list(made.values())[start : start + _AT_ONCE]
        Document.objects.bulk_create([document for document, _ in some])
        Version.objects.bulk_create([version for _, version in some])
    with connection.cursor() as cursor:
        cursor.execute(_STAGED)
        for start in range(0, len(vectors), _AT_ONCE):
            cursor.execute("TRUNCATE staged")
            with cursor.copy("COPY staged FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "int4", "uuid", "uuid", "bytea"])
                for at in range(start, min(start + _AT_ONCE, len(vectors))):
                    document, version = made[documents[at]]
                    copy.write_row((at, accesses[at], version.pk, document.pk, _binary(vectors[at])))
            cursor.execute(_INSERT, {"generation": generation.pk, "collection": next(iter(by_access.values()))})
    return time.monotonic() - started


def _document(number: int, access: int, collection: uuid.UUID) -> tuple[Document, Version]:
    document = Document(
        collection_id=collection, access_id=access, title=f"Document {number}", created_at=timezone.now()
    )
    version = Version(
        document=document, filename=f"{number}.txt", bytes=0, status=Status.READY, sha256=f"{number:064}", language="en",
        ready_at=timezone.now(), passage_count=1,
    )  # fmt: skip
    return document, version


def _binary(vector: Any) -> bytes:
    """Return a vector as pgvector reads it in binary: its length, nothing, its halves."""
    return np.array([len(vector), 0], dtype=">u2").tobytes() + np.asarray(vector, dtype=">f2").tobytes()
