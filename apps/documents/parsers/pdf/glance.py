"""A first look at a picture, a hundred times cheaper than recognition: which strokes in it look like lines of print.

Print is many upright strokes side by side in low, long rows. Photographs have strokes of all sizes, drawings few and long ones.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from apps.core.geometry import Box

DOTS = 1.4
"""Pixels a point at which pictures are looked at: letters of usual size are about ten pixels high."""

_EDGE = 48
_TALL = 26
_BETWEEN_LETTERS = 11
_LOWEST, _HIGHEST = 4, 32
_LONG = 2.2
_DENSE = 0.1
"""A step between neighbours that is an edge; the height from which a stroke is no letter; the widest gap in a line; its lowest and
greatest height; how much longer than high it is; and how much of it is edges. In pixels and shares."""

_COVERED = 0.5


class Glance(NamedTuple):
    """Lines in a picture that look like print and have no text over them: how many, about how many letters, on what share of
    the picture, and what share of all strokes are theirs."""

    lines: int
    letters: float
    share: float
    purity: float


def glance_at(grey: Any, written: Iterable[Box]) -> Glance:
    """Look at a grey picture drawn with `DOTS`, some of whose text is known and lies in the boxes given, in its pixels."""
    import cv2
    import numpy

    shades = numpy.asarray(grey).astype(numpy.int16)
    edges = (numpy.abs(numpy.diff(shades, axis=1)) > _EDGE).astype(numpy.uint8)
    strokes = edges - cv2.morphologyEx(edges, cv2.MORPH_OPEN, numpy.ones((_TALL, 1), numpy.uint8))
    rows = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, numpy.ones((1, _BETWEEN_LETTERS), numpy.uint8))
    count, labels, found, _ = cv2.connectedComponentsWithStats(rows, connectivity=8)
    inked = numpy.bincount(labels.ravel(), weights=strokes.ravel(), minlength=count)
    known = numpy.zeros_like(strokes)
    for x0, y0, x1, y1 in written:
        known[max(int(y0), 0) : max(int(y1) + 1, 0), max(int(x0), 0) : max(int(x1) + 1, 0)] = 1
    covered = numpy.bincount(labels.ravel(), weights=(strokes * known).ravel(), minlength=count)
    width, height = found[:, cv2.CC_STAT_WIDTH], found[:, cv2.CC_STAT_HEIGHT]
    print_like = (height >= _LOWEST) & (height <= _HIGHEST) & (width >= _LONG * height)
    print_like &= inked > _DENSE * width * height
    print_like[0] = False
    new = print_like & (covered < _COVERED * inked)
    other = float(inked[1:].sum() - covered[1:].sum())
    return Glance(
        lines=int(new.sum()),
        letters=float((width[new] / (0.55 * height[new])).sum()),
        share=float((width[new] * height[new]).sum()) / max(strokes.size, 1),
        purity=float(inked[new].sum()) / max(other, 1.0),
    )
