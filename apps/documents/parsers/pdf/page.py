"""One page: its text layer laid out in blocks, recognised from its picture where that is missing, or both where it has a part."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.core.geometry import Box
from apps.documents.layout import Frame, PageLayout, Word, among, arrange
from apps.documents.layout.paragraphs import Style
from apps.documents.parsers.pdf.legible import legible
from apps.documents.parsers.pdf.mixed import with_pictures_read
from apps.documents.parsers.pdf.pdfium import OpenPage, opened_page
from apps.documents.parsing import Block, BlockKind, Line, Page, Quality

_FEW_CHARACTERS = 25
_STILL_FEW_CHARACTERS = 200
_SOME_PICTURE = 0.1
_MOSTLY_PICTURE = 0.6
_ONLY_RULES = 0.05


def read_page(document: Any, index: int, style: Style, *, may_recognise: bool) -> Page:
    """Return a page of an open document, counted from 0; one that cannot be loaded is unread."""
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
    usable = legible(words)
    characters = sum(len(word.text) for word in usable)
    if (not characters and (words or page.ink())) or _is_scan(page, characters):
        return _recognised(read, page, usable, layout) if may_recognise else _given_up(read, usable, layout)
    layout = replace(layout, drawing=page.drawing)
    joined = with_pictures_read(read, page, usable, layout) if may_recognise else None
    return joined or replace(read, blocks=arrange(usable, layout))


def _block(kind: BlockKind, text: str, box: Box, page: OpenPage) -> Block:
    place = Frame.UPRIGHT.fraction(box, page.width, page.height)
    return Block(kind, text, boxes=(place,), lines=(Line(text, place),))


def _is_scan(page: OpenPage, characters: int) -> bool:
    """Pictures cover the page and what text there is could be a stamp on them, or there is hardly any text beside one."""
    if characters >= _STILL_FEW_CHARACTERS:
        return False
    covered = sum(picture.area for picture in page.pictures()) / (page.width * page.height)
    return bool(covered > (_SOME_PICTURE if characters < _FEW_CHARACTERS else _MOSTLY_PICTURE))


def _recognised(read: Page, page: OpenPage, words: Sequence[Word], layout: PageLayout) -> Page:
    """Return the page as recognised from its picture, unless its own few words say more."""
    from apps.documents.parsers.ocr import recognise

    found = recognise(page.draw(page.dots()), page.width, page.height)
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
