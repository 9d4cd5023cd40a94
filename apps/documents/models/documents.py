"""Documents, their versions, and what is attached to them."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.core.models import Entity
from apps.documents.models.access import Access
from apps.documents.models.collections import Collection, Role
from apps.documents.parsing import PARSER_VERSION
from apps.documents.walls import reading


class Status(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    PARSING = "parsing", _("Reading")
    EMBEDDING = "embedding", _("Indexing")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Stopped")


UNFINISHED = [Status.QUEUED, Status.PARSING, Status.EMBEDDING]


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, scope: Scope, role: Role = Role.READER) -> Self:
        """Return the documents that the scope may read, of the collections in which it holds at least `role`."""
        return self.filter(access__in=Access.objects.visible_to(scope, role))

    def get_visible(self, scope: Scope, pk: uuid.UUID | str, role: Role = Role.READER) -> "Document":
        """Return one document with its collection and latest version. Raises as `CollectionQuerySet.get_visible`."""
        with reading(scope):
            document = self.visible_to(scope).select_related("collection", "latest").filter(pk=pk).first()
        if document is None:
            raise NotFound
        if role != Role.READER:
            Collection.objects.get_visible(scope, document.collection_id, role)
        return document

    def get_governed(self, scope: Scope, pk: uuid.UUID | str) -> "Document":
        """Return one document to change who may read it, of a collection whose grants the scope may change.

        Raises as `get_visible`.
        """
        governed = self.filter(pk=pk, collection__in=Collection.objects.governed_by(scope))
        document = governed.select_related("collection", "latest", "access").first()
        return document or self.get_visible(scope, pk, Role.MANAGER)

    def with_versions(self) -> Self:
        """Return the same documents with all that `content.document_object` needs, in three queries."""
        makers = Version.objects.select_related("created_by").defer("created_by__password", "created_by__last_login")
        return self.select_related("latest", "in_force").prefetch_related(
            models.Prefetch("versions", makers), "latest__attachments"
        )


class Document(Entity):
    """One document of a collection, through all its versions.

    `latest` is the version added last; `in_force` the one that searches and answers use, which stays an earlier one until the
    latest has been read and its date has come. A document that was only ever an attachment goes with what it was attached to.
    """

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="documents")
    access = models.ForeignKey(Access, on_delete=models.CASCADE, related_name="+", help_text="Who may read it.")
    title = models.CharField(max_length=300)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    folder = models.CharField(max_length=500, blank=True, help_text="Where it lay in the folder it was added with.")
    latest = models.OneToOneField("Version", on_delete=models.SET_NULL, null=True, related_name="+")
    in_force = models.OneToOneField("Version", on_delete=models.SET_NULL, null=True, related_name="+")
    attached_to = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="attached")

    objects: ClassVar[DocumentQuerySet] = DocumentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new document is open to the readers of its collection unless it was given another access."""
        if not self.access_id:
            self.access = Access.objects.open_in(self.collection_id)
        super().save(*args, **kwargs)


class Version(Entity):
    """The bytes of a document at one time, how far they have been read, and what came of it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    filename = models.CharField(max_length=300)
    media_type = models.CharField(max_length=120)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    language = models.CharField(max_length=12, blank=True)
    effective_from = models.DateField(null=True, blank=True, help_text="Empty: from the day it was added.")
    password = models.BinaryField(null=True, help_text="What opens the file, sealed; never shown.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED, db_index=True)
    stage = models.CharField(max_length=24, blank=True)
    progress = models.FloatField(default=0.0)
    error_code = models.CharField(max_length=48, blank=True)
    error_detail = models.TextField(blank=True)
    paged = models.BooleanField(default=True)
    page_count = models.PositiveIntegerField(default=0)
    passage_count = models.PositiveIntegerField(default=0)
    parser_version = models.PositiveIntegerField(default=0)
    unread_pages = models.PositiveIntegerField(default=0)
    poor_pages = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    metadata = models.JSONField(default=dict, help_text="What the file says of itself.")
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.document_id} version {self.number}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def is_outdated(self) -> bool:
        """Whether a newer parser than the one that read it is installed."""
        return self.status == Status.READY and self.parser_version < PARSER_VERSION


class Attachment(models.Model):
    """A file found inside a version, and the document that was made of it; none where `detail` says why not."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="attachments")
    ordinal = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=120, blank=True)
    bytes = models.BigIntegerField(default=0)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, related_name="+")
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["version", "ordinal"], name="attachment_ordinal_once")]

    def __str__(self) -> str:
        return self.name
