"""Who waits, and how many are before them."""

import uuid
from collections.abc import Iterable

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from apps.ingestion.models import IngestRun


def positions(version_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return, for each of these versions that waits to be read, how many wait before it. One query."""
    order = [F("created_at").asc(), F("pk").asc()]
    queued = IngestRun.objects.filter(state=IngestRun.State.QUEUED)
    numbered = queued.annotate(place=Window(RowNumber(), order_by=order))
    wanted = numbered.filter(version__in=list(version_ids)).order_by()
    return {version: place - 1 for version, place in wanted.values_list("version", "place")}
