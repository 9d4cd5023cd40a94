"""Plain text in any encoding."""

import codecs
import re
import unicodedata
from collections.abc import Iterator

from apps.documents.parsers.encodings import guessed_encoding
from apps.documents.parsers.flow import flowing
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source, Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ITEM = re.compile(r"\s*(?:[-*•·‣◦–]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)]|\([ivxlc]+\))\s+\S")
_AS_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "unicode": "utf-16",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}
"""What those who declare an encoding mean by it, as the WHATWG Encoding Standard has it."""

_NOT_OF_TEXT = frozenset(
    {
        "base64",
        "bz2",
        "hex",
        "quopri",
        "rot13",
        "uu",
        "zlib",
        "utf-7",
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
    }
)
_OF_SEVEN_BITS_OR_WIDE = ("utf-16", "utf-32", "iso2022", "hz")


class TextParser:
    """Paragraphs are what empty lines part."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        text = decode(source.path.read_bytes())
        return flowing(text_blocks(text))


def text_blocks(text: str) -> Iterator[Block]:
    """Yield the paragraphs and lists of a text."""
    for paragraph in re.split(r"\n[ \t]*\n", text):
        lines = [line.rstrip() for line in paragraph.strip("\n").split("\n")]
        shown = "\n".join(lines).strip()
        if shown:
            items = sum(bool(_ITEM.match(line)) for line in lines)
            yield Block(BlockKind.LIST if items and items >= len(lines) / 3 else BlockKind.TEXT, shown)


def decode(data: bytes) -> str:
    """Return text from bytes of any encoding, with line ends made equal and control characters left out.

    Raises `Unreadable` where the bytes are not text in any known way.
    """
    return tidy(_decoded(data))


def decode_as(data: bytes, charset: str) -> str:
    """Return text from bytes that are said to be in this encoding, unless a mark or valid UTF-8 says otherwise."""
    charset = charset.strip().lower()
    try:
        codec = codecs.lookup(_AS_MEANT.get(charset, charset)).name if charset else ""
    except (LookupError, ValueError):
        codec = ""
    if not codec or codec in _NOT_OF_TEXT or data.startswith(tuple(mark for mark, _ in _BOMS)):
        return decode(data)
    if not codec.startswith(_OF_SEVEN_BITS_OR_WIDE):
        try:
            return tidy(data.decode("utf-8"))
        except UnicodeDecodeError:
            pass
    return tidy(data.decode(codec, errors="replace"))


def tidy(text: str) -> str:
    """Return the text with `\\n` line ends, without control characters and byte order marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").replace("\u2028", "\n")
    text = text.replace("\u2029", "\n\n").replace("\u00a0", " ")
    return "".join(c for c in text if c in "\n\t" or (c >= " " and c not in "\ufeff\x7f" and not _is_control(c)))


def _is_control(character: str) -> bool:
    return character > "\x7e" and unicodedata.category(character) == "Cc"


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if "\0" not in text and "\x1b$" not in text:
            return text
    guess = guessed_encoding(data)
    if not guess:
        raise Unreadable("This file is not text in any known encoding. Save it as UTF-8 and send that.", code="damaged")
    return data.decode(guess, errors="replace")
