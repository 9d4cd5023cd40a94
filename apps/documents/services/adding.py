"""Adding bytes that are kept already: as a document, as its next version, or as what was attached to one."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound, Transient
from apps.documents import storage
from apps.documents.filenames import clean_filename, clean_folder, title_of
from apps.documents.models import Access, Collection, Document, DocumentQuerySet, Role, Version
from apps.documents.services._rows import LONGEST_TITLE, checked, held, locked
from apps.documents.storage import StoredFile


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent, and what was said of it."""

    stored: StoredFile
    filename: str
    media_type: str
    title: str
    language: str
    folder: str
    effective_from: date | None


def add_document(
    scope: Scope,
    collection: Collection,
    stored: StoredFile,
    *,
    filename: str,
    media_type: str,
    title: str = "",
    language: str = "",
    folder: str = "",
    effective_from: date | None = None,
    attached_to: Document | None = None,
    supersedes: Document | None = None,
) -> tuple[Document, bool]:
    """Return the document for these bytes and whether they were there already. Needs the role of contributor.

    With `supersedes` they become that document's next version. With `attached_to` they were found in that document, which the
    installation itself adds where it belongs. The row of the collection is locked, so that the same bytes sent twice at once
    make one document. Raises `Transient` if the bytes have been removed since they were stored.
    """
    sent = _Sent(
        stored, clean_filename(filename), media_type, title.strip(), language, clean_folder(folder), effective_from
    )
    with transaction.atomic():
        collection, attached_to = _place_for(scope, collection, attached_to)
        storage.lock(stored.sha256)
        before = None if supersedes is None else _superseded(scope, collection, supersedes)
        same = _holding(_known_to(scope, collection, attached_to), stored.sha256, before)
        if same is not None:
            _stand_alone(scope, same, attached_to)
            return Document.objects.select_related("collection", "latest").get(pk=same.pk), True
        if not storage.path_of(stored.sha256).exists():
            raise Transient("The file was removed while it was being added. Send it again.")
        document = before or Document.objects.create(
            collection=collection,
            title=checked("title", sent.title or title_of(sent.filename), LONGEST_TITLE),
            folder=sent.folder,
            attached_to=attached_to,
            access=attached_to.access if attached_to else Access.objects.open_in(collection.pk),
            created_by_id=_maker(scope, attached_to),
        )
        version = _add_version(scope, document, sent)
        log.record(
            Action.DOCUMENT_UPLOADED,
            document,
            collection=collection.pk,
            documents=[document.pk],
            data=_said(version, attached_to),
            actor=scope.actor,
        )
    return document, False


def _place_for(
    scope: Scope, collection: Collection, attached_to: Document | None
) -> tuple[Collection, Document | None]:
    """Return the collection and what it is attached to, locked, as they are now.

    What was attached needs nobody's role when the installation itself adds it.
    """
    if attached_to is None:
        return held(scope, collection, Role.CONTRIBUTOR), None
    collection = locked(collection) if scope.is_system else held(scope, collection, Role.CONTRIBUTOR)
    # Whoever deletes, moves or narrows the document waits for this, or this for them.
    rows = Document.objects.select_for_update(no_key=True, of=("self",)).select_related("access")
    outer = rows.filter(pk=attached_to.pk, collection=collection).first()
    if outer is None:
        raise NotFound
    return collection, outer


def _superseded(scope: Scope, collection: Collection, document: Document) -> Document:
    """Return the document that gets another version, locked."""
    rows = Document.objects.visible_to(scope).select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=document.pk, collection=collection).first()
    if row is None:
        message = _("The document to be superseded is not in this collection.")
        raise Invalid(message, errors={"supersedes": [message]})
    return row


def _known_to(scope: Scope, collection: Collection, attached_to: Document | None) -> DocumentQuerySet:
    """Return the documents of the collection that these bytes may turn out to be.

    For a person those that they see, so that sending a file tells nothing of the others; for an attachment those with the same
    readers, so that it is read by whoever reads what it is attached to.
    """
    if attached_to is not None:
        return Document.objects.filter(collection=collection, access=attached_to.access_id)
    return Document.objects.visible_to(scope).filter(collection=collection)


def _holding(known: DocumentQuerySet, sha256: str, superseded: Document | None) -> Document | None:
    """Return which of the known documents has these bytes now, locked against being deleted at this very moment.

    Raises `Conflict` if another than `superseded` has.
    """
    holders = known.filter(Q(latest__sha256=sha256) | Q(in_force__sha256=sha256))
    if superseded is None:
        return holders.order_by("created_at").select_for_update(no_key=True, of=("self",)).first()
    other = holders.exclude(pk=superseded.pk).first()
    if other is not None:
        raise Conflict(
            _("This file is in the collection already, as “%(title)s”. Delete that first, or leave it as it is.")
            % {"title": other.title}
        )
    return superseded if superseded.latest is not None and superseded.latest.sha256 == sha256 else None


def _stand_alone(scope: Scope, document: Document, attached_to: Document | None) -> None:
    """Have a document that was only ever an attachment stay by itself, now that somebody has added it."""
    if attached_to is not None or document.attached_to_id is None:
        return
    was, document.attached_to = document.attached_to_id, None
    with transaction.atomic():
        document.save(update_fields=["attached_to"])
        log.record(
            Action.DOCUMENT_CHANGED,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={"changes": {"attached_to": [str(was), None]}},
            actor=scope.actor,
        )


def _add_version(scope: Scope, document: Document, sent: _Sent) -> Version:
    """Return the new latest version. A first one is in force from its day on; a later one once it has been read."""
    earlier = document.versions.order_by("-number").first()
    version = Version.objects.create(
        document=document,
        number=earlier.number + 1 if earlier else 1,
        filename=sent.filename,
        media_type=sent.media_type,
        bytes=sent.stored.bytes,
        sha256=sent.stored.sha256,
        language=sent.language,
        effective_from=sent.effective_from,
        created_by_id=_maker(scope, document.attached_to),
    )
    document.latest = version
    if earlier is None and (sent.effective_from is None or sent.effective_from <= timezone.localdate()):
        document.in_force = version
    if earlier is not None and sent.title:
        document.title = checked("title", sent.title, LONGEST_TITLE)
    document.save(update_fields=["latest", "in_force", "title"])
    return version


def _maker(scope: Scope, attached_to: Document | None) -> uuid.UUID | None:
    return scope.user_id or (attached_to.created_by_id if attached_to else None)


def _said(version: Version, attached_to: Document | None) -> dict[str, object]:
    said: dict[str, object] = {
        "filename": version.filename,
        "media_type": version.media_type,
        "bytes": version.bytes,
        "sha256": version.sha256,
        "version": version.number,
    }
    if version.effective_from:
        said["effective_from"] = version.effective_from.isoformat()
    if attached_to is not None:
        said["attached_to"] = str(attached_to.pk)
    return said
