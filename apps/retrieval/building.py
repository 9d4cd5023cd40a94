"""Bringing a generation up to date: version by version, from what is stored of each, beside the one that answers.

Searches see nothing of it. What was interrupted is taken up where it was: a version that was done is not done again, and a
vector that was written is not computed again. Nothing else has to know that a generation is being built, since what is read
anew, uploaded or deleted meanwhile makes the version outstanding again, or takes it and its passages away.
"""

import itertools
import time
import uuid
from collections.abc import Iterator
from enum import StrEnum

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.audit import log as records
from apps.audit.actions import Action
from apps.core.locks import alone
from apps.documents.loading import stored_pages
from apps.documents.models import Collection, Document, Version
from apps.retrieval.chunking import Chunker
from apps.retrieval.embedding import Embedder
from apps.retrieval.graph import has_graph, make_graph
from apps.retrieval.index import PassageWriter, embedder_of
from apps.retrieval.models import BuiltVersion, IndexedPassage, IndexGeneration
from apps.retrieval.passages import Chunk

_AT_ONCE = 128
_LOCK = 0x6275696C64  # "build": one process builds at a time, and lets go when it dies

log = structlog.get_logger(__name__)


class Turn(StrEnum):
    """How a turn of work on a generation ended."""

    COMPLETE = "complete"
    MORE = "more"
    WAIT = "wait"


def outstanding(generation: IndexGeneration) -> QuerySet[Version]:
    """Return the versions that have been read and of which the generation does not hold that reading."""
    built = BuiltVersion.objects.filter(generation=generation, version=OuterRef("pk"))
    as_read = built.filter(ready_at=OuterRef("ready_at"))
    read = Version.objects.filter(ready_at__isnull=False)
    if generation.state != IndexGeneration.State.LIVE:
        return read.filter(~Exists(as_read))
    # What is read goes into the live one by itself, without a note, unless it was begun before that went live.
    written = IndexedPassage.objects.filter(generation=generation, version=OuterRef("pk"), pending=False)
    return read.filter(
        (Exists(built) & ~Exists(as_read)) | (~Exists(built) & ~Exists(written) & Q(passage_count__gt=0))
    )


def bring_up_to_date(generation: IndexGeneration, *, seconds: float) -> Turn:
    """Work on a generation for about so long.

    `WAIT`: another process is at it, or some versions cannot be indexed now, of which the log tells.
    """
    until = time.monotonic() + seconds
    with alone(_LOCK) as mine:
        if not mine:
            return Turn.WAIT
        embedder = embedder_of(generation)
        for version in _oldest(generation):
            if time.monotonic() > until:
                return Turn.MORE
            try:
                build_version(generation, version, embedder)
            except (OperationalError, InterfaceError):
                raise
            except Exception:  # one version must not keep all others out; it stays outstanding
                log.exception("index.version_failed", version=str(version.pk), generation=generation.number)
        if not has_graph(generation):
            make_graph(generation)
        return Turn.COMPLETE if _complete(generation) else Turn.WAIT


def note_what_is_there(generation: IndexGeneration) -> None:
    """Note what was read into the live generation by itself, so that it can be kept up to date when it is live no longer."""
    there = Version.objects.filter(ready_at__isnull=False).exclude(pk__in=outstanding(generation).values("pk"))
    sql, parameters = there.order_by().values("pk", "ready_at").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {BuiltVersion._meta.db_table} (generation_id, version_id, ready_at) "  # noqa: S608
            f"SELECT %s, there.* FROM ({sql}) AS there ON CONFLICT DO NOTHING",
            [generation.pk, *parameters],
        )


def build_version(generation: IndexGeneration, version: Version, embedder: Embedder) -> None:
    """Index one version from what is stored. One that is deleted or read anew meanwhile is left as it then is."""
    if version.ready_at is None:
        return
    writer = PassageWriter(version, generation)
    try:
        for chunks in _batches(_chunks(version)):
            batch = writer.prepare(chunks)
            vectors = dict(zip(batch.texts, embedder.embed_passages(list(batch.texts.values())), strict=True))
            with transaction.atomic():
                writer.write(batch, vectors, _lock(version))
        with transaction.atomic():
            _lock(version)
            writer.finish()
            BuiltVersion.objects.update_or_create(
                generation=generation, version=version, defaults={"ready_at": version.ready_at}
            )
    except _Changed:
        log.info("index.version_changed", version=str(version.pk))


class _Changed(Exception):
    """The version was deleted or read anew while it was being indexed."""


def _oldest(generation: IndexGeneration) -> Iterator[Version]:
    """Yield what is outstanding, what came first before the rest, each once."""
    seen: set[uuid.UUID] = set()
    while True:
        some = list(outstanding(generation).exclude(pk__in=seen).select_related("document").order_by("ready_at")[:50])
        if not some:
            return
        seen.update(version.pk for version in some)
        yield from some


def _chunks(version: Version) -> Iterator[Chunk]:
    chunker = Chunker(title=version.document.title, language=version.language, paged=version.paged)
    return itertools.chain.from_iterable(chunker.cut(page) for page in stored_pages(version))


def _batches(chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, ...]]:
    while batch := tuple(itertools.islice(chunks, _AT_ONCE)):
        yield batch


def _lock(version: Version) -> Document:
    """Return the document, locked as readings lock it until the transaction ends; raises `_Changed`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {Collection._meta.db_table} WHERE id = %s FOR KEY SHARE",  # noqa: S608
            [version.document.collection_id],
        )
    document = Document.objects.select_for_update(no_key=True).filter(pk=version.document_id).first()
    now = Version.objects.filter(pk=version.pk, ready_at=version.ready_at).exists()
    if document is None or not now:
        raise _Changed
    return document


def _complete(generation: IndexGeneration) -> bool:
    """Return whether nothing is outstanding, and record the first time that it is so."""
    if outstanding(generation).exists():
        return False
    with transaction.atomic():
        if IndexGeneration.objects.filter(pk=generation.pk, built_at=None).update(built_at=timezone.now()):
            passages = IndexedPassage.objects.filter(generation=generation).count()
            data = {"generation": str(generation), "chunker": generation.chunker_version, "passages": passages}
            records.record(Action.INDEX_BUILT, generation, data=data)
    return True
