"""The auditor's list and one record. Looking is itself recorded. To everybody else these pages do not exist."""

import time
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.scope import Permission
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.bounds import moment
from apps.audit.log import Subject
from apps.audit.models import Record
from apps.core.errors import Invalid, NotFound
from apps.documents.models import Document
from apps.web import audit_page, record_page
from apps.web.views import Request, go, page

_ROWS = 25
_MOST_VERIFIED = 200_000
_LISTING_LASTS = timedelta(hours=1)


@page
@require_GET
def records(request: Request) -> HttpResponse:
    _only_auditors(request)
    filters = {name: request.GET.get(name, "").strip() for name in ("q", "action", "actor", "document", "from", "to")}
    before = request.GET.get("before", "")
    found, problem = _filtered(filters)
    _record_listing(request, filters)
    shown = found.filter(sequence__lt=int(before)) if before.isdigit() else found
    entries = list(shown[: _ROWS + 1])
    context = {
        "section": "audit",
        "rows": audit_page.rows(entries[:_ROWS]),
        "older": entries[_ROWS - 1].sequence if len(entries) > _ROWS else None,
        "total": found.count(),
        "filters": filters,
        "filtered": any(filters.values()),
        "problem": problem,
        "document": _document_title(filters["document"]),
        "actions": Action.choices,
        "query": _query(filters),
        "chain": audit_page.chain_state(),
        "stats": audit_page.stats(),
        "day": audit_page.day(),
    }
    return render(request, "web/audit.html", context)


@page
@require_GET
def record(request: Request, sequence: int) -> HttpResponse:
    _only_auditors(request)
    entry = Record.objects.filter(sequence=sequence).first()
    if entry is None:
        raise NotFound
    with transaction.atomic():
        reading = log.record(Action.AUDIT_OPENED, Subject("record", str(sequence), entry.action))
    sealed = log.read_body(entry)
    context: dict[str, Any] = {
        "section": "audit",
        "entry": entry,
        "sealed": sealed,
        "action": record_page.action_label(entry),
        "seal": record_page.seal_of(entry),
        "since": _since(entry),
        "reading": reading.sequence,
    }
    if not record_page.tells_an_answer(entry):
        return render(request, "web/audit_record.html", context | {"fields": record_page.fields_of(sealed["data"])})
    told = record_page.answer_record(sealed)
    context |= {"told": told, "readable": _readable(request, {shown.document for shown in told.shown})}
    return render(request, "web/audit_answer.html", context)


@page
@require_POST
def verify(request: Request) -> HttpResponse:
    _only_auditors(request)
    last = log.chain_head().sequence
    start = max(last - _MOST_VERIFIED + 1, 1)
    begun = time.monotonic()
    found = log.verify_chain(start=start)
    outcome: dict[str, Any] = {
        "ok": found.ok,
        "checked": found.checked,
        "head": {"sequence": found.head.sequence, "hash": found.head.hash},
        "from": start,
        "to": None,
        "seconds": round(time.monotonic() - begun, 2),
    }
    if not found.ok:
        outcome |= {"first_bad": found.first_bad, "problem": found.problem}
    with transaction.atomic():
        log.record(Action.AUDIT_VERIFIED, data=outcome)
    if start > 1:
        messages.warning(
            request, _("Only the newest records were verified here. “bin/manage verify_audit” checks all.")
        )
    return go(request, "audit")


def _only_auditors(request: Request) -> None:
    if not request.scope.may(Permission.AUDIT):
        raise NotFound


def _filtered(filters: dict[str, str]) -> tuple[Any, str]:
    """Return the records that match, and a sentence if a date could not be read, which then does not narrow."""
    problem = ""
    bounds: dict[str, Any] = {"since": None, "until": None}
    for name, written, end in (("since", filters["from"], False), ("until", filters["to"], True)):
        try:
            bounds[name] = moment(written, end=end) if written else None
        except Invalid as error:
            problem = error.detail
    narrowing = {name: filters[name] for name in ("action", "actor", "document")}
    return Record.objects.filtered(text=filters["q"], **narrowing, **bounds), problem


def _record_listing(request: Request, filters: dict[str, str]) -> None:
    """Record that somebody looks through the records: once for the same filters, as long as they go on looking."""
    now = timezone.now()
    known = request.session.get("audit_listed") or {}
    if known.get("filters") == filters and known.get("until", "") > now.isoformat():
        return
    with transaction.atomic():
        log.record(Action.AUDIT_LISTED, data={"filters": {name: value for name, value in filters.items() if value}})
    request.session["audit_listed"] = {"filters": filters, "until": (now + _LISTING_LASTS).isoformat()}


def _query(filters: dict[str, str]) -> str:
    return urlencode({name: value for name, value in filters.items() if value})


def _document_title(pk: str) -> str:
    """Return what a document filter is called: the title that its newest record gives it."""
    if not pk:
        return ""
    named = (
        Record.objects.filter(subject_type="document", subject_id=pk).values_list("subject_label", flat=True).first()
    )
    return named or pk


def _since(entry: Record) -> list[Record]:
    """Return what happened later to the same answer, and who opened this record."""
    later = Record.objects.filter(sequence__gt=entry.sequence)
    found = later.filter(subject_type="record", subject_id=str(entry.sequence), action=Action.AUDIT_OPENED)
    if entry.answer:
        found = found | later.filter(answer=entry.answer)
    return list(found.order_by("sequence")[:50])


def _readable(request: Request, documents: set[str]) -> set[str]:
    """Return those of the documents that the auditor may open too."""
    found = Document.objects.visible_to(request.scope).filter(pk__in={uuid.UUID(pk) for pk in documents})
    return {str(pk) for pk in found.values_list("pk", flat=True)}
