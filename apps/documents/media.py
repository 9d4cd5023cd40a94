"""What a file is: its content decides, its name only helps where content says no more than "text"."""

import re
from pathlib import Path, PurePath

from apps.documents.containers import ENCRYPTED_OFFICE, OLE_SIGNATURE, Damaged, Kind, ole_kind, zip_kind
from apps.documents.formats import DOCX, FORMATS, HTML, PDF, TEXT, Format, format_of, unsupported
from apps.documents.parsing import Unreadable

_HEAD = 8192
_PICTURE = "Save it as JPEG or PNG and send that."
_UNPACK = "Unpack it and send the files that are in it."
_EXPORT = "Save it as PDF and send that."

_STARTS = (
    (b"{\\rtf", Kind("Rich Text", ("application/rtf",), _EXPORT)),
    (b"\x89PNG", Kind("PNG picture", ("image/png",), _EXPORT)),
    (b"\xff\xd8\xff", Kind("JPEG picture", ("image/jpeg",), _EXPORT)),
    (b"GIF8", Kind("GIF picture", ("image/gif",), _PICTURE)),
    (b"BM", Kind("BMP picture", ("image/bmp",), _PICTURE)),
    (b"II*\x00", Kind("TIFF picture", ("image/tiff",), _EXPORT)),
    (b"MM\x00*", Kind("TIFF picture", ("image/tiff",), _EXPORT)),
    (b"II+\x00", Kind("TIFF picture", ("image/tiff",), _EXPORT)),
    (b"MM\x00+", Kind("TIFF picture", ("image/tiff",), _EXPORT)),
    (b"8BPS", Kind("Photoshop picture", advice=_PICTURE)),
    (b"\x00\x00\x00\x0cjP  ", Kind("JPEG 2000 picture", advice=_PICTURE)),
    (b"\xff\x4f\xff\x51", Kind("JPEG 2000 picture", advice=_PICTURE)),
    (b"\x1f\x8b", Kind("gzip archive", advice=_UNPACK)),
    (b"BZh", Kind("bzip2 archive", advice=_UNPACK)),
    (b"\xfd7zXZ", Kind("xz archive", advice=_UNPACK)),
    (b"7z\xbc\xaf", Kind("7-Zip archive", advice=_UNPACK)),
    (b"Rar!", Kind("RAR archive", advice=_UNPACK)),
    (b"%!PS", Kind("PostScript", advice="Convert it to PDF and send that.")),
    (b"AT&TFORM", Kind("DjVu", advice="Convert it to PDF and send that.")),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", Kind("OneNote notebook", advice="Export its pages as PDF and send those.")),
    (b"!BDN", Kind("Outlook data file (PST)", advice="Export its messages as EML or MSG and send those.")),
    (
        b"\x78\x9f\x3e\x22",
        Kind("TNEF attachment (winmail.dat)", advice="Ask its sender for the message in HTML or plain text."),
    ),
    (b"MZ", Kind("Windows program")),
    (b"\x7fELF", Kind("program")),
    (b"SQLite format 3", Kind("SQLite database", advice="Export its tables as CSV and send those.")),
    (b"ID3", Kind("sound")),
    (b"OggS", Kind("sound or video")),
    (b"fLaC", Kind("sound")),
    (b"\x1aE\xdf\xa3", Kind("video")),
)
_UNKNOWN = Kind("binary data")
_RIFF = {b"WEBP": Kind("WebP picture", ("image/webp",), _PICTURE)}
_BRANDS = {b"heic": "HEIC picture", b"heix": "HEIC picture", b"mif1": "HEIC picture", b"avif": "AVIF picture"}
_MARKUP = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]?")
_OF_MAIL = frozenset(
    b"from to cc subject date received return-path delivered-to message-id mime-version reply-to sender "
    b"x-mailer dkim-signature authentication-results".split()
)
_WEB_ARCHIVE = re.compile(rb"^(?:snapshot-content-location:|from:\s*<saved by )", re.IGNORECASE | re.MULTILINE)
_ENDINGS_OF_TABLES = {"tsv": "\t", "tab": "\t"}
_CSV, _TSV, _EML, _MHTML = "text/csv", "text/tab-separated-values", "message/rfc822", "multipart/related"


def detect(path: Path, filename: str) -> str:
    """Return the media type of a file. Raises `Unreadable` for an empty, damaged or unsupported one."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("This file is empty. Check the original and send it again.", code="empty")
    named = _by_name(filename)
    try:
        kind = _binary_kind(path, head)
    except Damaged as error:
        raise _damaged(named) from error
    if kind is None:
        return _text_format(head, named, filename)
    if kind is _UNKNOWN and named and not named.media_type.startswith("text/"):
        raise _damaged(named)
    if kind.media_types == (ENCRYPTED_OFFICE,):
        return _named_inside(named).media_type
    return _registered(kind, named)


def _by_name(filename: str) -> Format | None:
    ending = PurePath(filename).suffix.lower().lstrip(".")
    return next((known for known in FORMATS if ending in known.endings), None)


def _registered(kind: Kind, named: Format | None) -> str:
    """Return the first of its media types that can be read; one that its name says goes before the others."""
    if named and named.media_type in kind.media_types:
        return named.media_type
    for media_type in kind.media_types:
        if format_of(media_type):
            return media_type
    raise unsupported(kind.label, kind.advice)


def _named_inside(named: Format | None) -> Format:
    """Which kind of Office document a password hides is known from its name only; the parser finds out if that is wrong."""
    return named if named and "openxmlformats" in named.media_type else DOCX


def _binary_kind(path: Path, head: bytes) -> Kind | None:
    """Return what the bytes say; None for text."""
    if b"%PDF-" in head[:1024]:
        return Kind(PDF.label, (PDF.media_type,))
    if head.startswith(b"PK"):
        return zip_kind(path)
    if head.startswith(OLE_SIGNATURE):
        return ole_kind(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return _STARTS[0][1]
    for start, kind in _STARTS:
        if head.startswith(start) and (start not in (b"BM", b"MZ", b"BZh", b"ID3") or _is_binary(head)):
            return kind
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], Kind("sound or video"))
    if head[4:8] == b"ftyp":
        label = _BRANDS.get(head[8:12])
        return Kind(label, advice=_PICTURE) if label else Kind("video")
    return _UNKNOWN if _is_binary(head) else None


def _is_binary(head: bytes) -> bool:
    """Text in UTF-16 or UTF-32 has many zero bytes too, but always in the same places of each unit."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return False
    zeros = [head[place::4].count(0) for place in range(4)]
    if any(zeros):
        quarter = len(head) / 4
        full = sum(count > 0.2 * quarter for count in zeros)
        stray = sum(count for count in zeros if count <= 0.2 * quarter)
        return full == 0 or full == 4 or stray > 0.02 * len(head)
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\x08" for byte in head)
    return controls > 0.02 * len(head)


def _text_format(head: bytes, named: Format | None, filename: str) -> str:
    """Tell kinds of text apart: by their syntax where it is plain, else by their name, else they are plain text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _MARKUP.match(start) or (start.startswith((b"<?xml", b"<!--")) and _MARKUP.search(head)):
        return HTML.media_type
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in head):
        raise unsupported("SVG drawing", _EXPORT)
    if start.startswith(b"<?xml") and named is not HTML:
        raise unsupported("XML data", "Open it in the program that made it, save it as PDF and send that.")
    written = _mail_syntax(start, named)
    if written and format_of(written):
        return written
    if named and named.media_type.startswith("text/") and named.media_type not in (_CSV, _TSV):
        return named.media_type
    tabular = _tabular(start, filename)
    return next((media_type for media_type in tabular if format_of(media_type)), TEXT.media_type)


def _mail_syntax(start: bytes, named: Format | None) -> str:
    """A message begins with headers, one a line, some of which only mail has."""
    names = set()
    for line in start.split(b"\n")[:60]:
        header = _HEADER.match(line)
        if header:
            names.add(header[1].lower())
        elif not (line.startswith((b" ", b"\t")) and names) and not line.startswith(b"From "):
            break
    enough = 1 if named and named.media_type in (_EML, _MHTML) else 3
    if len(names & _OF_MAIL) < enough:
        return ""
    return _MHTML if _WEB_ARCHIVE.search(start) and b"multipart/related" in start.lower() else _EML


def _tabular(start: bytes, filename: str) -> tuple[str, ...]:
    """The types of a table in text, if its name or the same number of delimiters in every line says that it is one."""
    ending = PurePath(filename).suffix.lower().lstrip(".")
    if ending in _ENDINGS_OF_TABLES:
        return _TSV, _CSV
    if ending == "csv":
        return (_CSV,)
    lines = [line for line in re.sub(rb'"[^"]*"', b"", start).split(b"\n")[:-1] if line.strip()][:50]
    for delimiter, media_types in ((b"\t", (_TSV, _CSV)), (b";", (_CSV,)), (b",", (_CSV,))):
        counts = {line.count(delimiter) for line in lines}
        if len(lines) > 2 and len(counts) == 1 and min(counts) > 0:
            return media_types
    return ()


def _damaged(named: Format | None) -> Unreadable:
    what = f"This file is named as {named.label} but its content is not: it" if named else "This file"
    return Unreadable(
        f"{what} is damaged or cut off. Save it again from the program that made it and send that.", code="damaged"
    )
