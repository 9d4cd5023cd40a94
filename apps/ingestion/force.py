"""Bringing the right version of a document into force: the document says which, and its passages follow."""

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.audit import log
from apps.audit.actions import Action
from apps.documents.models import Document, Version
from apps.documents.versions import choose_in_force, is_effective
from apps.retrieval.index import put_in_force


def settle_in_force(document: Document) -> Version | None:
    """Return the version that is in force from now on, in the caller's transaction; a change of it is recorded.

    A version whose day has come stays in force while it is read for the first time, so that it answers as far as it has come.
    """
    today = timezone.localdate()
    document = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    before = document.in_force
    chosen = choose_in_force(document, today)
    if chosen is None and before is not None and is_effective(before, today):
        chosen = before
    if chosen == before:
        return chosen
    with transaction.atomic():
        document.in_force = chosen
        document.save(update_fields=["in_force"])
        put_in_force(document.pk, chosen.pk if chosen else None)
        log.record(
            Action.DOCUMENT_IN_FORCE,
            document,
            collection=document.collection_id,
            documents=[document.pk],
            data={"version": chosen.number if chosen else None, "before": before.number if before else None},
        )
    return chosen


def settle_due() -> int:
    """Bring into force the versions whose day has come since anybody last looked; return of how many documents."""
    due = Version.objects.filter(
        Q(document__in_force__isnull=True) | Q(number__gt=F("document__in_force__number")),
        ready_at__isnull=False,
        effective_from__lte=timezone.localdate(),
    )
    changed = 0
    for document in Document.objects.filter(pk__in=due.values("document")).select_related("in_force"):
        with transaction.atomic():
            changed += settle_in_force(document) != document.in_force
    return changed
