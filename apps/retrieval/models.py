"""The index: generations, and the passages of each."""

import struct
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Value
from pgvector.django import HalfVectorField

from apps.accounts.scope import Scope
from apps.core.models import Entity
from apps.documents.models import Access, Collection, Document, Version

_AT_ONCE = 10_000
_NUMBER = struct.Struct(">i4x")  # of an entry, its passage; what else is in it, `retrieval.bm25` reads

NUMBERS = "retrieval_passage_numbers"
"""The sequence that numbers passages over all generations."""


class IndexGeneration(Entity):
    """An index built with one embedder and one chunker.

    One is live and answers searches. Others, being built or kept to go back to, are brought up to date beside it (see
    `retrieval.building`).
    """

    class State(models.TextChoices):
        BUILDING = "building"
        LIVE = "live"
        RETIRED = "retired"

    number = models.PositiveIntegerField(unique=True)
    embedder = models.CharField(max_length=200, help_text="Vectors of two names are never compared.")
    model = models.CharField(
        max_length=500, blank=True, help_text="What embeds for it; empty: the one that is configured."
    )
    dimensions = models.PositiveIntegerField()
    chunker_version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    built_at = models.DateTimeField(null=True, help_text="When it first held every document.")
    retired_at = models.DateTimeField(null=True, help_text="When another took its place.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="live"), name="one_live_generation")
        ]

    def __str__(self) -> str:
        return f"{self.number}:{self.embedder}"


class BuiltVersion(models.Model):
    """A version that was indexed from what is stored of it, and which of its readings that was."""

    id = models.BigAutoField(primary_key=True)
    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="built")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    ready_at = models.DateTimeField(help_text="The version’s when it was indexed: read again, it has another.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "version"], name="version_built_once")]

    def __str__(self) -> str:
        return f"{self.version_id} in {self.generation_id}"


class IndexedPassageQuerySet(models.QuerySet["IndexedPassage"]):
    def visible_to(self, scope: Scope) -> Self:
        """Return the passages of the documents that the scope may read."""
        return self.filter(access__in=Access.objects.visible_to(scope))


class IndexedPassage(Entity):
    """One row a passage. The id follows from version, place, text and embedder, so indexing twice changes nothing.

    Access, document and collection are repeated here so that a search filters by permission without a join. `number` is what
    the postings of words call it by. The vector has no fixed length, since generations differ; each generation has its own HNSW index over a cast (see `retrieval.index`).
    """

    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="+", db_index=False)
    # Both are the document's, with which the passage goes: neither needs an index of its own to be deleted by.
    access = models.ForeignKey(
        Access, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    collection = models.ForeignKey(
        Collection, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="passages")
    number = models.BigIntegerField(
        unique=True,
        editable=False,
        db_default=Func(Value(NUMBERS), function="nextval", output_field=models.BigIntegerField()),
    )
    in_force = models.BooleanField(default=True, help_text="Of the version that searches use.")
    pending = models.BooleanField(default=False, help_text="Of a reading that is not at its end: never searched.")
    embedded_hash = models.BinaryField(
        max_length=32, default=bytes, help_text="SHA-256 of what the vector was computed from."
    )
    ordinal = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True)
    boxes = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    span_start = models.PositiveIntegerField(null=True)
    span_end = models.PositiveIntegerField(null=True)
    heading = models.TextField(blank=True)
    context = models.TextField(blank=True)
    text = models.TextField()
    language = models.CharField(max_length=12, blank=True)
    embedding = HalfVectorField()
    terms = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="What it holds by words: each term’s key, and how often it stands in the text and in the context.",
    )

    objects: ClassVar[IndexedPassageQuerySet] = IndexedPassageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(fields=["version", "ordinal"], name="passage_in_version"),
            # What may be searched is found and counted, by language, from this index alone.
            models.Index(
                fields=["access", "generation", "language"],
                condition=models.Q(in_force=True),
                name="passage_in_force",
            ),
            # The same text is not embedded twice.
            models.Index(fields=["generation", "embedded_hash"], name="passage_embedded"),
        ]

    def __str__(self) -> str:
        return f"passage {self.ordinal} of {self.version_id}"


class PostingQuerySet(models.QuerySet["Posting"]):
    def strays(self) -> int:
        """Return how many passages are posted that are not there: none, unless something of a deletion was left."""
        there = set(IndexedPassage.objects.values_list("number", flat=True).iterator(_AT_ONCE))
        posted: set[int] = set()
        for (entries,) in self.values_list("entries").iterator(_AT_ONCE):
            posted.update(number for (number,) in _NUMBER.iter_unpack(entries))
        return len(posted - there)


class Posting(models.Model):
    """Which passages hold a term: those of one generation and access, in force or not, one after the other.

    Kept by triggers on passages, in whatever way these are written, moved or deleted; nothing else writes here (see
    `retrieval.postings` for what an entry is).
    """

    pk = models.CompositePrimaryKey("access_id", "generation_id", "in_force", "term", "part")
    access = models.ForeignKey(Access, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    generation = models.ForeignKey(
        IndexGeneration, models.CASCADE, to_field="number", related_name="+", db_index=False, db_constraint=False
    )
    in_force = models.BooleanField()
    term = models.BigIntegerField()
    part = models.IntegerField(help_text="Entries are added to part 0, which gets another number when it is full.")
    first = models.BigIntegerField(help_text="No number of a passage in this part is smaller.")
    last = models.BigIntegerField(help_text="None is greater.")
    entries = models.BinaryField()

    objects: ClassVar[PostingQuerySet] = PostingQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.term:012x}"


class PostedPassages(models.Model):
    """How many passages of one generation and access are posted, in force or not, and how long they are together.

    Whoever changes postings locks this row first.
    """

    pk = models.CompositePrimaryKey("access_id", "generation_id", "in_force")
    access = models.ForeignKey(Access, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    generation = models.ForeignKey(
        IndexGeneration, models.CASCADE, to_field="number", related_name="+", db_index=False, db_constraint=False
    )
    in_force = models.BooleanField()
    passages = models.IntegerField()
    length = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.passages} passages"
