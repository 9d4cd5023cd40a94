"""What office files are: zips of XML parts. Nothing is unpacked to disk, no part may grow out of proportion, and no entity is
expanded, whatever the archive says of itself."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Protocol

from lxml import etree

from apps.documents.parsers.protection import unlocked
from apps.documents.parsing import Source, Unreadable

MOST_UNPACKED = 1 << 30
MOST_UNPACKED_PART = 200 << 20
MOST_STREAMED = 4 << 30
_MOST_PARTS = 20_000
_PIECE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)


class Readable(Protocol):
    """As much of a stream as an XML parser asks for."""

    def read(self, size: int = -1, /) -> bytes: ...


def open_package(source: Source) -> BinaryIO:
    """Return the file of an office document, opened with the source's password if it is protected."""
    file = source.path.open("rb")
    start = file.read(len(_OLE))
    file.seek(0)
    if start != _OLE:
        return file
    return unlocked(file, source.password)


def check_unpacked_size(file: BinaryIO) -> None:
    """Unpack every part of an archive to nowhere, counting bytes, since the sizes that it declares may be lies.

    Raises `Unreadable` for one that is damaged or would grow out of proportion.
    """
    total = 0
    with _archive(file) as archive:
        for part in archive.infolist():
            with archive.open(part) as stream:
                size = 0
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > MOST_UNPACKED_PART or total + size > MOST_UNPACKED:
                        raise too_large()
            total += size
    file.seek(0)


class Package:
    """The parts of an archive by name; only what is asked for is unpacked, and counted as it is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        try:
            self._archive = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise damaged() from error
        self._names = {_plain(part.filename): part for part in self._archive.infolist()}
        if len(self._names) > _MOST_PARTS:
            raise too_large()

    def close(self) -> None:
        self._archive.close()
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._names

    @contextmanager
    def stream(self, name: str, *, most: int = MOST_STREAMED) -> Iterator[Readable]:
        """Open a part for reading in pieces; what goes wrong with the bytes on the way is `Unreadable`."""
        try:
            with self._archive.open(self._names[_plain(name)]) as stream:
                yield _Counted(stream, most)
        except KeyError as error:
            raise damaged() from error
        except _BROKEN as error:
            raise damaged() from error
        except etree.XMLSyntaxError as error:
            raise damaged() from error

    def read(self, name: str) -> bytes:
        """Return the bytes of a part."""
        with self.stream(name, most=MOST_UNPACKED_PART) as stream:
            return stream.read()

    def tree(self, name: str) -> etree._Element | None:
        """Return the root of an XML part; None if the archive has no such part."""
        return parse_xml(self.read(name)) if name in self else None


class _Counted:
    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(piece)
        if self._left < 0:
            raise too_large()
        return piece


def parse_xml(data: bytes) -> etree._Element:
    """Return the root of a small XML document; entities stay unexpanded and nothing is fetched."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged() from error
    if root is None:
        raise damaged()
    return root


def damaged() -> Unreadable:
    """Return the error for an office file that cannot be opened."""
    return Unreadable(
        "This file is damaged or cut off. Open it in the program that made it, save it again and send that.",
        code="damaged",
    )


def too_large() -> Unreadable:
    """Return the error for an archive that unpacks to too much."""
    return Unreadable(
        "This file is small but unpacks to more than one document may hold, so it was not opened. "
        "Save the document again, without embedded files, and send that.",
        code="archive_too_large",
    )


@contextmanager
def _archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            if len(archive.infolist()) > _MOST_PARTS:
                raise too_large()
            yield archive
    except _BROKEN as error:
        raise damaged() from error


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
