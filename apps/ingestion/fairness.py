"""Long documents leave a reader free: where several are read at once, one of them at most less are long."""

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.documents.models import Status, Version
from apps.documents.parsing import Parsed
from apps.ingestion.models import IngestRun
from apps.ingestion.runs import Hold, Stopped

LONG_PAGES = 500
LONG_BYTES = 10 << 20
_LOCK = 0x6C6F6E67  # "long": one run finds out at a time whether it may go on
_readers = 1


def set_readers(count: int) -> None:
    """Say how many documents this installation's workers read at once."""
    global _readers  # noqa: PLW0603  # known once, when the worker starts
    _readers = count


def is_long(version: Version, parsed: Parsed) -> bool:
    return parsed.page_count > LONG_PAGES or (not parsed.paged and version.bytes > LONG_BYTES)


def wait_if_long(hold: Hold, version: Version, parsed: Parsed) -> None:
    """Put a long reading back in the queue, behind another long one, if it would take the last reader; raises `Stopped` then."""
    if not is_long(version, parsed):
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        others = IngestRun.objects.filter(state=IngestRun.State.RUNNING, is_long=True, lease_until__gt=timezone.now())
        ahead = list(others.exclude(pk=hold.run_id).order_by("started_at").values_list("pk", flat=True))
        mine = IngestRun.objects.filter(pk=hold.run_id, state=IngestRun.State.RUNNING, attempts=hold.attempt)
        if len(ahead) < max(_readers - 1, 1):
            if not mine.update(is_long=True):
                raise Stopped
            return
        waits = {"state": IngestRun.State.QUEUED, "lease_until": None, "waits_for": ahead[0]}
        if mine.update(**waits, attempts=F("attempts") - 1):
            Version.objects.filter(pk=version.pk).update(status=Status.QUEUED, stage="")
    raise Stopped
