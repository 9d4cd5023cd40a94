"""Embedding beside everything else: a thread computes vectors while pages are read and what is ready is written."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from apps.ingestion.gathering import Gathered
from apps.ingestion.turns import Turns
from apps.retrieval.embedding import Embedder, Vectors
from apps.retrieval.index import Batch

_AHEAD = 2
_LOOK_EVERY = 0.5
_AT_A_TURN = 16

_turns = Turns()
"""An embedder uses all processors for a batch, so that two at once would only be in each other's way."""

Vectored = Mapping[bytes, Vectors]


@dataclass(frozen=True, slots=True)
class _Waiting:
    gathered: Gathered
    batch: Batch
    vectors: Future[dict[bytes, Vectors]]


class EmbeddingAhead:
    """Embeds batches in order, at most a few ahead; `keep` is called in the caller's thread with each that is ready.

    `look` is called again and again while there is nothing to do but wait; if it raises, the waiting ends.
    """

    def __init__(
        self, embedder: Embedder, keep: Callable[[Gathered, Batch, Vectored], None], look: Callable[[], None]
    ) -> None:
        self._embedder, self._keep, self._look = embedder, keep, look
        self._waiting: deque[_Waiting] = deque()
        self._lately: deque[dict[bytes, Vectors]] = deque(maxlen=_AHEAD + 1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self.seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)  # who was stopped does not wait for a batch under way

    def add(self, gathered: Gathered, batch: Batch) -> None:
        """Have a batch embedded, but for what is in one before it; waits while too many are under way."""
        coming = {key for one in self._waiting for key in one.batch.texts}
        texts = {key: text for key, text in batch.texts.items() if key not in coming}
        self._waiting.append(_Waiting(gathered, batch, self._thread.submit(self._embed, texts)))
        while len(self._waiting) > _AHEAD:
            self._keep_first()

    def settle(self) -> None:
        """Keep what is ready."""
        while self._waiting and self._waiting[0].vectors.done():
            self._keep_first()

    def finish(self) -> None:
        """Wait for everything, and keep it."""
        while self._waiting:
            self._keep_first()

    def _embed(self, texts: dict[bytes, str]) -> dict[bytes, Vectors]:
        """Return the vectors; a few at a turn, and those of like length together, so that a letter never waits for long."""
        keys = sorted(texts, key=lambda key: len(texts[key]), reverse=True)
        vectors: dict[bytes, Vectors] = {}
        for start in range(0, len(keys), _AT_A_TURN):
            some = keys[start : start + _AT_A_TURN]
            with _turns.taken(len(texts)):
                begun = time.monotonic()
                vectors |= zip(some, self._embedder.embed_passages([texts[key] for key in some]), strict=True)
                self.seconds += time.monotonic() - begun
        return vectors

    def _keep_first(self) -> None:
        first = self._waiting[0]
        while True:
            try:
                self._lately.append(first.vectors.result(timeout=_LOOK_EVERY))
                break
            except NotYet:
                self._look()
        self._waiting.popleft()
        known = {key: vector for some in self._lately for key, vector in some.items()}
        self._keep(first.gathered, first.batch, known)
