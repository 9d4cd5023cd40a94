"""PDFium: documents, the words of their pages with their places, and pictures. The only module that imports pypdfium2.

PDFium is not safe in threads and what it is given may be hostile, so this runs in `apps.documents.child` only.
"""

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL.Image import Resampling

from apps.core.geometry import Box
from apps.documents.layout import Frame, Word
from apps.documents.parsers.characters import printed
from apps.documents.parsing import Unreadable

_HYPHEN_AT_LINE_END = 2
_SOFT_HYPHEN = "\u00ad"
_BLANKS = frozenset({0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F})
_APART = 0.6
_APART_IN_FAR_EAST = 1.0
_RAISED = 0.2
"""In units of type size: a gap that ends a word without a blank; how far the number of a footnote stands above the line."""

_FAR_EAST = "\u2e80"
"""The first character of those that are written without blanks, in squares that their signs do not fill."""

_SLANT = 12.0
"""Degrees from a quarter turn at which text no longer counts as upright."""

_MOST_OBJECTS = 2000
_INK = 200
_FORCE_BOLD = 1 << 18
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|cmbx|sfbx|[-,]medi$|[-,]bd", re.IGNORECASE)
_FIELDS_WITH_TEXT = (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)


def open_pdf(path: Path, password: str = "") -> Any:
    """Return the open document. Raises `Unreadable` for one that is protected, damaged or without pages."""
    try:
        document = pypdfium2.PdfDocument(path, password=password or None)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error) or "ecurity" in str(error):
            raise Unreadable(
                "This PDF is protected by a password. Save a copy without the password and send that.",
                code="encrypted",
            ) from error
        raise damaged() from error
    if len(document) == 0:
        raise damaged()
    document.init_forms()
    return document


def damaged() -> Unreadable:
    return Unreadable(
        "This PDF is damaged or cut off. Save it again from the program that made it and send that.", code="damaged"
    )


@contextmanager
def opened_page(document: Any, index: int) -> Iterator["OpenPage | None"]:
    """Give a page and its text while the block runs, or None where PDFium cannot load it."""
    try:
        page = document[index]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        yield None
        return
    try:
        yield OpenPage(document, page, text)
    finally:
        text.close()
        page.close()


class OpenPage:
    """One loaded page; sizes and places are of the page as displayed, in points, origin top left."""

    def __init__(self, document: Any, page: Any, text: Any) -> None:
        self._document, self._page, self._text = document, page, text
        self.width, self.height = max(page.get_width(), 1.0), max(page.get_height(), 1.0)
        self._to_display = _ToDisplay.of(page, self.width, self.height)

    def words(self) -> list[Word]:
        """Return the words of the text layer in the order in which PDFium reads them."""
        return list(_Words(self._text, self._to_display, self.width, self.height))

    def form_values(self) -> list[Word]:
        """Return what was typed into the fields of a form, each value where its field is."""
        form = self._document.formenv
        if form is None:
            return []
        words: list[Word] = []
        for index in range(pdfium.FPDFPage_GetAnnotCount(self._page)):
            annotation = pdfium.FPDFPage_GetAnnot(self._page, index)
            if annotation:
                words += self._typed(form, annotation)
                pdfium.FPDFPage_CloseAnnot(annotation)
        return words

    def _typed(self, form: Any, annotation: Any) -> list[Word]:
        if pdfium.FPDFAnnot_GetFormFieldType(form, annotation) not in _FIELDS_WITH_TEXT:
            return []
        length = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
        buffer = (ctypes.c_ushort * (length // 2 + 1))()
        pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, length)
        value = " ".join(bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace").split())
        rect = pdfium.FS_RECTF()
        if not value or not pdfium.FPDFAnnot_GetRect(annotation, rect):
            return []
        box = self._to_display.box(rect.left, rect.bottom, rect.right, rect.top)
        return [Word(value, *box, baseline=box[3], size=max(box[3] - box[1], 1.0) * 0.8, bold=False)]

    def picture_share(self) -> float:
        """Return how much of the page is covered by pictures, 0 to 1."""
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        covered = 0.0
        for index in range(min(pdfium.FPDFPage_CountObjects(self._page), _MOST_OBJECTS)):
            item = pdfium.FPDFPage_GetObject(self._page, index)
            if _is_picture(item):
                pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
                covered += abs((right.value - left.value) * (top.value - bottom.value))
        return float(min(covered / (self.width * self.height), 1.0))

    def ink(self) -> float:
        """Return the share of the page's height on which something is to be seen: 0 for a blank page, little for a rule."""
        grey = self.draw(400 / max(self.width, self.height)).convert("L")
        dark = grey.point(lambda shade: 255 if shade < _INK else 0)
        rows = dark.resize((1, grey.height), resample=Resampling.BOX).point(lambda value: 255 if value else 0)
        return float(rows.histogram()[255] / grey.height)

    def draw(self, scale: float) -> Any:
        """Return the page as an RGB picture of `scale` pixels a point."""
        return self._page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")


def _is_picture(item: Any) -> bool:
    """An image, or a form that holds one."""
    kind = pdfium.FPDFPageObj_GetType(item)
    if kind != pdfium.FPDF_PAGEOBJ_FORM:
        return bool(kind == pdfium.FPDF_PAGEOBJ_IMAGE)
    inside = range(min(pdfium.FPDFFormObj_CountObjects(item), _MOST_OBJECTS))
    kinds = (pdfium.FPDFPageObj_GetType(pdfium.FPDFFormObj_GetObject(item, index)) for index in inside)
    return pdfium.FPDF_PAGEOBJ_IMAGE in kinds


@dataclass(frozen=True, slots=True)
class _ToDisplay:
    """From PDF coordinates to the page as displayed: cropped and turned."""

    ax: float
    bx: float
    cx: float
    ay: float
    by: float
    cy: float

    @classmethod
    def of(cls, page: Any, width: float, height: float) -> "_ToDisplay":
        """Ask PDFium where three points go, in millionths of the page, since it answers in whole numbers."""
        parts = 1_000_000
        x, y = ctypes.c_int(), ctypes.c_int()

        def ask(px: float, py: float) -> tuple[float, float]:
            pdfium.FPDF_PageToDevice(page, 0, 0, parts, parts, 0, px, py, x, y)
            return x.value / parts * width, y.value / parts * height

        (x0, y0), (x1, y1), (x2, y2) = ask(0, 0), ask(1000, 0), ask(0, 1000)
        return cls((x1 - x0) / 1000, (x2 - x0) / 1000, x0, (y1 - y0) / 1000, (y2 - y0) / 1000, y0)

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.ax * x + self.bx * y + self.cx, self.ay * x + self.by * y + self.cy

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def frame(self, a: float, b: float) -> Frame:
        """Return how text stands whose direction in PDF coordinates is (a, b)."""
        angle = math.degrees(math.atan2(-(self.ay * a + self.by * b), self.ax * a + self.bx * b)) % 360
        quarter = round(angle / 90) * 90
        return Frame(quarter % 360) if abs(angle - quarter) <= _SLANT else Frame.SLANTING


class _Words:
    """One pass over the characters of a page. Calls into PDFium are few and their results reused: this is the hot loop."""

    def __init__(self, text: Any, to_display: _ToDisplay, width: float, height: float) -> None:
        self._text, self._to_display, self._width, self._height = text, to_display, width, height
        self._bold: dict[int, bool] = {}
        self._matrix, self._x, self._y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()

    def __iter__(self) -> Iterator[Word]:
        handle = self._text.raw
        get_unicode, get_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetCharBox
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        run: _Run | None = None
        for index in range(pdfium.FPDFText_CountChars(handle)):
            code = get_unicode(handle, index)
            if code in _BLANKS:
                if run is not None:
                    yield self._word(run)
                    run = None
                continue
            shown = _SOFT_HYPHEN if code == _HYPHEN_AT_LINE_END else printed(code)
            if not shown:
                continue
            get_box(handle, index, left, right, bottom, top)
            box = (left.value, bottom.value, right.value, top.value)
            if run is not None and run.ends_before(shown, box):
                yield self._word(run)
                run = None
            if run is None:
                run = self._begin(index, shown, box)
            else:
                run.add(shown, box)
        if run is not None:
            yield self._word(run)

    def _begin(self, index: int, shown: str, box: Box) -> "_Run":
        handle, matrix = self._text.raw, self._matrix
        pdfium.FPDFText_GetMatrix(handle, index, matrix)
        pdfium.FPDFText_GetCharOrigin(handle, index, self._x, self._y)
        size = pdfium.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
        if not 0.5 < size < 2000:
            size = max(box[3] - box[1], 1.0)
        return _Run(
            shown, *box, last=box, size=size, a=matrix.a, b=matrix.b, origin=(self._x.value, self._y.value),
            bold=self._is_bold(index),
        )  # fmt: skip

    def _is_bold(self, index: int) -> bool:
        item = pdfium.FPDFText_GetTextObject(self._text.raw, index)
        font = pdfium.FPDFTextObj_GetFont(item) if item else None
        if not font:
            return False
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._bold:
            name = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, name, 256)
            forced = pdfium.FPDFFont_GetFlags(font) & _FORCE_BOLD
            self._bold[key] = bool(forced or _BOLD_NAME.search(name.value.decode("utf-8", "replace")))
        return self._bold[key]

    def _word(self, run: "_Run") -> Word:
        frame = self._to_display.frame(run.a, run.b)
        box = self._to_display.box(run.left, run.bottom, run.right, run.top)
        x, y = self._to_display.point(*run.origin)
        if frame is Frame.UPRIGHT and _runs_down(run.text, box):
            frame, x = Frame.DOWNWARDS, box[0]
        x0, y0, x1, y1 = frame.enter(box, self._width, self._height)
        _, baseline, _, _ = frame.enter((x, y, x, y), self._width, self._height)
        return Word(run.text, x0, y0, x1, y1, baseline, run.size, run.bold, frame)


@dataclass(slots=True)
class _Run:
    """Characters that follow each other without a blank or a wide gap, in PDF coordinates."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    last: Box
    size: float
    a: float
    b: float
    origin: tuple[float, float]
    bold: bool

    def ends_before(self, shown: str, box: Box) -> bool:
        """Return whether a character starts a new word: it stands apart, or is the raised number of a footnote."""
        left, bottom, right, top = box
        x0, y0, x1, y1 = self.last
        apart = (_APART if shown < _FAR_EAST else _APART_IN_FAR_EAST) * self.size
        if left - x1 > apart or x0 - right > apart or bottom - y1 > apart or y0 - top > apart:
            return True
        raised = bottom - self.origin[1] > _RAISED * self.size
        return raised and self.b == 0.0 < self.a and shown.isdigit() and top - bottom < 0.62 * self.size

    def add(self, shown: str, box: Box) -> None:
        left, bottom, right, top = self.last = box
        self.text += shown
        if left < self.left:
            self.left = left
        if bottom < self.bottom:
            self.bottom = bottom
        if right > self.right:
            self.right = right
        if top > self.top:
            self.top = top


def _runs_down(text: str, box: Box) -> bool:
    """Characters of the Far East under each other, in one word higher than wide."""
    return len(text) > 1 and box[3] - box[1] > 1.2 * (box[2] - box[0]) and unicodedata.east_asian_width(text[0]) in "WF"
