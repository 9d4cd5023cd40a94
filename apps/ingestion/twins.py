"""Which runs would do the same: equal bytes under equal names, read by the same parser and cut by the same rules."""

import hashlib
import json
import uuid

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.documents.models import Status, Version
from apps.documents.parsing import PARSER_VERSION
from apps.ingestion.models import IngestRun
from apps.retrieval.chunking import CHUNKER_VERSION


def key_of(version: Version) -> str:
    """Return what decides how a version is read; empty where that is nobody else's: behind a password, or read before."""
    if version.password or version.ready_at is not None:
        return ""
    decisive = [
        version.sha256, version.filename, version.media_type, version.language, version.document.title,
        PARSER_VERSION, CHUNKER_VERSION,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def finished_twin(run: IngestRun) -> Version | None:
    """Return a version that has been read as this run would read its own; None where there is none."""
    if not run.reading_key:
        return None
    done = IngestRun.objects.filter(
        reading_key=run.reading_key,
        state=IngestRun.State.SUCCEEDED,
        version__status=Status.READY,
        version__parser_version=PARSER_VERSION,
    )
    later = IngestRun.objects.filter(
        version=OuterRef("version"), state=IngestRun.State.SUCCEEDED, created_at__gt=OuterRef("created_at")
    )  # read again under another title, perhaps
    twin = done.exclude(version=run.version_id).filter(~Exists(later)).select_related("version__document").first()
    return twin.version if twin else None


def busy_twin(run: IngestRun) -> uuid.UUID | None:
    """Return the run that is doing the same just now and will be copied from. Until the transaction ends, no other begins to."""
    if not run.reading_key or finished_twin(run) is not None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [run.reading_key])
    busy = IngestRun.objects.filter(
        reading_key=run.reading_key, state=IngestRun.State.RUNNING, lease_until__gt=timezone.now()
    )
    return busy.exclude(pk=run.pk).order_by("started_at").values_list("pk", flat=True).first()
