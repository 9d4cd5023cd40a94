"""The append-only record. Rows are added by `audit.log.record` and by nothing else; PostgreSQL refuses the rest."""

from typing import Any, ClassVar, NoReturn, Self

from django.db import models

from apps.audit.actions import Action


class RecordQuerySet(models.QuerySet["Record"]):
    def filtered(
        self,
        *,
        actor: str = "",
        action: str = "",
        document: str = "",
        answer: str = "",
        collection: str = "",
        since: Any = None,
        until: Any = None,
        text: str = "",
    ) -> Self:
        """Return the records that match every filter given; `text` matches actor, subject, number or hash prefix."""
        rows = self
        if actor:
            rows = rows.filter(models.Q(actor_id=actor) | models.Q(actor_label__icontains=actor))
        if action:
            rows = rows.filter(action=action)
        if document:
            rows = rows.filter(documents__contains=[document])
        if answer:
            rows = rows.filter(answer=answer)
        if collection:
            rows = rows.filter(collection=collection)
        if since:
            rows = rows.filter(occurred_at__gte=since)
        if until:
            rows = rows.filter(occurred_at__lt=until)
        if text:
            match = models.Q(actor_label__icontains=text) | models.Q(subject_label__icontains=text)
            if text.isdigit():
                match |= models.Q(sequence=int(text))
            if len(text) >= 4:
                match |= models.Q(hash__startswith=text.lower())
            rows = rows.filter(match)
        return rows


class Record(models.Model):
    """One sealed entry. `body` holds the canonical bytes that were hashed; the other columns only index it."""

    sequence = models.BigIntegerField(primary_key=True)
    occurred_at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=48, choices=Action.choices, db_index=True)
    actor_type = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64, db_index=True, blank=True)
    actor_label = models.CharField(max_length=254, blank=True)
    subject_type = models.CharField(max_length=32, blank=True)
    subject_id = models.CharField(max_length=64, db_index=True, blank=True)
    subject_label = models.CharField(max_length=300, blank=True)
    collection = models.CharField(max_length=36, db_index=True, blank=True)
    answer = models.CharField(max_length=36, db_index=True, blank=True)
    documents = models.JSONField(default=list)
    body = models.BinaryField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects: ClassVar[models.Manager["Record"]] = RecordQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a record that exists is never saved again."""
        if not self._state.adding:
            raise TypeError("A record is never edited.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A record is never deleted.")
