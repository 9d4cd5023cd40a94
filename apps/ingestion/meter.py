"""How far a reading has come, as people see it: it only grows, and follows what has been read and what can be found."""

import time

from apps.documents.models import Status, Version
from apps.ingestion import runs
from apps.ingestion.runs import Hold

UPDATE_EVERY = 0.5
_READ, _WRITTEN = 0.3, 0.67
"""The parts of the whole that reading and indexing take; the rest is left for the end."""


class Meter:
    """Shows progress twice a second at most, and so notices a cancel: `show` raises `Stopped` when the run is lost."""

    def __init__(self, hold: Hold, version: Version) -> None:
        self._hold, self._version = hold, version
        self._reached = version.progress
        self._done, self._total, self._pages, self._written = 0, 0, 0, 0.0
        self._shown = 0.0
        self._stage, self._status = "parse", Status.PARSING
        self.show()

    def expect(self, pages: int) -> None:
        """Say how many pages there are, where that is known."""
        self._pages = pages

    def read(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self.show()

    def written(self, pages: float) -> None:
        """Count pages, or parts of one, whose passages can be found."""
        self._written += pages
        self.show()

    def enter(self, stage: str) -> None:
        """Show that nothing is left to be parsed."""
        self._stage, self._status, self._shown = stage, Status.EMBEDDING, 0.0
        self._done = self._total = max(self._total, 1)
        self.show()

    def show(self) -> None:
        now = time.monotonic()
        if now - self._shown < UPDATE_EVERY:
            return
        self._shown = now
        read = min(self._done / self._total, 1.0) if self._total else 0.0
        written = min(self._written / (self._pages or self._total), 1.0) if self._pages or self._total else 0.0
        self._reached = max(self._reached, _READ * read + _WRITTEN * written)
        runs.advance(self._hold, self._version, status=self._status, stage=self._stage, progress=self._reached)
