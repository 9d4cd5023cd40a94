"""The form in which a document leaves the child that read it: one JSON value a line.

The child imports this, and starts for each file, so nothing is used here that takes long to load. What it says is checked
on arrival: `apps.documents.listening.decode`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from apps.documents.parsing import Attached, Page, ReadingNote

_ZERO = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_LARGEST_PART = 500_000
_MARK = 100
"""What a page may weigh before it is sent in parts: its characters, and so much for each line and cell."""


@dataclass(frozen=True, slots=True)
class Began:
    """The first message of a document that can be read: all that is known before its pages."""

    paged: bool
    title: str = ""
    language: str = ""
    page_count: int = 0
    warnings: tuple[ReadingNote, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attached, ...] = ()
    kind: Literal["began"] = "began"


@dataclass(frozen=True, slots=True)
class Advanced:
    """How many of the pages have been read."""

    done: int
    total: int
    kind: Literal["advanced"] = "advanced"


@dataclass(frozen=True, slots=True)
class PageRead:
    """The next page, or the next part of one that holds very much."""

    page: Page
    kind: Literal["page"] = "page"


@dataclass(frozen=True, slots=True)
class Finished:
    """The last message of a document that could be read."""

    kind: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True)
class Extracted:
    """So many bytes of a file follow."""

    bytes: int
    kind: Literal["extracted"] = "extracted"


@dataclass(frozen=True, slots=True)
class Refused:
    """The last message where something could not be read."""

    code: str
    detail: str
    kind: Literal["refused"] = "refused"


Message = Began | Advanced | PageRead | Finished | Extracted | Refused


def encode(message: Message) -> bytes:
    """Return the message as one line. What no database keeps, the character zero and halves of pairs, is replaced."""
    line = _JSON.encode(message).encode(errors="replace")
    return (_ZERO.sub(rb"\1\\ufffd", line) if b"\\u0000" in line else line) + b"\n"


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


_JSON = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), default=_fields
)


def parts_of(page: Page) -> Iterator[Page]:
    """Yield the page, or one with a part of its blocks at a time where they are too many for one message."""
    weights = [len(block.text) + _MARK * (len(block.lines) + len(block.cells)) for block in page.blocks]
    whole = sum(weights)
    if whole <= _LARGEST_PART:
        yield page
        return
    start, held = 0, 0
    for end, weight in enumerate(weights):
        if held and held + weight > _LARGEST_PART:
            yield replace(page, blocks=page.blocks[start:end], share=held / whole)
            start, held = end, 0
        held += weight
    yield replace(page, blocks=page.blocks[start:], share=held / whole)
