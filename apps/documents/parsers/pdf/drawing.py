"""The ruling lines and shaded areas of a page, from its path objects."""

import ctypes
from collections.abc import Iterable, Iterator
from typing import Any

import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.layout.drawing import Drawing
from apps.documents.parsers.pdf.display import ToDisplay
from apps.documents.parsers.pdf.objects import Drawn, moved

_MOST_SEGMENTS = 400
_THIN = 2.6
_SHORT = 4.0
"""Points: no line is thicker than the first or shorter than the second."""

_WHITE = 250
_FILLED, _STROKED = ctypes.c_int(), ctypes.c_int()
_COLOUR = tuple(ctypes.c_uint() for _ in range(4))
"""Where PDFium puts its answers: made once, since pages have thousands of paths."""


def drawing_of(drawn: Iterable[Drawn], to_display: ToDisplay, width: float, height: float) -> Drawing:
    """Return what the paths of a page draw, as displayed."""
    lines: list[Box] = []
    areas: list[Box] = []
    for path in drawn:
        if path.kind != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        for box in _pieces(path):
            x0, y0, x1, y1 = to_display.box(*box)
            x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
            thinner, longer = min(x1 - x0, y1 - y0), max(x1 - x0, y1 - y0)
            if longer < _SHORT or thinner < 0:
                continue
            (lines if thinner < _THIN else areas).append((x0, y0, x1, y1))
    return Drawing.of(lines, areas)


def _pieces(path: Drawn) -> Iterator[Box]:
    """Yield left, bottom, right, top of a filled path, or of each straight line of a stroked one."""
    pdfium.FPDFPath_GetDrawMode(path.handle, _FILLED, _STROKED)
    if _STROKED.value:
        yield from _lines(path)
    elif _FILLED.value and not _is_white(path.handle) and (bounds := path.bounds()):
        yield bounds


def _lines(path: Drawn) -> Iterator[Box]:
    """Yield the straight lines along the axes that a path strokes."""
    handle, matrix = path.handle, path.own_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = (0.0, 0.0)
    for index in range(min(pdfium.FPDFPath_CountSegments(handle), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(handle, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and _is_straight(before, point):
            yield moved((*before, *point), matrix)
        if pdfium.FPDFPathSegment_GetClose(segment) and _is_straight(point, start):
            yield moved((*point, *start), matrix)
        before = point


def _is_straight(start: tuple[float, float], end: tuple[float, float]) -> bool:
    return abs(start[0] - end[0]) < 0.5 or abs(start[1] - end[1]) < 0.5


def _is_white(path: Any) -> bool:
    if not pdfium.FPDFPageObj_GetFillColor(path, *_COLOUR):
        return False
    red, green, blue, alpha = _COLOUR
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= _WHITE
