"""A run ends as ready or as failed with a sentence, shows how far it is, and stops when told to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.accounts.scope import Scope
from apps.audit.actions import Action
from apps.audit.log import read_body
from apps.audit.models import Record
from apps.core.errors import Unavailable
from apps.documents.models import Document, Status, Version
from apps.documents.parsing import Parsed, Progress, Unreadable
from apps.ingestion import pipeline, runs
from apps.ingestion.models import IngestRun
from apps.ingestion.services import cancel_reading
from apps.ingestion.tasks import ingest_version
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
    """Reads nothing: reports progress page by page, and does what a test wants on the way."""

    def __init__(self, parsed: Parsed, during: Callable[[int], object] = lambda done: None) -> None:
        self.parsed = parsed
        self.during = during

    def __call__(self, path: Path, media_type: str, *, progress: Progress) -> Parsed:
        for done in range(len(self.parsed.pages)):
            self.during(done)
            progress(done, len(self.parsed.pages))
        return self.parsed


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(parsed: Parsed, during: Callable[[int], object] = lambda done: None) -> None:
        monkeypatch.setattr(pipeline, "read_document", Reader(parsed, during))
        monkeypatch.setattr(pipeline, "_UPDATE_EVERY", 0.0)

    return use


def _read(document: Document) -> Version:
    ingest_version(str(run_of(document).pk))
    return Version.objects.get(pk=document.latest_id)


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


def test_progress_only_grows_and_names_its_stage(upload: Upload, reads: Callable[..., None]) -> None:
    seen: list[tuple[str, float]] = []
    document = upload()

    def look(done: int) -> None:
        seen.append(Version.objects.values_list("stage", "progress").get(pk=document.latest_id))

    reads(paged(*PAGES), look)
    _read(document)
    assert {stage for stage, _ in seen} == {"parse"}
    values = [progress for _, progress in seen]
    assert values == sorted(values)
    assert 0 < values[-1] < 0.31


def test_a_file_that_cannot_be_read_ends_with_its_sentence(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, media_type: str, *, progress: Progress) -> Parsed:
        raise Unreadable("This PDF is protected by a password. Send it without.", code="encrypted")

    monkeypatch.setattr(pipeline, "read_document", refuse)
    document = upload()
    version = _read(document)
    assert (version.status, version.error_code) == (Status.FAILED, "encrypted")
    assert version.error_detail == "This PDF is protected by a password. Send it without."
    assert run_of(document).state == IngestRun.State.FAILED
    assert read_body(Record.objects.get(action=Action.DOCUMENT_FAILED))["data"]["code"] == "encrypted"


def test_the_unforeseen_ends_as_failed_and_not_as_silence(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(path: Path, media_type: str, *, progress: Progress) -> Parsed:
        raise KeyError("font")

    monkeypatch.setattr(pipeline, "read_document", explode)
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


def test_a_failed_second_reading_takes_the_document_out_of_search(
    scope: Scope, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.ingestion.services import reprocess_document

    document = upload()
    _read(document)
    reprocess_document(scope, document)
    monkeypatch.setattr(pipeline, "read_document", lambda *args, **options: 1 / 0)
    _read(document)
    assert search(scope, "net debt").passages == ()


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


def test_a_cancel_stops_between_batches_of_embedding(
    scope: Scope, upload: Upload, reads: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, batches = upload(), []
    embed = FakeEmbedder.embed_passages

    def cancelling(self: FakeEmbedder, texts: list[str]) -> Vectors:
        batches.append(len(texts))
        cancel_reading(scope, document)
        return embed(self, texts)

    monkeypatch.setattr(FakeEmbedder, "embed_passages", cancelling)
    reads(paged(*PAGES))
    assert _read(document).status == Status.CANCELLED
    assert len(batches) == 1


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
