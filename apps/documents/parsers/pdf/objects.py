"""What a page draws besides text: its paths and pictures, also those inside forms, with their way to the page."""

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.parsers.pdf import native

_MOST_OBJECTS = 50_000
_MOST_DRAWN = 4_000
_DEEPEST = 3
_DRAWN = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)
Matrix = tuple[float, float, float, float, float, float]
_AS_IS: Matrix = (1, 0, 0, 1, 0, 0)
_BOUNDS = tuple(ctypes.c_float() for _ in range(4))
"""Where PDFium puts its answers: made once, since pages have thousands of paths."""


class Drawn(NamedTuple):
    """A path or a picture, and what leads from its coordinates to the page's."""

    handle: Any
    kind: int
    matrix: Matrix

    def bounds(self) -> Box | None:
        """Return left, bottom, right and top on the page, in PDF coordinates."""
        if not pdfium.FPDFPageObj_GetBounds(self.handle, *_BOUNDS):
            return None
        left, bottom, right, top = (bound.value for bound in _BOUNDS)
        return (left, bottom, right, top) if self.matrix is _AS_IS else moved((left, bottom, right, top), self.matrix)

    def own_matrix(self) -> Matrix:
        """Return what leads from the coordinates inside the object to the page's."""
        return _times(_matrix(self.handle), self.matrix)


def drawn_on(page: Any) -> list[Drawn]:
    """Return what a page draws besides text, in its order; of a page that draws beyond measure, the beginning."""
    at, kind_of, object_at = native.address(page), native.object_kind, native.page_object
    drawn: list[Drawn] = []
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        item = object_at(at, index)
        kind = kind_of(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        handle = ctypes.cast(item, pdfium.FPDF_PAGEOBJECT)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            drawn.extend(_within(handle, kind, _AS_IS, 0))
        elif kind in _DRAWN:
            drawn.append(Drawn(handle, kind, _AS_IS))
        if len(drawn) >= _MOST_DRAWN:
            break
    return drawn[:_MOST_DRAWN]


def texts_of(page: Any) -> Iterator[Any]:
    """Yield the objects of a page that are text, or forms, which may hold some."""
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page, index)
        yield from _texts_in(item, 0)


def moved(box: Box, matrix: Matrix) -> Box:
    """Return a box as it lies after a matrix was applied."""
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = box
    left, bottom, right, top = a * x0 + c * y0 + e, b * x0 + d * y0 + f, a * x1 + c * y1 + e, b * x1 + d * y1 + f
    return (min(left, right), min(bottom, top), max(left, right), max(bottom, top))


def _within(item: Any, kind: int, matrix: Matrix, depth: int) -> Iterator[Drawn]:
    if kind in _DRAWN:
        yield Drawn(item, kind, matrix)
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        inner = _times(_matrix(item), matrix)
        for index in range(min(pdfium.FPDFFormObj_CountObjects(item), _MOST_DRAWN)):
            child = pdfium.FPDFFormObj_GetObject(item, index)
            yield from _within(child, pdfium.FPDFPageObj_GetType(child), inner, depth + 1)


def _texts_in(item: Any, depth: int) -> Iterator[Any]:
    kind = pdfium.FPDFPageObj_GetType(item)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        yield item
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        for index in range(min(pdfium.FPDFFormObj_CountObjects(item), _MOST_DRAWN)):
            yield from _texts_in(pdfium.FPDFFormObj_GetObject(item, index), depth + 1)


def _matrix(item: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, found):
        return _AS_IS
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
