"""IngestRun: the work of making one version searchable."""

from django.db import models

from apps.core.models import Entity
from apps.documents.models import Version


class IngestRun(Entity):
    """queued → running → succeeded | failed | cancelled; running falls back to queued when its lease runs out, three times
    at most. Made by a service in the same transaction as the version. One that waits for another is queued."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    reading_key = models.CharField(
        max_length=64, blank=True, db_index=True, help_text="What is read and how: equal keys give equal readings."
    )
    waits_for = models.UUIDField(null=True, help_text="The run that must end before this one is worth taking up.")
    is_long = models.BooleanField(default=False, help_text="Of a document that takes long enough to be in others’ way.")
    stage = models.CharField(max_length=24, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    seconds = models.JSONField(default=dict, help_text="Stage name to seconds.")
    error_code = models.CharField(max_length=48, blank=True)
    error_detail = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_run_a_version",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.state}"
