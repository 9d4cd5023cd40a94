"""Words to pieces of lines: what stands on one baseline with no gap wider than a blank may be."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from apps.documents.layout.words import Fragment, Word, is_number, merge


@dataclass(frozen=True, slots=True)
class _Blanks:
    """How wide a blank may be, in units of type size. Between figures a gap parts columns sooner than between words."""

    words: float
    figures: float


_PRINTED = _Blanks(words=1.0, figures=0.55)
_TYPEWRITTEN = _Blanks(words=1.6, figures=1.1)
"""A blank of a typewriter is as wide as a letter, stands beside narrow letters in wide places, and often is two of them."""

_SAMPLE, _FEWEST_SAMPLED = 100, 20
_LEAST_LETTERS = 5
_EVEN = 0.12
"""How much the width of a letter may vary among the words of a typewritten page, and from how many of what length it is told."""


def fragments_of(words: Sequence[Word]) -> list[Fragment]:
    """Return the pieces of lines that the words make, in the order in which the document draws them."""
    blanks = _TYPEWRITTEN if _is_typewritten(words) else _PRINTED
    pieces: list[Fragment] = []
    current: Fragment | None = None
    for word in words:
        if current is not None:
            if word.x0 < current.x0 and _leads(current, word):
                current.right_to_left = True
            if _continues(current, word, blanks):
                current.add(word)
                continue
        current = Fragment.of([word], len(pieces))
        current.right_to_left = _is_right_to_left(word.text)
        pieces.append(current)
    return _rejoined(pieces)


def rows_of(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Return fragments grouped into printed lines from top to bottom, each in reading order."""
    rows: list[list[Fragment]] = []
    for fragment in sorted(fragments, key=lambda f: (f.baseline, f.x0)):
        if rows and _on_line(max(rows[-1], key=_size), fragment) and not _covers(rows[-1], fragment):
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    for row in rows:
        backwards = sum(f.right_to_left for f in row) > len(row) / 2
        row.sort(key=lambda f: -f.x1 if backwards else f.x0)
    return rows


def _is_typewritten(words: Sequence[Word]) -> bool:
    """Return whether all letters are of one width."""
    long = [word for word in words if len(word.text) >= _LEAST_LETTERS and word.text.isascii()]
    sample = long[:: max(1, len(long) // _SAMPLE)]
    if len(sample) < _FEWEST_SAMPLED:
        return False
    widths = sorted((word.x1 - word.x0) / (len(word.text) * word.size) for word in sample)
    narrow, usual, wide = (widths[len(widths) * tenths // 10] for tenths in (1, 5, 9))
    return wide - narrow < _EVEN * usual


def _continues(line: Fragment, word: Word, blanks: _Blanks) -> bool:
    last = line.words[-1]
    if not _near_baseline(line, word):
        return False
    gap = line.x0 - word.x1 if line.right_to_left and word.x0 < last.x0 else word.x0 - last.x1
    in_figures = is_number(last.text) and is_number(word.text)
    widest = blanks.figures if in_figures else blanks.words
    return -0.5 * last.size < gap < widest * min(last.size, word.size)


def _leads(figures: Fragment, word: Word) -> bool:
    """Return whether figures, which have no direction, begin a line that runs to the left with this word."""
    if figures.right_to_left or not _is_right_to_left(word.text):
        return False
    has_letters = any(letter.isalpha() for before in figures.words for letter in before.text)
    return not has_letters and figures.x0 - word.x1 < word.size and _near_baseline(figures, word)


def _near_baseline(line: Fragment, word: Word) -> bool:
    """On the line, or raised or lowered beside it in smaller type, as the number of a footnote is."""
    offset = abs(word.baseline - line.baseline)
    if offset <= 0.2 * max(line.size, word.size):
        return True
    smaller, larger = sorted((word.size, line.size))
    return smaller < 0.85 * larger and offset < 0.6 * larger and word.y1 > line.y0 and word.y0 < line.y1


def _size(fragment: Fragment) -> float:
    return fragment.size


def _on_line(first: Fragment, other: Fragment) -> bool:
    if abs(first.baseline - other.baseline) <= 0.35 * min(first.size, other.size):
        return True
    if min(first.size, other.size) > 0.85 * max(first.size, other.size):
        return False
    shared = min(first.y1, other.y1) - max(first.y0, other.y0)
    return shared >= 0.6 * min(first.y1 - first.y0, other.y1 - other.y0)


def _covers(row: Sequence[Fragment], fragment: Fragment) -> bool:
    """Two texts in one place do not stand beside each other."""
    width = fragment.x1 - fragment.x0
    return any(min(f.x1, fragment.x1) - max(f.x0, fragment.x0) > 0.5 * min(width, f.x1 - f.x0) for f in row)


def _rejoined(pieces: list[Fragment]) -> list[Fragment]:
    """Join pieces that touch on one line although the document draws them apart."""
    result: list[Fragment] = []
    for row in rows_of(pieces):
        group = [row[0]]
        for piece in row[1:]:
            if _touch(group[-1], piece):
                group.append(piece)
            else:
                result.append(_one(group))
                group = [piece]
        result.append(_one(group))
    return sorted(result, key=lambda piece: piece.order)


def _touch(left: Fragment, right: Fragment) -> bool:
    if left.right_to_left != right.right_to_left:
        return False
    gap = left.x0 - right.x1 if left.right_to_left else right.x0 - left.x1
    return -0.5 * left.size < gap < 0.35 * min(left.size, right.size)


def _one(group: list[Fragment]) -> Fragment:
    if len(group) == 1:
        return group[0]
    joined = merge(group)
    joined.right_to_left = group[0].right_to_left
    return joined


def _is_right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
