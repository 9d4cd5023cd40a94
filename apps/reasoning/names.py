"""Names in a text: runs of words that begin with a capital, as titles, people, companies and places are written. Pure.

Scripts without capitals have none here, but for what stands in quotation marks or brackets of titles.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apps.retrieval.analysis import stop_words_of

_WORD = re.compile(r"[^\W_]{1,3}\.(?=[\s,;)]|$)|[^\W_](?:[^\s,;:!?()\[\]\"“”„»«《》「」『』/|]*[^\W_])?(?=[^\w]|$)")
_BETWEEN = {
    *("of", "the", "de", "du", "des", "la", "le", "les", "del", "di", "da", "dos", "von", "van", "der", "den", "und"),
    *("y", "&", "mac", "al", "el", "zu", "zur", "für", "d", "l", "bin", "ibn"),
}  # fmt: skip
_QUOTED = re.compile(r"[\"“„«《「『]([^\"”“»》」』\n]{2,60})[\"”“»》」』]")
_GAP = re.compile(r"\s+|\s*[-–]\s*")
_LONGEST = 8
_MONTHS = {
    "jan",
    "feb",
    "mar",
    "mär",
    "apr",
    "may",
    "mai",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "okt",
    "nov",
    "dec",
    "dez",
}
_EVERYWHERE = ("en", "de", "fr", "es")


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its half-open range in the text."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> int:
        return len(self.text.split())


def names_in(text: str) -> list[Name]:
    """Return the names of a text in the order in which they stand in it."""
    quoted = (match for match in _QUOTED.finditer(text) if not match[1][0].islower())
    found = [Name(match[1], match.start(1), match.end(1)) for match in quoted]
    runs = [name for name in _runs(text) if not any(other.start <= name.start < other.end for other in found)]
    return sorted([*found, *runs], key=lambda name: name.start)


def _runs(text: str) -> Iterator[Name]:
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        joined = bool(run) and _GAP.fullmatch(text, run[-1].end(), word.start()) is not None
        if joined and (is_capital(word[0]) or word[0] in _BETWEEN or (word[0].isdigit() and len(word[0]) < 4)):
            run.append(word)
            continue
        yield from _closed(run, text)
        run = [word] if is_capital(word[0]) else []
    yield from _closed(run, text)


def _closed(run: list[re.Match[str]], text: str) -> Iterator[Name]:
    """Yield the name that a run is, without what only stands between names and what only begins a sentence."""
    while run and run[-1][0] in _BETWEEN:
        run = run[:-1]
    while run and is_little(run[0][0]):
        run = run[1:]
    if run and len(run) <= _LONGEST and not _is_date(run):
        end = run[-1].end() - run[-1][0].endswith(".")
        yield Name(text[run[0].start() : end], run[0].start(), end)


def _is_date(run: list[re.Match[str]]) -> bool:
    return all(word[0].isdigit() or word[0].lower()[:3] in _MONTHS for word in run)


def may_stand_between(word: str) -> bool:
    """Return whether a small word stands within names, such as the `of` of `Earl of Portsmouth`."""
    return word in _BETWEEN


def is_capital(word: str) -> bool:
    """Return whether a word begins with a capital."""
    return word[0].isupper() or word[0].istitle()


def is_little(word: str) -> bool:
    """Return whether a word stands at the beginning of sentences more than of names."""
    small = word.lower().rstrip(".!?")
    return not word.isupper() and any(small in stop_words_of(language) for language in _EVERYWHERE)
