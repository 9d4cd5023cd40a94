"""The rows of passages in PostgreSQL: written many at a time, since each statement costs more than a row in it."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.documents.models import Document, Version
from apps.retrieval.analysis import posted_terms
from apps.retrieval.embedding import Vectors
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.passages import Chunk

_TABLE = IndexedPassage._meta.db_table
_AT_ONCE = 500

_COLUMNS = (
    "id", "embedded_hash", "ordinal", "page", "boxes", "lines", "span_start", "span_end", "heading", "context", "text",
    "language", "terms",
)  # fmt: skip
_GIVEN = (
    "jsonb_to_recordset(%s::jsonb) AS given(id uuid, embedded_hash bytea, ordinal int, page int, boxes jsonb, lines jsonb, "
    "span_start int, span_end int, heading text, context text, text text, language text, terms bigint[], embedding text)"
)
"""What is handed over for each row: one value of JSON for all of them, which is by far the cheapest to write and to read."""

_RENEWED = ("ordinal", "boxes", "lines", "span_start", "span_end", "heading", "language", "terms", "embedded_hash")
"""What may differ between two rows of one id."""


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk with its id as a passage, and the hash of what its vector is computed from."""

    id: uuid.UUID
    chunk: Chunk
    embedded_hash: bytes


def add_rows(
    rows: Sequence[Row],
    vectors: Mapping[bytes, Vectors],
    version: Version,
    generation: IndexGeneration,
    document: Document,
    *,
    in_force: bool,
    pending: bool,
) -> None:
    """Insert rows; one that is there already, written by nobody else than an earlier attempt, stays."""
    statement = (
        f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}, embedding, "  # noqa: S608
        "generation_id, access_id, collection_id, document_id, version_id, in_force, pending, created_at) "
        f"SELECT {', '.join(f'given.{name}' for name in _COLUMNS)}, given.embedding::halfvec, "
        f"%s, %s, %s, %s, %s, %s, %s, now() FROM {_GIVEN} ON CONFLICT (id) DO NOTHING"
    )
    place: list[Any] = [document.access_id, document.collection_id, document.pk, version.pk]
    fixed: list[Any] = [generation.pk, *place, in_force, pending]
    with connection.cursor() as cursor:
        for some in _parts(rows):
            given = [{**_values(row, version), "embedding": _literal(vectors[row.embedded_hash])} for row in some]
            cursor.execute(statement, [*fixed, json.dumps(given)])


def renew_rows(rows: Sequence[Row], version: Version, *, in_force: bool) -> None:
    """Have rows that are there say what the chunks now say; those that say it already are left untouched."""
    changed = ", ".join(f"{name} = given.{name}" for name in _RENEWED)
    before = ", ".join(f"passage.{name}" for name in _RENEWED)
    after = ", ".join(f"given.{name}" for name in _RENEWED)
    statement = (
        f"UPDATE {_TABLE} AS passage SET {changed}, in_force = %s, pending = false "  # noqa: S608
        f"FROM {_GIVEN} WHERE passage.id = given.id "
        f"AND (passage.in_force, passage.pending, {before}) IS DISTINCT FROM (%s, false, {after})"
    )
    with connection.cursor() as cursor:
        for some in _parts(rows):
            cursor.execute(statement, [in_force, json.dumps([_values(row, version) for row in some]), in_force])


def copy_rows(pairs: Sequence[tuple[uuid.UUID, uuid.UUID]], target: Version, *, in_force: bool) -> None:
    """Insert copies of rows, given as pairs of the id there and the id here, as passages of another version."""
    kept = (
        "generation_id, ordinal, page, boxes, lines, span_start, span_end, heading, context, text, language, embedding, "
        "terms, embedded_hash"
    )
    statement = (
        f"INSERT INTO {_TABLE} (id, access_id, collection_id, document_id, version_id, in_force, pending, created_at, {kept}) "  # noqa: S608
        f"SELECT pair.target, %s, %s, %s, %s, %s, false, now(), {kept} "
        f"FROM unnest(%s::uuid[], %s::uuid[]) AS pair(source, target) JOIN {_TABLE} AS passage ON passage.id = pair.source "
        "ON CONFLICT (id) DO NOTHING"
    )
    document = target.document
    with connection.cursor() as cursor:
        sources, targets = [source for source, _ in pairs], [copy for _, copy in pairs]
        place: list[Any] = [document.access_id, document.collection_id, document.pk, target.pk]
        cursor.execute(statement, [*place, in_force, sources, targets])


def _parts(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]


def _values(row: Row, version: Version) -> dict[str, Any]:
    chunk = row.chunk
    start, end = chunk.span or (None, None)
    language = version.language or chunk.language
    return {
        "id": str(row.id),
        "embedded_hash": "\\x" + row.embedded_hash.hex(),
        "ordinal": chunk.ordinal,
        "page": chunk.page,
        "boxes": chunk.boxes,
        "lines": [{"start": line.start, "end": line.end, "box": line.box} for line in chunk.lines],
        "span_start": start,
        "span_end": end,
        "heading": chunk.heading,
        "context": chunk.context,
        "text": chunk.text,
        "language": language,
        "terms": posted_terms(chunk.text, chunk.context, language),
    }


def _literal(vector: Vectors) -> str:
    """Return a vector as PostgreSQL reads it; a half holds no more than the digits given here."""
    return "[" + ",".join(f"{value:.5g}" for value in vector.tolist()) + "]"
