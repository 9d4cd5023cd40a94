"""Boxes on a page: fractions of its width and height, origin top left."""

from collections.abc import Iterable, Sequence

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in 0..1."""


def union(boxes: Iterable[Sequence[float]]) -> Box:
    """Return the smallest box that holds all of `boxes`; raises ValueError for none."""
    columns = list(zip(*boxes, strict=True))
    if not columns:
        raise ValueError("no boxes")
    x0, y0, x1, y1 = columns
    return (min(x0), min(y0), max(x1), max(y1))


def rounded(box: Sequence[float]) -> Box:
    """Return the box cut to the page and rounded to a hundredth of a thousandth, which is what is stored."""
    x0, y0, x1, y1 = (round(min(max(value, 0.0), 1.0), 5) for value in box)
    return (x0, y0, x1, y1)


def overlap(one: Box, other: Box) -> bool:
    """Return whether the boxes share more than an edge: at least a fifth of the smaller one."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return False
    smaller = min((one[2] - one[0]) * (one[3] - one[1]), (other[2] - other[0]) * (other[3] - other[1]))
    return width * height > 0.2 * smaller
