"""Who waits for whom: places in the queue, and long documents that leave a reader free."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.documents.models import Document, Status
from apps.ingestion import fairness, runs
from apps.ingestion.models import IngestRun
from apps.ingestion.queue import positions
from apps.ingestion.tasks import ingest_version
from tests.ingestion.conftest import run_of

pytestmark = pytest.mark.django_db
State = IngestRun.State


@pytest.fixture
def documents(upload: Callable[..., Document]) -> list[Document]:
    return [upload(f"The rent of house number {n} is due in March.".encode(), filename=f"{n}.txt") for n in range(4)]


@pytest.fixture
def two_readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fairness, "is_long", lambda version, parsed: version.filename in {"0.txt", "1.txt", "2.txt"})
    fairness.set_readers(2)
    yield
    fairness.set_readers(1)


def _held(document: Document, **fields: object) -> IngestRun:
    """Return the run of a document that another worker is reading."""
    run = run_of(document)
    assert runs.claim(run.pk) is not None
    IngestRun.objects.filter(pk=run.pk).update(**fields)
    return run


def test_each_knows_how_many_wait_before_it_in_one_query(documents: list[Document]) -> None:
    ingest_version(str(run_of(documents[1]).pk))
    with CaptureQueriesContext(connection) as queries:
        ahead = positions([document.latest_id for document in documents])
    assert len(queries) == 1
    assert ahead == {documents[0].latest_id: 0, documents[2].latest_id: 1, documents[3].latest_id: 2}


@pytest.mark.usefixtures("two_readers")
def test_a_second_long_document_waits_and_costs_no_attempt(documents: list[Document]) -> None:
    first = _held(documents[0], is_long=True)
    ingest_version(str(run_of(documents[1]).pk))
    second = run_of(documents[1])
    assert (second.state, second.waits_for, second.attempts) == (State.QUEUED, first.pk, 0)
    assert second.version.status == Status.QUEUED


@pytest.mark.usefixtures("two_readers")
def test_a_letter_is_read_beside_a_long_document(documents: list[Document]) -> None:
    _held(documents[0], is_long=True)
    ingest_version(str(run_of(documents[3]).pk))
    assert run_of(documents[3]).state == State.SUCCEEDED


@pytest.mark.usefixtures("two_readers")
def test_a_long_document_is_read_once_the_other_has_ended(documents: list[Document]) -> None:
    first = _held(documents[0], is_long=True)
    ingest_version(str(run_of(documents[1]).pk))
    IngestRun.objects.filter(pk=first.pk).update(state=State.FAILED)
    ingest_version(str(run_of(documents[1]).pk))
    assert run_of(documents[1]).state == State.SUCCEEDED


def test_where_one_document_is_read_at_a_time_none_is_too_long(
    documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "LONG_PAGES", 0)
    ingest_version(str(run_of(documents[0]).pk))
    assert run_of(documents[0]).state == State.SUCCEEDED
