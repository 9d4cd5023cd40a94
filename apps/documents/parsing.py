"""What every parser returns, and the choice of parser by content.

A parsed document is pages of blocks. Each block keeps its place: boxes on a page where the format has pages, else a
character span in the document's text. Nothing downstream may lose it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from apps.core.errors import ToulminError
from apps.core.geometry import Box

PARSER_VERSION = 4
"""Raised whenever the same bytes may be read differently than before."""


class BlockKind(StrEnum):
    """What a block is. A field is one of a form with its value; a note was added to the text: a comment, an annotation, what
    a speaker is to say."""

    HEADING = "heading"
    TEXT = "text"
    LIST = "list"
    TABLE = "table"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    FIELD = "field"
    NOTE = "note"


class Quality(StrEnum):
    """How well a page was read."""

    READ = "read"
    POOR = "poor"
    UNREAD = "unread"


class Unreadable(ToulminError):
    """A file that cannot be read; `code` says why, `detail` says what its owner can do. Trying again does not help."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line and its box: what a quotation is lit by."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table as read.

    `text` is what a reader sees. `value` is the exact value behind it where the file holds one: a decimal number, or a date
    in ISO 8601. `address` is the cell's own name in a spreadsheet, such as `C9`. A merged cell stands once, at its first row
    and column, with its spans.
    """

    row: int
    column: int
    text: str
    header: bool = False
    box: Box | None = None
    row_span: int = 1
    column_span: int = 1
    address: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A relation between cells of a table that was tested when it was read: places are (row, column).

    `kind` is `sum`, `difference`, `share` or `change`; `computed` is what the inputs give, `shown` what stands in the table.
    """

    kind: str
    row: int
    column: int
    inputs: tuple[tuple[int, int], ...]
    computed: str
    shown: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table besides its cells.

    `row_paths` has one entry a row and `column_paths` one a column: the labels that lead to it, outermost first, such as
    `("Assets", "Current assets", "Cash")` and `("Year ended 31 December", "2023")`; a header row or column has an empty one
    of its own direction. `continues` is true where the table goes on from the page before, whose headers it then carries.
    """

    row_paths: tuple[tuple[str, ...], ...] = ()
    column_paths: tuple[tuple[str, ...], ...] = ()
    header_rows: int = 0
    header_columns: int = 0
    caption: str = ""
    unit: str = ""
    name: str = ""
    continues: bool = False
    checks: tuple[TableCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A unit of a document in reading order.

    `lines` cover the text of a block on a page, line by line, in order; `"\\n".join(line texts)` is the block's text for
    pictured formats. `span` is the block's half-open range in the document's text for all others. A table's text has one
    line a row. `language` is empty where it is the document's; `confidence` is the parser's, 0 to 1.
    """

    kind: BlockKind
    text: str
    level: int = 0
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    span: tuple[int, int] | None = None
    cells: tuple[Cell, ...] = ()
    table: Table | None = None
    language: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page: size in points (0 where there is no picture), blocks in reading order, and how well it was read.

    A slide, a sheet of a workbook and a chapter of a book are pages too; `label` is their name. `share` is less than 1 for a
    part of a page that holds too much to be handed on at once: its parts follow each other with one number.
    """

    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]
    quality: Quality = Quality.READ
    confidence: float = 1.0
    recognised: bool = False
    label: str = ""
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """Something about one page (or, without a page, the document) that a reader should know."""

    code: str
    detail: str
    page: int | None = None


def notes_of(page: int, quality: Quality) -> Iterator[ReadingNote]:
    """Yield what follows for a reader from how well a page was read."""
    if quality is Quality.UNREAD:
        yield ReadingNote("page_unread", "Nothing could be read on this page, so searches do not find it.", page)
    elif quality is Quality.POOR:
        yield ReadingNote(
            "page_poor", "This page was recognised from a poor picture. Compare with it before relying on it.", page
        )


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside a document, to be a document of its own; `Parser.attachment` gives its bytes by its place in the list."""

    name: str
    media_type: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as read.

    `paged` is false for formats that have nothing to turn: they have one page numbered 1 that is only a container. `pages`
    may be read only as it is iterated, and then once; what else is here is known before. `metadata` is what the file says of
    itself: `author`, `subject`, `from`, `to`, `date` and the like.
    """

    paged: bool
    pages: Iterable[Page]
    title: str = ""
    language: str = ""
    warnings: tuple[ReadingNote, ...] = ()
    page_count: int = 0
    metadata: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attached, ...] = ()

    def whole(self) -> "Parsed":
        """Return the same with all its pages read."""
        pages = tuple(self.pages)
        return replace(self, pages=pages, page_count=pages[-1].number if pages else 0)


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes to read, and what is known of them: where they are, how they were called, how they are opened."""

    path: Path
    filename: str = ""
    password: str = ""


class Progress(Protocol):
    def __call__(self, done: int, total: int) -> None: ...


class Parser(Protocol):
    """Reads one family of formats."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        """Return the document as read; this and the iteration of its pages raise `Unreadable` with a sentence for its owner."""
        ...


class Pictured(Protocol):
    """A parser of a format whose pages can be drawn."""

    def draw(self, source: Source, number: int, width: int) -> bytes:
        """Return the PNG of a page, about `width` pixels wide; raises `Unreadable` if it cannot be had."""
        ...


class Container(Protocol):
    """A parser of a format that holds files."""

    def attachment(self, source: Source, number: int) -> bytes:
        """Return the bytes of the attachment at this place in `Parsed.attachments`; raises `Unreadable` if they cannot be had."""
        ...
