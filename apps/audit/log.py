"""Write the record and check it.

Each entry is RFC 8785 canonical JSON whose bytes are stored as hashed: `hash = SHA-256(previous hash ‖ body)`, both
hashes as 32 raw bytes. Entries are numbered without gaps. A writer holds a transaction-level advisory lock from the moment
it reads the head until its transaction ends, so writers in parallel can neither fork the chain nor leave a gap in it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.db import connection, models, transaction

from apps.audit.actions import Action
from apps.audit.actors import Actor, current_actor
from apps.audit.models import Record

GENESIS = "0" * 64
_LOCK = 0x746F756C  # "toul": one advisory lock for the whole chain


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action was about, by value."""

    type: str
    id: str
    label: str = ""

    @classmethod
    def of(cls, thing: models.Model) -> "Subject":
        """Return the subject for a row: its table's name, key and title."""
        return cls(type=str(thing._meta.model_name), id=str(thing.pk), label=str(thing)[:300])


@dataclass(frozen=True, slots=True)
class Head:
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the chain found; `first_bad` and `problem` are set where it does not hold."""

    ok: bool
    checked: int
    head: Head
    first_bad: int | None = None
    problem: str = ""


def link(previous_hash: str, body: bytes) -> str:
    """Return the hash, in hex, that seals `body` onto the entry before it."""
    return hashlib.sha256(bytes.fromhex(previous_hash) + body).hexdigest()


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value. Times and ids must be text already; large integers become text."""
    return rfc8785.dumps(value)


def record(
    action: Action,
    subject: models.Model | Subject | None = None,
    *,
    data: Mapping[str, Any] | None = None,
    collection: object = "",
    answer: object = "",
    documents: Sequence[object] = (),
    actor: Actor | None = None,
) -> Record:
    """Append one entry in the caller's transaction and return it. Raises outside a transaction.

    `data` must be JSON. Collection, answer and documents (their ids) make the entry findable.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A record is written in the transaction of the change it records.")
    who = actor or current_actor()
    about = subject if isinstance(subject, Subject) else Subject.of(subject) if subject is not None else Subject("", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    head = chain_head()
    now = datetime.now(UTC)
    columns: dict[str, Any] = {
        "action": action.value,
        "actor_type": who.type,
        "actor_id": who.id,
        "actor_label": who.label[:254],
        "subject_type": about.type,
        "subject_id": about.id,
        "subject_label": about.label[:300],
        "collection": str(collection or ""),
        "answer": str(answer or ""),
        "documents": sorted({str(d) for d in documents}),
    }
    body = canonical(
        {
            **columns,
            "sequence": head.sequence + 1,
            "occurred_at": now.isoformat(),
            "address": who.address,
            "request_id": who.request_id,
            "data": dict(data or {}),
        }
    )
    entry = Record(
        sequence=head.sequence + 1,
        occurred_at=now,
        body=body,
        previous_hash=head.hash,
        hash=link(head.hash, body),
        **columns,
    )
    entry.save(force_insert=True)
    return entry


def chain_head() -> Head:
    """Return the newest entry's number and hash; sequence 0 for an empty chain."""
    last = Record.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return Head(*last) if last else Head(0, GENESIS)


def read_body(entry: Record) -> dict[str, Any]:
    """Return what was sealed in an entry."""
    value: dict[str, Any] = json.loads(bytes(entry.body))
    return value


def verify_chain(*, start: int = 1, end: int | None = None) -> Verification:
    """Check entries `start` to `end`: numbers without gaps, links, hashes, and that the index columns say what was sealed.

    Stops at the first entry that does not hold.
    """
    head = chain_head()
    last = head.sequence if end is None else min(end, head.sequence)
    previous = GENESIS
    if start > 1:
        before = Record.objects.filter(sequence=start - 1).values_list("hash", flat=True).first()
        if before is None:
            return Verification(False, 0, head, start - 1, f"Record {start - 1} is missing.")
        previous = before
    expected = start
    for entry in _entries(start, last):
        problem = _problem(entry, expected, previous)
        if problem:
            return Verification(False, expected - start, head, expected, problem)
        previous, expected = entry.hash, expected + 1
    if expected <= last:
        return Verification(False, expected - start, head, expected, f"Record {expected} is missing.")
    return Verification(True, expected - start, head)


def _entries(start: int, last: int, size: int = 2000) -> Iterator[Record]:
    rows = Record.objects.filter(sequence__range=(start, last)).order_by("sequence")
    yield from rows.iterator(chunk_size=size)


_INDEXED = (
    "sequence", "action", "actor_type", "actor_id", "actor_label", "subject_type", "subject_id", "subject_label",
    "collection", "answer", "documents",
)  # fmt: skip


def _problem(entry: Record, expected: int, previous: str) -> str:
    if entry.sequence != expected:
        return f"Record {expected} is missing."
    if entry.previous_hash != previous:
        return f"Record {expected} does not follow from record {expected - 1}."
    if link(previous, bytes(entry.body)) != entry.hash:
        return f"The contents of record {expected} were changed after it was sealed."
    sealed = read_body(entry)
    changed = [name for name in _INDEXED if sealed[name] != getattr(entry, name)]
    if sealed["occurred_at"] != entry.occurred_at.isoformat():
        changed.append("occurred_at")
    if changed:
        return f"The index of record {expected} says something else than its sealed contents: {', '.join(changed)}."
    return ""
