"""Files on disk, named by the hash of their content: equal bytes are kept once, and a name never comes from outside."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from apps.core.errors import TooLarge
from apps.documents.models import Version


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    bytes: int


def store(chunks: Iterable[bytes], *, limit: int) -> StoredFile:
    """Keep the bytes and return their hash and number. Raises `TooLarge` past `limit`; nothing is left behind then."""
    incoming = _root() / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=incoming)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                _check_size(size, limit)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        target = path_of(digest.hexdigest())
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return StoredFile(digest.hexdigest(), size)


def path_of(sha256: str) -> Path:
    """Return where the bytes with this hash are, or would be."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256 in lower-case hex")
    return _root() / sha256[:2] / sha256[2:4] / sha256


def pictures_of(sha256: str) -> Path:
    """Return the folder of the page pictures made from these bytes."""
    return settings.DATA_DIR / "cache" / "pages" / path_of(sha256).name


def lock(sha256: str) -> None:
    """Hold these bytes until the transaction ends, so that they are not discarded while a version of them is made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [sha256])


def discard_unreferenced(sha256: str) -> None:
    """Remove the bytes and the pictures made from them, unless some version still has them."""
    with transaction.atomic():
        lock(sha256)
        if Version.objects.filter(sha256=sha256).exists():
            return
        path = path_of(sha256)
        path.unlink(missing_ok=True)
        shutil.rmtree(pictures_of(sha256), ignore_errors=True)
        for folder in (path.parent, path.parent.parent):
            with contextlib.suppress(OSError):  # not empty, or already gone
                folder.rmdir()


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"This file is larger than {limit // 1024 // 1024} MB, the most that is accepted.")


def _root() -> Path:
    return settings.DATA_DIR / "files"
