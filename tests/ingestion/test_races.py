"""Many at once: one document, one run, one reading."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document
from apps.ingestion import runs
from apps.ingestion.models import IngestRun
from apps.ingestion.services import upload_document
from apps.retrieval.index import open_generation
from apps.retrieval.models import IndexGeneration
from tests.fakes import FakeEmbedder
from tests.ingestion.conftest import REPORT, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(times: int, work: Callable[[], object]) -> list[object]:
    """Return what `times` threads, let loose together, returned."""
    gate, results = threading.Barrier(times), []

    def go() -> None:
        try:
            gate.wait()
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == times
    return results


def test_the_same_file_sent_many_times_at_once_is_one_document(scope: Scope, collection: Collection) -> None:
    def send() -> object:
        document, duplicate = upload_document(scope, collection, [REPORT], filename="report.txt")
        return document.pk, duplicate

    results = _at_once(8, send)
    assert len({document for document, _ in results}) == 1  # type: ignore[misc]
    assert sorted(duplicate for _, duplicate in results) == [False] + [True] * 7  # type: ignore[misc]
    assert IngestRun.objects.count() == 1
    kept = [path for path in Path(settings.DATA_DIR / "files").rglob("*") if path.is_file()]
    assert len(kept) == 1


def test_of_many_workers_one_gets_a_run(upload: Callable[..., Document]) -> None:
    run = run_of(upload())
    holds = _at_once(6, lambda: runs.claim(run.pk))
    assert sum(hold is not None for hold in holds) == 1
    run.refresh_from_db()
    assert run.attempts == 1


def test_many_first_writers_open_one_generation() -> None:
    generations = _at_once(6, lambda: open_generation(FakeEmbedder()).pk)
    assert len(set(generations)) == 1
    assert IndexGeneration.objects.count() == 1
