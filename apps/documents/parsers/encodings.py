"""The encoding of text that does not say it: by the shape of its bytes, by the letters of its language, else by charset-normalizer."""

import re

from apps.documents.language import likely_languages

_SAMPLE = 1 << 18
_JAPANESE_ESCAPES = re.compile(rb"\x1b\$[@B]")
_MOSTLY_ASCII = 0.6
_ENOUGH = 0.9
_PUNCTUATION = frozenset("’‘“”„‚«»‹›–—…•€£§°©®™·²³½¼¾µ×¿¡ªº ")
_CANDIDATES = (
    "cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "iso8859-1", "cp1258", "mac_roman", "mac_latin2", "cp850",
    "cp852", "cp437",
)  # fmt: skip
"""Encodings of Latin letters, the more usual ones first."""

_OF_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "mac_cyrillic")
_USUAL_CYRILLIC = frozenset("оеаинтсрвлі")
_CYRILLIC = re.compile("[А-Яа-яЁёЄєІіЇїЎўҐґ№]")
_HALF = 0.5

_LETTERS = {
    "en": "éèêëàâçñöüïôæœ",
    "de": "äöüßé",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíóúüñ",
    "it": "àèéìíîòóùú",
    "pt": "áâãàçéêíóôõúü",
    "nl": "áéëïóöü",
    "sv": "åäöé",
    "da": "æøåé",
    "nb": "æøåéòô",
    "fi": "äöåšž",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýžäľĺŕô",
    "hu": "áéíóöőúüű",
    "ro": "ăâîșțşţ",
    "tr": "çğıöşüâîİ",
    "id": "é",
}


def guessed_encoding(data: bytes) -> str:
    """Return the encoding of bytes that are no UTF-8 and have no mark; "" where they are not text in any known way."""
    sample = _whole_lines(data[:_SAMPLE])
    guess = _wide(sample)
    if not guess and _JAPANESE_ESCAPES.search(sample):
        guess = "iso2022_jp"
    if not guess:
        guess = _by_letters(sample) or _cyrillic(sample)
    if not guess:
        from charset_normalizer import from_bytes

        best = from_bytes(sample).best()
        guess = best.encoding if best else ""
    return guess


def _whole_lines(sample: bytes) -> bytes:
    """A sample that ends within a character of several bytes would speak against its encoding."""
    end = sample.rfind(b"\n") + 1
    return sample[:end] if len(sample) == _SAMPLE and end else sample


def _wide(data: bytes) -> str:
    """Text in UTF-16 or UTF-32 without a mark has zeros in the same places of most units."""
    quarter = len(data) // 4
    often = [data[place::4].count(0) > 0.4 * quarter for place in range(4)]
    return {
        (False, True, True, True): "utf-32-le",
        (False, False, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (True, True, False, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }.get((often[0], often[1], often[2], often[3]), "")


def _by_letters(sample: bytes) -> str:
    """Return the encoding in which what is not ASCII are letters of the language that the ASCII words say."""
    high = bytes(byte for byte in sample if byte > 0x7F)
    if not high or len(high) > (1 - _MOSTLY_ASCII) * len(sample):
        return ""
    expected: set[str] = set()
    for language in likely_languages(sample.decode("ascii", "replace")):
        expected |= {*_LETTERS.get(language, ""), *_LETTERS.get(language, "").upper()}
    if not expected:
        return ""
    shares = {encoding: _share(high, encoding, expected) for encoding in _CANDIDATES}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= _ENOUGH else ""


def _cyrillic(sample: bytes) -> str:
    """Ten letters make more than half of any Slavic text in Cyrillic, in small type; in a wrong encoding others do."""
    high = bytes(byte for byte in sample if byte > 0x7F)
    if not high:
        return ""
    shares = {encoding: _slavic(high.decode(encoding, "replace")) for encoding in _OF_CYRILLIC}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > _HALF * len(high) else ""


def _slavic(text: str) -> int:
    """Count usual letters, and against them what stands in no text beside such letters."""
    return sum(1 if c in _USUAL_CYRILLIC else -1 if not (c in _PUNCTUATION or _CYRILLIC.match(c)) else 0 for c in text)


def _share(high: bytes, encoding: str, expected: set[str]) -> float:
    """How much of the text is letters of the language; punctuation counts a little less, being in most encodings."""
    text = high.decode(encoding, "replace")
    return sum(1.0 if c in expected else 0.95 if c in _PUNCTUATION else 0.0 for c in text) / len(text)
