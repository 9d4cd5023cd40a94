"""Documents that can be searched, made through the real index with the fake embedder."""

from collections.abc import Sequence

from apps.documents.models import Collection, Document
from apps.documents.parsing import Block, Parsed
from apps.retrieval.chunking import chunk
from apps.retrieval.index import replace_passages
from tests.factories import DocumentFactory
from tests.fakes import FakeEmbedder
from tests.retrieval.documents import paged, text


def unseen(done: int, total: int) -> None:
    """Progress that nobody watches."""


def index_parsed(document: Document, parsed: Parsed) -> int:
    assert document.latest is not None
    return replace_passages(document.latest, chunk(parsed, title=document.title), FakeEmbedder(), progress=unseen)


def indexed(
    collection: Collection, *pages: str | Sequence[Block], title: str = "Report", language: str = "en"
) -> Document:
    """Return a document with one passage a page."""
    document: Document = DocumentFactory(collection=collection, title=title, version__language=language)
    blocks = [[text(page)] if isinstance(page, str) else page for page in pages]
    index_parsed(document, paged(*blocks, language=language))
    return document
