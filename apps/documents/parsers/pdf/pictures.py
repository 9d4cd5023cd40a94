"""Where the pictures of a page lie, those that belong together as one: a scanner may save a page in strips or in layers."""

import ctypes
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pypdfium2.raw as pdfium

from apps.core.geometry import Box, union
from apps.documents.parsers.pdf.display import ToDisplay
from apps.documents.parsers.pdf.objects import Drawn

_MOST_PICTURES = 400
_TOUCH = 1.5
"""Points: pictures this near to each other are parts of one."""

_WIDTH, _HEIGHT = ctypes.c_uint(), ctypes.c_uint()


class Picture(NamedTuple):
    """A place on the page as displayed, in points, and how many pixels the file has for it."""

    box: Box
    pixels: int

    @property
    def area(self) -> float:
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)


def pictures_of(drawn: Iterable[Drawn], to_display: ToDisplay, width: float, height: float) -> list[Picture]:
    """Return the pictures of a page from the largest, without what lies outside of it."""
    found: list[Picture] = []
    for item in drawn:
        bounds = item.bounds() if item.kind == pdfium.FPDF_PAGEOBJ_IMAGE else None
        if bounds is None:
            continue
        x0, y0, x1, y1 = to_display.box(*bounds)
        x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height)
        if x0 < x1 and y0 < y1:
            pdfium.FPDFImageObj_GetImagePixelSize(item.handle, _WIDTH, _HEIGHT)
            found.append(Picture((x0, y0, x1, y1), _WIDTH.value * _HEIGHT.value))
        if len(found) == _MOST_PICTURES:
            break
    return sorted(_joined(found), key=lambda picture: -picture.area)


def _joined(pictures: Sequence[Picture]) -> list[Picture]:
    """Put pictures together that touch, until none does."""
    apart: list[Picture] = []
    for picture in pictures:
        joined = picture
        while touching := [other for other in apart if _touch(joined.box, other.box)]:
            apart = [other for other in apart if other not in touching]
            boxes = (joined.box, *(other.box for other in touching))
            joined = Picture(union(boxes), joined.pixels + sum(other.pixels for other in touching))
        apart.append(joined)
    return apart


def _touch(first: Box, second: Box) -> bool:
    return (
        first[0] - _TOUCH <= second[2]
        and second[0] - _TOUCH <= first[2]
        and first[1] - _TOUCH <= second[3]
        and second[1] - _TOUCH <= first[3]
    )
