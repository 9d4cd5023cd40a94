"""Who may read one document, and what one person can see: for those who govern the collections."""

import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from ninja import Router, Status

from apps.accounts.models import Group, User
from apps.api.auth import Call
from apps.api.idempotency import idempotent, still_seen
from apps.api.routers.collections import grant_object
from apps.api.schemas import access as wire
from apps.core.errors import Invalid
from apps.documents.models import Document
from apps.documents.reach import Reach, get_person, reach_of
from apps.ingestion.services import narrow_document, open_document

documents = Router(tags=["Documents"])
users = Router(tags=["People"])

Principal = TypeVar("Principal", User, Group)


@documents.get("/{uuid:id}/access", response=wire.DocumentAccess, summary="Who may read a document")
def get_access(request: Call, id: uuid.UUID) -> dict[str, Any]:
    """For the managers of its collection, and for administrators."""
    return _access(Document.objects.get_governed(request.auth, id))


@documents.put("/{uuid:id}/access", response=wire.DocumentAccess, summary="Narrow a document to some of its readers")
@still_seen(lambda scope, body: Document.objects.get_governed(scope, body["document"]))
@idempotent
def put_access(request: Call, id: uuid.UUID, body: wire.NewDocumentAccess) -> Status[Any]:
    """From now on only these people and groups read it, as far as they read its collection, and the collection’s managers.

    What was attached follows, and so do its next versions. With nobody named only the managers read it.
    """
    document = Document.objects.get_governed(request.auth, id)
    users, groups = _named(User, "users", body.users), _named(Group, "groups", body.groups)
    return Status(200, _access(narrow_document(request.auth, document, users, groups)))


@documents.delete("/{uuid:id}/access", response={204: None}, summary="Open a document to all readers again")
@idempotent
def delete_access(request: Call, id: uuid.UUID) -> Status[Any]:
    open_document(request.auth, Document.objects.get_governed(request.auth, id))
    return Status(204, None)


@users.get("/{uuid:id}/access", response=wire.PersonAccess, summary="What a person can see")
def get_person_access(request: Call, id: uuid.UUID) -> dict[str, Any]:
    """Of the collections that you govern: the person’s role in each, the grants it comes from, and the narrowed documents that
    you may read yourself, with whether the person may too."""
    person = get_person(request.auth, id)
    return {
        "user": {"id": str(person.pk), "email": person.email, "name": person.name},
        "active": person.is_active,
        "collections": [_reach(reach) for reach in reach_of(request.auth, person)],
    }


def _named(model: type[Principal], field: str, ids: Iterable[uuid.UUID]) -> list[Principal]:
    wanted = set(ids)
    found = list(model._default_manager.filter(pk__in=wanted))
    if missing := wanted - {row.pk for row in found}:
        message = _("There is nobody with the id %(ids)s.") % {"ids": ", ".join(sorted(map(str, missing)))}
        raise Invalid(message, errors={field: [message]})
    return found


def _access(document: Document) -> dict[str, Any]:
    named = document.access.named()
    return {
        "document": str(document.pk),
        "collection": str(document.collection_id),
        "narrowed": document.access.narrowed,
        "users": [principal for principal in named if principal["type"] == "user"],
        "groups": [principal for principal in named if principal["type"] == "group"],
    }


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "id": str(reach.collection.pk),
        "name": reach.collection.name,
        "role": reach.role,
        "grants": [grant_object(grant) for grant in reach.grants],
        "narrowed": [
            {"id": str(row.document.pk), "title": row.document.title, "may_read": row.may_read}
            for row in reach.narrowed
        ],
    }
