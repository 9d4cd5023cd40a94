"""With a real worker: it may be killed in the middle of a document, and the document is ready in the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from apps.audit.actions import Action
from apps.audit.models import Record
from apps.documents.models import Document, Status, Version
from apps.ingestion import tasks
from apps.ingestion.models import IngestRun
from apps.retrieval.models import IndexedPassage
from apps.retrieval.remote import RemoteEmbedder
from tests.ingestion.conftest import run_of

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
PARAGRAPHS = 200


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start the worker on the tests' database, queue and folder."""
    database = make_conninfo(django_settings.ENV.database_url, dbname=connection.settings_dict["NAME"])
    environment = os.environ | {"TOULMIN_DATABASE_URL": database, "TOULMIN_DATA_DIR": str(tmp_path)}
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / "worker.log").open("ab")
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "config",
                "worker",
                "-Q",
                "answers,ingestion",
                "--pool=threads",
                "-c2",
            ],
            env=environment,
            cwd=django_settings.BASE_DIR,
            stdout=log,
            stderr=log,
        )
        running.append(worker)
        return worker

    yield start
    for worker in running:
        worker.kill()
        worker.wait()


def _until(holds: Callable[[], Any], *, seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def _status(document: Document) -> str:
    return str(Version.objects.values_list("status", flat=True).get(pk=document.latest_id))


def test_a_killed_worker_costs_time_and_nothing_else(
    upload: Callable[..., Document], start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    worker = start_worker()
    words = "The group repaid its borrowings when they fell due and drew nothing new in the period under review. " * 6
    document = upload("\n\n".join(f"Paragraph {n}. {words}" for n in range(PARAGRAPHS)).encode())
    _until(lambda: _status(document) == Status.EMBEDDING)
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    IngestRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep_runs()
    assert not IndexedPassage.objects.filter(in_force=True).exists()
    start_worker()
    _until(lambda: _status(document) == Status.READY)
    run = run_of(document)
    assert (run.state, run.attempts) == (IngestRun.State.SUCCEEDED, 2)
    assert IndexedPassage.objects.filter(in_force=True, pending=False).count() >= PARAGRAPHS
    assert Record.objects.filter(action=Action.DOCUMENT_READ).count() == 1

    question = RemoteEmbedder("all-MiniLM-L6-v2").embed_question("When were borrowings repaid?")
    assert question.shape == (384,)
