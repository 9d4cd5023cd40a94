"""Records, as sealed."""

from typing import Any, Literal

from pydantic import Field

from apps.api.schemas.parts import Id, Shown, Time


class Actor(Shown):
    type: Literal["user", "token", "system"]
    id: str
    label: str


class Subject(Shown):
    type: str
    id: str
    label: str


class Record(Shown):
    """One entry of the chain: `hash` = SHA-256(`previous_hash` as bytes ‖ the sealed bytes)."""

    sequence: int
    occurred_at: Time
    action: str
    actor: Actor
    subject: Subject | None
    collection: Id | None
    answer: Id | None
    documents: list[Id]
    previous_hash: str
    hash: str


class OpenedRecord(Record):
    address: str
    request_id: str
    data: dict[str, Any]
    body: str = Field(description="The sealed text; its UTF-8 bytes are what was hashed.")


class RecordList(Shown):
    items: list[Record]
    next: str | None


class Head(Shown):
    sequence: int
    hash: str


class Verification(Shown):
    """What a check of the chain found; it stops at the first record that does not hold."""

    ok: bool
    checked: int
    head: Head
    first_bad: int | None = None
    problem: str | None = None
