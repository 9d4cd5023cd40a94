"""What becomes of what is read: a first reading is found as it goes, a later one takes the place of the earlier at its end."""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO, Protocol

from django.db import transaction

from apps.documents.models import Version
from apps.documents.parsing import Page, Parsed, ReadingNote
from apps.documents.saving import PageSaver
from apps.ingestion import runs
from apps.ingestion.gathering import Gathered, Gatherer
from apps.ingestion.overlap import Vectored
from apps.ingestion.runs import Hold
from apps.retrieval.chunking import Chunker
from apps.retrieval.index import Batch, PassageWriter
from apps.retrieval.models import IndexGeneration
from apps.retrieval.passages import Chunk


class Reading(Protocol):
    """Takes batches in reading order; `keep` commits each, and raises `Stopped` where the run is no longer held."""

    def prepare(self, chunks: Sequence[Chunk]) -> Batch: ...

    def keep(self, gathered: Gathered, batch: Batch, vectors: Vectored) -> None: ...

    def finish(self, notes: Iterable[ReadingNote] = ()) -> int:
        """Bring the whole into its place with `notes` beside those of its reader, in the caller's transaction, and return the
        number of passages."""
        ...


class FirstReading:
    """Every batch is searchable once it is kept."""

    def __init__(self, hold: Hold, version: Version, parsed: Parsed, generation: IndexGeneration) -> None:
        self._hold, self._version, self._parsed = hold, version, parsed
        self._saver = PageSaver(version)
        self._writer = PassageWriter(version, generation)
        self._has_begun = False

    def prepare(self, chunks: Sequence[Chunk]) -> Batch:
        return self._writer.prepare(chunks)

    def keep(self, gathered: Gathered, batch: Batch, vectors: Vectored) -> None:
        with transaction.atomic():
            runs.lock(self._hold, self._version)
            self._begin()
            self._saver.add(gathered.pages)
            self._writer.write(batch, vectors, self._version.document)

    def finish(self, notes: Iterable[ReadingNote] = ()) -> int:
        self._begin()
        self._saver.finish(_with_notes(self._parsed, notes))
        return self._writer.finish()

    def _begin(self) -> None:
        if not self._has_begun:
            self._saver.begin(self._parsed)
            self._has_begun = True


class LaterReading:
    """Vectors are kept as they come, where searches do not see them, and pages in a file; at the end all of it is swapped in."""

    def __init__(
        self, hold: Hold, version: Version, parsed: Parsed, generation: IndexGeneration, spool: IO[bytes]
    ) -> None:
        self._hold, self._version, self._parsed, self._generation = hold, version, parsed, generation
        self._title = version.document.title
        self._writer = PassageWriter(version, generation)
        self._spool = spool

    def prepare(self, chunks: Sequence[Chunk]) -> Batch:
        return self._writer.prepare(chunks)

    def keep(self, gathered: Gathered, batch: Batch, vectors: Vectored) -> None:
        for page in gathered.pages:
            pickle.dump(page, self._spool)
        with transaction.atomic():
            runs.lock(self._hold, self._version)
            self._writer.write(batch, vectors, self._version.document, pending=True)

    def finish(self, notes: Iterable[ReadingNote] = ()) -> int:
        saver, writer = PageSaver(self._version), PassageWriter(self._version, self._generation)
        saver.begin(self._parsed)
        for gathered in self._again():
            saver.add(gathered.pages)
            writer.write(writer.prepare(gathered.chunks), {}, self._version.document)
        saver.finish(_with_notes(self._parsed, notes))
        return writer.finish()

    def _again(self) -> Iterator[Gathered]:
        gatherer = Gatherer(Chunker(title=self._title, language=self._parsed.language, paged=self._parsed.paged))
        self._spool.seek(0)
        while True:
            try:
                page: Page = pickle.load(self._spool)  # noqa: S301  # written by this process, into a file without a name
            except EOFError:
                break
            yield from gatherer.add(page)
        if not gatherer.is_empty:
            yield gatherer.take()


def _with_notes(parsed: Parsed, notes: Iterable[ReadingNote]) -> Parsed:
    return replace(parsed, warnings=(*parsed.warnings, *notes))
