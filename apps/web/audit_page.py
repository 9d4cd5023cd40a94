"""The auditor's list: its rows, the state of the chain, the last day at a glance.

Pure but for `chain_state`, `stats` and `hours`, which ask the record itself. Document text is never read here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit import log
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.web import wording
from apps.web.ask_page import Strip, strip_of

ANSWERS = {Action.ANSWER_FINISHED, Action.ANSWER_FAILED, Action.ANSWER_CANCELLED}
_ICONS = {
    "session": "lock", "user": "user", "group": "user", "access": "user", "token": "link", "collection": "library",
    "document": "doc", "search": "ask", "question": "ask", "answer": "ask", "feedback": "check", "audit": "audit",
    "installation": "home",
}  # fmt: skip
_BAD = {Action.SIGN_IN_FAILED, Action.DOCUMENT_FAILED, Action.ANSWER_FAILED}
_TALLEST = 80


@dataclass(frozen=True, slots=True)
class Row:
    entry: Record
    icon: str
    tone: str
    action: str
    about: str
    through: str
    strip: Strip | None
    tag: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the last verification found, and how many records have been added since."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the last day as bars: percent of the width, heights from the axis up."""

    x: str
    answers_y: int
    answers: int
    documents_y: int
    documents: int


@dataclass(frozen=True, slots=True)
class Day:
    hours: tuple[Hour, ...]
    ticks: tuple[tuple[str, str], ...]
    label: str
    top: int


def rows(entries: Iterable[Record]) -> list[Row]:
    """Return the rows of the list."""
    return [_row(entry) for entry in entries]


def _row(entry: Record) -> Row:
    action = Action(entry.action)
    data: Mapping[str, Any] = log.read_body(entry)["data"] if action in ANSWERS else {}
    outcome = data.get("outcome") or ""
    return Row(
        entry=entry,
        icon="eye" if action == Action.AUDIT_OPENED else _ICONS[entry.action.split(".")[0]],
        tone="bad" if action in _BAD else "",
        action=str(action.label),
        about=_about(entry),
        through=_("through a token") if entry.actor_type == "token" else "",
        strip=strip_of(data.get("claims") or []),
        tag=wording.outcome(outcome) if outcome and outcome != "answered" else "",
        seconds=((data.get("usage") or {}).get("seconds") or {}).get("total"),
    )


def _about(entry: Record) -> str:
    if entry.subject_type == "record":
        return _("Record %(number)s") % {"number": wording.count(int(entry.subject_id))}
    return entry.subject_label


def chain_state() -> ChainState:
    """Return the outcome of the last verification that was recorded."""
    last = Record.objects.filter(action=Action.AUDIT_VERIFIED).first()
    if last is None:
        return ChainState(
            "", _("The chain has not been verified yet"), _("Verify it, and the outcome is recorded here.")
        )
    data = log.read_body(last)["data"]
    if not data.get("ok"):
        text = _("Nothing was repaired. Found %(when)s.") % {"when": _when(last.occurred_at)}
        return ChainState("bad", str(data.get("problem") or _("The chain does not hold.")), text)
    verified = _("%(checked)s records verified %(when)s.") % {
        "checked": wording.count(data["checked"]),
        "when": _when(last.occurred_at),
    }
    since = log.chain_head().sequence - last.sequence
    added = _("%(count)s have been added since.") % {"count": wording.count(since)} if since else ""
    whole = (data.get("from") or 1) == 1 and not data.get("to")
    title = _("The chain is whole") if whole else _("The part that was verified is whole")
    return ChainState("ok", title, f"{verified} {added}".strip())


def _when(moment: datetime) -> str:
    return _("on %(moment)s") % {"moment": wording.utc_moment(moment)}


def stats() -> list[tuple[int, str]]:
    """Return counts of the last 24 hours, each with what is counted."""
    recent = Record.objects.filter(occurred_at__gte=timezone.now() - timedelta(days=1))
    counts = recent.aggregate(
        answers=Count("pk", filter=Q(action=Action.ANSWER_FINISHED)),
        failed=Count("pk", filter=Q(action__in=[Action.ANSWER_FAILED, Action.DOCUMENT_FAILED])),
        documents=Count("pk", filter=Q(action=Action.DOCUMENT_UPLOADED)),
        refused=Count("pk", filter=Q(action=Action.SIGN_IN_FAILED)),
    )
    return [
        (counts["answers"], _("answers in 24 hours")),
        (counts["documents"], _("documents added")),
        (counts["failed"], _("failures")),
        (counts["refused"], _("sign-ins refused")),
    ]


def day() -> Day:
    """Return the last 24 hours by the hour, in UTC."""
    end = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    start = end - timedelta(hours=24)
    found = Record.objects.filter(occurred_at__gte=start).annotate(hour=TruncHour("occurred_at", tzinfo=UTC)).order_by()
    counted = {
        hour: (answers, documents)
        for hour, answers, documents in found.values("hour")
        .annotate(
            answers=Count("pk", filter=Q(action__in=ANSWERS)),
            documents=Count("pk", filter=Q(action=Action.DOCUMENT_UPLOADED)),
        )
        .values_list("hour", "answers", "documents")
    }
    moments = [start + timedelta(hours=n) for n in range(24)]
    pairs = [counted.get(moment, (0, 0)) for moment in moments]
    top = max(max((a + d for a, d in pairs), default=0), 4)
    hours = []
    for n, (answers, documents) in enumerate(pairs):
        tall, more = round(_TALLEST * answers / top), round(_TALLEST * documents / top)
        hours.append(Hour(f"{4 + n * 4:g}%", 100 - tall, tall, 100 - tall - more, more))
    ticks = tuple((f"{4 + n * 4:g}%", f"{moments[n]:%H}:00") for n in range(0, 24, 3))
    label = _("Records of the last 24 hours: %(answers)s answers, %(documents)s documents added") % {
        "answers": wording.count(sum(a for a, _d in pairs)),
        "documents": wording.count(sum(d for _a, d in pairs)),
    }
    return Day(tuple(hours), ticks, label, top)
