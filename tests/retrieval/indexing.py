"""Documents that can be searched, made through the real index with the fake embedder."""

from collections.abc import Sequence

from apps.documents.models import Collection, Document
from apps.documents.parsing import Block, Parsed
from apps.retrieval.chunking import chunk
from apps.retrieval.index import PassageWriter, open_generation
from tests.factories import DocumentFactory
from tests.fakes import FakeEmbedder
from tests.retrieval.documents import paged, text


def index_parsed(document: Document, parsed: Parsed, embedder: FakeEmbedder | None = None) -> int:
    """Have the latest version answer with the chunks of `parsed`; return their number."""
    version, embedder = document.latest, embedder or FakeEmbedder()
    assert version is not None
    writer = PassageWriter(version, open_generation(embedder))
    batch = writer.prepare(chunk(parsed, title=document.title))
    vectors = dict(zip(batch.texts, embedder.embed_passages(list(batch.texts.values())), strict=True))
    writer.write(batch, vectors, document)
    return writer.finish()


def indexed(
    collection: Collection, *pages: str | Sequence[Block], title: str = "Report", language: str = "en"
) -> Document:
    """Return a document with one passage a page."""
    document: Document = DocumentFactory(collection=collection, title=title, version__language=language)
    blocks = [[text(page)] if isinstance(page, str) else page for page in pages]
    index_parsed(document, paged(*blocks, language=language))
    return document
