"""Pictures of pages, drawn by a child process and kept on disk under the hash of the bytes they were made from."""

import os
import subprocess
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

from apps.core.errors import NotFound, TooMany, Unavailable
from apps.documents import storage
from apps.documents.formats import format_of
from apps.documents.models import Version
from apps.documents.reading import child_process, source_of

WIDTHS = (400, 800, 1200, 1600, 2400)
"""Widths are rounded up to one of these, so that nobody can fill the disk with sizes."""

_SECONDS = 30.0
_AT_ONCE = 4
_drawing = BoundedSemaphore(_AT_ONCE)


def page_png(version: Version, number: int, *, width: int = 1200) -> bytes:
    """Return the picture of a page. Raises `NotFound` where there is no such page or the format has none."""
    known = format_of(version.media_type)
    if known is None or not known.pictured or not 1 <= number <= max(version.page_count, 1):
        raise NotFound
    width = next((step for step in WIDTHS if step >= width), WIDTHS[-1])
    kept = _folder(version) / f"{number}-{width}.png"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        picture = _draw(version, number, width)
    with storage.held(version.sha256) as still_there:
        if still_there:
            _keep(kept, picture)
    return picture


def _folder(version: Version) -> Path:
    """Return where the pictures of a version are kept. Those of a protected file are for versions that a password has opened,
    since whoever sends the same bytes without it must not see them."""
    folder = storage.pictures_of(version.sha256)
    if version.password is None:
        return folder
    if version.ready_at is None:
        raise NotFound
    return folder / "opened"


def _draw(version: Version, number: int, width: int) -> bytes:
    if not _drawing.acquire(timeout=_SECONDS):
        raise TooMany("Many pages are being drawn. Try again in a moment.", retry_after=5)
    try:
        drawing = child_process(
            "draw", source_of(version), version.media_type, str(number), str(width), seconds=_SECONDS
        )
        with drawing as child:
            picture, _ = child.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unavailable("Drawing this page took too long. Open the original instead.") from error
    finally:
        _drawing.release()
    if child.returncode or not picture.startswith(b"\x89PNG"):
        raise Unavailable("This page could not be drawn. Open the original instead.")
    return picture


def _keep(target: Path, picture: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(picture)
    Path(name).replace(target)
