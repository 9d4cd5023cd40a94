"""What a file is: its content decides, its name only helps where content says no more than "text"."""

import zipfile
from pathlib import Path, PurePath

from apps.documents.formats import DOCX, FORMATS, HTML, MARKDOWN, PDF, TEXT, Format, unsupported
from apps.documents.parsing import Unreadable

_HEAD = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")

_KNOWN_BY_START = (
    (b"{\\rtf", "Rich Text"),
    (b"\x89PNG", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"GIF8", "GIF picture"),
    (b"II*\x00", "TIFF picture"),
    (b"MM\x00*", "TIFF picture"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf", "7-Zip archive"),
    (b"Rar!", "RAR archive"),
    (b"%!PS", "PostScript"),
    (b"MZ", "Windows program"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3", "SQLite database"),
)
_OFFICE_PARTS = (("xl/", "Excel workbook"), ("ppt/", "PowerPoint presentation"), ("mimetype", "OpenDocument or e-book"))


def detect(path: Path, filename: str) -> str:
    """Return the media type of a file. Raises `Unreadable` for an empty, damaged, protected or unsupported one."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n"):
        raise Unreadable("This file is empty. Check the original and send it again.", code="empty")
    named = _by_name(filename)
    if b"%PDF-" in head[:1024]:
        return PDF.media_type
    if head.startswith(b"PK"):
        return _inside_zip(path, named)
    if head.startswith(_OLE):
        raise _old_office(path)
    for start, label in _KNOWN_BY_START:
        if head.startswith(start):
            raise unsupported(label)
    if _is_binary(head):
        raise _damaged(named) if named in (PDF, DOCX) else unsupported("binary data")
    if named in (PDF, DOCX):
        raise _damaged(named)
    return _text_format(head, named, filename)


def _by_name(filename: str) -> Format | None:
    ending = PurePath(filename).suffix.lower().lstrip(".")
    return next((known for known in FORMATS if ending in known.endings), None)


def _inside_zip(path: Path, named: Format | None) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(named or DOCX) from error
    if "word/document.xml" in names:
        return DOCX.media_type
    for start, label in _OFFICE_PARTS:
        if any(name.startswith(start) for name in names):
            raise unsupported(label)
    raise _damaged(named) if named is DOCX else unsupported("ZIP archive")


def _old_office(path: Path) -> Unreadable:
    with path.open("rb") as file:
        if _ENCRYPTED_PACKAGE in file.read(1 << 20):
            return Unreadable(
                "This Office document is protected by a password. Save a copy without the password and send that.",
                code="encrypted",
            )
    return unsupported("Office document from before 2007")


def _damaged(named: Format | None) -> Unreadable:
    label = named.label if named else "archive"
    return Unreadable(
        f"This file is named as {label} but its content is not: it is damaged or cut off. "
        "Save it again from the program that made it and send that.",
        code="damaged",
    )


def _is_binary(head: bytes) -> bool:
    """UTF-16 text has many zero bytes too, but all of them on one side."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even or odd:
        return min(even, odd) > 0.02 * len(head) or max(even, odd) < 0.2 * len(head)
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\x08" for byte in head)
    return controls > 0.02 * len(head)


def _text_format(head: bytes, named: Format | None, filename: str) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")) or named is HTML:
        return HTML.media_type
    if start.startswith(b"<?xml") and b"<html" in head.lower():
        return HTML.media_type
    if named is MARKDOWN:
        return MARKDOWN.media_type
    ending = PurePath(filename).suffix.lower()
    if named is TEXT or not ending or len(ending) > 6:
        return TEXT.media_type
    raise unsupported(f"“{ending}”")
