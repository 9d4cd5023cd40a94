"""Adding a file, and having it read."""

import mimetypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.accounts.scope import Scope
from apps.core.errors import Transient
from apps.documents import media, storage
from apps.documents.models import Collection, Document, Role
from apps.documents.parsing import Unreadable
from apps.documents.services import add_document
from apps.documents.storage import StoredFile
from apps.ingestion.services._queueing import latest_of, queue

_REFUSED_AT_THE_DOOR = {"unsupported", "empty"}
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Named:
    """How a file is called, and what was said of it by whoever sends it."""

    filename: str
    title: str = ""
    language: str = ""
    folder: str = ""
    effective_from: date | None = None
    supersedes: Document | None = None


def upload_document(
    scope: Scope,
    collection: Collection,
    chunks: Iterable[bytes],
    *,
    filename: str,
    title: str = "",
    language: str = "",
    folder: str = "",
    effective_from: date | None = None,
    supersedes: Document | None = None,
) -> tuple[Document, bool]:
    """Return the document for these bytes, and whether it was there already. Needs the role of contributor.

    Its reading is scheduled. With `supersedes` the bytes become the next version of that document, which answers from the one
    before until they have been read and their day has come. Raises `TooLarge`, and `Unreadable` for an empty file or one of an
    unknown kind; a file that is damaged or protected is kept, and its reading says why it failed.
    """
    collection = Collection.objects.get_visible(scope, collection.pk, Role.CONTRIBUTOR)
    stored = storage.store(chunks, limit=settings.UPLOAD_LIMIT)
    return _add(scope, collection, stored, Named(filename, title, language, folder, effective_from, supersedes))


def upload_file(scope: Scope, collection: Collection, path: Path, named: Named) -> tuple[Document, bool]:
    """Do the same with a file that is on this disk already; it is not copied, and stays where it is."""
    collection = Collection.objects.get_visible(scope, collection.pk, Role.CONTRIBUTOR)
    return _again_if_it_vanished(lambda: _add(scope, collection, storage.keep(path), named))


def _add(scope: Scope, collection: Collection, stored: StoredFile, named: Named) -> tuple[Document, bool]:
    try:
        media_type = _media_type(stored, named.filename)
        with transaction.atomic():
            document, duplicate = add_document(
                scope,
                collection,
                stored,
                filename=named.filename,
                media_type=media_type,
                title=named.title,
                language=named.language,
                folder=named.folder,
                effective_from=named.effective_from,
                supersedes=named.supersedes,
            )
            if not duplicate:
                queue([latest_of(document)])
    except Exception:
        storage.discard_unreferenced(stored.sha256)
        raise
    return document, duplicate


def _again_if_it_vanished(add: Callable[[], tuple[Document, bool]]) -> tuple[Document, bool]:
    """Call `add` again where the last document with the same bytes was deleted at the very moment."""
    for _ in range(_TRIES - 1):
        try:
            return add()
        except Transient:
            continue
    return add()


def _media_type(stored: StoredFile, filename: str) -> str:
    """Return the media type by content, or by name for a file whose content will be refused when it is read."""
    try:
        return media.detect(storage.path_of(stored.sha256), filename)
    except Unreadable as error:
        if error.code in _REFUSED_AT_THE_DOOR:
            raise
        return mimetypes.guess_type(filename)[0] or "application/octet-stream"
