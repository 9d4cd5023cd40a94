"""The base of our tables."""

import uuid

from django.db import models


class Entity(models.Model):
    """A row with a random public id and the moment it was made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        abstract = True
