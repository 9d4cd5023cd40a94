"""Messages as they travel (EML, RFC 5322 and MIME), however badly they keep to the rules, and web archives (MHTML)."""

import binascii
import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, parsedate_to_datetime

from apps.documents.parsers.mail.message import (
    MESSAGE,
    Mail,
    Part,
    Text,
    attached_bytes,
    message_name,
    parsed_mail,
    part_name,
)
from apps.documents.parsers.markup.html import read_html
from apps.documents.parsers.markup.parsers import decode_html, parsed_html
from apps.documents.parsers.text import decode_as
from apps.documents.parsing import Parsed, Progress, Source, Unreadable

_DEEPEST = 30
_MOST_PARTS = 2000
_BROKEN = (MessageError, binascii.Error, ValueError, LookupError, TypeError, AttributeError)
"""What the standard library raises on parts and headers that break the rules."""

_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-encrypted",
    }
)
_BETWEEN_ENCODED = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_HTML = "text/html"
_TEXTS = ("text/plain", _HTML)


class EmlParser:
    """One message; others that are attached to it are documents of their own, as its files are."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        return parsed_mail(read_eml(source.path.read_bytes()))

    def attachment(self, source: Source, number: int) -> bytes:
        return attached_bytes(read_eml(source.path.read_bytes()), number)


class WebArchiveParser:
    """A page of a website with all that it shows, as browsers save it (MHTML)."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        for part, _ in _leaves(_message(source.path.read_bytes())):
            if part.get_content_type() in ("text/html", "application/xhtml+xml"):
                return parsed_html(read_html(decode_html(_content(part), _charset(part))))
        raise Unreadable(
            "This web archive holds no page. Open the page again, save it as PDF and send that.", code="damaged"
        )


def read_eml(data: bytes) -> Mail:
    """Return the message in these bytes."""
    message = _message(data)
    texts, parts = list[Text](), list[Part]()
    for part, related in _leaves(message):
        kind = part.get_content_type()
        if kind in _TEXTS and part.get_content_disposition() != "attachment" and not _filename(part):
            texts.append(
                Text(decode_html(_content(part), _charset(part)), html=True) if kind == _HTML else Text(_plain(part))
            )
        elif kind not in _SIGNATURES:
            parts.append(_part(part, len(parts) + 1, related=related))
    date = _header(message, "date")
    return Mail(
        subject=_header(message, "subject"),
        sender=_header(message, "from"),
        to=_header(message, "to"),
        cc=_header(message, "cc"),
        date=date,
        sent=_in_iso(date),
        texts=tuple(texts),
        parts=tuple(parts),
    )


def _message(data: bytes) -> Message:
    try:
        return email.message_from_bytes(data)
    except RecursionError as error:
        raise _too_deep() from error


def _leaves(message: Message, depth: int = 0, *, related: bool = False) -> Iterator[tuple[Message, bool]]:
    """Yield the parts that hold something, and whether each was put into a text to be shown there; of alternatives, one."""
    if depth > _DEEPEST:
        raise _too_deep()
    kind = message.get_content_type()
    parts = message.get_payload() if message.is_multipart() else None
    if kind == MESSAGE or not isinstance(parts, list) or not parts:
        yield message, related
        return
    if len(parts) > _MOST_PARTS:
        raise Unreadable(
            f"This message has more than {_MOST_PARTS} parts. Send those that matter as files of their own.",
            code="too_deep",
        )
    messages = [part for part in parts if isinstance(part, Message)]
    if kind == "multipart/alternative":
        messages = _best(messages)
    for number, part in enumerate(messages):
        yield from _leaves(part, depth + 1, related=related or (kind == "multipart/related" and number > 0))


def _best(parts: list[Message]) -> list[Message]:
    """Return the form of a text that keeps most, and what is no form of it, such as an invitation for a calendar."""
    texts = [part for part in parts if part.get_content_maintype() in ("text", "multipart")]
    texts = [part for part in texts if part.get_content_type() != "text/calendar"]
    pages = [
        part for part in texts if part.is_multipart() or (part.get_content_type() == _HTML and _says_something(part))
    ]
    best = pages[-1:] or [part for part in texts if part.get_content_type() == "text/plain"][-1:] or texts[-1:]
    return best + [part for part in parts if part not in texts]


def _says_something(page: Message) -> bool:
    return bool(re.sub(rb"(?s)<style.*?</style>|<[^>]*>|&nbsp;|\s", b"", _content(page)))


def _part(part: Message, number: int, *, related: bool) -> Part:
    kind = part.get_content_type()
    if kind == MESSAGE:
        inner = part.get_payload() if part.is_multipart() else None
        message = inner[0] if isinstance(inner, list) and inner else part
        if isinstance(message, Message):
            return Part(_filename(part) or message_name(_header(message, "subject")), kind, _bytes_of(message))
    inline = related or bool(part["content-id"] and part.get_content_disposition() == "inline")
    return Part(part_name(_filename(part), kind, number), kind, _content(part), inline)


def _bytes_of(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (*_BROKEN, RecursionError):
        return message.as_string().encode("utf-8", "replace")


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _BROKEN:
        return b""
    return content if isinstance(content, bytes) else b""


def _charset(part: Message) -> str:
    try:
        return part.get_content_charset() or ""
    except _BROKEN:
        return ""


def _plain(part: Message) -> str:
    """Return the text of a part; where it was broken into lines only for travelling (RFC 3676), as it was."""
    text = decode_as(_content(part), _charset(part))
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    text = re.sub(r"^ ", "", text, flags=re.MULTILINE)
    return re.sub(r"(?<!^--) \n(?!>|\n)", " ", text, flags=re.MULTILINE)


def _filename(part: Message) -> str:
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(parameter, None, header=header)
            if value:
                return _decoded(collapse_rfc2231_value(value))
        except _BROKEN:
            continue
    return ""


def _header(message: Message, name: str) -> str:
    """Return a header as it reads, whatever bytes it holds."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
    return _decoded(str(raw))


def _decoded(raw: str) -> str:
    text = re.sub(r"\r?\n[ \t]*", " ", raw).strip()
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = decode_as(text.encode("utf-8", "surrogateescape"), "")
    if "=?" in text:
        try:
            pieces = decode_header(_BETWEEN_ENCODED.sub(r"\1", text))
        except _BROKEN:
            return text
        decoded = (decode_as(piece, charset or "") if isinstance(piece, bytes) else piece for piece, charset in pieces)
        text = "".join(decoded).strip() or text
    return re.sub(r"\s+", " ", text).strip()


def _in_iso(date: str) -> str:
    try:
        return parsedate_to_datetime(date).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _too_deep() -> Unreadable:
    return Unreadable(
        "The parts of this message are nested deeper than any mail program does. Send what matters in it as a file of its own.",
        code="too_deep",
    )
