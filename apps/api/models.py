"""What was answered under an idempotency key, for as long as a caller may try again."""

from django.conf import settings
from django.db import models


class KeyedCall(models.Model):
    """One write under a caller's key. It is committed together with the write, so there is never one without the other."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_call_a_key")]

    def __str__(self) -> str:
        return self.key
