"""A large file that is sent in pieces: begun, gone on with after a broken line, and read once it is whole.

Nothing of it is recorded before it becomes a document: until then nobody but its sender can see it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import Conflict, Invalid, NotFound, TooLarge, ToulminError, Unavailable
from apps.documents import storage
from apps.documents.filenames import clean_filename, clean_folder
from apps.documents.models import Collection, Document, Role, Upload
from apps.ingestion.services.uploading import Named, upload_file

KEPT_FOR = timedelta(hours=24)
"""How long nobody need go on with an upload before it is given up."""

_MOST_AT_ONCE = 100
_SPARE = 512 * 1024 * 1024
"""Room that is left on the disk for everything else."""


def begin_upload(
    scope: Scope,
    collection: Collection,
    *,
    size: int,
    filename: str,
    title: str = "",
    language: str = "",
    folder: str = "",
    effective_from: date | None = None,
    supersedes: Document | None = None,
) -> Upload:
    """Return an upload to which pieces can be added. Needs the role of contributor.

    Raises `TooLarge`, `Invalid` for an empty file, `Unavailable` where the disk has no room for it, and `Conflict` where
    somebody has begun too many and finished none.
    """
    collection = Collection.objects.get_visible(scope, collection.pk, Role.CONTRIBUTOR)
    _check_size(size)
    if scope.user_id is None:
        raise NotFound
    if Upload.objects.of(scope).filter(document=None).count() >= _MOST_AT_ONCE:
        raise Conflict(_("You have begun many uploads and not finished them. Finish or end some of those first."))
    return Upload.objects.create(
        owner_id=scope.user_id,
        collection=collection,
        filename=clean_filename(filename),
        folder=clean_folder(folder),
        title=title.strip()[:300],
        language=language,
        effective_from=effective_from,
        supersedes=supersedes,
        size=size,
        expires_at=timezone.now() + KEPT_FOR,
    )


def append_piece(scope: Scope, upload: Upload, offset: int, chunks: Iterable[bytes]) -> Upload:
    """Return the upload with a piece added that begins at `offset`; with the last one the file becomes a document.

    Raises `Conflict` where something else is expected at this place or another piece is just being written, and as
    `upload_document` where the file is refused, which ends the upload.
    """
    with transaction.atomic():
        upload = _locked(scope, upload)
        if upload.document_id is not None:
            return upload
        if offset != upload.received:
            raise Conflict(
                _("This piece does not begin where the last one ended. Ask how much has arrived, and go on there.")
            )
        upload.received = storage.append(str(upload.pk), offset, chunks, size=upload.size)
        upload.expires_at = timezone.now() + KEPT_FOR
        upload.save(update_fields=["received", "expires_at"])
    return _finish(scope, upload) if upload.is_complete else upload


def end_upload(scope: Scope, upload: Upload) -> None:
    """Give an upload up and forget what has arrived; a document that it has become stays. Succeeds if it is gone already."""
    Upload.objects.of(scope).filter(pk=upload.pk).delete()
    storage.arriving(str(upload.pk)).unlink(missing_ok=True)


def _locked(scope: Scope, upload: Upload) -> Upload:
    """Return the upload, locked; raises `Conflict` at once where another piece of it is being written."""
    try:
        row = Upload.objects.of(scope).select_for_update(nowait=True).filter(pk=upload.pk).first()
    except OperationalError as error:
        raise Conflict(_("Another piece of this upload is being written. Wait for it, then go on.")) from error
    if row is None:
        raise NotFound
    return row


def _finish(scope: Scope, upload: Upload) -> Upload:
    """Make the document, and forget the pieces; a file that is refused is forgotten too."""
    try:
        with transaction.atomic():
            upload = _locked(scope, upload)
            if upload.document_id is None:
                path = storage.arriving(str(upload.pk))
                upload.document, upload.duplicate = upload_file(scope, upload.collection, path, _named(upload))
                upload.save(update_fields=["document", "duplicate"])
    except Unavailable:
        raise
    except (ToulminError, FileNotFoundError):
        end_upload(scope, upload)
        raise
    storage.arriving(str(upload.pk)).unlink(missing_ok=True)
    return upload


def _named(upload: Upload) -> Named:
    return Named(
        upload.filename, upload.title, upload.language, upload.folder, upload.effective_from, upload.supersedes
    )


def _check_size(size: int) -> None:
    if size <= 0:
        message = _("This file is empty. Send one with something in it.")
        raise Invalid(message, errors={"size": [message]})
    if size > settings.UPLOAD_LIMIT:
        raise TooLarge(
            _("This file is larger than %(limit)s MB, the most that is accepted.")
            % {"limit": settings.UPLOAD_LIMIT // 1024 // 1024}
        )
    if storage.room() < size + _SPARE:
        raise Unavailable(_("There is no room for this file on the disk. Ask your administrator."))
