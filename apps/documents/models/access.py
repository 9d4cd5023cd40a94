"""Access: one small number for each set of readers, which documents and passages carry and every search asks for."""

import hashlib
import uuid
from collections.abc import Iterable
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import Group, User
from apps.accounts.principals import principal_of
from apps.accounts.scope import Scope
from apps.documents.models.collections import Collection, Role


class AccessQuerySet(models.QuerySet["Access"]):
    def visible_to(self, scope: Scope, role: Role = Role.READER) -> Self:
        """Return what the scope may read where it holds at least `role`.

        Of each collection: what is open to its readers, what is narrowed to somebody that the scope is, and for a manager all.
        """
        named = AccessReader.objects.filter(Q(user=scope.user_id) | Q(group__in=scope.group_ids))
        managed = Collection.objects.visible_to(scope, Role.MANAGER)
        reached = Q(narrowed=False) | Q(pk__in=named.values("access")) | Q(collection__in=managed)
        return self.filter(reached, collection__in=Collection.objects.visible_to(scope, role))

    def open_in(self, collection: uuid.UUID) -> "Access":
        """Return the access of everybody who reads the collection, made on first use."""
        return self.get_or_create(collection_id=collection, key="", defaults={"narrowed": False})[0]

    def narrowed_in(self, collection: uuid.UUID, users: Iterable[User], groups: Iterable[Group]) -> "Access":
        """Return the access of these people and groups only, among those who read the collection; made on first use."""
        users, groups = list(users), list(groups)
        named = sorted(f"user:{user.pk}" for user in users) + sorted(f"group:{group.pk}" for group in groups)
        key = hashlib.sha256("\n".join(named).encode()).hexdigest()
        access, made = self.get_or_create(collection_id=collection, key=key, defaults={"narrowed": True})
        if made:
            AccessReader.objects.bulk_create(
                [AccessReader(access=access, user=user) for user in users]
                + [AccessReader(access=access, group=group) for group in groups]
            )
        return access


class Access(models.Model):
    """Who may read a document of a collection: all its readers, or, narrowed, only some of them and its managers.

    Documents with the same readers share one, so that what a person may read is a short list of numbers. Granting and revoking
    change that list and no passage.
    """

    id = models.AutoField(primary_key=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="accesses")
    narrowed = models.BooleanField()
    key = models.CharField(max_length=64, blank=True, help_text="Hash of who was named; empty where it is open.")

    objects: ClassVar[AccessQuerySet] = AccessQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "key"], name="one_access_a_set_of_readers")]

    def __str__(self) -> str:
        return f"{self.collection_id}:{self.pk}"

    def named(self) -> list[dict[str, str]]:
        """Return the people and groups that it names, as records and the interface show them."""
        readers = self.readers.select_related("user", "group").order_by("pk")
        return [principal_of(who) for reader in readers if (who := reader.user or reader.group)]

    def in_collection(self, collection: Collection) -> "Access":
        """Return the access of the same readers in another collection."""
        if not self.narrowed:
            return Access.objects.open_in(collection.pk)
        named = self.readers.select_related("user", "group")
        users = [reader.user for reader in named if reader.user]
        groups = [reader.group for reader in named if reader.group]
        return Access.objects.narrowed_in(collection.pk, users, groups)


class AccessReader(models.Model):
    """A person or a group that a narrowed access names."""

    id = models.BigAutoField(primary_key=True)
    access = models.ForeignKey(Access, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_names_one_principal",
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
            ),
            models.UniqueConstraint(fields=["access", "user"], name="one_access_reader_a_user"),
            models.UniqueConstraint(fields=["access", "group"], name="one_access_reader_a_group"),
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)
