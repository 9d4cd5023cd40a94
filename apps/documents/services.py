"""Every change to collections, their grants and their documents: check, change, record, in one transaction.

Grants are changed by managers and by administrators; everything else needs a role in the collection, also of administrators.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Group, User
from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.log import Subject
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound, Transient
from apps.documents import storage
from apps.documents.filenames import clean_filename, title_of
from apps.documents.models import Collection, Document, Grant, Role, Version
from apps.documents.storage import StoredFile

_LONGEST_NAME = 200
_LONGEST_TITLE = 300


def create_collection(
    scope: Scope, *, name: str, description: str = "", allow_download: bool = True, is_sample: bool = False
) -> Collection:
    """Return a new collection; whoever makes it becomes its manager. Raises `Invalid` for an empty or too long name."""
    if not scope.may(Permission.ADMINISTER):
        scope.require(Permission.MANAGE)
    with transaction.atomic():
        collection = Collection.objects.create(
            name=_checked("name", name, _LONGEST_NAME),
            description=description.strip(),
            allow_download=allow_download,
            is_sample=is_sample,
            created_by_id=scope.user_id,
        )
        if scope.user_id is not None:
            Grant.objects.create(
                collection=collection, user_id=scope.user_id, role=Role.MANAGER, granted_by_id=scope.user_id
            )
        log.record(
            Action.COLLECTION_CREATED,
            collection,
            collection=collection.pk,
            data={"name": collection.name, "allow_download": allow_download, "manager": str(scope.user_id or "")},
        )
    return collection


def change_collection(
    scope: Scope,
    collection: Collection,
    *,
    name: str | None = None,
    description: str | None = None,
    allow_download: bool | None = None,
) -> Collection:
    """Return the collection with what was given changed. Needs the role of manager."""
    wanted: dict[str, Any] = {
        "name": None if name is None else _checked("name", name, _LONGEST_NAME),
        "description": None if description is None else description.strip(),
        "allow_download": allow_download,
    }
    with transaction.atomic():
        collection = _held(scope, collection, Role.MANAGER)
        changes = _apply(collection, wanted)
        if changes:
            log.record(Action.COLLECTION_CHANGED, collection, collection=collection.pk, data={"changes": changes})
    return collection


def delete_collection(scope: Scope, collection: Collection) -> None:
    """Remove a collection with its documents, their passages and files. Needs the role of manager."""
    with transaction.atomic():
        collection = _held(scope, collection, Role.MANAGER, to_delete=True)
        documents = list(collection.documents.values_list("pk", flat=True))
        hashes = list(Version.objects.filter(document__collection=collection).values_list("sha256", flat=True))
        log.record(
            Action.COLLECTION_DELETED,
            collection,
            collection=collection.pk,
            documents=documents,
            data={"documents": len(documents), "files": sorted(set(hashes))},
        )
        collection.delete()
        _discard_after_commit(hashes)


def grant_role(
    scope: Scope, collection: Collection, *, user: User | None = None, group: Group | None = None, role: Role
) -> Grant:
    """Return the grant by which a person or a group now holds `role`. Raises `Conflict` if no manager would be left."""
    principal = _principal(user, group)
    with transaction.atomic():
        collection = _governed(scope, collection)
        grant = Grant.objects.filter(collection=collection, user=user, group=group).first()
        before = grant.role if grant else ""
        if before == role and grant is not None:
            return grant
        if grant is None:
            grant = Grant(collection=collection, user=user, group=group)
        else:
            _keep_a_manager(collection, without=grant)
        grant.role = role
        grant.granted_by_id = scope.user_id
        grant.save()
        log.record(
            Action.ACCESS_GRANTED,
            collection,
            collection=collection.pk,
            data={"principal": principal, "role": Role(role).value, "before": before},
        )
    return grant


def revoke_role(scope: Scope, collection: Collection, *, user: User | None = None, group: Group | None = None) -> None:
    """Take away what a person or a group was granted; succeeds if there is nothing. Raises `Conflict` for the last manager."""
    principal = _principal(user, group)
    with transaction.atomic():
        collection = _governed(scope, collection)
        grant = Grant.objects.filter(collection=collection, user=user, group=group).first()
        if grant is None:
            return
        _keep_a_manager(collection, without=grant)
        before = grant.role
        grant.delete()
        log.record(
            Action.ACCESS_REVOKED,
            collection,
            collection=collection.pk,
            data={"principal": principal, "before": before},
        )


def add_document(
    scope: Scope,
    collection: Collection,
    stored: StoredFile,
    *,
    filename: str,
    media_type: str,
    title: str = "",
    language: str = "",
) -> tuple[Document, bool]:
    """Return the document for these bytes and whether it was there already. Needs the role of contributor.

    The row of the collection is locked, so that the same bytes sent twice at once make one document. Raises `Transient`
    if the bytes have been removed since they were stored.
    """
    filename = clean_filename(filename)
    with transaction.atomic():
        collection = _held(scope, collection, Role.CONTRIBUTOR)
        storage.lock(stored.sha256)
        same = Document.objects.filter(collection=collection, latest__sha256=stored.sha256).first()
        if same is not None:
            return Document.objects.select_related("collection", "latest").get(pk=same.pk), True
        if not storage.path_of(stored.sha256).exists():
            raise Transient("The file was removed while it was being added. Send it again.")
        document = Document.objects.create(
            collection=collection,
            title=_checked("title", title.strip() or title_of(filename), _LONGEST_TITLE),
            created_by_id=scope.user_id,
        )
        document.latest = Version.objects.create(
            document=document,
            filename=filename,
            media_type=media_type,
            bytes=stored.bytes,
            sha256=stored.sha256,
            language=language,
            created_by_id=scope.user_id,
        )
        document.in_force = document.latest
        document.save(update_fields=["latest", "in_force"])
        log.record(
            Action.DOCUMENT_UPLOADED,
            document,
            collection=collection.pk,
            documents=[document.pk],
            data={
                "filename": filename,
                "media_type": media_type,
                "bytes": stored.bytes,
                "sha256": stored.sha256,
                "version": 1,
            },
        )
    return document, False


def change_document(
    scope: Scope, document: Document, *, title: str | None = None, language: str | None = None
) -> Document:
    """Return the document with what was given changed. Needs the role of contributor."""
    wanted = None if title is None else _checked("title", title, _LONGEST_TITLE)
    with transaction.atomic():
        document = _held_document(scope, document, Role.CONTRIBUTOR)
        changes = _apply(document, {"title": wanted})
        if document.latest is not None:
            changes |= _apply(document.latest, {"language": language})
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
        document = _held_document(scope, document, Role.CONTRIBUTOR)
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
        _discard_after_commit([version["sha256"] for version in versions])


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


def _held(scope: Scope, collection: Collection, role: Role, *, to_delete: bool = False) -> Collection:
    """Return the collection's row, locked, if the scope holds `role` in it."""
    Collection.objects.get_visible(scope, collection.pk, role)
    return _locked(collection, to_delete=to_delete)


def _governed(scope: Scope, collection: Collection) -> Collection:
    Collection.objects.get_governed(scope, collection.pk)
    return _locked(collection)


def _locked(collection: Collection, *, to_delete: bool = False) -> Collection:
    """Lock against other changes, but against rows that refer to the collection (passages being written) only to delete it."""
    row = Collection.objects.select_for_update(no_key=not to_delete).filter(pk=collection.pk).first()
    if row is None:
        raise NotFound
    return row


def _held_document(scope: Scope, document: Document, role: Role) -> Document:
    return Document.objects.get_visible(scope, document.pk, role)


def _apply(row: Collection | Document | Version, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what is not None and differs, save it, and return field → [before, after]."""
    changes = {
        field: [getattr(row, field), value]
        for field, value in wanted.items()
        if value is not None and getattr(row, field) != value
    }
    for field, (_, value) in changes.items():
        setattr(row, field, value)
    if changes:
        row.save(update_fields=list(changes))
    return changes


def _checked(field: str, text: str, longest: int) -> str:
    text = " ".join(text.split())
    if not text:
        raise Invalid(f"The {field} is empty. Give one.", errors={field: ["This cannot be empty."]})
    if len(text) > longest:
        raise Invalid(
            f"The {field} is longer than {longest} characters. Shorten it.",
            errors={field: [f"At most {longest} characters."]},
        )
    return text


def _principal(user: User | None, group: Group | None) -> dict[str, str]:
    if (user is None) == (group is None):
        raise Invalid("Name one person or one group.")
    who = user or group
    return {"type": "user" if user else "group", "id": str(who.pk), "label": str(who)} if who else {}


def _keep_a_manager(collection: Collection, *, without: Grant) -> None:
    """Raise `Conflict` if nobody could manage the collection without this grant."""
    if without.role != Role.MANAGER:
        return
    others = Grant.objects.filter(collection=collection, role=Role.MANAGER).exclude(pk=without.pk)
    if not others.filter(Q(user__is_active=True) | Q(group__members__is_active=True)).exists():
        raise Conflict("This is the last manager of the collection. Make somebody else manager first.")


def _discard_after_commit(hashes: list[str]) -> None:
    for sha256 in sorted(set(hashes)):
        transaction.on_commit(lambda sha256=sha256: storage.discard_unreferenced(sha256))  # type: ignore[misc]
