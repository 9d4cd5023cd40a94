"""PDFium: documents, the words of their pages with their places, and pictures.

Only this module and its neighbours `pdfium_words`, `pdf_attachments`, `native` and `display` import pypdfium2. PDFium is not safe in threads and what it is given may be hostile, so this runs in `apps.documents.child` only.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL.Image import Resampling

from apps.documents.layout import Drawing, Word
from apps.documents.parsers.pdf.annotations import Added, added_to
from apps.documents.parsers.pdf.display import ToDisplay
from apps.documents.parsers.pdf.drawing import drawing_of
from apps.documents.parsers.pdf.words import WordReader
from apps.documents.parsers.protection import encrypted, wrong_password
from apps.documents.parsing import Unreadable

_MOST_OBJECTS = 2000
_INK = 200


def open_pdf(path: Path, password: str = "") -> Any:
    """Return the open document. Raises `Unreadable` for one that is protected, damaged or without pages."""
    try:
        document = pypdfium2.PdfDocument(path, password=password or None)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error) or "ecurity" in str(error):
            raise (wrong_password() if password else encrypted()) from error
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
        self._drawing: Drawing | None = None
        self._to_display = ToDisplay.of(page, self.width, self.height)

    def words(self) -> list[Word]:
        """Return the words of the text layer in the order in which PDFium reads them."""
        return list(WordReader(self._text, self._to_display, self.width, self.height))

    def drawing(self) -> Drawing:
        """Return the ruling lines and shaded areas of the page, looked for once."""
        if self._drawing is None:
            self._drawing = drawing_of(self._page, self._to_display, self.width, self.height)
        return self._drawing

    def added(self, words: Sequence[Word]) -> list[Added]:
        """Return fields and notes with their places; a field without a name of its own is named by the words near it."""
        return added_to(self._document, self._page, self._to_display, words)

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
