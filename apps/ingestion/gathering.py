"""From pages as they arrive to batches worth embedding: few at first, so that a document is soon found, then many."""

from dataclasses import dataclass

from apps.documents.parsing import Page
from apps.retrieval.chunking import Chunker
from apps.retrieval.passages import Chunk

_FIRST = 32
_ENOUGH = 128
_MOST = 256
_MOST_PAGES = 64


@dataclass(frozen=True, slots=True)
class Gathered:
    """Pages, the chunks of them, and how many pages are done with these; of a page with very many chunks it is a part."""

    pages: tuple[Page, ...]
    chunks: tuple[Chunk, ...]
    share: float


class Gatherer:
    """Cuts pages and holds them until there are enough."""

    def __init__(self, chunker: Chunker) -> None:
        self._chunker = chunker
        self._pages: list[Page] = []
        self._chunks: list[Chunk] = []
        self._share = 0.0
        self._enough = _FIRST

    @property
    def is_empty(self) -> bool:
        return not self._pages and not self._chunks

    def add(self, page: Page) -> list[Gathered]:
        """Take the next page, and return the batches that are full now."""
        self._pages.append(page)
        self._chunks += self._chunker.cut(page)
        self._share += page.share
        full = []
        while len(self._chunks) >= _MOST:
            full.append(self._take(_MOST))
        if len(self._chunks) >= self._enough or len(self._pages) >= _MOST_PAGES:
            full.append(self.take())
        return full

    def take(self) -> Gathered:
        """Return what is held, however little."""
        return self._take(len(self._chunks))

    def _take(self, count: int) -> Gathered:
        share = self._share * count / len(self._chunks) if self._chunks else self._share
        taken = Gathered(tuple(self._pages), tuple(self._chunks[:count]), share)
        self._pages, self._chunks, self._share = [], self._chunks[count:], self._share - share
        self._enough = _ENOUGH
        return taken
