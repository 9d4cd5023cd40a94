"""What every parser returns, and the choice of parser by content.

A parsed document is pages of blocks. Each block keeps its place: boxes on a page where the format has pages, else a
character span in the document's text. Nothing downstream may lose it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from apps.core.errors import ToulminError
from apps.core.geometry import Box

PARSER_VERSION = 2
"""Raised whenever the same bytes may be read differently than before."""


class BlockKind(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    LIST = "list"
    TABLE = "table"
    CAPTION = "caption"


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
    """One cell of a table as read."""

    row: int
    column: int
    text: str
    header: bool = False
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A unit of a document in reading order.

    `lines` cover the text of a block on a page, line by line, in order; `"\\n".join(line texts)` is the block's text for
    paged formats. `span` is the block's half-open range in the document's text for formats without pages.
    """

    kind: BlockKind
    text: str
    level: int = 0
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    span: tuple[int, int] | None = None
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: size in points, blocks in reading order, and how well it was read (confidence 0..1)."""

    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]
    quality: Quality = Quality.READ
    confidence: float = 1.0
    recognised: bool = False


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """Something about one page (or, without a page, the document) that a reader should know."""

    code: str
    detail: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole document as read. `paged` is false for formats that have no pages: they have one page numbered 1 that is
    only a container, and blocks with spans."""

    paged: bool
    pages: tuple[Page, ...]
    title: str = ""
    language: str = ""
    warnings: tuple[ReadingNote, ...] = field(default=())


class Progress(Protocol):
    def __call__(self, done: int, total: int) -> None: ...


class Parser(Protocol):
    """Reads one family of formats."""

    def parse(self, path: Path, *, progress: Progress) -> Parsed:
        """Return the document as read; raises `Unreadable` with a sentence for its owner."""
        ...
