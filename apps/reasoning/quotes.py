"""Choose the words of a passage that an answer rests on, and where they stand on the page. Pure.

A quote is always a verbatim part of the passage's text: it is found there, never made up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.core.geometry import Box
from apps.reasoning.citations import without_markers
from apps.retrieval.passages import Passage
from apps.verification.matching import Unit, best_range, overlap, rarity, terms_of, units_of
from apps.verification.sentences import Range

_BEARS_OUT = 0.25  # share of a claim's words, by weight, below which a place in a passage is a chance meeting


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a marker points to. `found` is false when no words of the passage match, and then the boxes are all of it."""

    marker: int
    passage: Passage
    quote: str
    found: bool
    boxes: tuple[Box, ...]


def quote_from(passage: Passage, marker: int, claims: Iterable[str]) -> Quoted:
    """Return the part of a passage that best bears out one of the claims that cite it. Its boxes are those of that part and
    of what the other claims rest on, so that whichever of them is looked up, its ground is lit."""
    units = units_of(passage.text)
    places: list[tuple[float, Range]] = []
    for claim in claims:
        wanted = terms_of(without_markers(claim))
        if place := best_range(wanted, units):
            places.append((_coverage(wanted, units, place), place))
    if not places:
        return Quoted(marker, passage, "", False, passage.boxes)
    weight, (start, end) = max(places, key=lambda one: one[0])
    lit = [place for covered, place in places if covered >= min(weight, _BEARS_OUT)]
    return Quoted(marker, passage, passage.text[start:end], True, boxes_of(passage, lit))


def boxes_of(passage: Passage, ranges: Sequence[Range]) -> tuple[Box, ...]:
    """Return the boxes of the printed lines that hold the ranges; all of the passage's where lines are not known."""
    lines = tuple(
        line.box for line in passage.lines if any(line.start < end and start < line.end for start, end in ranges)
    )
    return lines or passage.boxes


def _coverage(wanted: Sequence[str], units: Sequence[Unit], place: Range) -> float:
    """Return the share of a claim's terms, by weight, that a range of the passage holds."""
    weights = rarity([unit.terms for unit in units])
    whole = sum(weights.get(term, 1.0) for term in set(wanted)) or 1.0
    inside = [unit for unit in units if place[0] <= unit.start < place[1]]
    held = Unit(*place, frozenset().union(*(unit.terms for unit in inside)))
    return overlap(wanted, held, weights) / whole
