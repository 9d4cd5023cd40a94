"""Columns of running text, told from the columns of tables.

Both have white from top to bottom between them. What tells them apart: text fills its column with lines, few of them figures,
and a document draws one column of text after the other, but a table row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from apps.documents.layout.words import Fragment

_FEWEST_LINES = 4
_DEEPEST = 6


def regions_of(fragments: Sequence[Fragment], *, drawn_in_order: bool, depth: int = 0) -> list[list[Fragment]]:
    """Return the parts of the page that are read one after the other, each one column wide."""
    found = _best_gutter(fragments, drawn_in_order) if depth < _DEEPEST else None
    if found is None:
        return [list(fragments)] if fragments else []
    regions: list[list[Fragment]] = []
    for band in found.bands:
        if band.split:
            left = [f for f in band.fragments if f.x1 <= found.x]
            right = [f for f in band.fragments if f.x0 >= found.x]
            first, second = (right, left) if _mostly_right_to_left(band.fragments) else (left, right)
            regions += regions_of(first, drawn_in_order=drawn_in_order, depth=depth + 1)
            regions += regions_of(second, drawn_in_order=drawn_in_order, depth=depth + 1)
        else:
            regions += regions_of(band.fragments, drawn_in_order=drawn_in_order, depth=depth + 1)
    return regions


@dataclass(slots=True)
class _Band:
    """A stretch of the page from top to bottom, and whether the gutter splits it."""

    fragments: list[Fragment]
    split: bool = False


@dataclass(frozen=True, slots=True)
class _Gutter:
    x: float
    bands: list[_Band]
    gain: int


def _best_gutter(fragments: Sequence[Fragment], drawn_in_order: bool) -> _Gutter | None:
    if len(fragments) < 2 * _FEWEST_LINES:
        return None
    best: _Gutter | None = None
    for x in _white_lines(fragments):
        bands = _bands(fragments, x, drawn_in_order)
        gain = sum(len(band.fragments) for band in bands if band.split)
        if gain and (best is None or gain > best.gain):
            best = _Gutter(x, bands, gain)
    return best


def _white_lines(fragments: Sequence[Fragment]) -> list[float]:
    """Return places where few pieces cross: the middles of the gaps between all pieces but the widest."""
    left, right = min(f.x0 for f in fragments), max(f.x1 for f in fragments)
    size = median(f.size for f in fragments)
    spans = sorted((f.x0, f.x1) for f in fragments if f.x1 - f.x0 < 0.6 * (right - left))
    gaps, reach = [], left
    for x0, x1 in spans:
        if x0 - reach > 0.8 * size and reach > left:
            gaps.append((x0 - reach, (x0 + reach) / 2))
        reach = max(reach, x1)
    return [x for _, x in sorted(gaps, reverse=True)[:6]]


def _bands(fragments: Sequence[Fragment], x: float, drawn_in_order: bool) -> list[_Band]:
    """Cut the page where pieces cross the gutter, and decide for each band between whether it holds two columns."""
    bands: list[_Band] = []
    for fragment in sorted(fragments, key=lambda f: f.baseline):
        crosses = fragment.x0 < x < fragment.x1
        if not bands or crosses != (not bands[-1].split):
            bands.append(_Band([], split=not crosses))
        bands[-1].fragments.append(fragment)
    merged: list[_Band] = []
    for band in bands:
        band.split = band.split and _is_two_columns(band.fragments, x, drawn_in_order)
        if merged and not band.split and not merged[-1].split:
            merged[-1].fragments += band.fragments
        else:
            merged.append(band)
    return merged


def _is_two_columns(fragments: Sequence[Fragment], x: float, drawn_in_order: bool) -> bool:
    left, right = [f for f in fragments if f.x1 <= x], [f for f in fragments if f.x0 >= x]
    if not (_is_prose(left) and _is_prose(right)):
        return False
    top, bottom = max(_top(left), _top(right)), min(_bottom(left), _bottom(right))
    height = min(_bottom(left) - _top(left), _bottom(right) - _top(right))
    if bottom - top < 0.5 * height:
        return False
    if not drawn_in_order:
        return True
    sides = [f.x1 <= x for f in sorted(fragments, key=lambda f: f.order)]
    changes = sum(a != b for a, b in pairwise(sides))
    return changes <= max(2, 0.4 * min(len(left), len(right)))


def _is_prose(fragments: Sequence[Fragment]) -> bool:
    if len(fragments) < _FEWEST_LINES:
        return False
    width = max(f.x1 for f in fragments) - min(f.x0 for f in fragments)
    figures = sum(f.is_number for f in fragments)
    letters = sum(len(word.text) for f in fragments for word in f.words)
    return (
        median(f.x1 - f.x0 for f in fragments) > 0.5 * width
        and figures < 0.3 * len(fragments)
        and letters > 10 * len(fragments)
    )


def _top(fragments: Sequence[Fragment]) -> float:
    return min(f.y0 for f in fragments)


def _bottom(fragments: Sequence[Fragment]) -> float:
    return max(f.y1 for f in fragments)


def _mostly_right_to_left(fragments: Sequence[Fragment]) -> bool:
    return sum(f.right_to_left for f in fragments) > len(fragments) / 2
