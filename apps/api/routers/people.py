"""People and groups: for administrators."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status

from apps.accounts import services
from apps.accounts.models import Group, User
from apps.accounts.scope import Permission
from apps.api.auth import Call
from apps.api.idempotency import idempotent
from apps.api.paging import Cursor, Limit, page_of
from apps.api.schemas import people as wire
from apps.core.errors import Invalid
from apps.documents import services as documents

users = Router(tags=["People"])
groups = Router(tags=["People"])


@users.get("", response=wire.UserList, summary="List people")
def list_users(request: Call, q: str = "", cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    request.auth.require(Permission.ADMINISTER)
    rows = User.objects.filter(Q(email__icontains=q) | Q(name__icontains=q)) if q else User.objects.all()
    found, following = page_of(rows, cursor=cursor, limit=limit)
    return {"items": [_user(user) for user in found], "next": following}


@users.post("", response={201: wire.User}, summary="Add a person")
@idempotent
def add_user(request: Call, body: wire.NewUser) -> Status[Any]:
    user = services.create_user(
        request.auth,
        email=body.email,
        name=body.name,
        password=body.password,
        administrator=body.administrator,
        auditor=body.auditor,
    )
    return Status(201, _user(user))


@users.get("/{uuid:id}", response=wire.User, summary="Read a person")
def get_user(request: Call, id: uuid.UUID) -> dict[str, Any]:
    request.auth.require(Permission.ADMINISTER)
    return _user(get_object_or_404(User, pk=id))


@users.patch("/{uuid:id}", response=wire.User, summary="Change a person’s roles, or close their account")
@idempotent
def change_user(request: Call, id: uuid.UUID, body: wire.UserChange) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    user = services.change_user(
        request.auth,
        get_object_or_404(User, pk=id),
        name=body.name,
        administrator=body.administrator,
        auditor=body.auditor,
        active=body.active,
    )
    return Status(200, _user(user))


@groups.get("", response=wire.GroupList, summary="List groups")
def list_groups(request: Call, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    request.auth.require(Permission.ADMINISTER)
    found, following = page_of(Group.objects.prefetch_related("members"), cursor=cursor, limit=limit)
    return {"items": [_group(group) for group in found], "next": following}


@groups.post("", response={201: wire.Group}, summary="Add a group")
@idempotent
def add_group(request: Call, body: wire.NewGroup) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    group = services.create_group(request.auth, name=body.name, members=_people(body.members))
    return Status(201, _group(group))


@groups.get("/{uuid:id}", response=wire.Group, summary="Read a group")
def get_group(request: Call, id: uuid.UUID) -> dict[str, Any]:
    request.auth.require(Permission.ADMINISTER)
    return _group(get_object_or_404(Group, pk=id))


@groups.patch("/{uuid:id}", response=wire.Group, summary="Rename a group, or set its members")
@idempotent
def change_group(request: Call, id: uuid.UUID, body: wire.GroupChange) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    members = None if body.members is None else _people(body.members)
    group = services.change_group(request.auth, get_object_or_404(Group, pk=id), name=body.name, members=members)
    return Status(200, _group(group))


@groups.delete("/{uuid:id}", response={204: None}, summary="Delete a group, and with it what it was granted")
@idempotent
def delete_group(request: Call, id: uuid.UUID) -> Status[Any]:
    request.auth.require(Permission.ADMINISTER)
    documents.delete_group(request.auth, get_object_or_404(Group, pk=id))
    return Status(204, None)


def _people(ids: Iterable[uuid.UUID]) -> list[User]:
    wanted = set(ids)
    found = list(User.objects.filter(pk__in=wanted))
    if missing := wanted - {user.pk for user in found}:
        message = _("There is nobody with the id %(ids)s.") % {"ids": ", ".join(sorted(map(str, missing)))}
        raise Invalid(message, errors={"members": [message]})
    return found


def _user(user: User) -> dict[str, Any]:
    return _reference(user) | {
        "administrator": user.is_administrator,
        "auditor": user.is_auditor,
        "active": user.is_active,
        "created_at": user.created_at.isoformat(),
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "id": str(group.pk),
        "name": group.name,
        "members": [_reference(user) for user in group.members.all()],
        "created_at": group.created_at.isoformat(),
    }


def _reference(user: User) -> dict[str, Any]:
    return {"id": str(user.pk), "email": user.email, "name": user.name}
