"""Where a part of a printed line stands, told from the usual widths of its letters."""

import unicodedata
from functools import cache

from apps.core.geometry import Box, rounded

_WIDTHS = {
    0.28: "iljtf.,;:'|!I ",
    0.33: '()[]{}-/r"`°*',
    0.72: "ABCDEFGHKNOPQRSTUVXYZw&",
    0.9: "mMW%@—…",
}
_USUAL, _FAR_EAST = 0.53, 1.0
"""In units of type size, as in the common typefaces with proportional letters."""

_BY_LETTER = {letter: width for width, letters in _WIDTHS.items() for letter in letters}


def part_of_line(box: Box, text: str, start: int, end: int) -> Box:
    """Return the box of `text[start:end]` in a line with this box; text that stands upright in it is not cut."""
    x0, y0, x1, y1 = box
    if (start, end) == (0, len(text)) or x1 - x0 < 2 * (y1 - y0):
        return box
    widths = [_width(letter) for letter in text]
    whole = sum(widths)
    left, right = sum(widths[:start]) / whole, sum(widths[:end]) / whole
    if _runs_left(text):
        left, right = 1 - right, 1 - left
    return rounded((x0 + left * (x1 - x0), y0, x0 + right * (x1 - x0), y1))


@cache
def _width(letter: str) -> float:
    known = _BY_LETTER.get(letter)
    if known is not None:
        return known
    return _FAR_EAST if unicodedata.east_asian_width(letter) in "WF" else _USUAL


def _runs_left(text: str) -> bool:
    directions = [unicodedata.bidirectional(letter) for letter in text]
    return sum(direction in ("R", "AL") for direction in directions) > directions.count("L")
