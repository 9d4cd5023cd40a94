"""Passages read once for all the claims of an answer: their sentences and rows, their terms, and how much each term tells. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from apps.verification.matching import Unit, rarity, terms_of, units_of
from apps.verification.sentences import Range
from apps.verification.tokens import Token

_LONGEST = 60_000  # characters of a passage that are read; no passage that is indexed is as long
_RUN = 3  # neighbouring units on which one claim may rest


class Readable(Protocol):
    """What is read of a passage; `retrieval.passages.Passage` is one."""

    @property
    def text(self) -> str: ...

    @property
    def heading(self) -> str: ...

    @property
    def document_title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A passage as read: `over` are the terms of its title and headings, which hold for all of it."""

    text: str
    units: tuple[Unit, ...]
    terms: frozenset[str]
    over: frozenset[str]
    context: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a passage most of a claim stands: a half-open range of its text, and the terms there."""

    marker: int
    start: int
    end: int
    terms: frozenset[str]
    coverage: float


class Sources:
    """The passages of an answer by their markers."""

    def __init__(self, passages: Mapping[int, Readable]) -> None:
        self.by_marker = {marker: source_of(passage) for marker, passage in passages.items()}
        units = [unit.terms for source in self.by_marker.values() for unit in source.units]
        self._weights = rarity(units)
        self._unseen = math.log(1 + (len(units) + 0.5) / 0.5)

    def weight(self, term: str) -> float:
        """Return how much a term tells; what stands in no passage tells most."""
        return self._weights.get(term, self._unseen)

    def weigh(self, tokens: Iterable[Token]) -> dict[str, float]:
        """Return the weight of each term of a claim."""
        return {term: self.weight(term) for token in tokens for term in token.terms}

    def place(self, wanted: Mapping[str, float], marker: int, *, longest: int = _RUN) -> Place | None:
        """Return the run of up to `longest` units of a passage that covers most of what is wanted, as short as it can be.

        None where it holds nothing of it.
        """
        source = self.by_marker[marker]
        total = sum(wanted.values()) or 1.0
        own = [unit.terms & wanted.keys() for unit in source.units]
        best: tuple[float, int, int] | None = None
        for first in range(len(own)):
            held: frozenset[str] = frozenset()
            for last in range(first, min(first + longest, len(own))):
                if not own[last] - held and last > first:
                    continue
                held |= own[last]
                weight = sum(wanted[term] for term in held)
                if weight > 0 and (best is None or weight > best[0] + 1e-9):
                    best = (weight, first, last)
        if best is None:
            return None
        _, first, last = best
        terms = frozenset().union(*(unit.terms for unit in source.units[first : last + 1]))
        held = (terms | source.over) & wanted.keys()
        return Place(
            marker,
            source.units[first].start,
            source.units[last].end,
            terms,
            sum(wanted[term] for term in held) / total,
        )

    def places(self, wanted: Mapping[str, float], markers: Iterable[int], *, longest: int = _RUN) -> list[Place]:
        """Return the best place in each passage, the best first."""
        found = [self.place(wanted, marker, longest=longest) for marker in markers if marker in self.by_marker]
        return sorted((place for place in found if place), key=lambda place: (-place.coverage, place.marker))

    def words_at(self, place: Place) -> str:
        return self.by_marker[place.marker].text[place.start : place.end]


def source_of(passage: Readable) -> Source:
    """Return a passage as read."""
    return _source(passage.text, f"{passage.document_title}\n{passage.heading}".strip())


@lru_cache(maxsize=512)
def _source(text: str, context: str) -> Source:
    units = tuple(units_of(text[:_LONGEST])) if text.strip() else ()
    terms = frozenset().union(*(unit.terms for unit in units)) if units else frozenset()
    return Source(text, units, terms, frozenset(terms_of(context)), context)


def joined(ranges: Iterable[Range], text: str) -> tuple[Range, ...]:
    """Return ranges in order, with those put together between which stand no words."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and not any(char.isalnum() for char in text[merged[-1][1] : start]):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def texts_of(sources: Sources, places: Sequence[Place]) -> list[str]:
    """Return what stands at each of the places."""
    return [sources.words_at(place) for place in places]
