"""What people do to the reading of documents: upload, have it read again, stop it."""

import mimetypes
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, NotFound
from apps.documents import media, storage
from apps.documents.models import Collection, Document, Role, Status, Version
from apps.documents.parsing import Unreadable
from apps.documents.services import add_document
from apps.ingestion import runs
from apps.ingestion.models import IngestRun
from apps.ingestion.tasks import ring

_REFUSED_AT_THE_DOOR = {"unsupported", "empty"}


def upload_document(
    scope: Scope,
    collection: Collection,
    chunks: Iterable[bytes],
    *,
    filename: str,
    title: str = "",
    language: str = "",
) -> tuple[Document, bool]:
    """Return the document for these bytes, and whether it was there already. Needs the role of contributor.

    Its reading is scheduled. Raises `TooLarge`, and `Unreadable` for an empty file or one of an unknown kind; a file that is
    damaged or protected is kept, and its reading says why it failed.
    """
    collection = Collection.objects.get_visible(scope, collection.pk, Role.CONTRIBUTOR)
    stored = storage.store(chunks, limit=settings.UPLOAD_LIMIT)
    try:
        media_type = _media_type(stored, filename)
        with transaction.atomic():
            document, duplicate = add_document(
                scope, collection, stored, filename=filename, media_type=media_type, title=title, language=language
            )
            if not duplicate:
                _queue(_version_of(document))
    except Exception:
        storage.discard_unreferenced(stored.sha256)
        raise
    return document, duplicate


def reprocess_document(scope: Scope, document: Document) -> None:
    """Have the latest version read again; its passages answer until the new ones replace them. Needs the role of contributor.

    Raises `Conflict` while it is being read.
    """
    document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
    with transaction.atomic():
        version = Version.objects.select_for_update().get(pk=_version_of(document).pk)
        if IngestRun.objects.filter(version=version, state__in=runs.OPEN).exists():
            raise Conflict(_("This document is being read already. Wait, or stop that first."))
        version.status, version.stage, version.progress = Status.QUEUED, "", 0.0
        version.error_code, version.error_detail = "", ""
        version.save(update_fields=["status", "stage", "progress", "error_code", "error_detail"])
        log.record(
            Action.DOCUMENT_REPROCESSED,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={"version": version.number, "sha256": version.sha256},
            actor=scope.actor,
        )
        _queue(version)


def cancel_reading(scope: Scope, document: Document) -> None:
    """Stop the reading of the latest version; succeeds if there is none. Needs the role of contributor."""
    document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
    with transaction.atomic():
        version = _version_of(document)
        if runs.cancel(version):
            log.record(
                Action.DOCUMENT_CANCELLED,
                document,
                collection=document.collection_id,
                documents=[document.pk],
                data={"version": version.number},
                actor=scope.actor,
            )


def _queue(version: Version) -> None:
    """Make the run that reads a version, and ring for it once the transaction has held."""
    run = IngestRun.objects.create(version=version)
    transaction.on_commit(partial(ring, run.pk))


def _version_of(document: Document) -> Version:
    if document.latest is None:
        raise NotFound
    return document.latest


def _media_type(stored: storage.StoredFile, filename: str) -> str:
    """Return the media type by content, or by name for a file whose content will be refused when it is read."""
    try:
        return media.detect(storage.path_of(stored.sha256), filename)
    except Unreadable as error:
        if error.code in _REFUSED_AT_THE_DOOR:
            raise
        return mimetypes.guess_type(filename)[0] or "application/octet-stream"
