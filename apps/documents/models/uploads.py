"""Files that arrive in pieces."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from apps.accounts.scope import Permission, Scope
from apps.core.errors import NotFound
from apps.core.models import Entity
from apps.documents.models.collections import Collection
from apps.documents.models.documents import Document


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, scope: Scope) -> Self:
        """Return the uploads that the scope's person has begun."""
        return self.filter(owner=scope.user_id) if scope.may(Permission.CONTRIBUTE) else self.none()

    def get_of(self, scope: Scope, pk: uuid.UUID | str) -> "Upload":
        """Return one upload of the scope's person; raises `NotFound` for anybody else's."""
        upload = self.of(scope).filter(pk=pk).first()
        if upload is None:
            raise NotFound
        return upload


class Upload(Entity):
    """A file that arrives in pieces: `received` bytes of `size` are on disk. `document` is what it became."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=300)
    folder = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=12, blank=True)
    effective_from = models.DateField(null=True)
    supersedes = models.ForeignKey(Document, on_delete=models.CASCADE, null=True, related_name="+")
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, null=True, related_name="+")
    duplicate = models.BooleanField(default=False)

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_complete(self) -> bool:
        return self.received == self.size

    @classmethod
    def names(cls) -> set[str]:
        """Return the names under which storage keeps what has arrived of those still under way."""
        return {str(pk) for pk in cls.objects.filter(document=None).values_list("pk", flat=True)}
