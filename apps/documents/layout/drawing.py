"""What is drawn on a page besides its text: ruling lines and shaded areas, which tell the rows and columns of tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from apps.core.geometry import Box
from apps.documents.layout.words import Frame

_TOUCH = 2.5
_LEVEL = 1.2
"""Points: pieces of a line no further apart along it and across it are one line."""


class Rule(NamedTuple):
    """A straight line along an axis: `at` across it, `start` to `end` along it."""

    at: float
    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines and shaded areas of a page, in points, in the frame of the text that they go with."""

    horizontals: tuple[Rule, ...] = ()
    verticals: tuple[Rule, ...] = ()
    areas: tuple[Box, ...] = ()

    @classmethod
    def of(cls, boxes: Iterable[Box], areas: Iterable[Box]) -> "Drawing":
        """Return the drawing made of boxes that are thin in one direction at least, and of areas."""
        horizontals: list[Rule] = []
        verticals: list[Rule] = []
        for x0, y0, x1, y1 in boxes:
            if x1 - x0 >= y1 - y0:
                horizontals.append(Rule((y0 + y1) / 2, x0, x1))
            else:
                verticals.append(Rule((x0 + x1) / 2, y0, y1))
        return cls(_joined(horizontals), _joined(verticals), _bands(areas))

    def within(self, frame: Frame, width: float, height: float) -> "Drawing":
        """Return the drawing of an upright page as it is in a frame."""
        if frame in (Frame.UPRIGHT, Frame.SLANTING):
            return self
        across = [(rule.start, rule.at, rule.end, rule.at) for rule in self.horizontals]
        down = [(rule.at, rule.start, rule.at, rule.end) for rule in self.verticals]
        return Drawing.of(
            (frame.enter(box, width, height) for box in (*across, *down)),
            (frame.enter(area, width, height) for area in self.areas),
        )

    def below(self, box: Box, reach: float) -> Rule | None:
        """Return the line that underlines a text: the nearest one no further than `reach` under it, in one piece or several."""
        x0, y0, x1, y1 = box
        near = [
            rule
            for rule in self.horizontals
            if (y0 + y1) / 2 < rule.at < y1 + reach and rule.start < x1 and x0 < rule.end
        ]
        if not near:
            return None
        at = min(rule.at for rule in near)
        pieces = [rule for rule in near if rule.at - at < _LEVEL]
        if sum(min(rule.end, x1) - max(rule.start, x0) for rule in pieces) < 0.6 * (x1 - x0):
            return None
        return Rule(at, min(rule.start for rule in pieces), max(rule.end for rule in pieces))

    def bands(self, left: float, right: float) -> list[tuple[float, float]]:
        """Return top and bottom of the shaded areas that reach over most of `left..right`, from the top."""
        width = right - left
        return sorted({(y0, y1) for x0, y0, x1, y1 in self.areas if min(x1, right) - max(x0, left) > 0.8 * width})

    def parts(self, top: float, bottom: float, left: float, right: float) -> bool:
        """Return whether a line or the edge of a shaded area crosses most of `left..right` between two heights."""
        if any(top < edge < bottom for band in self.bands(left, right) for edge in band):
            return True
        covered = [min(rule.end, right) - max(rule.start, left) for rule in self.horizontals if top < rule.at < bottom]
        return sum(length for length in covered if length > 0) > 0.8 * (right - left)


NOTHING_DRAWN = Drawing()


def _joined(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Put pieces of one line together, which are drawn a little higher or lower and in any order."""
    result: list[Rule] = []
    level: list[Rule] = []
    for rule in sorted(rules):
        if level and rule.at - level[0].at > _LEVEL:
            result += _connected(level)
            level = []
        level.append(rule)
    return (*result, *_connected(level))


def _connected(level: Sequence[Rule]) -> list[Rule]:
    result: list[Rule] = []
    for rule in sorted(level, key=lambda rule: rule.start):
        if result and rule.start < result[-1].end + _TOUCH:
            before = result[-1]
            result[-1] = Rule(before.at, before.start, max(before.end, rule.end))
        else:
            result.append(rule)
    return result


def _bands(areas: Iterable[Box]) -> tuple[Box, ...]:
    """Put shaded areas of one height that stand beside each other together: cells are often shaded one by one."""
    result: list[Box] = []
    for x0, y0, x1, y1 in sorted(areas, key=lambda area: (round(area[1]), round(area[3]), area[0])):
        if result:
            left, top, right, bottom = result[-1]
            if abs(top - y0) < 1.0 and abs(bottom - y1) < 1.0 and x0 < right + _TOUCH:
                result[-1] = (left, top, max(right, x1), bottom)
                continue
        result.append((x0, y0, x1, y1))
    return tuple(result)
