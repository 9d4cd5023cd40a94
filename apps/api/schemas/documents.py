"""Collections, documents and what was read of them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from apps.api.schemas.parts import Body, Box, ErrorNote, Id, Shown, Span, Time
from apps.api.schemas.people import RoleName
from apps.retrieval.within import Filters

KindName = Literal["pdf", "text", "sheet", "slides", "mail", "web", "picture"]
LanguageCode = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")]


class Totals(Shown):
    """Sums over the latest versions of a collection's documents."""

    documents: int
    pages: int
    unread: int = Field(description="Pages of which nothing could be read.")
    poor: int = Field(description="Pages that were read poorly.")
    failed: int = Field(description="Documents whose reading has failed.")


class Collection(Shown):
    """Documents that are granted together."""

    id: Id
    name: str
    description: str
    allow_download: bool
    is_sample: bool
    role: RoleName = Field(description="What the caller is in it.")
    documents: int
    totals: Totals
    created_at: Time


class Reprocessed(Shown):
    documents: int = Field(description="How many are read again.")


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
    """One version: who added it when, and from which day on it counts."""

    number: int
    filename: str
    bytes: int
    sha256: str
    status: str
    effective_from: str | None = Field(None, description="Null: from the day it was added.")
    in_force: bool = Field(False, description="The version that searches and answers use.")
    created_at: Time
    created_by: str = Field("", description="Name of who added it; empty where they are gone.")
    ready_at: Time | None = None


class AttachmentRef(Shown):
    """A file found inside a document."""

    name: str
    bytes: int
    document: Id | None = Field(description="The document that was made of it; null where `detail` says why not.")
    detail: str = ""


class Queue(Shown):
    ahead: int = Field(description="How many wait before it.")


class PagesRead(Shown):
    unread: int
    poor: int


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
    in_force: int | None = Field(None, description="The version that searches and answers use.")
    effective_from: str | None = None
    folder: str = Field("", description="Where it lay in the folder it was added with.")
    attached_to: Id | None = None
    attachments: list[AttachmentRef] = []
    metadata: dict[str, Any] = Field({}, description="What the file says of itself.")
    queue: Queue | None = None
    reading: PagesRead | None = None
    outdated: bool = Field(False, description="A newer parser than the one that read it is installed.")
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
    effective_from: date | None = Field(None, description="Null: the latest version counts from when it was added.")
    collection: UUID | None = Field(None, description="Where it is to be moved.")


class Password(Body):
    password: str = Field(min_length=1, max_length=1000)


class DocumentList(Shown):
    items: list[Document]
    next: str | None


class Cell(Shown):
    row: int
    column: int
    text: str
    header: bool
    box: Box | None = None
    row_span: int = 1
    column_span: int = 1
    address: str = Field("", description="The cell's own name in a spreadsheet, such as `C9`.")
    value: str = Field("", description="The exact value behind the text, where the file holds one.")


class TableCheck(Shown):
    """A relation between cells that was tested when the table was read; places are row and column."""

    kind: str = Field(description="`sum`, `difference`, `share` or `change`.")
    row: int
    column: int
    inputs: list[list[int]]
    computed: str
    shown: str
    holds: bool


class Table(Shown):
    """What leads to each cell: one path of labels a row and one a column."""

    row_paths: list[list[str]] = []
    column_paths: list[list[str]] = []
    header_rows: int = 0
    header_columns: int = 0
    caption: str = ""
    unit: str = ""
    name: str = ""
    continues: bool = Field(False, description="It goes on from the page before.")
    checks: list[TableCheck] = []


class Block(Shown):
    """A unit in reading order, with its place: boxes on a page, or a span in the text of a format without pages."""

    kind: Literal["heading", "text", "list", "table", "caption", "footnote", "field", "note"]
    text: str
    boxes: list[Box]
    level: int = 0
    span: Span | None = None
    cells: list[Cell] = []
    table: Table | None = None
    language: str = Field("", description="Empty: the document's.")
    confidence: float = Field(1.0, ge=0, le=1)


class Page(Shown):
    number: int
    width: float
    height: float
    quality: Literal["read", "poor", "unread"]
    confidence: float
    recognised: bool
    label: str = Field("", description="Title of a slide, name of a sheet.")
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


class Ranks(Shown):
    """The place after each stage, from 1; null where that stage did not return it."""

    vector: int | None = None
    keyword: int | None = None
    fused: int | None = None
    rerank: int | None = None


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
    ranks: Ranks = Ranks()
    rank: int = Field(description="From 1; folded passages count.")


class Narrowed(Body):
    """What is searched."""

    collections: list[UUID] = Field([], description="Empty: all that the caller may read.")
    documents: list[UUID] = Field([], description="Empty: all of the collections.")
    as_of: date | None = Field(None, description="The versions in force on that day; null is today.")
    dated_from: date | None = Field(None, description="Only versions that count from this day or a later one.")
    dated_to: date | None = Field(None, description="Only versions that count from this day or an earlier one.")
    types: list[KindName] = Field([], description="Empty: every kind of document.")
    languages: list[LanguageCode] = Field([], description="Of the passages, by ISO 639-1. Empty: every language.")

    @property
    def filters(self) -> Filters:
        return Filters(self.as_of, self.dated_from, self.dated_to, tuple(self.types), tuple(self.languages))


class Search(Narrowed):
    query: str = Field(min_length=1, max_length=2000)
    limit: int = Field(10, ge=1, le=100)
    explain: bool = Field(False, description="Say also which searches took part and over how many passages.")


class SearchResult(Shown):
    items: list[Passage]
    took_ms: int
    index_generation: str
    legs: list[str] | None = None
    searched: int | None = None
