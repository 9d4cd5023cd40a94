"""What was read of a version: its pages and their blocks."""

from django.db import models

from apps.documents.models.documents import Version
from apps.documents.parsing import BlockKind, Quality


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
