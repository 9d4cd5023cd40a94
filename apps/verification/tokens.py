"""The words of a claim, each with its place, so that those which are not borne out can be marked. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from apps.retrieval.analysis import stop_words_of
from apps.verification.matching import terms_of

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_WORD = re.compile(
    rf"\d+(?:[.,’'\u00a0\u202f]\d+)*|[{_UNSPACED}](?=(?P<next>[{_UNSPACED}]?))|[^\W\d_{_UNSPACED}]+(?:['’][^\W\d_{_UNSPACED}]+)?"
)
_MARKER = re.compile(r"\[\d{1,3}\]")
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "ru", "tr")
_LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Token:
    """A word or figure: its half-open range, and the terms by which it is compared; none if it carries no meaning."""

    start: int
    end: int
    text: str
    terms: frozenset[str]

    @property
    def is_figure(self) -> bool:
        return self.text[0].isdigit()


def without_marks(text: str) -> str:
    """Return a claim with its citation markers and marks of emphasis blanked out, each character where it was."""
    text = _MARKER.sub(lambda match: " " * len(match[0]), text)
    return re.sub(r"[*`_]{1,3}(?=\S)|(?<=\S)[*`_]{1,3}", lambda match: " " * len(match[0]), text)


def tokens_of(text: str) -> list[Token]:
    """Return the words of a text in order, of scripts without blanks each pair of characters; stop words have no terms."""
    words = list(_WORD.finditer(text))
    common = common_words(" ".join(match[0] for match in words[:200]))
    found = []
    for match in words:
        carries = match[0].casefold() not in common or _is_acronym(match[0], text)
        found.append(
            Token(match.start(), match.end(), match[0], frozenset(terms_of(match[0])) if carries else frozenset())
        )
    return found


def phrases_of(text: str, chosen: Iterable[Token]) -> list[tuple[int, int]]:
    """Return ranges that hold the chosen words of a text, with the words without meaning between them and before."""
    starts = {token.start for token in chosen}
    ranges: list[tuple[int, int]] = []
    begin: int | None = None
    is_open = False  # whether nothing with a meaning stood since the last range
    for token in tokens_of(text):
        if token.start in starts:
            if is_open and ranges:
                ranges[-1] = (ranges[-1][0], token.end)
            else:
                ranges.append((token.start if begin is None else begin, token.end))
            begin, is_open = None, True
        elif token.terms:
            begin, is_open = None, False
        elif begin is None:
            begin = token.start
    return ranges


@lru_cache(maxsize=256)
def common_words(text: str) -> frozenset[str]:
    """Return the stop words of the language in which a text seems to be; none if it is of no language known."""
    words = [match[0].casefold() for match in _WORD.finditer(text)]
    if not words:
        return frozenset()
    shares = {language: sum(word in _stop_words(language) for word in words) for language in _LANGUAGES}
    best = max(shares, key=lambda language: (shares[language], language == "en"))
    return _stop_words(best if shares[best] >= _LEAST_SHARE * len(words) else "en")


@cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFC", word) for word in stop_words_of(language))


def _is_acronym(word: str, text: str) -> bool:
    """Return whether a word in capitals among others is a name: `IT`, `WHO`."""
    return 1 < len(word) <= 5 and word.isupper() and not text.isupper()
