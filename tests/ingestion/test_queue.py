"""How many wait to be read before a document."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.documents.models import Document, Status
from apps.ingestion.models import IngestRun
from apps.ingestion.queue import positions
from tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db


def queued(minutes: int) -> Document:
    document = DocumentFactory(version__status=Status.QUEUED)
    run = IngestRun.objects.create(version=document.latest)
    IngestRun.objects.filter(pk=run.pk).update(created_at=timezone.now() + timedelta(minutes=minutes))
    return document


def test_all_who_wait_are_counted_also_those_not_asked_for() -> None:
    for minutes in (1, 2, 3):
        queued(minutes)
    last, first = queued(9).latest.pk, queued(0).latest.pk
    assert positions([last]) == {last: 4}
    assert positions([last, first]) == {last: 4, first: 0}


def test_what_is_being_read_or_done_waits_no_longer() -> None:
    running = queued(0)
    IngestRun.objects.filter(version=running.latest).update(state=IngestRun.State.RUNNING)
    waiting = queued(1).latest.pk
    assert positions([waiting, running.latest.pk]) == {waiting: 0}
