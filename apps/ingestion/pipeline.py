"""From stored bytes to searchable passages.

A child process parses, a thread embeds, and this one cuts, writes and keeps watch: the stages overlap, batch by batch. What
owns progress, cancelling, timings, success and failure is here, so that no stage knows of any of them.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from apps.core.errors import Unavailable
from apps.documents import media
from apps.documents.language import detect_language, mark_languages
from apps.documents.models import Version
from apps.documents.parsing import Page, Parsed, Unreadable
from apps.documents.reading import opened_document, source_of
from apps.ingestion import runs
from apps.ingestion.addressed import AddressWatch
from apps.ingestion.attachments import keep_attachments
from apps.ingestion.copying import copy_reading
from apps.ingestion.fairness import wait_if_long
from apps.ingestion.gathering import Gathered, Gatherer
from apps.ingestion.meter import Meter
from apps.ingestion.models import IngestRun
from apps.ingestion.overlap import EmbeddingAhead, Vectored
from apps.ingestion.readings import FirstReading, LaterReading, Reading
from apps.ingestion.runs import Hold, Stopped
from apps.retrieval.chunking import Chunker
from apps.retrieval.embedding import Embedder
from apps.retrieval.index import Batch, live_embedder, open_generation

_HEARTBEAT = 10.0
_LONGEST = 60 * 60.0
_PATIENCE = 2.0
_PAGES_TO_KNOW_THE_LANGUAGE = 8
_LETTERS_TO_KNOW_THE_LANGUAGE = 4000

log = structlog.get_logger(__name__)


@dataclass
class Clock:
    """The seconds that each stage took; stages overlap, so that they may be more than passed."""

    seconds: dict[str, float] = field(default_factory=dict)
    _inside: float = 0.0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the time of the block, but for what is timed inside it."""
        outside, self._inside, started = self._inside, 0.0, time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - started
            self.add(stage, took - self._inside)
            self._inside = outside + took

    def add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + seconds, 3)


def read_version(hold: Hold) -> None:
    """Take a held run to its end: its version is ready or failed with a sentence, or the run is no longer ours."""
    run = IngestRun.objects.select_related("version__document").filter(pk=hold.run_id).first()
    if run is None:
        return
    clock = Clock()
    with structlog.contextvars.bound_contextvars(run=str(hold.run_id)), _kept_alive(hold):
        try:
            if not copy_reading(hold, run, clock.seconds):
                _read(hold, run.version, clock)
            log.info("ingest.done", **clock.seconds)
        except Stopped:
            log.info("ingest.stopped")
        except (OperationalError, InterfaceError):
            raise  # without a database nothing can be ended; the lease runs out and the run is taken up again
        except (Unreadable, Unavailable) as error:
            _fail(hold, run.version, error.code, error.detail, clock)
        except Exception:
            log.exception("ingest.failed")
            detail = _(
                "Something unforeseen went wrong while this document was read. "
                "Have it read again; if that fails too, ask the administrator to look at the worker’s log."
            )
            _fail(hold, run.version, "internal", detail, clock)


def _read(hold: Hold, version: Version, clock: Clock) -> None:
    source = source_of(version)
    if not source.path.exists():
        raise Unreadable(_("The file is no longer there. Send it again."), code="file_missing")
    media_type = media.detect(source.path, version.filename)
    embedder = live_embedder()
    generation = open_generation(embedder)
    meter = Meter(hold, version)
    with tempfile.TemporaryFile() as spool:
        flow: _Flow | None = None

        def arrive(done: int, total: int) -> None:
            meter.read(done, total)
            if flow is not None:
                flow.look()

        with opened_document(source, media_type, progress=arrive) as opened:
            wait_if_long(hold, version, opened)
            parsed, pages = _with_language(opened, version)
            reading: Reading
            if version.ready_at is None:
                reading = FirstReading(hold, version, parsed, generation)
            else:
                reading = LaterReading(hold, version, parsed, generation, spool)
            meter.expect(parsed.page_count if parsed.paged else 1)
            flow = _Flow(version, parsed, reading, meter, clock, embedder)
            with flow.embedding:
                flow.take(pages)
                meter.enter("embed")
                flow.finish()
        keep_attachments(hold, version, parsed.attachments, source, media_type)
        meter.enter("index")
        with transaction.atomic():
            run = runs.lock(hold, version)
            with clock.timed("index"):
                passages = reading.finish(flow.watch.notes)
            clock.add("embed", flow.embedding.seconds)
            runs.succeed(run, version, passages=passages, seconds=clock.seconds)


class _Flow:
    """Pages in, batches out: what arrives is cut and handed to be embedded, what has been embedded is kept."""

    def __init__(
        self, version: Version, parsed: Parsed, reading: Reading, meter: Meter, clock: Clock, embedder: Embedder
    ) -> None:
        self._reading, self._meter, self._clock = reading, meter, clock
        self._language = parsed.language
        chunker = Chunker(title=version.document.title, language=parsed.language, paged=parsed.paged)
        self._gatherer = Gatherer(chunker)
        self._handed_on = time.monotonic()
        self.watch = AddressWatch()
        self.embedding = EmbeddingAhead(embedder, self._keep, meter.show)

    def take(self, pages: Iterator[Page]) -> None:
        """Take all pages."""
        while True:
            with self._clock.timed("parse"):
                page = next(pages, None)
            if page is None:
                return
            with self._clock.timed("chunk"):
                self.watch.look(page)
                full = self._gatherer.add(mark_languages(page, self._language))
            for gathered in full:
                self._hand_on(gathered)

    def look(self) -> None:
        """Keep what is ready, and let what has been held for a while go on, though it is little."""
        self.embedding.settle()
        if not self._gatherer.is_empty and time.monotonic() - self._handed_on > _PATIENCE:
            self._hand_on(self._gatherer.take())

    def finish(self) -> None:
        if not self._gatherer.is_empty:
            self._hand_on(self._gatherer.take())
        self.embedding.finish()

    def _hand_on(self, gathered: Gathered) -> None:
        self._handed_on = time.monotonic()
        self.embedding.add(gathered, self._reading.prepare(gathered.chunks))
        self.embedding.settle()

    def _keep(self, gathered: Gathered, batch: Batch, vectors: Vectored) -> None:
        with self._clock.timed("index"):
            self._reading.keep(gathered, batch, vectors)
        self._meter.written(gathered.share)


def _with_language(opened: Parsed, version: Version) -> tuple[Parsed, Iterator[Page]]:
    """Return the document with its language, and its pages: those it was told by are the first."""
    pages = iter(opened.pages)
    if language := version.language or opened.language:
        return replace(opened, language=language), pages
    head: list[Page] = []
    texts: list[str] = []
    for page in pages:
        head.append(page)
        texts += [block.text for block in page.blocks if len(block.text) > 40]
        if len(head) >= _PAGES_TO_KNOW_THE_LANGUAGE or sum(map(len, texts)) > _LETTERS_TO_KNOW_THE_LANGUAGE:
            break
    sample = " ".join(texts[len(texts) // 3 :] or (block.text for page in head for block in page.blocks))
    return replace(opened, language=detect_language(sample)), chain(head, pages)


def _fail(hold: Hold, version: Version, code: str, detail: str, clock: Clock) -> None:
    log.info("ingest.refused", code=code)
    try:
        runs.fail(hold, version, code=code, detail=detail, seconds=clock.seconds)
    except Stopped:
        log.info("ingest.stopped")


@contextmanager
def _kept_alive(hold: Hold) -> Iterator[None]:
    """Renew the lease from a thread of its own, since loading weights or writing a long document may take a while.

    Whatever takes longer than anything should is not kept alive: another worker takes it up, and this one is locked out.
    """
    done, until = threading.Event(), time.monotonic() + _LONGEST

    def renew() -> None:
        try:
            while not done.wait(_HEARTBEAT) and time.monotonic() < until:
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
