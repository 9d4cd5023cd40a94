"""Making, changing and deleting collections."""

from typing import Any

from django.db import transaction

from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.documents.gone import remember_readers
from apps.documents.models import Collection, Grant, Role, Version
from apps.documents.services._removing import purge_after_commit, remove_documents
from apps.documents.services._rows import LONGEST_NAME, apply, checked, held


def create_collection(
    scope: Scope, *, name: str, description: str = "", allow_download: bool = True, is_sample: bool = False
) -> Collection:
    """Return a new collection; whoever makes it becomes its manager. Raises `Invalid` for an empty or too long name."""
    if not scope.may(Permission.ADMINISTER):
        scope.require(Permission.MANAGE)
    with transaction.atomic():
        collection = Collection.objects.create(
            name=checked("name", name, LONGEST_NAME),
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
        "name": None if name is None else checked("name", name, LONGEST_NAME),
        "description": None if description is None else description.strip(),
        "allow_download": allow_download,
    }
    with transaction.atomic():
        collection = held(scope, collection, Role.MANAGER)
        changes = apply(collection, wanted)
        if changes:
            log.record(Action.COLLECTION_CHANGED, collection, collection=collection.pk, data={"changes": changes})
    return collection


def delete_collection(scope: Scope, collection: Collection) -> None:
    """Remove a collection with its documents, their passages and files. Needs the role of manager.

    That nothing remains is checked afterwards, and recorded.
    """
    with transaction.atomic():
        collection = held(scope, collection, Role.MANAGER, to_delete=True)
        documents = list(collection.documents.order_by("pk").select_for_update())
        versions = list(Version.objects.filter(document__collection=collection).values_list("pk", "sha256"))
        hashes = sorted({sha256 for _, sha256 in versions})
        remove_documents(documents)
        record = log.record(
            Action.COLLECTION_DELETED,
            collection,
            collection=collection.pk,
            documents=[document.pk for document in documents],
            data={"documents": len(documents), "files": hashes, "versions": [str(pk) for pk, _ in versions]},
        )
        remember_readers(collection)
        collection.delete()
        purge_after_commit(record, hashes)
