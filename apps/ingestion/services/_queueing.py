"""Runs made in the transaction of a change, and rung for once it has held."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction

from apps.core.errors import NotFound
from apps.documents.models import Document, Status, Version
from apps.ingestion.models import IngestRun
from apps.ingestion.tasks import ring


def queue(versions: Iterable[Version]) -> None:
    """Make the run that reads each version, and ring for it once the transaction has held."""
    for run in IngestRun.objects.bulk_create([IngestRun(version=version) for version in versions], batch_size=500):
        transaction.on_commit(partial(ring, run.pk))


def latest_of(document: Document) -> Version:
    if document.latest is None:
        raise NotFound
    return document.latest


def wait_again(version: Version) -> None:
    """Have a version wait as if it had just been added; if it has been read, it answers until it has been again."""
    if version.status in {Status.FAILED, Status.CANCELLED}:
        version.ready_at = None
    version.status, version.stage, version.progress = Status.QUEUED, "", 0.0
    version.error_code, version.error_detail = "", ""


WAITING_FIELDS = ["status", "stage", "progress", "error_code", "error_detail", "ready_at"]
"""What `wait_again` sets."""
