"""Collections, who may use them, and the documents in them with their versions, pages and blocks."""

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
from apps.documents.parsing import PARSER_VERSION, BlockKind, Quality


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
        """Return the documents of the collections in which the scope holds at least `role`."""
        return self.filter(collection__in=Collection.objects.visible_to(scope, role))

    def get_visible(self, scope: Scope, pk: uuid.UUID | str, role: Role = Role.READER) -> "Document":
        """Return one document with its collection and latest version. Raises as `CollectionQuerySet.get_visible`."""
        document = self.visible_to(scope).select_related("collection", "latest").filter(pk=pk).first()
        if document is None:
            raise NotFound
        if role != Role.READER:
            Collection.objects.get_visible(scope, document.collection_id, role)
        return document

    def with_versions(self) -> Self:
        """Return the same documents with all that `content.document_object` needs, in three queries."""
        return self.select_related("latest", "in_force").prefetch_related(
            models.Prefetch("versions", Version.objects.select_related("created_by")), "latest__attachments"
        )


class Document(Entity):
    """One document of a collection, through all its versions.

    `latest` is the version added last; `in_force` the one that searches and answers use, which stays an earlier one until the
    latest has been read and its date has come. A document that was only ever an attachment goes with what it was attached to.
    """

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="documents")
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


class Page(models.Model):
    """One page of a version: its size in points and how well it was read."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    width = models.FloatField()
    height = models.FloatField()
    quality = models.CharField(max_length=8, choices=[(q.value, q.value) for q in Quality])
    confidence = models.FloatField(default=1.0)
    recognised = models.BooleanField(default=False, help_text="Read by optical character recognition.")
    label = models.CharField(max_length=200, blank=True, help_text="Name of a sheet, title of a slide.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="page_number_once")]

    def __str__(self) -> str:
        return f"page {self.number}"


class Block(models.Model):
    """A unit of a page in reading order; `lines` and `cells` are the parsed values as JSON."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="blocks")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="blocks")
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in BlockKind])
    level = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    boxes = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    cells = models.JSONField(default=list)
    table = models.JSONField(null=True)
    language = models.CharField(max_length=12, blank=True, help_text="Empty: the document’s.")
    confidence = models.FloatField(default=1.0)
    span_start = models.PositiveIntegerField(null=True)
    span_end = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["version", "ordinal"], name="block_ordinal_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ordinal}"


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
