"""Changing, deleting and handing out documents."""

from datetime import date
from pathlib import Path

from django.db import transaction

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.log import Subject
from apps.core.errors import NotAllowed, NotFound
from apps.documents import storage
from apps.documents.family import lock_family
from apps.documents.models import Collection, Document, Role, Version
from apps.documents.services._removing import purge_after_commit, remove_documents
from apps.documents.services._rows import LONGEST_TITLE, apply, checked, held_document


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


def change_effective_date(scope: Scope, document: Document, effective_from: date | None) -> Document:
    """Return the document whose latest version counts from this day, or without one from when it was added.

    Which version is in force then is the caller's to settle in the same transaction. Needs the role of contributor.
    """
    with transaction.atomic():
        document = held_document(scope, document, Role.CONTRIBUTOR)
        version = document.latest
        if version is None or version.effective_from == effective_from:
            return document
        before, version.effective_from = version.effective_from, effective_from
        version.save(update_fields=["effective_from"])
        log.record(
            Action.DOCUMENT_CHANGED,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={
                "version": version.number,
                "changes": {"effective_from": [day.isoformat() if day else None for day in (before, effective_from)]},
            },
        )
    return document


def delete_document(scope: Scope, document: Document) -> None:
    """Remove a document, what was attached to it, their passages and, where no other has the same bytes, their files.

    Needs the role of contributor. Succeeds if it is gone already. That nothing remains is checked afterwards, and recorded.
    """
    with transaction.atomic():
        if not Document.objects.filter(pk=document.pk).exists():
            return
        document = Document.objects.get_visible(scope, document.pk, Role.CONTRIBUTOR)
        family = lock_family(document, to_delete=True)
        if not family:
            return
        versions = list(Version.objects.filter(document__in=family).values("id", "number", "filename", "sha256"))
        remove_documents(family)
        # The record comes last: whoever writes passages locks their postings first, and the record after them.
        record = log.record(
            Action.DOCUMENT_DELETED,
            Subject.of(document),
            collection=document.collection_id,
            documents=[member.pk for member in family],
            data={"versions": [version | {"id": str(version["id"])} for version in versions]},
        )
        purge_after_commit(record, [version["sha256"] for version in versions])


def open_original(scope: Scope, document: Document, version: Version | None = None) -> Path:
    """Return where the bytes of a version, else of the latest, are, and record that they were taken.

    Raises `NotAllowed` where the collection does not let its readers download and the scope is not its manager.
    """
    with transaction.atomic():
        document = Document.objects.get_visible(scope, document.pk)
        if not document.collection.allow_download:
            _manager_may_download(scope, document)
        version = version or document.latest
        if version is None or version.document_id != document.pk or not storage.path_of(version.sha256).exists():
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
