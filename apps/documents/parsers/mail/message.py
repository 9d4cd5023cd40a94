"""E-mail as a document: who wrote to whom, when, about what, and the message itself; what is attached is for documents of its own.

What a message is, is here; the formats in which messages are kept are read in `eml` and `msg`.
"""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from functools import cached_property

from apps.documents.parsers.flow import flowing
from apps.documents.parsers.markup.html import read_html
from apps.documents.parsers.rtf.parser import read_rtf
from apps.documents.parsers.text import text_blocks
from apps.documents.parsing import Attached, Block, BlockKind, Parsed, Unreadable

MESSAGE = "message/rfc822"
_DECORATION_BYTES = 8_000
_DECORATION_SIDE = 160
_LONGEST_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a message. An inline one is shown within the message's text."""

    name: str
    media_type: str
    content: bytes
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a message's text, in HTML or plain."""

    content: str
    html: bool = False


@dataclass(frozen=True)
class Mail:
    """A message: `date` as it is written there and `sent` in ISO 8601; its text piece after piece or in RTF; its files."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    cc: str = ""
    date: str = ""
    sent: str = ""
    texts: tuple[Text, ...] = ()
    rtf: bytes = b""
    parts: tuple[Part, ...] = ()

    @cached_property
    def attached(self) -> tuple[Part, ...]:
        """Return the files, small pictures that only decorate the text left out."""
        return tuple(part for part in self.parts if not (part.inline and _decorates(part.content)))


def parsed_mail(mail: Mail) -> Parsed:
    """Return a message as a document."""
    stated = {
        "subject": mail.subject,
        "from": mail.sender,
        "to": mail.to,
        "cc": mail.cc,
        "date": mail.sent or mail.date,
    }
    return replace(
        flowing(_blocks(mail), title=mail.subject),
        metadata=tuple((name, value[:_LONGEST_VALUE]) for name, value in stated.items() if value),
        attachments=tuple(Attached(part.name, part.media_type, len(part.content)) for part in mail.attached),
    )


def attached_bytes(mail: Mail, number: int) -> bytes:
    """Return the bytes of a message's attachment."""
    if not 0 <= number < len(mail.attached):
        raise Unreadable("This attachment is not in the message.", code="damaged")
    return mail.attached[number].content


def as_eml(mail: Mail) -> bytes:
    """Return a message as a file, for one that was inside another kind of file."""
    message = EmailMessage()
    headers = {"Subject": mail.subject, "From": mail.sender, "To": mail.to, "Cc": mail.cc, "Date": mail.date}
    lines = [f"{name}: {_on_one_line(value)}" for name, value in headers.items() if value]
    plain = [text.content for text in mail.texts if not text.html]
    pages = [text.content for text in mail.texts if text.html]
    message.set_content("\n\n".join(plain))
    for page in pages:
        message.add_alternative(page, subtype="html")
    if mail.rtf and not pages:
        message.add_attachment(mail.rtf, maintype="application", subtype="rtf", filename="message.rtf")
    for part in mail.parts:
        maintype, _, subtype = part.media_type.partition("/")
        if maintype in ("", "multipart", "message") or not subtype:
            maintype, subtype = "application", "octet-stream"
        message.add_attachment(part.content, maintype=maintype, subtype=subtype, filename=_on_one_line(part.name))
    return "\r\n".join(lines).encode() + b"\r\n" + message.as_bytes()


def part_name(name: str, media_type: str, number: int) -> str:
    """Return the name of an attachment, made from its kind where it has none."""
    name = _on_one_line(name)
    return name or f"attachment-{number}{mimetypes.guess_extension(media_type) or ''}"


def message_name(subject: str) -> str:
    """Return the file name of a message that is attached to another."""
    return f"{_on_one_line(subject)[:80] or 'message'}.eml"


def _blocks(mail: Mail) -> Iterator[Block]:
    yield Block(BlockKind.HEADING, mail.subject, level=1)
    for name, value in (("From", mail.sender), ("To", mail.to), ("Cc", mail.cc), ("Date", mail.date)):
        if value:
            yield Block(BlockKind.FIELD, f"{name}: {value}")
    for text in mail.texts:
        yield from (
            read_html(text.content, only_main=False, quotes=True).blocks if text.html else text_blocks(text.content)
        )
    if mail.rtf and not mail.texts:
        yield from read_rtf(mail.rtf).blocks


def _decorates(content: bytes) -> bool:
    """Tell logos and the like, which nobody reads, from pictures that were put into a text to be looked at."""
    from apps.documents.parsers.picture import size_of

    size = size_of(content)
    return size is not None and (len(content) < _DECORATION_BYTES or min(size) < _DECORATION_SIDE)


def _on_one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", text).strip()
