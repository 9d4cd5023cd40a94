"""Collections, and who holds which role in them."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Group
from apps.accounts.scope import Permission, Scope
from apps.core.errors import NotAllowed, NotFound
from apps.core.models import Entity


class Role(models.TextChoices):
    READER = "reader", _("Reader")
    CONTRIBUTOR = "contributor", _("Contributor")
    MANAGER = "manager", _("Manager")


_AT_LEAST = {
    Role.READER: [Role.READER, Role.CONTRIBUTOR, Role.MANAGER],
    Role.CONTRIBUTOR: [Role.CONTRIBUTOR, Role.MANAGER],
    Role.MANAGER: [Role.MANAGER],
}
_NEEDS = {
    Role.READER: Permission.READ,
    Role.CONTRIBUTOR: Permission.CONTRIBUTE,
    Role.MANAGER: Permission.MANAGE,
}


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, scope: Scope, role: Role = Role.READER) -> Self:
        """Return the collections in which the scope holds at least `role`."""
        if not scope.may(_NEEDS[role]) or scope.user_id is None:
            return self.none()
        grants = Grant.objects.of(scope).filter(role__in=_AT_LEAST[role])
        return self.filter(pk__in=grants.values("collection"))

    def get_visible(self, scope: Scope, pk: uuid.UUID | str, role: Role = Role.READER) -> "Collection":
        """Return one collection. Raises `NotFound` if it cannot be seen, `NotAllowed` if seen but `role` is not held."""
        collection = self.visible_to(scope).filter(pk=pk).first()
        if collection is None:
            raise NotFound
        if role != Role.READER and not self.visible_to(scope, role).filter(pk=pk).exists():
            raise NotAllowed(f"In “{collection.name}” this needs the role of {role.label.lower()}. Ask its manager.")
        return collection

    def governed_by(self, scope: Scope) -> Self:
        """Return the collections whose grants the scope may change: all for an administrator, who still reads none of them."""
        return self.all() if scope.may(Permission.ADMINISTER) else self.visible_to(scope, Role.MANAGER)

    def get_governed(self, scope: Scope, pk: uuid.UUID | str) -> "Collection":
        """Return one collection to change its grants. Raises as `get_visible`."""
        collection = self.governed_by(scope).filter(pk=pk).first()
        return collection or self.get_visible(scope, pk, Role.MANAGER)


class Collection(Entity):
    """Documents that are granted together."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    allow_download = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[CollectionQuerySet] = CollectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GrantQuerySet(models.QuerySet["Grant"]):
    def of(self, scope: Scope) -> Self:
        """Return the grants that reach the scope's person, directly or through a group."""
        return self.filter(Q(user=scope.user_id) | Q(group__in=scope.group_ids))


class Grant(Entity):
    """A role in a collection, given to one person or one group."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[GrantQuerySet] = GrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                name="grant_to_one_principal",
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
            ),
            models.UniqueConstraint(fields=["collection", "user"], name="one_grant_a_user"),
            models.UniqueConstraint(fields=["collection", "group"], name="one_grant_a_group"),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.group}: {self.role}"
