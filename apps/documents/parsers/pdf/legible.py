"""Whether a text layer says what is printed. A font may lack the table that leads from its glyphs to characters, or have a wrong one."""

import re
import unicodedata
from collections.abc import Sequence
from string import ascii_letters

from apps.documents.layout import Word
from apps.documents.parsers.pdf.characters import GARBAGE

_MOSTLY_GARBAGE = 0.2
_UNSEEN = "\u00ad"
"""A soft hyphen: one stands at the end of a line, but PDFium also gives it for a control character."""

_FEWEST_JUDGED = 120
"""Letters on a page: in fewer, abbreviations and codes may look like anything."""

_FEWEST_VOWELS, _MOST_VOWELS = 0.22, 0.68
_MOSTLY_ACCENTED = 0.5
_FEWEST_DIFFERENT = 6
"""Letters from A to Z are about four tenths vowels in every language, no language puts accents on half of them, and a page has
more than a few different ones."""

_OTHER_THAN_LETTERS = bytes(code for code in range(256) if chr(code) not in ascii_letters)
_VOWELS = b"aeiouyAEIOUY"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_ACCENTED = [chr(code) for code in range(0xC0, 0x100) if code not in (0xD7, 0xF7)]
_ACCENTED_VOWELS = [
    letter
    for letter in map(chr, (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)))
    if unicodedata.normalize("NFD", letter)[0] in _VOWELS.decode()
]


def legible(words: Sequence[Word]) -> Sequence[Word]:
    """Return the words of a page without signs that nobody knows the meaning of; none if they cannot be what is printed on it."""
    text = "".join(word.text for word in words)
    beyond = "".join(_BEYOND_ASCII.findall(text))
    garbage = sum(map(beyond.count, GARBAGE))
    if garbage + beyond.count(_UNSEEN) > _MOSTLY_GARBAGE * len(text) or _is_wrong(text, beyond):
        return ()
    if not garbage:
        return words
    cleaned = (word._replace(text="".join(c for c in word.text if c not in GARBAGE)) for word in words)
    return [word for word in cleaned if word.text]


def _is_wrong(text: str, beyond: str) -> bool:
    """Look at the letters of a text, of which those beyond ASCII are given apart, since they are few."""
    plain = text.encode("ascii", "ignore").translate(None, _OTHER_THAN_LETTERS)
    accented = sum(map(beyond.count, _ACCENTED)) if beyond else 0
    letters = len(plain) + accented
    if letters < _FEWEST_JUDGED:
        return False
    if accented > _MOSTLY_ACCENTED * letters:
        return True
    vowels = len(plain) - len(plain.translate(None, _VOWELS))
    vowels += sum(map(beyond.count, _ACCENTED_VOWELS)) if beyond else 0
    is_latin = 2 * letters > len(text)
    return is_latin and not (_FEWEST_VOWELS < vowels / letters < _MOST_VOWELS and len(set(plain)) >= _FEWEST_DIFFERENT)
