"""Collections, documents and what was read of them."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from apps.api.schemas.parts import Body, Box, ErrorNote, Id, Shown, Span, Time
from apps.api.schemas.people import RoleName


class Collection(Shown):
    """Documents that are granted together."""

    id: Id
    name: str
    description: str
    allow_download: bool
    is_sample: bool
    role: RoleName = Field(description="What the caller is in it.")
    documents: int
    created_at: Time


class NewCollection(Body):
    name: str
    description: str = ""
    allow_download: bool = True


class CollectionChange(Body):
    name: str | None = None
    description: str | None = None
    allow_download: bool | None = None


class CollectionList(Shown):
    items: list[Collection]
    next: str | None


class ReadingNote(Shown):
    page: int | None
    code: str
    detail: str


class VersionRef(Shown):
    number: int
    filename: str
    bytes: int
    sha256: str
    status: str
    created_at: Time


StatusName = Literal["queued", "parsing", "embedding", "ready", "failed", "cancelled"]


class Document(Shown):
    """A document and how far its latest version has been read."""

    id: Id
    title: str
    collection: Id
    filename: str = ""
    media_type: str = ""
    bytes: int = 0
    sha256: str = ""
    language: str = ""
    status: StatusName = "queued"
    stage: str = ""
    progress: float = Field(0.0, ge=0, le=1)
    error: ErrorNote | None = None
    pages: int = 0
    passages: int = 0
    warnings: list[ReadingNote] = []
    version: int = 1
    versions: list[VersionRef] = []
    created_at: Time
    ready_at: Time | None = None


class UploadedDocument(Document):
    duplicate: bool = Field(False, description="The same bytes were in the collection already; this is that document.")


class Upload(Shown):
    """A file that arrives in pieces, and what it has become."""

    id: Id
    collection: Id
    filename: str
    folder: str
    size: int
    received: int
    document: Id | None
    duplicate: bool
    created_at: Time
    expires_at: Time


class UploadList(Shown):
    items: list[Upload]
    next: str | None


class DocumentChange(Body):
    title: str | None = None
    language: str | None = Field(None, max_length=12, description="Such as `en`, `de`.")


class DocumentList(Shown):
    items: list[Document]
    next: str | None


class Cell(Shown):
    row: int
    column: int
    text: str
    header: bool
    box: Box | None = None


class Block(Shown):
    """A unit in reading order, with its place: boxes on a page, or a span in the text of a format without pages."""

    kind: Literal["heading", "text", "list", "table", "caption", "footnote", "field", "note"]
    text: str
    boxes: list[Box]
    level: int = 0
    span: Span | None = None
    cells: list[Cell] = []


class Page(Shown):
    number: int
    width: float
    height: float
    quality: Literal["read", "poor", "unread"]
    confidence: float
    recognised: bool
    blocks: list[Block]


class Content(Shown):
    """A version as it was read."""

    document: Id
    version: int
    paged: bool
    pages: list[Page]


class PassageDocument(Shown):
    id: Id
    title: str


class Scores(Shown):
    vector: float | None = None
    keyword: float | None = None
    fused: float | None = None
    rerank: float | None = None


class Passage(Shown):
    """A searchable piece of text and its exact place."""

    id: Id
    document: PassageDocument
    collection: Id | None = None
    version: int
    version_id: Id | None = None
    page: int | None
    boxes: list[Box]
    lines: list[Any] = []
    span: Span | None = None
    text: str
    heading: str | None = None
    language: str
    scores: Scores
    rank: int


class Search(Body):
    query: str = Field(min_length=1, max_length=2000)
    collections: list[UUID] = Field([], description="Empty: all that the caller may read.")
    documents: list[UUID] = Field([], description="Empty: all of the collections.")
    limit: int = Field(10, ge=1, le=100)
    explain: bool = Field(False, description="Say also which searches took part and over how many passages.")


class SearchResult(Shown):
    items: list[Passage]
    took_ms: int
    index_generation: str
    legs: list[str] | None = None
    searched: int | None = None
