"""PDFium: documents, the words of their pages with their places, and pictures.

Only this module and its neighbours import pypdfium2. PDFium is not safe in threads and what it is given may be hostile, so this
runs in `apps.documents.child` only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL.Image import Resampling

from apps.core.geometry import Box
from apps.documents.layout import Drawing, Word
from apps.documents.parsers.pdf.annotations import Added, added_to
from apps.documents.parsers.pdf.display import ToDisplay
from apps.documents.parsers.pdf.drawing import drawing_of
from apps.documents.parsers.pdf.objects import Drawn, drawn_on, texts_of
from apps.documents.parsers.pdf.pictures import Picture, pictures_of
from apps.documents.parsers.pdf.words import WordReader
from apps.documents.parsers.protection import encrypted, wrong_password
from apps.documents.parsing import Unreadable

_INK = 200
_DPI = 200
_LARGEST_SIDE = 4500
"""Dots an inch for recognition, and the pixels a page may have then: it may claim to be as large as a house."""


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
        self._to_display = ToDisplay.of(page, self.width, self.height)
        self._drawing: Drawing | None = None
        self._drawn: list[Drawn] | None = None

    def words(self) -> list[Word]:
        """Return the words of the text layer in the order in which PDFium reads them."""
        return list(WordReader(self._text, self._to_display, self.width, self.height))

    def drawing(self) -> Drawing:
        """Return the ruling lines and shaded areas of the page, looked for once."""
        if self._drawing is None:
            self._drawing = drawing_of(self._objects(), self._to_display, self.width, self.height)
        return self._drawing

    def pictures(self) -> list[Picture]:
        """Return where pictures lie, from the largest; those that touch are one."""
        return pictures_of(self._objects(), self._to_display, self.width, self.height)

    def added(self, words: Sequence[Word]) -> list[Added]:
        """Return fields and notes with their places; a field without a name of its own is named by the words near it."""
        return added_to(self._document, self._page, self._to_display, words)

    def ink(self) -> float:
        """Return the share of the page's height on which something is to be seen: 0 for a blank page, little for a rule."""
        grey = self.draw(400 / max(self.width, self.height)).convert("L")
        dark = grey.point(lambda shade: 255 if shade < _INK else 0)
        rows = dark.resize((1, grey.height), resample=Resampling.BOX).point(lambda value: 255 if value else 0)
        return float(rows.histogram()[255] / grey.height)

    def dots(self) -> float:
        """Return the pixels a point with which the page is drawn for recognition."""
        return float(min(_DPI / 72, _LARGEST_SIDE / max(self.width, self.height)))

    def draw(self, scale: float, box: Box | None = None) -> Any:
        """Return the page, or a box of it, as an RGB picture of `scale` pixels a point."""
        x0, y0, x1, y1 = box or (0.0, 0.0, self.width, self.height)
        crop = (x0, self.height - y1, self.width - x1, y0)
        return self._page.render(scale=scale, crop=crop, may_draw_forms=True).to_pil().convert("RGB")

    @contextmanager
    def without_text(self) -> Iterator[None]:
        """Draw the page without what its text layer prints while the block runs."""
        texts = list(texts_of(self._page))
        for text in texts:
            pdfium.FPDFPageObj_SetIsActive(text, False)
        try:
            yield
        finally:
            for text in texts:
                pdfium.FPDFPageObj_SetIsActive(text, True)

    def _objects(self) -> list[Drawn]:
        if self._drawn is None:
            self._drawn = drawn_on(self._page)
        return self._drawn
