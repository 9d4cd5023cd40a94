"""Who holds which role in a collection."""

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Group, User
from apps.accounts.principals import principal_of
from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid
from apps.documents.models import Collection, Grant, Role
from apps.documents.services._rows import governed


def grant_role(
    scope: Scope, collection: Collection, *, user: User | None = None, group: Group | None = None, role: Role
) -> Grant:
    """Return the grant by which a person or a group now holds `role`. Raises `Conflict` if no manager would be left."""
    principal = _principal(user, group)
    with transaction.atomic():
        collection = governed(scope, collection)
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
        collection = governed(scope, collection)
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


def delete_group(scope: Scope, group: Group) -> None:
    """Delete a group and what it was granted; who was in it stays. Succeeds if it is gone already. For administrators."""
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        row = Group.objects.select_for_update().filter(pk=group.pk).first()
        if row is None:
            return
        for grant in Grant.objects.filter(group=row).select_related("collection"):
            log.record(
                Action.ACCESS_REVOKED,
                grant.collection,
                collection=grant.collection_id,
                data={"principal": _principal(None, row), "before": grant.role},
                actor=scope.actor,
            )
        members = sorted(str(pk) for pk in row.members.values_list("pk", flat=True))
        log.record(Action.GROUP_DELETED, row, data={"members": members}, actor=scope.actor)
        row.delete()


def _principal(user: User | None, group: Group | None) -> dict[str, str]:
    who = user or group
    if who is None or (user and group):
        raise Invalid("Name one person or one group.")
    return principal_of(who)


def _keep_a_manager(collection: Collection, *, without: Grant) -> None:
    """Raise `Conflict` if nobody could manage the collection without this grant."""
    if without.role != Role.MANAGER:
        return
    others = Grant.objects.filter(collection=collection, role=Role.MANAGER).exclude(pk=without.pk)
    if not others.filter(Q(user__is_active=True) | Q(group__members__is_active=True)).exists():
        raise Conflict("This is the last manager of the collection. Make somebody else manager first.")
