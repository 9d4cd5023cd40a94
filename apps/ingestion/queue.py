"""Who waits, and how many are before them."""

import uuid
from collections.abc import Iterable

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from apps.ingestion.models import IngestRun


def positions(version_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return, for each of these versions that waits to be read, how many wait before it. One query."""
    queued = IngestRun.objects.filter(state=IngestRun.State.QUEUED).order_by()
    earlier = Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__lt=OuterRef("pk"))
    before = queued.filter(earlier).values("state").annotate(number=Count("pk")).values("number")
    wanted = queued.filter(version__in=list(version_ids))
    return dict(wanted.values_list("version", Coalesce(Subquery(before), 0)))
