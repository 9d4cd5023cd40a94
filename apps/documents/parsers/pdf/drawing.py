"""The ruling lines and shaded areas of a page, from its path objects."""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.layout.drawing import Drawing
from apps.documents.parsers.pdf import native
from apps.documents.parsers.pdf.display import ToDisplay

_MOST_OBJECTS = 50_000
_MOST_PATHS = 4_000
_MOST_SEGMENTS = 400
_DEEPEST = 3
_THIN = 2.6
_SHORT = 4.0
"""Points: no line is thicker than the first or shorter than the second."""

_WHITE = 250
Matrix = tuple[float, float, float, float, float, float]
_FILLED, _STROKED = ctypes.c_int(), ctypes.c_int()
_BOUNDS = tuple(ctypes.c_float() for _ in range(4))
_COLOUR = tuple(ctypes.c_uint() for _ in range(4))
"""Where PDFium puts its answers: made once, since pages have thousands of paths."""

_AS_IS: Matrix = (1, 0, 0, 1, 0, 0)


def drawing_of(page: Any, to_display: ToDisplay, width: float, height: float) -> Drawing:
    """Return what the paths of a page draw, as displayed."""
    lines: list[Box] = []
    areas: list[Box] = []
    for handle, matrix in _paths(page):
        for box in _pieces(handle, matrix):
            x0, y0, x1, y1 = to_display.box(*box)
            x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
            thinner, longer = min(x1 - x0, y1 - y0), max(x1 - x0, y1 - y0)
            if longer < _SHORT or thinner < 0:
                continue
            (lines if thinner < _THIN else areas).append((x0, y0, x1, y1))
    return Drawing.of(lines, areas)


def _paths(page: Any) -> Iterator[tuple[Any, Matrix]]:
    """Yield the visible paths of a page with what leads from their coordinates to the page's."""
    at, kind_of, paths = native.address(page), native.object_kind, 0
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        item = native.page_object(at, index)
        kind = kind_of(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT or kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        for found in _within(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT), kind, _AS_IS, 0):
            paths += 1
            if paths > _MOST_PATHS:
                return
            yield found


def _within(item: Any, kind: int, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        yield item, matrix
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        inner = _times(_matrix(item), matrix)
        for index in range(min(pdfium.FPDFFormObj_CountObjects(item), _MOST_PATHS)):
            child = pdfium.FPDFFormObj_GetObject(item, index)
            yield from _within(child, pdfium.FPDFPageObj_GetType(child), inner, depth + 1)


def _pieces(path: Any, matrix: Matrix) -> Iterator[Box]:
    """Yield left, bottom, right, top of a filled path, or of each straight line of a stroked one."""
    pdfium.FPDFPath_GetDrawMode(path, _FILLED, _STROKED)
    if _STROKED.value:
        yield from _lines(path, _times(_matrix(path), matrix))
    elif _FILLED.value and not _is_white(path) and pdfium.FPDFPageObj_GetBounds(path, *_BOUNDS):
        left, bottom, right, top = (bound.value for bound in _BOUNDS)
        yield _moved((left, bottom, right, top), matrix) if matrix is not _AS_IS else (left, bottom, right, top)


def _lines(path: Any, matrix: Matrix) -> Iterator[Box]:
    """Yield the straight lines along the axes that a path strokes."""
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = (0.0, 0.0)
    for index in range(min(pdfium.FPDFPath_CountSegments(path), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and _is_straight(before, point):
            yield _moved((*before, *point), matrix)
        if pdfium.FPDFPathSegment_GetClose(segment) and _is_straight(point, start):
            yield _moved((*point, *start), matrix)
        before = point


def _is_straight(start: tuple[float, float], end: tuple[float, float]) -> bool:
    return abs(start[0] - end[0]) < 0.5 or abs(start[1] - end[1]) < 0.5


def _is_white(path: Any) -> bool:
    if not pdfium.FPDFPageObj_GetFillColor(path, *_COLOUR):
        return False
    red, green, blue, alpha = _COLOUR
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= _WHITE


def _matrix(item: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, found):
        return _AS_IS
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _moved(box: Box, matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = box
    left, bottom, right, top = a * x0 + c * y0 + e, b * x0 + d * y0 + f, a * x1 + c * y1 + e, b * x1 + d * y1 + f
    return (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
