"""Which words of a passage a question asked for, and the stretch of it that holds most of them.

Words are compared as the search compares them: by their terms in the passage's own language, so that “covenants” lights
“covenant”. What comes out is text in parts; markup is the template's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from apps.retrieval.analysis import question_words, terms_of

LENGTH = 340  # characters of an excerpt, about four lines
_LEAD = 60  # characters before the first lit word

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff"
_LETTER = f"(?:[^\\W_{_UNSPACED}]|[{_MARKS}])"
_RUN = re.compile(f"(?P<unspaced>[{_UNSPACED}]+)|{_LETTER}+(?:[-\u2010\u2011.,'’/@&+:(]{_LETTER}+)*")
_BREAK = re.compile(r"(?<=[.!?;:])\s+|\n+")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a passage in parts, each lit or not; whether text goes before and after it; the lit words, each once."""

    parts: tuple[tuple[str, bool], ...]
    cut_before: bool
    cut_after: bool
    words: tuple[str, ...]


def excerpt_of(text: str, question: str, language: str) -> Excerpt:
    """Return the part of `text` that holds most of the question's words; its beginning where it holds none."""
    lit = _lit_ranges(text, question, language)
    start, end = _stretch(text, lit)
    words = {text[a:b].casefold(): text[a:b] for a, b in lit}
    return Excerpt(tuple(_parts(text, start, end, lit)), start > 0, end < len(text), tuple(words.values()))


def _lit_ranges(text: str, question: str, language: str) -> list[Range]:
    asked = _asked(question, language)
    found: list[Range] = []
    for run in _RUN.finditer(text):
        if run["unspaced"]:
            found.extend(_joined(_occurrences(run[0], asked, run.start())))
        elif asked & _terms(run[0], language):
            found.append(run.span())
    return found


@lru_cache(maxsize=256)
def _asked(question: str, language: str) -> frozenset[str]:
    return frozenset(term for word in question_words(question, [language]) for term in word.terms)


@lru_cache(maxsize=50_000)
def _terms(word: str, language: str) -> frozenset[str]:
    return frozenset(terms_of(word, language))


def _occurrences(run: str, asked: Iterable[str], offset: int) -> list[Range]:
    """Return where terms stand in a run of a script that has no blanks between words."""
    return sorted(
        (offset + at, offset + at + len(term))
        for term in asked
        for at in range(len(run) - len(term) + 1)
        if run.startswith(term, at)
    )


def _joined(ranges: Iterable[Range]) -> list[Range]:
    joined: list[Range] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _stretch(text: str, lit: Sequence[Range]) -> Range:
    """Return the stretch to show: that with the most different lit words in it, beginning with a sentence where one is near."""
    if len(text) <= LENGTH:
        return 0, len(text)
    best, most = 0, 0
    for start, _ in lit:
        within = {text[a:b].casefold() for a, b in lit if start <= a and b <= start + LENGTH - _LEAD}
        if len(within) > most:
            best, most = start, len(within)
    start = _beginning(text, best)
    return start, _ending(text, start + LENGTH)


def _beginning(text: str, first: int) -> int:
    """Return where to begin so that `first` is shown: at a sentence, else at a word."""
    least = max(first - _LEAD, 0)
    if least == 0:
        return 0
    breaks = [one.end() for one in _BREAK.finditer(text, least, first)]
    return breaks[0] if breaks else _next_blank(text, least, first)


def _next_blank(text: str, least: int, first: int) -> int:
    blank = text.find(" ", least, first)
    return blank + 1 if blank >= 0 else least


def _ending(text: str, most: int) -> int:
    if most >= len(text):
        return len(text)
    blank = text.rfind(" ", most - 30, most)
    return blank if blank >= 0 else most


def _parts(text: str, start: int, end: int, lit: Sequence[Range]) -> Iterable[tuple[str, bool]]:
    position = start
    for a, b in lit:
        if a < start or b > end:
            continue
        if a > position:
            yield text[position:a], False
        yield text[a:b], True
        position = b
    if position < end:
        yield text[position:end], False
