"""Who may read one document: all readers of its collection, or only some of them. Its passages follow in the same transaction."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Group, User
from apps.accounts.principals import principal_of
from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, NotFound
from apps.documents.family import lock_family
from apps.documents.models import Access, Document
from apps.documents.models import Collection as Shelf
from apps.retrieval.index import move_documents


def narrow_document(scope: Scope, document: Document, users: Iterable[User], groups: Iterable[Group]) -> Document:
    """Have only these people and groups read a document, as far as they read its collection, and its managers.

    What was attached follows, and so will its next versions. For managers of the collection, and administrators, who read
    nothing by that. Raises `Conflict` for an attachment by itself.
    """
    users, groups = sorted(users, key=str), sorted(groups, key=str)
    named = [*map(principal_of, users), *map(principal_of, groups)]
    return _give_readers(
        scope,
        document,
        lambda shelf: Access.objects.narrowed_in(shelf.pk, users, groups),
        Action.DOCUMENT_NARROWED,
        {"to": named},
    )


def open_document(scope: Scope, document: Document) -> Document:
    """Have all readers of its collection read a document again, with what was attached. For whom and raises as `narrow_document`."""
    return _give_readers(
        scope, document, lambda shelf: Access.objects.open_in(shelf.pk), Action.DOCUMENT_OPENED_TO_ALL, {}
    )


def _give_readers(
    scope: Scope, document: Document, readers: Callable[[Shelf], Access], action: Action, said: dict[str, Any]
) -> Document:
    document = Document.objects.get_governed(scope, document.pk)
    with transaction.atomic():
        # Nothing is added to the collection meanwhile, so no attachment misses the change.
        shelf = Shelf.objects.select_for_update(no_key=True).filter(pk=document.collection_id).first()
        family = lock_family(document)
        now = _still_there(document, shelf, family)
        access = readers(now.collection)
        changed = [member.pk for member in family if member.access_id != access.pk]
        if changed:
            before = now.access.named()
            Document.objects.filter(pk__in=changed).update(access=access)
            move_documents(changed, access)
            log.record(
                action,
                now,
                collection=now.collection_id,
                documents=changed,
                data={**said, "from": before if now.access.narrowed else None},
                actor=scope.actor,
            )
    return Document.objects.select_related("collection", "latest", "access").get(pk=document.pk)


def _still_there(document: Document, shelf: Shelf | None, family: Collection[Document]) -> Document:
    """Return the document as it is now. Raises `NotFound` where it has gone or been moved meanwhile."""
    now = next((member for member in family if member.pk == document.pk), None)
    if now is None or shelf is None or now.collection_id != shelf.pk:
        raise NotFound
    if now.attached_to_id is not None:
        raise Conflict(
            _("This was attached to another document and is read by whoever reads that one. Narrow that one instead.")
        )
    return now
