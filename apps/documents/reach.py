"""What one person can see, for those who govern it: their collections with role and grant, and the documents narrowed there.

Nobody learns from this of a collection that they do not govern, nor of a document that they may not read themselves.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from apps.accounts.models import User
from apps.accounts.scope import Permission, Scope
from apps.core.errors import NotFound
from apps.documents.models import Access, Collection, CollectionQuerySet, Document, Grant, Role

MOST_DOCUMENTS = 500
"""Of the narrowed documents of all collections together no more than this many are listed."""


@dataclass(frozen=True, slots=True)
class NarrowedDocument:
    """A document that not all readers of its collection may read, and whether this person may."""

    document: Document
    may_read: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """A collection that a person may read: the role they hold, by which grants, and what is narrowed in it."""

    collection: Collection
    role: Role
    grants: tuple[Grant, ...]
    narrowed: tuple[NarrowedDocument, ...]


def get_person(scope: Scope, pk: uuid.UUID) -> User:
    """Return somebody whose reach the scope may look at: anybody for an administrator, for a manager those who read there.

    Raises `NotFound` for everybody else, also for those who do not exist.
    """
    person = User.objects.filter(pk=pk).first()
    if person is None or not (scope.may(Permission.ADMINISTER) or _shared(scope, person).exists()):
        raise NotFound
    return person


def reach_of(scope: Scope, person: User) -> list[Reach]:
    """Return what a person may read of the collections that the scope governs, by name. A constant number of queries."""
    theirs = Scope.of_user(person)
    collections = list(Collection.objects.governed_by(scope) & Collection.objects.visible_to(theirs))
    rows = Grant.objects.of(theirs).filter(collection__in=collections).select_related("user", "group")
    grants: dict[object, list[Grant]] = defaultdict(list)
    for grant in rows:
        grants[grant.collection_id].append(grant)
    narrowed = _narrowed(scope, theirs, collections)
    return [
        Reach(each, _highest(grants[each.pk]), tuple(grants[each.pk]), tuple(narrowed[each.pk])) for each in collections
    ]


def _narrowed(scope: Scope, theirs: Scope, collections: list[Collection]) -> dict[object, list[NarrowedDocument]]:
    permitted = set(Access.objects.visible_to(theirs).values_list("pk", flat=True))
    rows = Document.objects.visible_to(scope).filter(collection__in=collections, access__narrowed=True)
    found: dict[object, list[NarrowedDocument]] = defaultdict(list)
    for document in rows.order_by("title", "pk")[:MOST_DOCUMENTS]:
        found[document.collection_id].append(NarrowedDocument(document, document.access_id in permitted))
    return found


def _highest(grants: list[Grant]) -> Role:
    held = {grant.role for grant in grants}
    return next((role for role in (Role.MANAGER, Role.CONTRIBUTOR) if role in held), Role.READER)


def _shared(scope: Scope, person: User) -> CollectionQuerySet:
    """Return the collections that the scope governs and in which the person was granted something."""
    granted = Grant.objects.of(Scope.of_user(person)).values("collection")
    return Collection.objects.governed_by(scope).filter(pk__in=granted)
