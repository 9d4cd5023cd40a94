"""Files inside a document become documents of their own, in the same collection, and are read like any other."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import NotFound, TooLarge, Transient
from apps.documents import media, storage
from apps.documents.filenames import clean_filename
from apps.documents.models import Attachment, Document, Version
from apps.documents.parsing import Attached, Source, Unreadable
from apps.documents.reading import extracted_file
from apps.documents.services import add_document
from apps.documents.storage import StoredFile
from apps.ingestion import runs
from apps.ingestion.models import IngestRun
from apps.ingestion.runs import Hold, Stopped

MOST = 200
DEEPEST = 3
_LONGEST_NAME = 300
_TIMES_THE_WHOLE = 4
_ALWAYS_ALLOWED = 64 << 20
_NEVER_ALLOWED = 1 << 30


def keep_attachments(
    hold: Hold, version: Version, attachments: Sequence[Attached], source: Source, media_type: str
) -> None:
    """Replace what is noted of a version's attachments; those that are new documents are read once this run has ended.

    Each is committed by itself; raises `Stopped` if the run is no longer held.
    """
    with transaction.atomic():
        runs.lock(hold, version)
        version.attachments.all().delete()
    left = min(max(_TIMES_THE_WHOLE * version.bytes, _ALWAYS_ALLOWED), _NEVER_ALLOWED)
    depth = _depth_of(version.document)
    for number, attached in enumerate(attachments):
        runs.renew(hold)
        row = Attachment(
            version=version,
            ordinal=number,
            name=attached.name[:_LONGEST_NAME],
            media_type=attached.media_type[:120],
            bytes=attached.bytes,
        )
        if number >= MOST or depth >= DEEPEST:
            row.detail = _too_many() if number >= MOST else _too_deep()
            row.save()
            continue
        try:
            stored = _store(source, media_type, number, limit=min(left, settings.UPLOAD_LIMIT))
        except (Unreadable, TooLarge) as error:
            row.detail = error.detail
            row.save()
            continue
        left -= stored.bytes
        row.bytes = stored.bytes
        _add(hold, version, row, stored)


def _store(source: Source, media_type: str, number: int, *, limit: int) -> StoredFile:
    if limit <= 0:
        raise TooLarge(_("The files in this document are too large together. Send this one by itself."))
    with extracted_file(source, media_type, number) as content:
        return storage.store(content, limit=limit)


def _add(hold: Hold, version: Version, row: Attachment, stored: StoredFile) -> None:
    """Make the document of an attachment and note it; a kind that cannot be read is noted without one."""
    try:
        row.media_type = media.detect(storage.path_of(stored.sha256), row.name)
        with transaction.atomic():
            document, was_there = add_document(
                Scope.of_system(),
                version.document.collection,
                stored,
                filename=row.name,
                media_type=row.media_type,
                title=clean_filename(row.name),
                attached_to=version.document,
            )
            row.document = document
            row.save()
            if not was_there and document.latest is not None:
                IngestRun.objects.create(version=document.latest, waits_for=hold.run_id)
    except NotFound as error:
        raise Stopped from error  # the document was deleted or moved meanwhile
    except (Unreadable, Transient) as error:
        row.detail = error.detail
        row.save()
    finally:
        if row.document is None:
            storage.discard_unreferenced(stored.sha256)


def _depth_of(document: Document) -> int:
    """Return how many documents this one lies in, one in the other."""
    depth = 0
    above = document.attached_to_id
    while above is not None and depth < DEEPEST:
        depth += 1
        above = Document.objects.filter(pk=above).values_list("attached_to", flat=True).first()
    return depth


def _too_many() -> str:
    return _("A document may have %(most)s attachments, and this is a later one. Send it by itself.") % {"most": MOST}


def _too_deep() -> str:
    return _("This lies in a file that lies in a file, and so on. Send it by itself.")
