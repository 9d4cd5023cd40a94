"""Files on disk, named by the hash of their content: equal bytes are kept once, and a name never comes from outside."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from apps.core.errors import Invalid, TooLarge
from apps.documents.models import Version

_ARRIVING = "upload-"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    bytes: int


def store(chunks: Iterable[bytes], *, limit: int) -> StoredFile:
    """Keep the bytes and return their hash and number. Raises `TooLarge` past `limit`; nothing is left behind then."""
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=_incoming())
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                _check_size(size, limit)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _put(path_of(digest.hexdigest()), Path(name).replace)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return StoredFile(digest.hexdigest(), size)


def keep(path: Path) -> StoredFile:
    """Keep the bytes of a file that has arrived in pieces; it stays itself too, taking no room, until it is removed."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    _put(path_of(sha256), partial(_link_or_copy, path))
    return StoredFile(sha256, path.stat().st_size)


def arriving(name: str) -> Path:
    """Return where a file that arrives in pieces is put together."""
    return _incoming() / f"{_ARRIVING}{name}"


def append(name: str, offset: int, chunks: Iterable[bytes], *, size: int) -> int:
    """Write a piece of an arriving file at `offset` and return where it ends. Raises `Invalid` past `size` bytes in all.

    What stood there of a piece that broke off is written over; the end is only true once it is safely on disk.
    """
    with os.fdopen(os.open(arriving(name), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        for chunk in chunks:
            if file.tell() + len(chunk) > size:
                raise Invalid("More was sent than was announced. Begin this upload again.")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def room() -> int:
    """Return how many bytes the disk of the files has left."""
    return shutil.disk_usage(_incoming()).free


def lost_arriving(names: Collection[str]) -> list[Path]:
    """Return the arriving files that are none of these: nobody goes on with them."""
    known = {f"{_ARRIVING}{name}" for name in names}
    return [path for path in _incoming().glob(f"{_ARRIVING}*") if path.name not in known]


def sweep_arriving(names: Collection[str]) -> int:
    """Remove the arriving files that are none of these, and return how many there were."""
    lost = lost_arriving(names)
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)


def sweep_incoming(*, older_than: float) -> int:
    """Remove what a stopped process has left of files that it was storing, and return how many there were."""
    left = [path for path in _incoming().iterdir() if not path.name.startswith(_ARRIVING)]
    old = [path for path in left if path.stat().st_mtime < older_than]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


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


@contextlib.contextmanager
def held(sha256: str) -> Iterator[bool]:
    """Keep these bytes from being discarded meanwhile, and say whether any version has them still."""
    with transaction.atomic():
        lock(sha256)
        yield Version.objects.filter(sha256=sha256).exists()


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


def _put(target: Path, place: Callable[[Path], object]) -> None:
    """Have `place` put a file at `target`, whose folder may be removed at the same moment as the last file in it goes."""
    for attempt in range(_TRIES):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            place(target)
        except FileNotFoundError:
            if attempt == _TRIES - 1:
                raise
        else:
            return


def _link_or_copy(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except FileExistsError:
        return
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        copy = target.with_suffix(".copy")
        shutil.copyfile(path, copy)
        copy.replace(target)


def _incoming() -> Path:
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _root() -> Path:
    return settings.DATA_DIR / "files"
