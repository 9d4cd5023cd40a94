"""Grounds: what answers a question, and where a ranking has it. Pure.

A ranking is of the finest unit that the grounds of its question name: passages where one quotes, pages where one names a page,
documents otherwise. Each counts once, at its best place.
"""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

_RUN = 3  # words
_SAME = 0.5
"""Share of the runs of words of a quote that a passage has in common with it; or of the passage's, of a quote that is longer."""

_SHORTEST = 8  # words of a passage that is held to be a part of a longer quote
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Ground:
    """A document, and a page or words of it where they are known. `grade` is what finding it is worth."""

    document: str
    page: int | None = None
    quote: str = ""
    grade: float = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a search returned."""

    document: str
    page: int | None
    text: str
    passage: str


def places(ranked: Iterable[Found], grounds: Sequence[Ground]) -> list[int | None]:
    """Return where each ground is found, from 1; None where it is not."""
    unit = _unit(grounds)
    found: list[int | None] = [None] * len(grounds)
    seen: set[Hashable] = set()
    for passage in ranked:
        key = unit(passage)
        if key in seen:
            continue
        seen.add(key)
        for number, ground in enumerate(grounds):
            if found[number] is None and is_ground(passage, ground):
                found[number] = len(seen)
                break  # one unit is found once, also where two grounds name it
    return found


def is_ground(passage: Found, ground: Ground) -> bool:
    """Return whether a passage is what a ground names."""
    if passage.document != ground.document:
        return False
    if ground.page is not None and passage.page is not None and passage.page != ground.page:
        return False
    return not ground.quote or says(passage.text, ground.quote)


def says(text: str, quote: str) -> bool:
    """Return whether a passage has the words of a quote, or enough of them in their order."""
    words, quoted = _words(text), _words(quote)
    if not quoted:
        return True
    runs, wanted = _runs(words), _runs(quoted)
    common = len(runs & wanted)
    return common >= _SAME * len(wanted) or (len(words) >= _SHORTEST and common >= _SAME * len(runs))


def _unit(grounds: Sequence[Ground]) -> Callable[["Found"], Hashable]:
    if any(ground.quote for ground in grounds):
        return lambda passage: passage.passage
    if any(ground.page is not None for ground in grounds):
        return lambda passage: (passage.document, passage.page)
    return lambda passage: passage.document


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + _RUN]) for start in range(max(len(words) - _RUN + 1, 1))}
