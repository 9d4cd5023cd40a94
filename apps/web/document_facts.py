"""What is known of a document besides its pages: what the file says of itself, its versions, and which of them answers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.defaultfilters import date as written
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.documents.models import Document, Status, Version
from apps.documents.parsing import PARSER_VERSION

_NAMES: dict[str, Any] = {
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "cc": gettext_lazy("Copy to"),
    "bcc": gettext_lazy("Blind copy to"),
    "reply-to": gettext_lazy("Reply to"),
    "date": gettext_lazy("Date"),
    "subject": gettext_lazy("Subject"),
    "author": gettext_lazy("Author"),
    "last_modified_by": gettext_lazy("Last changed by"),
    "description": gettext_lazy("Description"),
    "category": gettext_lazy("Category"),
    "program": gettext_lazy("Written with"),
    "title": gettext_lazy("Title in the file"),
    "keywords": gettext_lazy("Keywords"),
    "created": gettext_lazy("Written"),
    "modified": gettext_lazy("Last changed"),
    "creator": gettext_lazy("Written with"),
    "producer": gettext_lazy("Made with"),
    "publisher": gettext_lazy("Publisher"),
    "language": gettext_lazy("Language"),
}
_MAIL = {"message/rfc822", "application/vnd.ms-outlook"}
_HEAD = ("from", "to", "cc", "subject")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a file says of itself, in words."""

    name: Any
    value: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version among the others of its document. `shown`: the one on the page; `pending`: its day has not come."""

    version: Version
    in_force: bool
    shown: bool
    pending: bool

    @property
    def since(self) -> date:
        return self.version.effective_from or timezone.localtime(self.version.created_at).date()


@dataclass(frozen=True, slots=True)
class State:
    """What a reader must know before trusting the page: `tone` as of a notice, and the version to look at instead, if any."""

    tone: str
    title: str
    text: str = ""
    look_at: int | None = None
    wants_password: bool = False


def facts_of(version: Version) -> list[Fact]:
    """Return what the file says of itself, but for what stands in the head of a letter."""
    head = _HEAD if is_mail(version) else ()
    return [_fact(name, value) for name, value in version.metadata.items() if value and name.lower() not in head]


def is_mail(version: Version) -> bool:
    """Return whether it is an e-mail, whose sender and receivers stand at the head of its text."""
    return version.media_type in _MAIL


def version_lines(document: Document, shown: Version) -> list[VersionLine]:
    """Return all versions, the newest first. One query."""
    today = timezone.localdate()
    return [
        VersionLine(
            version=version,
            in_force=version.pk == document.in_force_id and version.ready_at is not None,
            shown=version.pk == shown.pk,
            pending=version.effective_from is not None and version.effective_from > today,
        )
        for version in document.versions.select_related("created_by")
    ]


def is_outdated(version: Version) -> bool:
    """Return whether it was read by an older reader than the present one."""
    return version.status == Status.READY and version.parser_version < PARSER_VERSION


def states_of(document: Document, version: Version) -> list[State]:
    """Return what to say above the page: first of the version shown, then of a newer one on its way."""
    made = [_own_state(version)]
    latest, in_force = document.latest, document.in_force
    if version.pk != document.in_force_id and in_force is not None and in_force.ready_at:
        made.insert(0, _not_in_force(version, in_force))
    elif latest is not None and latest.pk != version.pk:
        made.append(_coming(latest))
    return [state for state in made if state is not None]


def _own_state(version: Version) -> State | None:
    if version.status == Status.FAILED:
        encrypted = version.error_code in ("encrypted", "wrong_password")
        return State("bad", _("This document could not be read."), version.error_detail, wants_password=encrypted)
    if version.status == Status.CANCELLED:
        return State("part", _("Reading was stopped, so nothing in it can be found."))
    if version.is_unfinished:
        return State(
            "info",
            _("This document is being read."),
            _("What has been read so far is shown below once it is kept. Reload the page to see more."),
        )
    return None


def _not_in_force(version: Version, in_force: Version) -> State:
    values = {"number": version.number, "other": in_force.number}
    if version.effective_from is not None and version.effective_from > timezone.localdate():
        day = written(version.effective_from, _("j F Y"))
        title = _("This is version %(number)s, which is not yet in force.") % values
        text = _("From %(day)s on it answers; until then version %(other)s does.") % (values | {"day": day})
    else:
        title = _("This is version %(number)s, which is no longer in force.") % values
        text = _("Searches and answers use version %(other)s.") % values
        if version.number > in_force.number:
            title = _("This is version %(number)s, which does not answer yet.") % values
    return State("part", title, text, look_at=in_force.number)


def _coming(latest: Version) -> State | None:
    """Return what to say of a newer version than the one that answers."""
    values = {"number": latest.number}
    if latest.is_unfinished:
        title = _("Version %(number)s is being read.") % values
        return State("info", title, _("This version answers until it is ready."), look_at=latest.number)
    if latest.status == Status.FAILED:
        title = _("Version %(number)s could not be read, so this version goes on answering.") % values
        encrypted = latest.error_code in ("encrypted", "wrong_password")
        return State("bad", title, latest.error_detail, look_at=latest.number, wants_password=encrypted)
    if latest.effective_from is not None and latest.effective_from > timezone.localdate():
        day = written(latest.effective_from, _("j F Y"))
        title = _("Version %(number)s comes into force on %(day)s.") % (values | {"day": day})
        return State("info", title, _("This version answers until then."), look_at=latest.number)
    return None


def _fact(name: str, value: str) -> Fact:
    return Fact(_NAMES.get(name.lower(), name), _readable(value))


def _readable(value: str) -> str:
    """Return a moment or day in ISO 8601 as people write it, and anything else as it is."""
    try:
        moment = parse_datetime(value)
        day = None if moment else parse_date(value)
    except ValueError:
        return value
    if moment is not None:
        return written(moment, _("j F Y, H:i"))
    return written(day, _("j F Y")) if day is not None else value
