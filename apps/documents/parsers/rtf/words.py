"""Rich Text as a stream: groups, control words, and text in Unicode, without what is not for readers."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n\x00]+|([^\\{}\r\n\x00]+)", re.DOTALL
)
_CODE_PAGES = {
    0: "cp1252", 2: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 255: "cp437",
}  # fmt: skip
"""Encodings by the character set that a font says it has."""

_SHOWN_AS = {
    "tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}", "\t": "\t"}
_PARAGRAPH_SYMBOLS = ("\n", "\r")


class Into(StrEnum):
    """Where text goes: the document's body, or beside it."""

    BODY = "body"
    FOOTNOTE = "footnote"
    NOTE = "note"
    MARGIN = "margin"
    FONTS = "fonts"
    STYLES = "styles"
    TITLE = "title"
    AUTHOR = "author"
    SUBJECT = "subject"
    KEYWORDS = "keywords"
    MADE = "made"
    NOWHERE = "nowhere"


_DESTINATIONS = {
    "fonttbl": Into.FONTS,
    "stylesheet": Into.STYLES,
    "footnote": Into.FOOTNOTE,
    "annotation": Into.NOTE,
    "title": Into.TITLE,
    "author": Into.AUTHOR,
    "subject": Into.SUBJECT,
    "keywords": Into.KEYWORDS,
    "creatim": Into.MADE,
    "shpinst": Into.BODY,
    "shptxt": Into.BODY,
    "ud": Into.BODY,
    **dict.fromkeys(["header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"], Into.MARGIN),
    **dict.fromkeys(
        [
            "colortbl", "pict", "nonshppict", "fldinst", "objdata", "info", "shprslt", "sp", "upr", "xe", "tc", "rxe", "bkmkstart",
            "bkmkend", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "ftncn", "nonesttables", "listtable", "revtbl", "template",
            "operator", "company", "doccomm", "private", "pntxta", "pntxtb",
        ],
        Into.NOWHERE,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """What is next: a group opens or closes, a control word with its number, or text; and where it goes."""

    kind: str
    into: Into
    text: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    into: Into = Into.BODY
    font: int = -1
    skipped_after_unicode: int = 1
    hidden: bool = False


class Words:
    """Keeps what a reader of a stream of rich text has to know: the groups it is in, the fonts and their encodings."""

    def __init__(self) -> None:
        self._group = _Group()
        self._outer: list[_Group] = []
        self._fonts: dict[int, str] = {}
        self._page = "cp1252"
        self._bytes = bytearray()
        self._skip = 0
        self._half = 0
        self._ignorable = False
        self._defined_font = -1

    def events(self, data: bytes) -> Iterator[Event]:
        """Yield what is in a file for its readers."""
        position = 0
        while match := _TOKEN.search(data, position):
            position = match.end()
            word, number, byte, symbol, brace, text = match.groups()
            if text is not None:
                self._take(text)
                continue
            if byte is not None:
                self._take(bytes([int(byte, 16)]))
                continue
            if word is not None and word == b"bin":
                position += max(int(number or 0), 0)
            if word == b"u" and number:
                yield from self._text()
                yield from self._unicode(int(number) & 0xFFFF)
                continue
            yield from self._text()
            if brace is not None:
                yield self._brace(brace)
            elif symbol is not None:
                yield from self._symbol(symbol.decode("latin-1"))
            elif word is not None:
                yield from self._control(word.decode("ascii"), int(number) if number else None)
        yield from self._text()

    def _take(self, text: bytes) -> None:
        """Gather bytes, without those that stand in for a character of Unicode just before."""
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        if self._group.into is not Into.NOWHERE and not self._group.hidden:
            self._bytes += text[skipped:]

    def _text(self) -> Iterator[Event]:
        if self._bytes:
            text = self._bytes.decode(self._fonts.get(self._group.font, self._page), "replace")
            self._bytes.clear()
            yield Event("text", self._group.into, text)

    def _unicode(self, unit: int) -> Iterator[Event]:
        """A unit of UTF-16; characters beyond the first 65,536 come in two halves."""
        self._skip = self._group.skipped_after_unicode
        if 0xD800 <= unit < 0xDC00:
            self._half = unit
            return
        if 0xDC00 <= unit < 0xE000:
            whole = 0x10000 + ((self._half - 0xD800) << 10) + unit - 0xDC00 if self._half else 0xFFFD
            self._half = 0
        else:
            whole = unit
        if not self._group.hidden and self._group.into is not Into.NOWHERE:
            yield Event("text", self._group.into, chr(whole))

    def _brace(self, brace: bytes) -> Event:
        self._skip = 0
        self._ignorable = False
        if brace == b"{":
            self._outer.append(self._group)
            return Event("open", self._group.into)
        closed = Event("close", self._group.into)
        if self._outer:
            self._group = self._outer.pop()
        return closed

    def _symbol(self, symbol: str) -> Iterator[Event]:
        if symbol == "*":
            self._ignorable = True
        elif symbol in _PARAGRAPH_SYMBOLS:
            yield Event("control", self._group.into, "par")
        elif symbol in _SYMBOLS:
            self._take(_SYMBOLS[symbol].encode())

    def _control(self, word: str, number: int | None) -> Iterator[Event]:
        self._skip = 0
        if word in _DESTINATIONS:
            self._enter(_DESTINATIONS[word])
            yield Event("control", self._group.into, word, number)
        elif self._ignorable:
            self._enter(Into.NOWHERE)
        elif word in _SHOWN_AS:
            if self._group.into is not Into.NOWHERE and not self._group.hidden:
                yield Event("text", self._group.into, _SHOWN_AS[word])
        else:
            self._format(word, number)
            if self._group.into is not Into.NOWHERE:
                yield Event("control", self._group.into, word, number)
        self._ignorable = False

    def _enter(self, into: Into) -> None:
        """Nothing leads from a note or a list of names back into the text."""
        outward = self._group.into in (Into.BODY, Into.MARGIN, Into.NOWHERE)
        if outward or into is Into.NOWHERE:
            self._group = replace(self._group, into=into)

    def _format(self, word: str, number: int | None) -> None:
        if word == "f" and number is not None:
            self._group = replace(self._group, font=number)
            self._defined_font = number
        elif word == "fcharset" and self._group.into is Into.FONTS:
            self._fonts[self._defined_font] = _CODE_PAGES.get(number or 0, self._page)
        elif word == "cpg" and self._group.into is Into.FONTS:
            self._fonts[self._defined_font] = _known(f"cp{number}", self._page)
        elif word == "ansicpg":
            self._page = "utf-8" if number == 65001 else _known(f"cp{number}", self._page)
        elif word in ("mac", "pc", "pca"):
            self._page = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "uc" and number is not None:
            self._group = replace(self._group, skipped_after_unicode=min(max(number, 0), 16))
        elif word in ("v", "deleted"):
            self._group = replace(self._group, hidden=number != 0)
        elif word == "plain":
            self._group = replace(self._group, hidden=False, font=-1)


def _known(encoding: str, otherwise: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return otherwise
