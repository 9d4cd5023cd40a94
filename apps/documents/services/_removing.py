"""Taking documents away: their rows at once, their files once that has held, and then the proof that nothing remains."""

from collections.abc import Sequence
from functools import partial

from django.db import transaction

from apps.audit.models import Record
from apps.documents import gone, storage
from apps.documents.models import Block, Document, Page, Version
from apps.documents.tasks import ring_for_purge


def remove_documents(documents: Sequence[Document]) -> None:
    """Delete documents with all that hangs on them; what was read of them goes first, in one statement a table."""
    gone.remember(documents)
    versions = Version.objects.filter(document__in=documents)
    Block.objects.filter(version__in=versions).delete()
    pages = Page.objects.filter(version__in=versions)
    pages._raw_delete(pages.db)  # nothing refers to a page now, so none has to be fetched to find out
    Document.objects.filter(pk__in=[document.pk for document in documents]).delete()


def purge_after_commit(record: Record, hashes: Sequence[str]) -> None:
    """Once the deletion has held, discard the files that nobody else has, and have the rest looked for."""
    for sha256 in sorted(set(hashes)):
        transaction.on_commit(partial(storage.discard_unreferenced, sha256))
    transaction.on_commit(partial(ring_for_purge, record.sequence))
