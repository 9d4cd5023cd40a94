"""Records, for auditors. Looking is itself recorded."""

from typing import Annotated, Any

from django.db import transaction
from ninja import Query, Router

from apps.accounts.scope import Permission, Scope
from apps.api.auth import Call
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import audit as wire
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.bounds import moment, numbers
from apps.audit.log import Subject
from apps.audit.models import Record
from apps.core.errors import NotFound

router = Router(tags=["Audit"])

From = Annotated[str, Query(alias="from", max_length=40, description="A date or time.")]
To = Annotated[str, Query(alias="to", max_length=40, description="A date, which is included, or a time, which is not.")]
FirstRecord = Annotated[str, Query(alias="from", max_length=40, description="A record’s number, a date or a time.")]
LastRecord = Annotated[str, Query(alias="to", max_length=40, description="A record’s number, a date or a time.")]


@router.get("/records", response=wire.RecordList, summary="List records, newest first")
def list_records(
    request: Call,
    actor: str = "",
    action: str = "",
    document: str = "",
    answer: str = "",
    collection: str = "",
    since: From = "",
    until: To = "",
    q: str = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    scope = _auditor(request)
    filters = {"actor": actor, "action": action, "document": document, "answer": answer, "collection": collection}
    rows = Record.objects.filtered(
        **filters,
        since=moment(since) if since else None,
        until=moment(until, end=True) if until else None,
        text=q,
    )
    found, following = page_of(rows, cursor=cursor, limit=limit, order=("-sequence",))
    asked = {name: value for name, value in (filters | {"from": since, "to": until, "q": q}).items() if value}
    with transaction.atomic():
        log.record(Action.AUDIT_LISTED, data={"filters": asked, "records": len(found)}, actor=scope.actor)
    return {"items": [_record(entry) for entry in found], "next": following}


@router.get("/records/{int:sequence}", response=wire.OpenedRecord, summary="Open a record")
def get_record(request: Call, sequence: int) -> dict[str, Any]:
    scope = _auditor(request)
    entry = Record.objects.filter(sequence=sequence).first()
    if entry is None:
        raise NotFound
    with transaction.atomic():
        log.record(Action.AUDIT_OPENED, Subject("record", str(sequence), entry.action), actor=scope.actor)
    sealed = log.read_body(entry)
    return _record(entry) | {
        "address": sealed["address"],
        "request_id": sealed["request_id"],
        "data": sealed["data"],
        "body": bytes(entry.body).decode(),
    }


@router.get("/verify", response=wire.Verification, summary="Check the chain", exclude_unset=True)
def verify_chain(request: Call, first: FirstRecord = "", last: LastRecord = "") -> dict[str, Any]:
    scope = _auditor(request)
    start, end = numbers(first, last)
    found = log.verify_chain(start=start, end=end)
    shown: dict[str, Any] = {
        "ok": found.ok,
        "checked": found.checked,
        "head": {"sequence": found.head.sequence, "hash": found.head.hash},
    }
    if not found.ok:
        shown |= {"first_bad": found.first_bad, "problem": found.problem}
    with transaction.atomic():
        log.record(Action.AUDIT_VERIFIED, data=shown | {"from": start, "to": end}, actor=scope.actor)
    return shown


def _auditor(request: Call) -> Scope:
    request.auth.require(Permission.AUDIT)
    return request.auth


def _record(entry: Record) -> dict[str, Any]:
    about = {"type": entry.subject_type, "id": entry.subject_id, "label": entry.subject_label}
    return {
        "sequence": entry.sequence,
        "occurred_at": entry.occurred_at.isoformat(),
        "action": entry.action,
        "actor": {"type": entry.actor_type, "id": entry.actor_id, "label": entry.actor_label},
        "subject": about if entry.subject_type else None,
        "collection": entry.collection or None,
        "answer": entry.answer or None,
        "documents": entry.documents,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
