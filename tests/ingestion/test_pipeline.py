"""A run ends as ready or as failed with a sentence, shows how far it is, and stops when told to."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from apps.accounts.scope import Scope
from apps.audit.actions import Action
from apps.audit.log import read_body
from apps.audit.models import Record
from apps.core.errors import Unavailable
from apps.documents import reading
from apps.documents.models import Document, Status, Version
from apps.documents.parsing import Page, Parsed, Progress, Source, Unreadable
from apps.ingestion import meter, pipeline, runs
from apps.ingestion.models import IngestRun
from apps.ingestion.services import cancel_reading, reprocess_document
from apps.ingestion.tasks import ingest_version, sweep_runs
from apps.retrieval.embedding import Vectors
from apps.retrieval.models import IndexedPassage
from apps.retrieval.search import search
from tests.fakes import FakeEmbedder
from tests.ingestion.conftest import run_of
from tests.retrieval.documents import heading, paged, text

pytestmark = pytest.mark.django_db
Upload = Callable[..., Document]
PAGES = [[heading(f"Note {n}"), text(f"Item {n} came to {n * 37} million in the year.")] for n in range(1, 200)]


class Reader:
    """Reads nothing: gives pages one by one, reports progress, and does what a test wants on the way."""

    def __init__(self, parsed: Parsed, during: Callable[[int], object]) -> None:
        self.parsed = parsed
        self.during = during

    @contextmanager
    def __call__(self, source: Source, media_type: str, *, progress: Progress) -> Iterator[Parsed]:
        pages = tuple(self.parsed.pages)

        def read() -> Iterator[Page]:
            for done, page in enumerate(pages):
                self.during(done)
                progress(done, len(pages))
                yield page

        yield replace(self.parsed, pages=read(), page_count=len(pages))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(parsed: Parsed, during: Callable[[int], object] = lambda done: None) -> None:
        monkeypatch.setattr(pipeline, "opened_document", Reader(parsed, during))
        monkeypatch.setattr(meter, "UPDATE_EVERY", 0.0)

    return use


def _failing(error: Exception) -> Callable[..., object]:
    def fail(*args: object, **options: object) -> object:
        raise error

    return fail


def _read(document: Document) -> Version:
    ingest_version(str(run_of(document).pk))
    return Version.objects.get(pk=document.latest_id)


def test_a_block_in_another_language_says_so(upload: Upload, reads: Callable[..., None]) -> None:
    reads(paged([text("Net debt fell to 4,120 million in the year."), text("Чистый долг за год снизился.")]))
    version = _read(upload())
    assert list(version.blocks.values_list("language", flat=True)) == ["", "ru"]


def test_a_document_becomes_searchable(scope: Scope, upload: Upload) -> None:
    document = upload()
    version = _read(document)
    assert (version.status, version.stage, version.progress, version.language) == (Status.READY, "", 1.0, "en")
    assert version.passage_count == IndexedPassage.objects.filter(version=version).count() > 0
    assert version.ready_at is not None
    run = run_of(document)
    assert run.state == IngestRun.State.SUCCEEDED
    assert set(run.seconds) == {"parse", "chunk", "embed", "index"}
    found = search(scope, "How high was net debt?").passages[0]
    assert "4,120 million" in found.text
    assert found.span is not None


def test_pages_and_their_places_are_kept(upload: Upload, reads: Callable[..., None]) -> None:
    reads(paged(*PAGES))
    version = _read(upload())
    assert version.page_count == 199
    assert version.blocks.count() == 398
    row = IndexedPassage.objects.get(version=version, page=7)
    assert row.boxes
    assert [row.text[line["start"] : line["end"]] for line in row.lines] == [
        "Note 7",
        "Item 7 came to 259 million in the year.",
    ]


def test_success_is_recorded_with_what_was_read(upload: Upload) -> None:
    document = upload()
    version = _read(document)
    record = Record.objects.get(action=Action.DOCUMENT_READ)
    assert record.documents == [str(document.pk)]
    data = read_body(record)["data"]
    assert (data["sha256"], data["passages"]) == (version.sha256, version.passage_count)


def test_progress_only_grows_and_follows_what_can_be_found(upload: Upload, reads: Callable[..., None]) -> None:
    seen: list[tuple[str, float, int]] = []
    document = upload()

    def look(done: int) -> None:
        stage, progress = Version.objects.values_list("stage", "progress").get(pk=document.latest_id)
        seen.append((stage, progress, IndexedPassage.objects.filter(in_force=True).count()))

    reads(paged(*PAGES), look)
    _read(document)
    assert {stage for stage, _, _ in seen} == {"parse"}
    values = [progress for _, progress, _ in seen]
    assert values == sorted(values)
    assert 0.3 < values[-1] < 0.97
    found = [count for _, _, count in seen]
    assert found == sorted(found)
    assert 0 < found[-1] < len(PAGES)


def test_what_has_been_read_answers_while_the_rest_is_read(
    scope: Scope, upload: Upload, reads: Callable[..., None]
) -> None:
    document, answers = upload(), []

    def ask(done: int) -> None:
        if done == len(PAGES) - 1:
            answers.append(search(scope, "What did item 1 come to?").passages)

    reads(paged(*PAGES), ask)
    _read(document)
    assert {passage.page for passage in answers[0]} >= {1}


def test_a_file_that_cannot_be_read_ends_with_its_sentence(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Unreadable("This PDF is protected by a password. Send it without.", code="encrypted")
    monkeypatch.setattr(pipeline, "opened_document", _failing(refusal))
    document = upload()
    version = _read(document)
    assert (version.status, version.error_code) == (Status.FAILED, "encrypted")
    assert version.error_detail == "This PDF is protected by a password. Send it without."
    assert run_of(document).state == IngestRun.State.FAILED
    assert read_body(Record.objects.get(action=Action.DOCUMENT_FAILED))["data"]["code"] == "encrypted"


def test_a_document_that_breaks_in_its_middle_leaves_nothing(upload: Upload, reads: Callable[..., None]) -> None:
    def break_off(done: int) -> None:
        if done == 150:
            assert IndexedPassage.objects.exists()
            raise Unreadable("This PDF is damaged or cut off.", code="damaged")

    reads(paged(*PAGES), break_off)
    version = _read(upload())
    assert (version.status, version.error_code, version.page_count) == (Status.FAILED, "damaged", 0)
    assert not IndexedPassage.objects.exists()
    assert not version.blocks.exists()


def test_the_unforeseen_ends_as_failed_and_not_as_silence(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "opened_document", _failing(KeyError("font")))
    version = _read(upload())
    assert (version.status, version.error_code) == (Status.FAILED, "internal")
    assert "font" not in version.error_detail


def test_an_embedder_that_cannot_be_had_is_named(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: FakeEmbedder, texts: list[str]) -> Vectors:
        raise Unavailable("The embedding model could not be loaded.")

    monkeypatch.setattr(FakeEmbedder, "embed_passages", missing)
    version = _read(upload())
    assert (version.status, version.error_code) == (Status.FAILED, "unavailable")
    assert version.error_detail == "The embedding model could not be loaded."


def test_a_failed_second_reading_leaves_the_first_with_a_note(
    scope: Scope, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = upload()
    _read(document)
    reprocess_document(scope, document)
    refusal = Unreadable("The file is no longer there.", code="file_missing")
    monkeypatch.setattr(pipeline, "opened_document", _failing(refusal))
    version = _read(document)
    assert run_of(document).state == IngestRun.State.FAILED
    assert (version.status, version.progress) == (Status.READY, 1.0)
    assert version.warnings == [{"page": None, "code": "not_read_again", "detail": "The file is no longer there."}]
    assert search(scope, "net debt").passages


def test_a_second_reading_takes_the_place_of_the_first_at_its_end(
    scope: Scope, upload: Upload, reads: Callable[..., None]
) -> None:
    document = upload()
    reads(paged(*PAGES))
    _read(document)
    reprocess_document(scope, document)
    before = set(IndexedPassage.objects.values_list("pk", flat=True))
    changed = [[heading(f"Note {n}"), text(f"Item {n} came to {n * 91} million in the year.")] for n in range(1, 190)]

    def look(done: int) -> None:
        assert set(IndexedPassage.objects.filter(in_force=True).values_list("pk", flat=True)) == before
        assert Version.objects.get(pk=document.latest_id).pages.count() == 199

    reads(paged(*changed), look)
    version = _read(document)
    assert (version.status, version.page_count, version.passage_count) == (Status.READY, 189, 189)
    assert version.pages.count() == 189
    rows = IndexedPassage.objects.filter(version=version)
    assert rows.count() == rows.filter(in_force=True, pending=False).count() == 189
    assert rows.get(page=7).text.endswith("637 million in the year.")


def test_a_second_reading_that_is_stopped_changes_nothing(
    scope: Scope, upload: Upload, reads: Callable[..., None]
) -> None:
    document = upload()
    reads(paged(*PAGES))
    _read(document)
    reprocess_document(scope, document)
    before = set(IndexedPassage.objects.values_list("pk", flat=True))
    changed = [[text(f"Item {n} came to {n * 91} million in the year.")] for n in range(1, 190)]
    reads(paged(*changed), lambda done: cancel_reading(scope, document) if done == 180 else None)
    version = _read(document)
    assert (version.status, version.progress) == (Status.READY, 1.0)
    assert set(IndexedPassage.objects.values_list("pk", flat=True)) == before


def test_a_reading_that_was_lost_is_not_found_and_its_vectors_are_used_again(
    scope: Scope, upload: Upload, reads: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, embedded = upload(), []
    embed = FakeEmbedder.embed_passages

    def counting(self: FakeEmbedder, texts: list[str]) -> Vectors:
        embedded.extend(texts)
        return embed(self, texts)

    monkeypatch.setattr(FakeEmbedder, "embed_passages", counting)

    def die(done: int) -> None:
        if done == 180:
            raise OperationalError("the worker is gone")

    reads(paged(*PAGES), die)
    with pytest.raises(OperationalError):
        _read(document)
    assert IndexedPassage.objects.filter(in_force=True).exists()
    IngestRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep_runs()
    assert search(scope, "Item 1").passages == ()
    reads(paged(*PAGES))
    assert _read(document).status == Status.READY
    assert IndexedPassage.objects.filter(in_force=True, pending=False).count() == len(PAGES)
    assert len(embedded) == len(set(embedded)) == len(PAGES)


def test_a_cancel_stops_the_work_at_its_next_step(scope: Scope, upload: Upload, reads: Callable[..., None]) -> None:
    document = upload()
    reached: list[int] = []

    def during(done: int) -> None:
        reached.append(done)
        if done == 3:
            cancel_reading(scope, document)

    reads(paged(*PAGES), during)
    version = _read(document)
    assert reached[-1] == 3
    assert version.status == Status.CANCELLED
    assert run_of(document).state == IngestRun.State.CANCELLED
    assert not IndexedPassage.objects.exists()
    assert not Record.objects.filter(action=Action.DOCUMENT_READ).exists()


@pytest.mark.django_db(transaction=True)
def test_a_cancel_reaches_a_silent_child_within_two_seconds(
    scope: Scope, upload: Upload, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    document, started = upload(), tmp_path / "pid"
    script = f"import os, time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    monkeypatch.setattr(reading, "_COMMAND", (sys.executable, "-c", script))

    def read() -> None:
        _read(document)
        connection.close()

    worker = threading.Thread(target=read)
    worker.start()
    while not (started.exists() and started.read_text()):
        time.sleep(0.01)
    cancelled = time.monotonic()
    cancel_reading(scope, document)
    worker.join()
    assert time.monotonic() - cancelled < 2
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert Version.objects.get(pk=document.latest_id).status == Status.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_cancel_stops_between_batches_of_embedding(
    scope: Scope, upload: Upload, reads: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, batches = upload(), []
    embed, at_the_database = FakeEmbedder.embed_passages, threading.Lock()

    def cancelling(self: FakeEmbedder, texts: list[str]) -> Vectors:
        batches.append(len(texts))
        if len(batches) == 1:
            with at_the_database:
                cancel_reading(scope, document)
                connection.close()  # embedding is done in a thread of its own
        return embed(self, texts)

    monkeypatch.setattr(FakeEmbedder, "embed_passages", cancelling)
    reads(paged(*PAGES))
    assert _read(document).status == Status.CANCELLED
    with at_the_database:  # that thread may still be at its end, and tables are emptied after this
        assert len(batches) <= 3


def test_a_document_deleted_meanwhile_leaves_nothing(upload: Upload, reads: Callable[..., None]) -> None:
    document = upload()
    run = run_of(document)
    reads(paged(*PAGES), lambda done: Document.objects.filter(pk=document.pk).delete() if done == 2 else None)
    ingest_version(str(run.pk))
    assert not Version.objects.exists()
    assert not IndexedPassage.objects.exists()


def test_a_worker_that_lost_its_run_writes_nothing(upload: Upload, reads: Callable[..., None]) -> None:
    document = upload()
    run = run_of(document)

    def taken_over(done: int) -> None:
        if done == 2:
            IngestRun.objects.filter(pk=run.pk).update(lease_until=None)
            assert runs.claim(run.pk) is not None

    reads(paged(*PAGES), taken_over)
    version = _read(document)
    assert version.status == Status.PARSING
    assert run_of(document).attempts == 2
    assert not IndexedPassage.objects.exists()


def test_a_run_whose_version_is_gone_is_a_clean_exit(upload: Upload) -> None:
    document = upload()
    run = run_of(document)
    document.delete()
    ingest_version(str(run.pk))
    assert not IndexedPassage.objects.exists()
