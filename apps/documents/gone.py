"""Documents that are gone: who could read them, since that decides who may go on seeing answers that rest on them."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.scope import Permission, Scope
from apps.documents.models import Access, AccessReader, Collection, Document, GoneDocument, Grant, Role
from apps.documents.walls import reading


def remember(documents: Sequence[Document]) -> None:
    """Keep by whom documents that are about to be deleted are read."""
    gone = [GoneDocument(document=document.pk, access_id=document.access_id) for document in documents]
    GoneDocument.objects.bulk_create(gone, ignore_conflicts=True)


def remember_readers(collection: Collection) -> None:
    """Keep who reads what is gone of a collection that is about to be deleted itself: nobody is granted anything in it then."""
    for access in collection.accesses.all():
        GoneDocument.objects.filter(access=access).update(readers=sorted(_readers_of(access)))


def readable(scope: Scope, documents: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these documents the scope may read or, where they are gone, could read if they were still there."""
    asked = set(documents)
    with reading(scope):
        there = set(Document.objects.visible_to(scope).filter(pk__in=asked).values_list("pk", flat=True))
    gone = GoneDocument.objects.filter(document__in=asked - there)
    open_still = gone.filter(access__in=Access.objects.visible_to(scope))
    kept = gone.filter(access=None, readers__contains=[scope.user_id]) if scope.may(Permission.READ) else gone.none()
    return there | set(open_still.values_list("pk", flat=True)) | set(kept.values_list("pk", flat=True))


def _readers_of(access: Access) -> set[uuid.UUID]:
    granted = _people(Grant.objects.filter(collection=access.collection_id))
    if not access.narrowed:
        return granted
    managers = _people(Grant.objects.filter(collection=access.collection_id, role=Role.MANAGER))
    return managers | (granted & _people(AccessReader.objects.filter(access=access)))


def _people(named: QuerySet[Grant] | QuerySet[AccessReader]) -> set[uuid.UUID]:
    """Return the people that grants or narrowing name, by themselves or through their groups."""
    rows = list(named.values_list("user", "group"))
    members = User.objects.filter(member_of__in=[group for _, group in rows if group])
    return {user for user, _ in rows if user} | set(members.values_list("pk", flat=True))
