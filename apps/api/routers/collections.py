"""Collections and who may use them."""

import uuid
from dataclasses import asdict
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Body as JsonBody
from ninja import Router, Status

from apps.accounts.models import Group, User
from apps.accounts.scope import Scope
from apps.api.auth import Call
from apps.api.idempotency import idempotent, still_seen
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import documents as wire
from apps.api.schemas import people
from apps.api.schemas.parts import Principal
from apps.core.errors import Invalid
from apps.documents import services
from apps.documents.models import Collection, Grant, Role
from apps.documents.totals import Totals, totals_of
from apps.ingestion.services import reprocess_outdated

router = Router(tags=["Collections"])


@router.get("", response=wire.CollectionList, summary="List the collections that you may read")
def list_collections(request: Call, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    found, following = page_of(Collection.objects.visible_to(request.auth), cursor=cursor, limit=limit)
    return {"items": _objects(request.auth, found), "next": following}


@router.post("", response={201: wire.Collection}, summary="Create a collection; you become its manager")
@still_seen(lambda scope, body: Collection.objects.get_visible(scope, body["id"]))
@idempotent
def create_collection(request: Call, body: wire.NewCollection) -> Status[Any]:
    collection = services.create_collection(
        request.auth, name=body.name, description=body.description, allow_download=body.allow_download
    )
    return Status(201, _object(request.auth, collection))


@router.get("/{uuid:id}", response=wire.Collection, summary="Read a collection")
def get_collection(request: Call, id: uuid.UUID) -> dict[str, Any]:
    return _object(request.auth, Collection.objects.get_visible(request.auth, id))


@router.patch("/{uuid:id}", response=wire.Collection, summary="Change a collection")
@still_seen(lambda scope, body: Collection.objects.get_visible(scope, body["id"]))
@idempotent
def change_collection(request: Call, id: uuid.UUID, body: wire.CollectionChange) -> Status[Any]:
    collection = services.change_collection(
        request.auth,
        Collection.objects.get_visible(request.auth, id),
        name=body.name,
        description=body.description,
        allow_download=body.allow_download,
    )
    return Status(200, _object(request.auth, collection))


@router.delete("/{uuid:id}", response={204: None}, summary="Delete a collection with its documents")
@idempotent
def delete_collection(request: Call, id: uuid.UUID) -> Status[Any]:
    services.delete_collection(request.auth, Collection.objects.get_visible(request.auth, id))
    return Status(204, None)


@router.post(
    "/{uuid:id}/reprocess", response={202: wire.Reprocessed}, summary="Read again what an older parser has read"
)
@idempotent
def reprocess_collection(request: Call, id: uuid.UUID) -> Status[Any]:
    count = reprocess_outdated(request.auth, Collection.objects.get_visible(request.auth, id))
    return Status(202, {"documents": count})


@router.get("/{uuid:id}/grants", response=people.GrantList, summary="List who may use a collection")
def list_grants(request: Call, id: uuid.UUID, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    collection = Collection.objects.get_governed(request.auth, id)
    rows = Grant.objects.filter(collection=collection).select_related("user", "group")
    found, following = page_of(rows, cursor=cursor, limit=limit, order=("created_at", "pk"))
    return {"items": [grant_object(grant) for grant in found], "next": following}


@router.put("/{uuid:id}/grants", response=people.Grant, summary="Grant a role, or change it")
@idempotent
def put_grant(request: Call, id: uuid.UUID, body: people.NewGrant) -> Status[Any]:
    collection = Collection.objects.get_governed(request.auth, id)
    grant = services.grant_role(request.auth, collection, **_principal(body.principal), role=Role(body.role))
    return Status(200, grant_object(grant))


@router.delete("/{uuid:id}/grants", response={204: None}, summary="Take a grant away")
@idempotent
def delete_grant(request: Call, id: uuid.UUID, body: Annotated[people.EndedGrant, JsonBody()]) -> Status[Any]:
    collection = Collection.objects.get_governed(request.auth, id)
    services.revoke_role(request.auth, collection, **_principal(body.principal))
    return Status(204, None)


def _principal(named: Principal) -> dict[str, Any]:
    """Return the person or group as the services take it; raises `Invalid` for one that does not exist."""
    model: type[User] | type[Group] = User if named.type == "user" else Group
    found = model.objects.filter(pk=named.id).first()
    if found is None:
        message = _("There is no such person or group.")
        raise Invalid(message, errors={"principal.id": [message]})
    return {named.type: found}


def _objects(scope: Scope, collections: list[Collection]) -> list[dict[str, Any]]:
    """Return the Collections in two queries, however many they are."""
    ids = [collection.pk for collection in collections]
    totals = totals_of(scope, ids)
    held: dict[uuid.UUID, set[str]] = {}
    for key, role in Grant.objects.of(scope).filter(collection__in=ids).values_list("collection", "role"):
        held.setdefault(key, set()).add(role)
    return [_shown(each, _highest(held.get(each.pk, set())), totals[each.pk]) for each in collections]


def _object(scope: Scope, collection: Collection) -> dict[str, Any]:
    return _objects(scope, [collection])[0]


def _highest(roles: set[str]) -> str:
    return next((role.value for role in (Role.MANAGER, Role.CONTRIBUTOR) if role.value in roles), Role.READER.value)


def _shown(collection: Collection, role: str, totals: Totals) -> dict[str, Any]:
    return {
        "id": str(collection.pk),
        "name": collection.name,
        "description": collection.description,
        "allow_download": collection.allow_download,
        "is_sample": collection.is_sample,
        "role": role,
        "documents": totals.documents,
        "totals": asdict(totals),
        "created_at": collection.created_at.isoformat(),
    }


def grant_object(grant: Grant) -> dict[str, Any]:
    """Return a grant as it is answered."""
    who = grant.user or grant.group
    return {
        "principal": {"type": "user" if grant.user else "group", "id": str(who.pk if who else ""), "label": str(who)},
        "role": grant.role,
        "created_at": grant.created_at.isoformat(),
    }
