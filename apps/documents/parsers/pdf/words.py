"""The words of a page's text layer: one pass over its characters. This is the hot loop of reading PDFs.

Most words are plain: characters from left to right on one line. Their text and box come from slices of what PDFium says of
all characters; only the others are gone through character by character.
"""

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import sub
from typing import Any

import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.layout import Frame, Word
from apps.documents.parsers.pdf import native
from apps.documents.parsers.pdf.characters import in_order, printed, runs_left
from apps.documents.parsers.pdf.display import ToDisplay

_HYPHEN_AT_LINE_END = "\x02"
_SOFT_HYPHEN = "\u00ad"
_BLANK = "\t\n\r \u00a0\u3000\u2002\u2003\u2007\u2009\u202f"
_BETWEEN_BLANKS = re.compile(f"[^{_BLANK}](?:[^{_BLANK}]| (?=[\u064b-\u065f\u0670]))*")
"""Words; before an Arabic vowel sign, which has no width, PDFium may see a blank that is none."""

_APART = 0.6
_APART_IN_FAR_EAST = 1.0
_RAISED = 0.2
"""In units of type size: a gap that ends a word without a blank; how far the number of a footnote stands above the line."""

_FAR_EAST = "\u2e80"
"""The first character of those that are written without blanks, in squares that their signs do not fill."""

_DIGIT = re.compile(r"\d")
_FORCE_BOLD = 1 << 18
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|cmbx|sfbx|[-,]medi$|[-,]bd", re.IGNORECASE)


class WordReader:
    """Reads the words of one page in the order in which PDFium reads them."""

    def __init__(self, text: Any, to_display: ToDisplay, width: float, height: float) -> None:
        self._text = native.address(text.raw)
        self._count = max(pdfium.FPDFText_CountChars(text.raw), 0)
        self._to_display, self._width, self._height = to_display, width, height
        self._bold: dict[int, bool] = {}
        self._frames: dict[tuple[float, float], Frame] = {}
        self._matrix = pdfium.FS_MATRIX()
        self._origin = (ctypes.c_double * 2)()
        self._matrix_at, self._origin_at = ctypes.addressof(self._matrix), ctypes.addressof(self._origin)

    def __iter__(self) -> Iterator[Word]:
        codes = self._codes()
        spans = [found.span() for found in _BETWEEN_BLANKS.finditer(codes)]
        lefts, bottoms, rights, tops = self._boxes(spans)
        matrix, origin, to_display = self._matrix, self._origin, self._to_display
        ax, cx, by, cy = to_display.ax, to_display.cx, to_display.by, to_display.cy
        straight = to_display.is_straight
        for start, end in spans:
            text, size = codes[start:end], self._size(start)
            left, bottom, right, top = lefts[start:end], bottoms[start:end], rights[start:end], tops[start:end]
            lowest, highest = min(bottom), max(top)
            plain = (
                text.isascii()
                and text.isprintable()
                and size > 0
                and highest - lowest < 1.5 * size
                and (
                    len(text) == 1 or -size < min(steps := [*map(sub, left[1:], right)]) <= max(steps) <= _APART * size
                )
                and not (max(bottom) - origin[1] > _RAISED * size and _DIGIT.search(text, 1))
            )
            if plain and straight and matrix.b == 0.0 < matrix.a:
                x0, x1, baseline = ax * min(left) + cx, ax * max(right) + cx, by * origin[1] + cy
                yield Word(text, x0, by * highest + cy, x1, by * lowest + cy, baseline, size, self._is_bold(start))
            elif plain:
                yield self._word(_Run(text, min(left), lowest, max(right), highest, size, *self._look(start)))
            else:
                yield from self._one_by_one(text, start, [*zip(left, bottom, right, top, strict=True)])

    def _codes(self) -> str:
        """Return the characters of the page, one for each that PDFium counts."""
        buffer = (ctypes.c_ushort * (2 * self._count + 2))()
        length = native.text_of(self._text, 0, self._count, ctypes.addressof(buffer)) - 1
        codes = (
            bytes(buffer)[: 2 * max(length, 0)]
            .decode("utf-16-le", "surrogatepass")
            .replace("\ufffe", _HYPHEN_AT_LINE_END)
        )
        if len(codes) == self._count:
            return codes
        return "".join(_character(native.code_of(self._text, index)) for index in range(self._count))

    def _boxes(self, spans: Sequence[tuple[int, int]]) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return left, bottom, right and top of every character in the spans; zeros for the others."""
        boxes = (ctypes.c_double * (4 * self._count + 4))()
        at, text, char_box = ctypes.addressof(boxes), self._text, native.char_box
        for start, end in spans:
            for index in range(start, end):
                place = at + 32 * index
                char_box(text, index, place, place + 16, place + 8, place + 24)
        places = boxes[:]
        return places[0::4], places[1::4], places[2::4], places[3::4]

    def _size(self, index: int) -> float:
        """Return the size of type of a character, 0 if PDFium knows none; its matrix and origin are then at hand."""
        native.char_matrix(self._text, index, self._matrix_at)
        native.char_origin(self._text, index, self._origin_at, self._origin_at + 8)
        size = float(native.char_size(self._text, index)) * math.hypot(self._matrix.c, self._matrix.d)
        return size if 0.5 < size < 2000 else 0.0

    def _look(self, index: int) -> tuple[float, float, tuple[float, float], bool]:
        """Return direction, origin and weight of the character whose size was asked last."""
        x, y = self._origin
        return self._matrix.a, self._matrix.b, (x, y), self._is_bold(index)

    def _one_by_one(self, text: str, start: int, boxes: Sequence[Box]) -> Iterator[Word]:
        if runs_left(text):
            text, boxes = in_order(text, boxes)
        run: _Run | None = None
        last = boxes[0]
        for offset, (code, box) in enumerate(zip(text, boxes, strict=True)):
            shown = _SOFT_HYPHEN if code == _HYPHEN_AT_LINE_END else printed(ord(code))
            if not shown or shown == " ":
                continue
            if run is not None and run.ends_before(shown, box, last):
                yield self._word(run)
                run = None
            if run is None:
                size = self._size(start + offset) or max(box[3] - box[1], 1.0)
                run = _Run(shown, *box, size, *self._look(start + offset))
            else:
                run.add(shown, box)
            last = box
        if run is not None:
            yield self._word(run)

    def _is_bold(self, index: int) -> bool:
        item = native.char_object(self._text, index)
        font = native.font_of(item) if item else None
        if not font:
            return False
        if font not in self._bold:
            handle = ctypes.cast(font, pdfium.FPDF_FONT)
            name = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(handle, name, 256)
            forced = pdfium.FPDFFont_GetFlags(handle) & _FORCE_BOLD
            self._bold[font] = bool(forced or _BOLD_NAME.search(name.value.decode("utf-8", "replace")))
        return self._bold[font]

    def _word(self, run: "_Run") -> Word:
        frame = self._frames.get((run.a, run.b))
        if frame is None:
            frame = self._frames[run.a, run.b] = self._to_display.frame(run.a, run.b)
        box = self._to_display.box(run.left, run.bottom, run.right, run.top)
        x, y = self._to_display.point(*run.origin)
        if frame is Frame.UPRIGHT:
            if not _runs_down(run.text, box):
                return Word(run.text, *box, y, run.size, run.bold, frame)
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
    size: float
    a: float
    b: float
    origin: tuple[float, float]
    bold: bool

    def ends_before(self, shown: str, box: Box, last: Box) -> bool:
        """Return whether a character starts a new word: it stands apart, or is the raised number of a footnote."""
        left, bottom, right, top = box
        x0, y0, x1, y1 = last
        apart = (_APART if shown < _FAR_EAST else _APART_IN_FAR_EAST) * self.size
        if left - x1 > apart or x0 - right > apart or bottom - y1 > apart or y0 - top > apart:
            return True
        raised = bottom - self.origin[1] > _RAISED * self.size
        return raised and self.b == 0.0 < self.a and shown.isdigit() and top - bottom < 0.62 * self.size

    def add(self, shown: str, box: Box) -> None:
        left, bottom, right, top = box
        self.text += shown
        self.left, self.bottom = min(self.left, left), min(self.bottom, bottom)
        self.right, self.top = max(self.right, right), max(self.top, top)


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else "\x00"


def _runs_down(text: str, box: Box) -> bool:
    """Characters of the Far East under each other, in one word higher than wide."""
    return len(text) > 1 and box[3] - box[1] > 1.2 * (box[2] - box[0]) and unicodedata.east_asian_width(text[0]) in "WF"
