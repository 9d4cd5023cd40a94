"""PDF: pages one by one, then what only their neighbours decide, and what the file says of itself."""

import io
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from apps.documents.layout.hyphens import Hyphens
from apps.documents.layout.paragraphs import Style
from apps.documents.layout.running import RunningHeads
from apps.documents.parsers.pdf.attachments import attached_bytes, attached_to
from apps.documents.parsers.pdf.facts import label_of, metadata_of, outline_of, with_levels
from apps.documents.parsers.pdf.page import read_page
from apps.documents.parsers.pdf.pdfium import damaged, open_pdf, opened_page
from apps.documents.parsing import Page, Parsed, Progress, Source, Unreadable

MOST_PAGES = 5000
RECOGNITION_SECONDS = "RECOGNITION_SECONDS"
"""Environment variable of the child: how long it may spend until recognition has to end."""

_FIRST_WINDOW = 8
_WINDOW = 32
_RECOGNISED_WEIGHS = 3
"""Pages that are read before they are settled together: few at first, so that a long document is found soon."""

_SAMPLED_PAGES = 12


class PdfParser:
    """Reads page by page, so that a page that fails costs no other.

    Recognition takes seconds a page. When the child's time for it is up, the pages left are noted as unread, and the rest
    of the document is still had.
    """

    def __init__(self) -> None:
        self._recognise_until = time.monotonic() + float(os.environ.get(RECOGNITION_SECONDS, "inf"))

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        document = open_pdf(source.path, source.password)
        count = len(document)
        if count > MOST_PAGES:
            raise Unreadable(
                f"This PDF has {count} pages; one document may have {MOST_PAGES}. Split it and send the parts.",
                code="too_many_pages",
            )
        return Parsed(
            paged=True,
            pages=_settled(self._read(document, progress)),
            title=str(document.get_metadata_value("Title") or "").strip(),
            page_count=count,
            metadata=metadata_of(document),
            attachments=attached_to(document),
        )

    def attachment(self, source: Source, number: int) -> bytes:
        return attached_bytes(open_pdf(source.path, source.password), number)

    def _read(self, document: Any, progress: Progress) -> Iterator[Page]:
        count, style, outline = len(document), _style_of(document), outline_of(document)
        for index in range(count):
            progress(index, count)
            page = read_page(document, index, style, may_recognise=time.monotonic() < self._recognise_until)
            titles = outline.get(index)
            blocks = tuple(with_levels(block, titles) for block in page.blocks) if titles else page.blocks
            yield replace(page, blocks=blocks, label=label_of(document, index))
        progress(count, count)

    def draw(self, source: Source, number: int, width: int) -> bytes:
        """Return the PNG of a page, `width` pixels wide where that does not make it absurdly high."""
        document = open_pdf(source.path, source.password)
        if not 1 <= number <= len(document):
            raise damaged()
        with opened_page(document, number - 1) as page:
            if page is None:
                raise damaged()
            picture = page.draw(min(width / page.width, 3 * width / page.height))
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=4)
        return out.getvalue()


def _settled(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield the pages with what only their neighbours decide."""
    heads, hyphens = RunningHeads(), Hyphens()
    for window in _windows(pages):
        yield from hyphens.settle(heads.demote(window))


def _windows(pages: Iterable[Page]) -> Iterator[list[Page]]:
    """Yield the pages in groups, of which the first is soon full. Pages that are recognised take long, so fewer make a group."""
    window: list[Page] = []
    weight, size = 0, _FIRST_WINDOW
    for page in pages:
        window.append(page)
        weight += _RECOGNISED_WEIGHS if page.recognised else 1
        if weight >= size:
            yield window
            window, weight, size = [], 0, _WINDOW
    if window:
        yield window


def _style_of(document: Any) -> Style:
    """Look at pages spread over the document for the size of type that most of its text has."""
    sizes: Counter[float] = Counter()
    bold = 0
    count = len(document)
    for index in sorted({step * count // _SAMPLED_PAGES for step in range(_SAMPLED_PAGES)}):
        with opened_page(document, index) as page:
            for word in page.words() if page else ():
                sizes[round(word.size * 2) / 2] += len(word.text)
                bold += len(word.text) * word.bold
    if not sizes:
        return Style(10.0)
    return Style(sizes.most_common(1)[0][0] or 10.0, bold > 0.6 * sizes.total())
