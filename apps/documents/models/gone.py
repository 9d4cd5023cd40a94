"""What is kept of a document that is gone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.documents.models.access import Access


class GoneDocument(models.Model):
    """The id of a deleted document and who could read it: nothing else of it.

    `readers` are people, and count once its collection is gone too.
    """

    document = models.UUIDField(primary_key=True)
    access = models.ForeignKey(Access, on_delete=models.SET_NULL, null=True, related_name="+")
    readers = ArrayField(models.UUIDField(), default=list)

    def __str__(self) -> str:
        return str(self.document)
