"""From the code points that files carry to the characters that readers see."""

import re
import unicodedata
from collections.abc import Sequence

from apps.core.geometry import Box

_LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
GARBAGE = "\ufffd\ufffe\uffff"
"""What stands for a glyph that nobody knows the meaning of."""

_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFB00, 0xFB07), 0x0132, 0x0133)}
_SYMBOLS = {
    0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF06F: "☐", 0xF076: "❖", 0xF02D: "-", 0xF0E0: "→",
    0xF078: "☒", 0xF0FE: "☒", 0xF0FD: "☒", 0xF0A8: "☐", 0xF0FB: "✗",
    0x00A0: " ", 0x2007: " ", 0x202F: " ", 0x2002: " ", 0x2003: " ", 0x2009: " ", 0x200A: " ", 0x3000: " ",
    0x200B: "", 0x200C: "", 0x200D: "", 0xFEFF: "", 0x2060: "",
}  # fmt: skip
_DIRECTIONS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")
"""Marks that say which way to read; the words are put in order without them."""

_PRINTED = {**_LIGATURES, **_SYMBOLS, **_DIRECTIONS}


def printed(code: int) -> str:
    """Return what a code point prints as: letters of a ligature, a plain blank, or "" for what is not seen."""
    if 0x20 < code < 0x7F:
        return chr(code)
    known = _PRINTED.get(code)
    if known is not None:
        return known
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return ""
    if 0xFB1D <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:
        return unicodedata.normalize("NFKC", chr(code)).strip()
    if 0xE000 <= code < 0xF900:
        return "\ufffd"
    return chr(code)


def runs_left(text: str) -> bool:
    """Return whether there are letters in a text that are written from right to left."""
    return bool(_LEFTWARDS.search(text))


def in_order(text: str, boxes: Sequence[Box]) -> tuple[str, list[Box]]:
    """Return a word that runs to the left, read glyph by glyph, with its characters and their boxes in the order of reading.

    The letters of a ligature, which share one box, come in reverse; a vowel sign may come before the letter that it stands on.
    """
    letters = list(zip(text, boxes, strict=True))
    start = 0
    while start < len(letters):
        end = start + 1
        while end < len(letters) and letters[end][1] == letters[start][1]:
            end += 1
        letters[start:end] = letters[start:end][::-1]
        start = end
    for index in range(len(letters) - 1):
        (sign, above), (letter, below) = letters[index], letters[index + 1]
        stands_on_it = below[0] <= (above[0] + above[2]) / 2 <= below[2]
        if unicodedata.combining(sign) and not unicodedata.combining(letter) and stands_on_it:
            letters[index], letters[index + 1] = letters[index + 1], letters[index]
    return "".join(letter for letter, _ in letters), [box for _, box in letters]
