"""Pages that have text and pictures that hold more of it: a scan under a printed header, the picture of a table in a report.

What the text layer says is kept as it is; only what it lacks is recognised. Most pages have no picture worth a second look,
and most pictures show no print, so each test costs more than the one before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from apps.core.geometry import Box
from apps.documents.layout import Frame, PageLayout, Word, arrange
from apps.documents.layout.paragraphs import Style
from apps.documents.parsers.ocr import Recognised
from apps.documents.parsers.pdf.glance import DOTS, Glance, glance_at
from apps.documents.parsers.pdf.pdfium import OpenPage
from apps.documents.parsers.pdf.pictures import Picture
from apps.documents.parsing import Block, Page, Quality

_SMALLEST_SHARE = 0.03
_SMALLEST_SIDE = 40.0
_FEWEST_PIXELS = 30_000
_MOST_TRIED = 6
"""Of a page, in points, and in the file: smaller pictures hold no text worth reading. How many of a page are looked at."""

_WRITTEN_OVER = 0.12
"""The share of a picture covered by words from which the text layer is its own: a page of print has 0.2 to 0.35."""

_MOST_OF_PAGE = 0.5
_FEWEST_LETTERS = 60
_LEAST_SURE = 0.7
_MOST_SURE = 0.999
"""Of recognition: less is a photograph taken for print, and more nobody can be who reads from a picture."""

_COVERED = 0.5


def with_pictures_read(read: Page, page: OpenPage, words: Sequence[Word], layout: PageLayout) -> Page | None:
    """Return the page with the print in its pictures among its blocks; None if there is none that its text layer lacks."""
    parts = list(_parts(page, words))
    if not parts:
        return None
    if any(part.is_page for part in parts):
        blocks = _as_one(words, parts, layout)
    else:
        blocks = arrange(words, layout)
        for part in parts:
            blocks = _put_in(
                blocks, _arranged(part, layout), Frame.UPRIGHT.fraction(part.place, page.width, page.height)
            )
    printed = sum(len(word.text) for word in words)
    recognised = [(sum(len(word.text) for word in part.found.words), part.found.confidence) for part in parts]
    letters = printed + sum(count for count, _ in recognised)
    certain = printed + sum(count * confidence for count, confidence in recognised)
    poor = any(part.found.quality is Quality.POOR for part in parts)
    return replace(
        read,
        blocks=blocks,
        quality=Quality.POOR if poor else Quality.READ,
        confidence=round(certain / letters, 3),
        recognised=True,
    )


class _Part(NamedTuple):
    """A picture and what was recognised in it, its words at their places on the page."""

    place: Box
    found: Recognised
    is_page: bool


def _parts(page: OpenPage, words: Sequence[Word]) -> Iterator[_Part]:
    whole = page.width * page.height
    pictures = [picture for picture in page.pictures() if _is_large(picture, whole)]
    boxes = [_box(word, page) for word in words] if pictures else []
    pictures = [picture for picture in pictures if _written(picture.box, boxes) < _WRITTEN_OVER * picture.area]
    if not pictures:
        return
    with page.without_text():
        for picture in pictures[:_MOST_TRIED]:
            is_page = picture.area > _MOST_OF_PAGE * whole
            if _holds_print(_look(page, picture.box, boxes), is_page):
                found = _recognised(page, picture.box, boxes)
                if sum(len(word.text) for word in found.words) >= _FEWEST_LETTERS / 2:
                    yield _Part(picture.box, found, is_page)


def _is_large(picture: Picture, whole: float) -> bool:
    x0, y0, x1, y1 = picture.box
    is_seen = picture.area > _SMALLEST_SHARE * whole and min(x1 - x0, y1 - y0) > _SMALLEST_SIDE
    return is_seen and picture.pixels > _FEWEST_PIXELS


def _look(page: OpenPage, place: Box, boxes: Sequence[Box]) -> Glance:
    left, top = place[:2]
    scaled = (
        ((x0 - left) * DOTS, (y0 - top) * DOTS, (x1 - left) * DOTS, (y1 - top) * DOTS) for x0, y0, x1, y1 in boxes
    )
    return glance_at(page.draw(DOTS, place).convert("L"), scaled)


def _holds_print(seen: Glance, is_page: bool) -> bool:
    """Tell print from photographs, which have strokes of other kinds, and from charts, whose few labels are far apart."""
    if seen.letters < _FEWEST_LETTERS or seen.lines < 2:
        return False
    if is_page:
        return seen.purity > 0.5
    return (seen.share > 0.1 and seen.purity > 0.6) or (seen.share > 0.06 and seen.purity > 0.9)


def _recognised(page: OpenPage, place: Box, boxes: Sequence[Box]) -> Recognised:
    """Return what is recognised in a part of the page and not in its text layer."""
    from apps.documents.parsers.ocr import recognise

    left, top, right, bottom = place
    found = recognise(page.draw(page.dots(), place), right - left, bottom - top)
    if found.confidence < _LEAST_SURE:
        return replace(found, words=())
    words = (_moved(word, place, page) for word in found.words)
    return replace(found, words=tuple(word for word in words if not _is_known(_box(word, page), boxes)))


def _moved(word: Word, place: Box, page: OpenPage) -> Word:
    """Return a word of a part of the page at its place on the page."""
    right, down, _, _ = word.frame.enter(place, page.width, page.height)
    x0, y0, x1, y1 = word.x0 + right, word.y0 + down, word.x1 + right, word.y1 + down
    return word._replace(x0=x0, y0=y0, x1=x1, y1=y1, baseline=word.baseline + down)


def _is_known(box: Box, boxes: Sequence[Box]) -> bool:
    return _written(box, boxes) > _COVERED * (box[2] - box[0]) * (box[3] - box[1])


def _written(place: Box, boxes: Sequence[Box]) -> float:
    """Return how much of a place is covered by words."""
    left, top, right, bottom = place
    return sum(
        max(min(x1, right) - max(x0, left), 0.0) * max(min(y1, bottom) - max(y0, top), 0.0) for x0, y0, x1, y1 in boxes
    )


def _box(word: Word, page: OpenPage) -> Box:
    return word.frame.leave((word.x0, word.y0, word.x1, word.y1), page.width, page.height)


def _as_one(words: Sequence[Word], parts: Sequence[_Part], layout: PageLayout) -> tuple[Block, ...]:
    """Lay out a scan and what is printed on it together: a value typed into a scanned form stands beside its label."""
    size = max(parts, key=lambda part: len(part.found.words)).found.size
    layout = replace(layout, style=Style(size, exact=False), drawn_in_order=False)
    scanned = [word for part in parts for word in part.found.words]
    places = {
        word.frame.fraction((word.x0, word.y0, word.x1, word.y1), layout.width, layout.height): part.found.confidence
        for part in parts
        for word in part.found.words
    }
    blocks = arrange([*words, *scanned], layout)
    return tuple(replace(block, confidence=_confidence(block, places)) for block in blocks)


def _confidence(block: Block, places: dict[Box, float]) -> float:
    """Return the least certainty of what was recognised in a block."""
    held = [sure for place, sure in places.items() if any(_holds(box, place) for box in block.boxes)]
    return min(round(min(held), 3), _MOST_SURE) if held else 1.0


def _holds(box: Box, place: Box) -> bool:
    x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _arranged(part: _Part, layout: PageLayout) -> list[Block]:
    layout = PageLayout(layout.width, layout.height, Style(part.found.size, exact=False), drawn_in_order=False)
    confidence = min(round(part.found.confidence, 3), _MOST_SURE)
    return [replace(block, confidence=confidence) for block in arrange(part.found.words, layout)]


def _put_in(blocks: Sequence[Block], added: Sequence[Block], place: Box) -> tuple[Block, ...]:
    """Return the blocks of a page with those of a picture before the first one below it in its column."""
    x0, y0, x1, y1 = place
    middle = (y0 + y1) / 2
    for index, block in enumerate(blocks):
        left, top, right, _ = block.boxes[0]
        if top > middle and left < x1 and x0 < right:
            return (*blocks[:index], *added, *blocks[index:])
    return (*blocks, *added)
