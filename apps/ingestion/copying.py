"""The same bytes are read once: a version that would be read exactly as another was is given what came of that."""

import time

from django.db import connection, transaction

from apps.documents.models import Collection, Document, Version
from apps.documents.saving import copy_pages
from apps.ingestion import runs
from apps.ingestion.models import IngestRun
from apps.ingestion.runs import Hold
from apps.ingestion.twins import finished_twin
from apps.retrieval.index import copy_passages, live_generation


class _Gone(Exception):
    """The twin, or a part of what was read of it, is no longer there."""


def copy_reading(hold: Hold, run: IngestRun, seconds: dict[str, float]) -> bool:
    """Give the run's version the reading of its twin and end the run; return whether there was one to be had.

    One with attachments is read again, since those have to become documents in their own collection.
    """
    twin = finished_twin(run)
    if twin is None or twin.attachments.exists():
        return False
    started = time.monotonic()
    try:
        with transaction.atomic():
            held = runs.lock(hold, run.version)
            passages = _copy(twin, run.version)
            seconds["copy"] = round(time.monotonic() - started, 3)
            runs.succeed(held, run.version, passages=passages, seconds=seconds)
    except _Gone:
        seconds.pop("copy", None)
        return False
    return True


def _copy(twin: Version, version: Version) -> int:
    generation = live_generation()
    if generation is None:
        raise _Gone
    _hold(twin)
    copy_pages(twin, version)
    passages = copy_passages(twin, version, generation)
    if passages != twin.passage_count:  # some are of an earlier generation
        raise _Gone
    return passages


def _hold(twin: Version) -> None:
    """Keep the twin from being deleted until the transaction ends; in the order in which those who delete lock."""
    with connection.cursor() as cursor:
        for model, key in ((Collection, twin.document.collection_id), (Document, twin.document_id)):
            cursor.execute(f"SELECT 1 FROM {model._meta.db_table} WHERE id = %s FOR KEY SHARE", [key])  # noqa: S608
            if cursor.fetchone() is None:
                raise _Gone
