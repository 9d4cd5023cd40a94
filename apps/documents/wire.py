"""The form in which a parsed document leaves the child that read it: one JSON value a line, checked on arrival.

The child handled bytes that may be hostile, so what it says is validated and never unpickled.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from apps.documents.parsing import Attached, Page, ReadingNote


@dataclass(frozen=True, slots=True)
class Advanced:
    """How many of the pages have been read."""

    done: int
    total: int
    kind: Literal["advanced"] = "advanced"


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page, in order."""

    page: Page
    kind: Literal["page"] = "page"


@dataclass(frozen=True, slots=True)
class Finished:
    """The last message of a document that could be read."""

    paged: bool
    title: str
    language: str
    warnings: tuple[ReadingNote, ...]
    metadata: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attached, ...] = ()
    kind: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True)
class Refused:
    """The last message of a document that could not be read."""

    code: str
    detail: str
    kind: Literal["refused"] = "refused"


Message = Annotated[Advanced | PageRead | Finished | Refused, Field(discriminator="kind")]

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def encode(message: Message) -> bytes:
    """Return the message as one line."""
    return _MESSAGE.dump_json(message) + b"\n"


def decode(line: bytes) -> Message:
    """Return the message in a line; raises `ValueError` for anything else."""
    return _MESSAGE.validate_json(line)
