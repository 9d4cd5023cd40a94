"""From the code points that files carry to the characters that readers see."""

import unicodedata

GARBAGE = "\ufffd\ufffe\uffff"
"""What stands for a glyph that nobody knows the meaning of."""

_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFB00, 0xFB07), 0x0132, 0x0133)}
_SYMBOLS = {
    0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF06F: "☐", 0xF076: "❖", 0xF02D: "-", 0xF0E0: "→",
    0xF078: "☒", 0xF0FE: "☒", 0xF0FD: "☒", 0xF0A8: "☐", 0xF0FB: "✗",
    0x00A0: " ", 0x2007: " ", 0x202F: " ", 0x2002: " ", 0x2003: " ", 0x2009: " ", 0x200A: " ", 0x3000: " ",
    0x200B: "", 0x200C: "", 0x200D: "", 0xFEFF: "", 0x2060: "",
}  # fmt: skip
_PRINTED = {**_LIGATURES, **_SYMBOLS}


def printed(code: int) -> str:
    """Return what a code point prints as: letters of a ligature, a plain blank, or "" for what is not seen."""
    if 0x20 < code < 0x7F:
        return chr(code)
    known = _PRINTED.get(code)
    if known is not None:
        return known
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return ""
    if 0xE000 <= code < 0xF900:
        return "\ufffd"
    return chr(code)
