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
_MOST_TRIED = 6
_FEWEST_WORDS = 4
_LINE_PITCH = 2.0
_LEAST_RUNNING = 0.4
"""What makes running text of lines: words in each, distance in units of type size, and their share of the column's letters."""

_WHITE = 1.6
"""In units of type size: white across the whole width that parts a page from top to bottom."""


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
    """Return places across the page that few pieces cover, between places that many do; the emptiest first."""
    left, right = min(f.x0 for f in fragments), max(f.x1 for f in fragments)
    step = max(median(f.size for f in fragments) / 3, (right - left) / 500)
    count = int((right - left) / step) + 1
    covered = [0] * (count + 1)
    for fragment in fragments:
        for index in range(int((fragment.x0 - left) / step), int((fragment.x1 - left) / step) + 1):
            covered[index] += 1
    low = 0.35 * max(covered)
    found: list[tuple[int, int, float]] = []
    start = None
    for index in range(1, count):
        if covered[index] <= low:
            start = index if start is None else start
        elif start is not None:
            least = min(covered[start:index])
            emptiest = [i for i in range(start, index) if covered[i] == least]
            found.append((least, -len(emptiest), left + (emptiest[len(emptiest) // 2] + 0.5) * step))
            start = None
    return [x for _, _, x in sorted(found)[:_MOST_TRIED] if left < x]


def _bands(fragments: Sequence[Fragment], x: float, drawn_in_order: bool) -> list[_Band]:
    """Cut the page where pieces cross the gutter or all is white, and decide for each band whether it is two columns."""
    bands: list[_Band] = []
    bottom = 0.0
    ordered = sorted(fragments, key=lambda f: f.y0)
    for fragment, crosses in zip(ordered, _crossing(ordered, x), strict=True):
        apart = fragment.y0 - bottom > _WHITE * fragment.size
        if not bands or apart or crosses == bands[-1].split:
            bands.append(_Band([], split=not crosses))
        bands[-1].fragments.append(fragment)
        bottom = max(bottom, fragment.y1) if not apart else fragment.y1
    free = [band.split for band in bands]
    for band in bands:
        band.split = band.split and _is_two_columns(band.fragments, x, drawn_in_order)
    for index, band in enumerate(bands):
        beside = bands[max(index - 1, 0)].split or bands[min(index + 1, len(bands) - 1)].split
        if free[index] and not band.split and beside and _is_rest(band.fragments, x):
            band.split = True
    return _joined(bands, x, drawn_in_order)


def _crossing(ordered: Sequence[Fragment], x: float) -> list[bool]:
    """Say of each line from the top whether it crosses the gutter, or is the short end of a paragraph that does."""
    crossing = [f.x0 < x < f.x1 for f in ordered]
    ends = [False] * len(ordered)
    for index in range(1, len(ordered)):
        above, line = ordered[index - 1], ordered[index]
        alone = index + 1 == len(ordered) or ordered[index + 1].y0 >= line.baseline
        if crossing[index - 1] and line.x1 <= x and alone:
            ends[index] = (
                0.9 < line.size / above.size < 1.1
                and 0 < line.baseline - above.baseline < _LINE_PITCH * line.size
                and -0.3 * line.size < above.x0 - line.x0 < 3 * line.size
            )
    return [crosses or end for crosses, end in zip(crossing, ends, strict=True)]


def _joined(bands: Sequence[_Band], x: float, drawn_in_order: bool) -> list[_Band]:
    """Put neighbouring bands of one kind together, but not those that the document draws one after the other, as a grid."""
    result: list[_Band] = []
    for band in bands:
        if result and result[-1].split == band.split:
            grid = band.split and drawn_in_order and _are_rows(result[-1].fragments, band.fragments, x)
            if not grid:
                result[-1].fragments += band.fragments
                continue
        result.append(band)
    return result


def _are_rows(above: Sequence[Fragment], below: Sequence[Fragment], x: float) -> bool:
    """Both have a left and a right part, and both parts of the first are drawn before those of the second."""
    both_sides = all(len({f.x1 <= x for f in fragments}) == 2 for fragments in (above, below))
    return both_sides and max(f.order for f in above) < min(f.order for f in below)


def _is_rest(fragments: Sequence[Fragment], x: float) -> bool:
    """A few lines of one column, or the last ones of both: too few to tell alone."""
    left = [f for f in fragments if f.x1 <= x]
    if not left or len(left) == len(fragments):
        return not any(f.is_number for f in fragments)
    return len(fragments) < 2 * _FEWEST_LINES and sum(len(f.words) for f in fragments) > 3 * len(fragments)


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
    """Lines that fill the column, or a paragraph of such lines among headings and the rows of small charts or tables."""
    if len(fragments) < _FEWEST_LINES:
        return False
    width = max(f.x1 for f in fragments) - min(f.x0 for f in fragments)
    figures = sum(f.is_number for f in fragments)
    fills = median(f.x1 - f.x0 for f in fragments) > 0.5 * width
    if fills and figures < 0.3 * len(fragments) and _letters(fragments) > 10 * len(fragments):
        return True
    running = _running_text(fragments, width)
    return len(running) >= _FEWEST_LINES and _letters(running) > _LEAST_RUNNING * _letters(fragments)


def _running_text(fragments: Sequence[Fragment], width: float) -> list[Fragment]:
    """Return the lines of several words over more than half of the column that follow another such line closely."""
    lines = sorted(fragments, key=lambda f: f.y0)
    long = [len(f.words) >= _FEWEST_WORDS and f.x1 - f.x0 > 0.5 * width for f in lines]
    following = [
        long[i] and long[i + 1] and lines[i + 1].baseline - lines[i].baseline < _LINE_PITCH * lines[i].size
        for i in range(len(lines) - 1)
    ]
    return [
        line
        for line, before, after in zip(lines, [False, *following], [*following, False], strict=True)
        if before or after
    ]


def _letters(fragments: Sequence[Fragment]) -> int:
    return sum(len(word.text) for f in fragments for word in f.words)


def _top(fragments: Sequence[Fragment]) -> float:
    return min(f.y0 for f in fragments)


def _bottom(fragments: Sequence[Fragment]) -> float:
    return max(f.y1 for f in fragments)


def _mostly_right_to_left(fragments: Sequence[Fragment]) -> bool:
    return sum(f.right_to_left for f in fragments) > len(fragments) / 2
