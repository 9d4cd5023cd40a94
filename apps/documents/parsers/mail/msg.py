"""Messages as Outlook keeps them (MSG): a file system in a file, with a stream for each property [MS-OXMSG].

The only module that imports olefile. A message in a message becomes an EML, so that it can be a document of its own.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formataddr
from typing import Any

from apps.documents.parsers.mail.compressed_rtf import decompressed
from apps.documents.parsers.mail.eml import read_eml
from apps.documents.parsers.mail.message import (
    MESSAGE,
    Mail,
    Part,
    Text,
    as_eml,
    attached_bytes,
    message_name,
    parsed_mail,
    part_name,
)
from apps.documents.parsers.markup.parsers import decode_html
from apps.documents.parsers.text import decode_as, tidy
from apps.documents.parsing import Parsed, Progress, Source, Unreadable

_DEEPEST = 5
_MOST_ATTACHED = 2000
_MOST_BYTES = 512 << 20
_HEADERS, _SUBJECT, _TEXT, _RTF, _HTML = 0x007D, 0x0037, 0x1000, 0x1009, 0x1013
_SENDER_NAMES, _SENDER_ADDRESSES = (0x0042, 0x0C1A), (0x5D02, 0x5D01, 0x0065, 0x0C1F)
_SENT, _DELIVERED, _CODE_PAGES = 0x0039, 0x0E06, (0x3FFD, 0x3FDE)
_NAME, _ADDRESSES, _RECIPIENT_KIND = 0x3001, (0x39FE, 0x3003), 0x0C15
_CONTENT, _FILE_NAMES, _FILE_KIND, _CONTENT_ID, _IN_TEXT = 0x3701, (0x3707, 0x3704, 0x3001), 0x370E, 0x3712, 0x3714
_SHOWN_IN_TEXT = 4
_TO, _CC = 1, 2
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError, OverflowError)


class MsgParser:
    """One message of Outlook; others that are attached to it are documents of their own, as its files are."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        return parsed_mail(_read(source))

    def attachment(self, source: Source, number: int) -> bytes:
        return attached_bytes(_read(source), number)


def _read(source: Source) -> Mail:
    import olefile

    try:
        with olefile.OleFileIO(str(source.path)) as ole:
            mail = _Storage(ole, ()).mail()
    except _BROKEN as error:
        raise _damaged() from error
    if mail == Mail():
        raise _damaged()
    return mail


class _Storage:
    """A folder of properties: a message, one of its recipients or one of its attachments."""

    def __init__(self, ole: Any, place: tuple[str, ...], page: str = "cp1252") -> None:
        self._ole = ole
        self._place = place
        self._fixed = dict(self._numbers(8 if place and not place[-1].startswith("__substg") else 24 if place else 32))
        self._page = next((f"cp{self._fixed[tag]}" for tag in _CODE_PAGES if self._fixed.get(tag)), page)

    def mail(self, depth: int = 0) -> Mail:
        """Return the message that this is."""
        headers = read_eml(self._text(_HEADERS).encode() + b"\n\n")
        sent = self._time(_SENT) or self._time(_DELIVERED)
        html = self._html()
        rtf = b"" if html else decompressed(self._bytes(_RTF))
        text = self._text(_TEXT)
        as_rich = bool(rtf) and (not text.strip() or b"\\fromtext" not in rtf[:4096])
        return Mail(
            subject=self._text(_SUBJECT).strip() or headers.subject,
            sender=self._sender() or headers.sender,
            to=self._recipients(_TO) or headers.to,
            cc=self._recipients(_CC) or headers.cc,
            date=headers.date or (format_datetime(sent) if sent else ""),
            sent=headers.sent or (sent.isoformat(timespec="seconds") if sent else ""),
            texts=(Text(html, html=True),) if html else () if as_rich else (Text(text),) if text else (),
            rtf=rtf if as_rich else b"",
            parts=tuple(self._parts(depth)),
        )

    def _html(self) -> str:
        text = self._text(_HTML)
        return text or decode_html(self._bytes(_HTML)) if text or self._bytes(_HTML) else ""

    def _sender(self) -> str:
        return self._person(_SENDER_NAMES, _SENDER_ADDRESSES)

    def _person(self, names: tuple[int, ...], addresses: tuple[int, ...]) -> str:
        """Return `Name <address>`; addresses inside an organisation's own directory say nothing to a reader."""
        name = next(filter(None, (self._text(tag).strip() for tag in names)), "")
        address = next((a for a in (self._text(tag).strip() for tag in addresses) if "@" in a), "")
        if not address or not name or name == address:
            return name or address
        try:
            return formataddr((name, address), "utf-8") if name.isascii() else f"{name} <{address}>"
        except ValueError:
            return f"{name} <{address}>"

    def _recipients(self, kind: int) -> str:
        found = [self._inner(name) for name in self._folders("__recip")]
        return ", ".join(
            filter(None, (r._person((_NAME,), _ADDRESSES) for r in found if r._fixed.get(_RECIPIENT_KIND, _TO) == kind))
        )

    def _parts(self, depth: int) -> Iterator[Part]:
        for number, name in enumerate(self._folders("__attach"), start=1):
            storage = self._inner(name)
            inner = (*storage._place, f"__substg1.0_{_CONTENT:04X}000D")
            if self._ole.exists([*inner, "__properties_version1.0"]):
                if depth < _DEEPEST:
                    mail = _Storage(self._ole, inner, self._page).mail(depth + 1)
                    yield Part(message_name(mail.subject), MESSAGE, as_eml(mail))
                continue
            kind = storage._text(_FILE_KIND).strip()
            file = next(filter(None, (storage._text(tag).strip() for tag in _FILE_NAMES)), "")
            inline = bool(storage._fixed.get(_IN_TEXT, 0) & _SHOWN_IN_TEXT) or bool(storage._text(_CONTENT_ID))
            yield Part(part_name(file, kind, number), kind, storage._bytes(_CONTENT), inline)

    def _folders(self, start: str) -> list[str]:
        depth = len(self._place)
        names = {
            entry[depth]
            for entry in self._ole.listdir(streams=True, storages=False)
            if len(entry) > depth + 1 and tuple(entry[:depth]) == self._place and entry[depth].startswith(start)
        }
        if len(names) > _MOST_ATTACHED:
            raise Unreadable(
                f"This message has more than {_MOST_ATTACHED} attachments or recipients. Send what matters in it as files.",
                code="too_deep",
            )
        return sorted(names)

    def _inner(self, name: str) -> "_Storage":
        return _Storage(self._ole, (*self._place, name), self._page)

    def _numbers(self, header: int) -> Iterator[tuple[int, int]]:
        """Properties whose values are numbers lie in one stream, 16 bytes each."""
        data = self._stream("__properties_version1.0")
        for at in range(header, len(data) - 15, 16):
            kind, tag, _, value = struct.unpack_from("<HHLQ", data, at)
            yield tag, value & 0xFFFFFFFF if kind == 0x0003 else value

    def _time(self, tag: int) -> datetime | None:
        ticks = self._fixed.get(tag, 0)
        try:
            return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        except OverflowError:
            return None

    def _text(self, tag: int) -> str:
        wide = self._stream(f"__substg1.0_{tag:04X}001F")
        if wide:
            return tidy(wide.decode("utf-16-le", "replace")).rstrip("\0")
        narrow = self._stream(f"__substg1.0_{tag:04X}001E")
        return decode_as(narrow, self._page).rstrip("\0") if narrow else ""

    def _bytes(self, tag: int) -> bytes:
        return self._stream(f"__substg1.0_{tag:04X}0102")

    def _stream(self, name: str) -> bytes:
        path = [*self._place, name]
        if not self._ole.exists(path) or self._ole.get_size(path) > _MOST_BYTES:
            return b""
        content = self._ole.openstream(path).read()
        return bytes(content)


def _damaged() -> Unreadable:
    return Unreadable(
        "This message is damaged or cut off. Open it in Outlook, save it again and send that.", code="damaged"
    )
