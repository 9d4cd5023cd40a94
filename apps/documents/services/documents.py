"""Changing, deleting and handing out documents."""

from pathlib import Path

from django.db import transaction

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.log import Subject
from apps.core.errors import NotAllowed, NotFound
from apps.documents import storage
from apps.documents.models import Collection, Document, Role
from apps.documents.services._rows import LONGEST_TITLE, apply, checked, discard_after_commit, held_document


def change_document(
    scope: Scope, document: Document, *, title: str | None = None, language: str | None = None
) -> Document:
    """Return the document with what was given changed. Needs the role of contributor."""
    wanted = None if title is None else checked("title", title, LONGEST_TITLE)
    with transaction.atomic():
        document = held_document(scope, document, Role.CONTRIBUTOR)
        changes = apply(document, {"title": wanted})
        if document.latest is not None:
            changes |= apply(document.latest, {"language": language})
        if changes:
            log.record(
                Action.DOCUMENT_CHANGED,
                document,
                collection=document.collection_id,
                documents=[document.pk],
                data={"changes": changes},
            )
    return document


def delete_document(scope: Scope, document: Document) -> None:
    """Remove a document, its passages and, where no other has the same bytes, its file. Needs the role of contributor.

    Succeeds if it is gone already.
    """
    with transaction.atomic():
        if not Document.objects.filter(pk=document.pk).exists():
            return
        document = held_document(scope, document, Role.CONTRIBUTOR)
        # Before the record, whose lock a reading that is about to finish takes last.
        Document.objects.select_for_update().filter(pk=document.pk).first()
        versions = list(document.versions.values("number", "filename", "sha256"))
        log.record(
            Action.DOCUMENT_DELETED,
            Subject.of(document),
            collection=document.collection_id,
            documents=[document.pk],
            data={"versions": versions},
        )
        document.delete()
        discard_after_commit([version["sha256"] for version in versions])


def open_original(scope: Scope, document: Document) -> Path:
    """Return where the latest version's bytes are, and record that they were taken.

    Raises `NotAllowed` where the collection does not let its readers download and the scope is not its manager.
    """
    with transaction.atomic():
        document = Document.objects.get_visible(scope, document.pk)
        if not document.collection.allow_download:
            _manager_may_download(scope, document)
        version = document.latest
        if version is None or not storage.path_of(version.sha256).exists():
            raise NotFound("The original of this document is no longer kept.")
        log.record(
            Action.DOCUMENT_DOWNLOADED,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={"filename": version.filename, "version": version.number, "sha256": version.sha256},
        )
    return storage.path_of(version.sha256)


def _manager_may_download(scope: Scope, document: Document) -> None:
    managed = Collection.objects.visible_to(scope, Role.MANAGER)
    if not managed.filter(pk=document.collection_id).exists():
        raise NotAllowed("Originals of this collection may be downloaded by its managers only. Ask one of them.")
