"""From stored bytes to searchable passages: four stages and the loop that runs them.

A stage is a function from one value to the next. The loop owns progress, cancelling, timings, success and failure, so that
no stage knows of any of them.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from apps.core.errors import Unavailable
from apps.documents import media, storage
from apps.documents.content import save_parsed
from apps.documents.language import detect_language
from apps.documents.models import Status, Version
from apps.documents.parsing import Parsed, Unreadable
from apps.documents.reading import opened_document, source_of
from apps.ingestion import runs
from apps.ingestion.models import IngestRun
from apps.ingestion.runs import Hold, Stopped
from apps.retrieval.chunking import chunk as cut
from apps.retrieval.embedding import get_embedder
from apps.retrieval.index import Prepared, Progress, embed_chunks, write_passages
from apps.retrieval.passages import Chunk

_HEARTBEAT = 10.0
_UPDATE_EVERY = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    version: Version
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Cut:
    version: Version
    parsed: Parsed
    chunks: list[Chunk]


@dataclass(frozen=True, slots=True)
class Embedded:
    version: Version
    parsed: Parsed
    prepared: Prepared


def parse(version: Version, progress: Progress) -> Read:
    """Read the stored bytes, in a child process."""
    path = storage.path_of(version.sha256)
    if not path.exists():
        raise Unreadable(_("The file is no longer there. Send it again."), code="file_missing")
    source = source_of(version)
    with opened_document(source, media.detect(path, version.filename), progress=progress) as opened:
        parsed = opened.whole()
    return Read(version, replace(parsed, language=version.language or parsed.language or _language(parsed)))


def chunk(read: Read, progress: Progress) -> Cut:
    """Cut what was read into passages."""
    return Cut(read.version, read.parsed, cut(read.parsed, title=read.version.document.title))


def embed(cut: Cut, progress: Progress) -> Embedded:
    """Compute the vectors of the passages that are new."""
    return Embedded(cut.version, cut.parsed, embed_chunks(cut.version, cut.chunks, get_embedder(), progress=progress))


def index(embedded: Embedded, progress: Progress) -> int:
    """Keep what was read and make it searchable; return the number of passages."""
    save_parsed(embedded.version, embedded.parsed)
    return write_passages(embedded.version, embedded.prepared)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step, what the document's status is meanwhile, and the part of the whole that it takes."""

    name: str
    run: Callable[[Any, Progress], Any]  # each takes what the one before it returns
    status: Status
    start: float
    end: float


STAGES = (
    Stage("parse", parse, Status.PARSING, 0.0, 0.3),
    Stage("chunk", chunk, Status.PARSING, 0.3, 0.32),
    Stage("embed", embed, Status.EMBEDDING, 0.32, 0.97),
    Stage("index", index, Status.EMBEDDING, 0.97, 1.0),
)


def read_version(hold: Hold) -> None:
    """Take a held run to its end: its version is ready or failed with a sentence, or the run is no longer ours."""
    run = IngestRun.objects.select_related("version__document").filter(pk=hold.run_id).first()
    if run is None:
        return
    seconds: dict[str, float] = {}
    with structlog.contextvars.bound_contextvars(run=str(hold.run_id)), _kept_alive(hold):
        try:
            _run_stages(hold, run.version, seconds)
        except Stopped:
            log.info("ingest.stopped")
        except (OperationalError, InterfaceError):
            raise  # without a database nothing can be ended; the lease runs out and the run is taken up again
        except (Unreadable, Unavailable) as error:
            _fail(hold, run.version, error.code, error.detail, seconds)
        except Exception:
            log.exception("ingest.failed")
            detail = _(
                "Something unforeseen went wrong while this document was read. "
                "Have it read again; if that fails too, ask the administrator to look at the worker’s log."
            )
            _fail(hold, run.version, "internal", detail, seconds)


def _run_stages(hold: Hold, version: Version, seconds: dict[str, float]) -> None:
    value: Any = version
    *steps, last = STAGES
    for stage in steps:
        with _timed(stage, seconds):
            value = stage.run(value, _progress(hold, version, stage))
    with transaction.atomic():
        run = runs.lock(hold, version)
        with _timed(last, seconds):
            passages = last.run(value, _unseen)
        runs.succeed(run, version, passages=passages, seconds=seconds)


def _fail(hold: Hold, version: Version, code: str, detail: str, seconds: dict[str, float]) -> None:
    log.info("ingest.refused", code=code)
    try:
        runs.fail(hold, version, code=code, detail=detail, seconds=seconds)
    except Stopped:
        log.info("ingest.stopped")


def _progress(hold: Hold, version: Version, stage: Stage) -> Progress:
    """Return what a stage calls: it shows how far things are, twice a second at most, and raises `Stopped` on a cancel."""
    shown = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _UPDATE_EVERY:
            shown = now
            share = min(done / total, 1.0) if total else 0.0
            reached = stage.start + (stage.end - stage.start) * share
            runs.advance(hold, version, status=stage.status, stage=stage.name, progress=reached)

    progress(0, 0)
    return progress


def _unseen(done: int, total: int) -> None:
    """Inside the last transaction nobody could see progress."""


@contextmanager
def _timed(stage: Stage, seconds: dict[str, float]) -> Iterator[None]:
    started = time.monotonic()
    yield
    seconds[stage.name] = round(time.monotonic() - started, 3)
    log.info("ingest.stage_done", stage=stage.name, seconds=seconds[stage.name])


@contextmanager
def _kept_alive(hold: Hold) -> Iterator[None]:
    """Renew the lease from a thread of its own, since loading weights or writing a long document may take a while."""
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(_HEARTBEAT):
                runs.renew(hold)
        except Stopped:
            pass  # the loop notices by itself
        except DatabaseError:
            log.warning("ingest.lease_not_renewed")
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _language(parsed: Parsed) -> str:
    """Return the language of the middle of the document, where there is more text than names and addresses."""
    texts = [block.text for page in parsed.pages for block in page.blocks if len(block.text) > 40]
    return detect_language(" ".join(texts[len(texts) // 3 :][:100]))
