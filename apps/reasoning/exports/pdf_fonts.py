"""The fonts of exported PDFs, and which of them sets a character.

Latin and Cyrillic are set in IBM Plex Serif, Greek and what else it lacks in Noto Sans; both are embedded. Chinese, Japanese and Korean
are named in the file and set by the reader's own fonts, as PDF provides for. What none of them holds becomes � and is counted, so
that the file can say so: scripts that need shaping, such as Arabic or Devanagari, are not set wrongly.
"""

import importlib.resources
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

SERIF, SANS = "PlexSerif", "NotoSans"
_STYLES = (("Regular", 0, 0), ("Bold", 1, 0), ("Italic", 0, 1), ("BoldItalic", 1, 1))
_SANS_FILE = "NotoSans[wdth,wght].ttf"
_CHINESE, _JAPANESE, _KOREAN = "STSong-Light", "HeiseiMin-W3", "HYSMyeongJo-Medium"
_KANA, _HANGUL = re.compile("[\u3041-\u30ff]"), re.compile("[\uac00-\ud7af]")
_EAST_ASIAN = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uffee]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]")
_REPLACEMENT = "\ufffd"


@dataclass(slots=True)
class Typesetter:
    """Parts text by font, and remembers what it had no letters for and whether fonts of the reader's were called on."""

    east_asian: str
    missing: set[str] = field(default_factory=set)
    is_reader_set: bool = False

    @classmethod
    def for_text(cls, text: str) -> "Typesetter":
        """Return the one for an answer: Han characters are set as the rest of it is written."""
        _registered()
        if _KANA.search(text):
            return cls(_JAPANESE)
        return cls(_KOREAN if _HANGUL.search(text) else _CHINESE)

    def parts(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield pieces of text with the font that has all of their characters; signs that only steer how text is laid out are left out."""
        font, piece = SERIF, ""
        for char in _INVISIBLE.sub("", text):
            wanted, shown = self._font_of(char, font)
            if wanted != font and piece:
                yield piece, font
                piece = ""
            font, piece = wanted, piece + shown
        if piece:
            yield piece, font

    def _font_of(self, char: str, current: str) -> tuple[str, str]:
        if char.isspace():
            return current, "\n" if char == "\n" else " "
        serif, sans = _registered()
        if ord(char) in serif:
            return SERIF, char
        if ord(char) in sans:
            return SANS, char
        if _EAST_ASIAN.match(char):
            self.is_reader_set = True
            return self.east_asian, char
        self.missing.add(char)
        return SANS, _REPLACEMENT


@cache
def _registered() -> tuple[frozenset[int], frozenset[int]]:
    """Make the fonts known, and return the characters that all styles of the serif and that the sans have."""
    serif = importlib.resources.files("fontpkg_ibm_plex_serif") / "files"
    held = []
    for style, bold, italic in _STYLES:
        name = f"{SERIF}-{style}"
        font = TTFont(name, str(serif / f"IBMPlexSerif-{style}.ttf"))
        pdfmetrics.registerFont(font)
        addMapping(SERIF, bold, italic, name)
        held.append(frozenset(font.face.charToGlyph))
    pdfmetrics.registerFont(TTFont(SANS, str(importlib.resources.files("fontpkg_noto_sans") / "files" / _SANS_FILE)))
    for family in (SANS, _CHINESE, _JAPANESE, _KOREAN):
        if family != SANS:
            pdfmetrics.registerFont(UnicodeCIDFont(family))
        for _style, bold, italic in _STYLES:
            addMapping(family, bold, italic, family)
    return frozenset.intersection(*held), frozenset(pdfmetrics.getFont(SANS).face.charToGlyph)
