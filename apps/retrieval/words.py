"""The words of texts and questions, as PostgreSQL's text search sees them, in the language of each.

Texts and questions go through the same preparation, so that figures and identifiers match exactly however they were set.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

CONFIGURATIONS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "en": "english",
    "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian",
    "ga": "irish", "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian",
    "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
UNKNOWN = "simple"

_MOST_WORDS = 48
_SOFT_BREAK = re.compile(r"\u00ad\s*|(?<=\w)[-\u2010]\n(?=[^\W\d_])")
_GROUPED = re.compile(r"(?<=\d)[.,'’\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_JOINED = re.compile(r"(?<=\w)[-\u2010\u2011\u2013/](?=\w)|[_|]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: its stems in every language that is searched."""

    stems: tuple[str, ...]

    @property
    def query(self) -> str:
        """The word as a `tsquery` that takes any of its stems."""
        return " | ".join("'" + stem.replace("\\", "\\\\").replace("'", "''") + "'" for stem in self.stems)


def configuration(language: str) -> str:
    """Return the text-search configuration for an ISO 639-1 language; one that changes nothing where there is none."""
    return CONFIGURATIONS.get(language.lower()[:2], UNKNOWN)


def prepare(text: str) -> str:
    """Return `text` as it is analysed.

    Forms are made compatible, words broken at a line end are joined, `1,204` becomes `1204`, and what a hyphen, slash or bar
    joins becomes separate words, since PostgreSQL takes `-9001` for a negative number and `and/or` for a path.
    """
    text = _SOFT_BREAK.sub("", unicodedata.normalize("NFKC", text))
    return _JOINED.sub(" ", _GROUPED.sub("", text)).replace("\x00", " ")


def question_words(question: str, languages: Iterable[str]) -> list[Word]:
    """Return the question's words, each once, without the stop words of the language that it seems to be in.

    That language is the one of those searched in which most of its words are stop words. If nothing else is left, all are kept.
    """
    configurations = sorted({configuration(language) for language in languages} | {UNKNOWN})
    stems = _stems(prepare(question), configurations)
    everything = stems[UNKNOWN]
    own = min((stems[name] for name in configurations), key=len) or everything
    words: dict[Word, None] = {}
    for position in sorted(own):
        variants = {stems[name].get(position, "") for name in configurations if name != UNKNOWN or len(stems) == 1}
        words[Word(tuple(sorted(variants - {""} or {everything[position]})))] = None
    return list(words)[:_MOST_WORDS]


def _stems(text: str, configurations: list[str]) -> dict[str, dict[int, str]]:
    """Return for each configuration the stem at each position of the text."""
    found: dict[str, dict[int, str]] = {name: {} for name in configurations}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, word.lexeme, word.positions FROM unnest(%s::text[]) AS name, "
            "unnest(to_tsvector(name::regconfig, %s)) AS word",
            [configurations, text],
        )
        for name, lexeme, positions in cursor.fetchall():
            for position in positions:
                found[name][position] = lexeme
    return found
