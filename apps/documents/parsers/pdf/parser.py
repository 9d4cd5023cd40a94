"""PDF: the text layer of each page laid out in blocks; pages without one are recognised from their picture."""

import io
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from apps.core.geometry import Box
from apps.documents.layout import Frame, PageLayout, Word, among, arrange
from apps.documents.layout.hyphens import Hyphens
from apps.documents.layout.paragraphs import Style
from apps.documents.layout.running import RunningHeads
from apps.documents.parsers.pdf.attachments import attached_bytes, attached_to
from apps.documents.parsers.pdf.characters import GARBAGE
from apps.documents.parsers.pdf.facts import label_of, metadata_of, outline_of, with_levels
from apps.documents.parsers.pdf.pdfium import OpenPage, damaged, open_pdf, opened_page
from apps.documents.parsing import Block, BlockKind, Line, Page, Parsed, Progress, Quality, Source, Unreadable

MOST_PAGES = 5000
RECOGNITION_SECONDS = "RECOGNITION_SECONDS"
"""Environment variable of the child: how long it may spend until recognition has to end."""

_FIRST_WINDOW = 8
_WINDOW = 32
_RECOGNISED_WEIGHS = 3
"""Pages that are read before they are settled together: few at first, so that a long document is found soon."""

_SAMPLED_PAGES = 12
_FEW_CHARACTERS = 25
_STILL_FEW_CHARACTERS = 200
_SOME_PICTURE = 0.1
_MOSTLY_PICTURE = 0.6
_MOSTLY_GARBAGE = 0.2
_ONLY_RULES = 0.05
_DPI = 200
_LARGEST_SIDE = 4500
"""Pixels: a page may claim to be as large as a house."""


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
            page = _read_page(document, index, style, time.monotonic() < self._recognise_until)
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


def _read_page(document: Any, index: int, style: Style, may_recognise: bool = True) -> Page:
    with opened_page(document, index) as page:
        if page is None:
            return Page(index + 1, 612.0, 792.0, (), Quality.UNREAD, 0.0)
        words = page.words()
        read = _read_words(Page(index + 1, page.width, page.height, ()), page, words, style, may_recognise)
        added = [_block(kind, text, box, page) for kind, text, box in page.added(words)]
        return replace(read, blocks=among(read.blocks, added)) if added else read


def _read_words(read: Page, page: OpenPage, words: Sequence[Word], style: Style, may_recognise: bool) -> Page:
    """Return the page as its text layer has it, or as recognised where that is missing or useless."""
    layout = PageLayout(page.width, page.height, style)
    characters = sum(len(word.text) for word in words)
    garbage = sum(word.text.count(mark) for word in words for mark in GARBAGE)
    is_garbage = garbage > _MOSTLY_GARBAGE * max(characters, 1)
    if is_garbage or (not characters and page.ink()) or _is_scan(page, characters):
        usable = [] if is_garbage else words
        return _recognised(read, page, usable, layout) if may_recognise else _given_up(read, usable, layout)
    layout = replace(layout, drawing=page.drawing)
    return replace(read, blocks=arrange(_without_garbage(words) if garbage else words, layout))


def _block(kind: BlockKind, text: str, box: Box, page: OpenPage) -> Block:
    place = Frame.UPRIGHT.fraction(box, page.width, page.height)
    return Block(kind, text, boxes=(place,), lines=(Line(text, place),))


def _without_garbage(words: Sequence[Word]) -> list[Word]:
    """Leave out the few signs that nobody knows the meaning of: ornaments, mostly."""
    cleaned = (word._replace(text="".join(c for c in word.text if c not in GARBAGE)) for word in words)
    return [word for word in cleaned if word.text]


def _is_scan(page: OpenPage, characters: int) -> bool:
    """Pictures cover the page and what text there is could be a stamp on them, or there is hardly any text beside one."""
    if characters >= _STILL_FEW_CHARACTERS:
        return False
    return page.picture_share() > (_SOME_PICTURE if characters < _FEW_CHARACTERS else _MOSTLY_PICTURE)


def _recognised(read: Page, page: OpenPage, words: Sequence[Word], layout: PageLayout) -> Page:
    """Return the page as recognised from its picture, unless its own few words say more."""
    from apps.documents.parsers.ocr import recognise

    dots = min(_DPI / 72, _LARGEST_SIDE / max(page.width, page.height))
    found = recognise(page.draw(dots), page.width, page.height)
    if sum(len(word.text) for word in found.words) <= sum(len(word.text) for word in words):
        if words or page.ink() < _ONLY_RULES:
            return replace(read, blocks=arrange(words, layout))
        return replace(read, quality=Quality.UNREAD, confidence=0.0)
    layout = replace(layout, style=Style(found.size, exact=False), drawn_in_order=False)
    return replace(
        read,
        blocks=arrange(found.words, layout),
        quality=found.quality,
        confidence=round(found.confidence, 3),
        recognised=True,
    )


def _given_up(read: Page, words: Sequence[Word], layout: PageLayout) -> Page:
    return replace(read, blocks=arrange(words, layout), quality=Quality.UNREAD, confidence=0.0)
