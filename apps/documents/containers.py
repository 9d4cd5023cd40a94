"""What kind of file is inside a container: a ZIP archive, or the file system in a file of old Office programs (OLE).

Runs where files are received, so it looks at directories only, unpacks almost nothing, and never takes more than a bounded
part of a file into memory.
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIL = "application/vnd.ms-outlook"
ENCRYPTED_OFFICE = "application/x-encrypted-office"
"""Not a format: which one is inside cannot be seen without the password."""

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_LARGEST_DIRECTORY = 32 << 20
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_TAIL = 65_557


class Damaged(Exception):
    """The container's own directory cannot be read."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: the media types it may be read as, the most exact one first; none where it is not read at all.

    `advice` says what its owner can do where it is not read.
    """

    label: str
    media_types: tuple[str, ...] = ()
    advice: str = ""


_PARTS = (
    ("word/", Kind("Word document", (f"{_OPEN_XML}wordprocessingml.document",))),
    (
        "xl/workbook.bin",
        Kind(
            "Excel binary workbook (XLSB)",
            ("application/vnd.ms-excel.sheet.binary.macroenabled.12",),
            "Open it in Excel, save it as XLSX and send that.",
        ),
    ),
    (
        "xl/vbaProject.bin",
        Kind("Excel workbook", ("application/vnd.ms-excel.sheet.macroenabled.12", f"{_OPEN_XML}spreadsheetml.sheet")),
    ),
    ("xl/", Kind("Excel workbook", (f"{_OPEN_XML}spreadsheetml.sheet",))),
    ("ppt/", Kind("PowerPoint presentation", (f"{_OPEN_XML}presentationml.presentation",))),
    ("visio/", Kind("Visio drawing", advice="Open it in Visio, save it as PDF and send that.")),
    (
        "Index/Document.iwa",
        Kind("Pages, Numbers or Keynote", advice="Export it as PDF or to an Office format and send that."),
    ),
    ("Index.zip", Kind("Pages, Numbers or Keynote", advice="Export it as PDF or to an Office format and send that.")),
)
_EPUB = Kind("e-book", ("application/epub+zip",))
_ARCHIVE = Kind("ZIP archive", advice="Unpack it and send the files that are in it.")
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OPEN_DOCUMENT_LABELS = {
    "text": "OpenDocument text",
    "spreadsheet": "OpenDocument spreadsheet",
    "presentation": "OpenDocument presentation",
    "graphics": "OpenDocument drawing",
}

_STREAMS = (
    ("__properties_version1.0", Kind("Outlook message (MSG)", (MAIL,))),
    ("encryptedpackage", Kind("Office document with a password", (ENCRYPTED_OFFICE,))),
    (
        "worddocument",
        Kind("Word document from before 2007 (DOC)", advice="Open it in Word, save it as DOCX and send that."),
    ),
    (
        "powerpoint document",
        Kind("PowerPoint from before 2007 (PPT)", advice="Open it in PowerPoint, save it as PPTX and send that."),
    ),
    ("workbook", Kind("Excel workbook from before 2007 (XLS)", ("application/vnd.ms-excel",))),
    ("book", Kind("Excel workbook from before 2007 (XLS)", ("application/vnd.ms-excel",))),
    ("visiodocument", Kind("Visio drawing", advice="Open it in Visio, save it as PDF and send that.")),
    ("quill", Kind("Publisher document", advice="Open it in Publisher, save it as PDF and send that.")),
)
_OTHER_OLE = Kind("document of another program", advice="Print it to PDF from the program that made it, and send that.")
_MOST_ENTRIES = 4096


def zip_kind(path: Path) -> Kind:
    """Return what a ZIP archive is; raises `Damaged` for one whose directory cannot be read or is out of proportion."""
    try:
        with path.open("rb") as file:
            if _directory_size(file) > _LARGEST_DIRECTORY:
                raise Damaged
            with zipfile.ZipFile(file) as archive:
                return _archive_kind(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Damaged from error


def _directory_size(file: BinaryIO) -> int:
    """Return the size that the archive says its directory has, before anything tries to read it whole."""
    end = file.seek(0, 2)
    start = file.seek(max(0, end - _TAIL))
    tail = file.read(_TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Damaged
    size = int(struct.unpack_from("<L", tail, at + 12)[0])
    if tail[at - 20 : at - 16] == _END_64:
        file.seek(max(0, min(struct.unpack_from("<Q", tail, at - 12)[0], start + at)))
        record = file.read(56).ljust(56, b"\0")
        size = max(size % 0xFFFFFFFF, int(struct.unpack_from("<Q", record, 40)[0]))
    return size


def _archive_kind(archive: zipfile.ZipFile) -> Kind:
    names = archive.namelist()
    listed = frozenset(names)
    if "mimetype" in listed:
        declared = _declared(archive)
        if declared == "application/epub+zip":
            return _EPUB
        if declared.startswith(_OPEN_DOCUMENT):
            plain = declared.removeprefix(_OPEN_DOCUMENT).removesuffix("-template").removesuffix("-master")
            return Kind(
                _OPEN_DOCUMENT_LABELS.get(plain, "OpenDocument file"),
                (f"{_OPEN_DOCUMENT}{plain}",),
                "Save it as PDF and send that.",
            )
    if "META-INF/container.xml" in listed and any(name.endswith(".opf") for name in names):
        return _EPUB
    for start, kind in _PARTS:
        if any(name.startswith(start) for name in names):
            return kind
    return _ARCHIVE


def _declared(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as file:
        return file.read(200).decode("ascii", "replace").strip()


def ole_kind(path: Path) -> Kind:
    """Return what a file of old Office programs is; raises `Damaged` where its directory cannot be read."""
    try:
        with path.open("rb") as file:
            names = _root_names(file)
    except (OSError, struct.error, ValueError) as error:
        raise Damaged from error
    for stream, kind in _STREAMS:
        if stream in names:
            return kind
    return _OTHER_OLE


def _root_names(file: BinaryIO) -> frozenset[str]:
    """Return the names, in lower case, of what lies in the root of the file system, not deeper."""
    header = file.read(512)
    if len(header) < 512 or not header.startswith(OLE_SIGNATURE):
        raise Damaged
    shift, first = struct.unpack_from("<H", header, 30)[0], struct.unpack_from("<L", header, 48)[0]
    if shift not in (9, 12):
        raise Damaged
    entries = _directory(file, header, 1 << shift, first)
    if not entries:
        raise Damaged
    names: set[str] = set()
    waiting, seen = [struct.unpack_from("<L", entries[0], 76)[0]], set[int]()
    while waiting:
        number = waiting.pop()
        if number in seen or number >= len(entries):
            continue
        seen.add(number)
        entry = entries[number]
        length = min(struct.unpack_from("<H", entry, 64)[0], 64)
        names.add(entry[: max(length - 2, 0)].decode("utf-16-le", "replace").lower())
        waiting += struct.unpack_from("<LL", entry, 68)
    return frozenset(names)


def _directory(file: BinaryIO, header: bytes, size: int, first: int) -> list[bytes]:
    """Return the directory's entries, following the chain of its sectors through the allocation table."""
    tables = struct.unpack_from("<109L", header, 76)
    entries: list[bytes] = []
    sector, seen = first, set[int]()
    while sector < 0xFFFFFFFA and sector not in seen and len(entries) < _MOST_ENTRIES:
        seen.add(sector)
        data = _sector(file, sector, size)
        entries += [data[at : at + 128] for at in range(0, len(data) - 127, 128)]
        table, place = divmod(sector, size // 4)
        if table >= len(tables) or tables[table] >= 0xFFFFFFFA:
            break
        file.seek((tables[table] + 1) * size + 4 * place)
        sector = struct.unpack("<L", file.read(4).ljust(4, b"\xff"))[0]
    return entries


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)
