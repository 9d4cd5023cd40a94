"""The source pane: one exhibit a cited page, in order of first citation, with a mark for every quote on it.

Geometry is SVG attributes, never inline style: a page is 1000 units wide and as high as its shape says; a crop is the same
drawing with a smaller view. Pure: page sizes come in as values, see `pages_of`.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.scope import Scope
from apps.core.geometry import Box, union
from apps.documents.formats import format_of
from apps.documents.models import Document, Page
from apps.documents.walls import reading
from apps.web import parts, wording

WIDTH = 1000
_PIN_WIDTH, _PIN_HEIGHT = 30, 28


@dataclass(frozen=True, slots=True)
class Rect:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Mark:
    """The quote of one citation on a page picture; `href` leads back to the sentence that rests on it."""

    marker: int
    outline: str
    pin: Rect
    bounds: Rect
    href: str

    @property
    def text_x(self) -> int:
        return self.pin.x + _PIN_WIDTH // 2

    @property
    def text_y(self) -> int:
        return self.pin.y + 20


@dataclass(frozen=True, slots=True)
class CellMark:
    """The outline of a cell that a figure comes from; shown while its ledger is open."""

    key: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A cited passage as text, the quote in it apart: what formats without pages show."""

    marker: int
    heading: str
    before: str
    quote: str
    after: str
    href: str


@dataclass(frozen=True, slots=True)
class Place:
    """What the bar above the pages says while this citation is in hand."""

    marker: int
    title: str
    where: str
    heading: str
    quote: str
    quote_found: bool
    open_href: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One cited page as a picture with marks, or the cited passages of it as text. `gone`: no longer to be seen.

    `where` names the page, slide or sheet; it is empty for a document that has none.
    """

    key: str
    title: str
    page: int | None
    where: str
    picture: str
    view: str
    height: int
    whole: bool
    marks: tuple[Mark, ...]
    excerpts: tuple[Excerpt, ...]
    open_href: str
    gone: bool = False
    cells: tuple[CellMark, ...] = ()

    @property
    def markers(self) -> list[int]:
        return [m.marker for m in self.marks] or [e.marker for e in self.excerpts]


@dataclass(frozen=True, slots=True)
class PageShape:
    """The shape of a page, how many pages there are, where its picture is, and what it is called."""

    width: float
    height: float
    pages: int
    picture: str
    part: str = "page"
    label: str = ""


Spot = tuple[str, int, int]
"""A page: document, number of the version, number of the page."""


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation with its passage, both as the REST contract has them, and the sentence that first cites it."""

    citation: Mapping[str, Any]
    passage: Mapping[str, Any]
    sentence: int | None
    answer: str

    @property
    def marker(self) -> int:
        return int(self.citation["marker"])

    @property
    def open_href(self) -> str:
        """Return the address of the page view with this citation lit."""
        return source_href(self.passage, answer=self.answer, marker=self.marker)


def source_href(passage: Mapping[str, Any], *, answer: str = "", marker: int | None = None) -> str:
    """Return the address of a passage in its document; of a citation in it where an answer's marker is given."""
    query: dict[str, object] = {"page": passage["page"]} if passage["page"] else {}
    query |= {"answer": answer, "marker": marker} if marker else {"passage": passage["id"]}
    return f"{reverse('document', args=[passage['document']['id']])}?{urlencode(query)}"


def spot_of(passage: Mapping[str, Any]) -> Spot:
    """Return where a passage is; formats without pages count as one page."""
    return str(passage["document"]["id"]), int(passage["version"]), int(passage["page"] or 1)


def pages_of(scope: Scope, passages: Sequence[Mapping[str, Any]]) -> dict[Spot, PageShape]:
    """Return the pages that hold these passages, of documents that the scope may read now. One query."""
    wanted = {spot_of(passage) for passage in passages}
    documents = Document.objects.visible_to(scope).filter(pk__in={uuid.UUID(document) for document, _, _ in wanted})
    rows = Page.objects.filter(version__document__in=documents, number__in={number for _, _, number in wanted})
    with reading(scope):
        found = list(rows.select_related("version__document"))
    return {
        (str(page.version.document_id), page.version.number, page.number): PageShape(
            page.width,
            page.height,
            page.version.page_count,
            _picture(page),
            parts.part_of(page.version.media_type),
            page.label,
        )
        for page in found
    }


def place_of(passage: Mapping[str, Any], shapes: Mapping[Spot, PageShape]) -> str:
    """Return document and page of a passage in few words, as in “Annual Report 2025, p. 84”."""
    shape = shapes.get(spot_of(passage))
    return wording.place(passage, shape.part, shape.label) if shape else wording.place(passage)


def _where(passage: Mapping[str, Any], shape: PageShape | None) -> str:
    """Return the page of a passage among all, as in “Page 84 of 164”; empty where there are none."""
    if not passage["page"]:
        return ""
    if shape is None:
        return parts.named("page", passage["page"])
    return parts.named_among(shape.part, passage["page"], shape.pages, shape.label)


def _picture(page: Page) -> str:
    """Return the address of a page's picture; empty for formats that have none."""
    version = page.version
    known = format_of(version.media_type)
    if known is None or not known.pictured:
        return ""
    address = reverse("page-picture", args=[version.document_id, page.number])
    return address if version.document.latest_id == version.pk else f"{address}?version={version.number}"


def exhibits(
    cited: Sequence[Cited],
    shapes: Mapping[Spot, PageShape],
    *,
    crop: bool = False,
    cells: Mapping[Spot, Mapping[str, Box]] | None = None,
) -> list[Exhibit]:
    """Return the exhibits in order of first citation. The first page is shown whole unless `crop`, the others as crops.

    `cells` are the boxes of table cells to outline, by page and key.
    """
    pages: dict[Spot, list[Cited]] = {}
    for one in cited:
        pages.setdefault(spot_of(one.passage), []).append(one)
    made: list[Exhibit] = []
    for place, group in pages.items():
        lit = (cells or {}).get(place, {})
        made.append(_exhibit(group, shapes.get(place), lit, first=not made and not crop))
    return made


def places(cited: Sequence[Cited], shapes: Mapping[Spot, PageShape]) -> list[Place]:
    """Return what the bar says for each citation, in the same order."""
    made = []
    for one in cited:
        shape = shapes.get(spot_of(one.passage))
        made.append(
            Place(
                marker=one.marker,
                title=one.passage["document"]["title"],
                where=_where(one.passage, shape),
                heading=wording.heading(one.passage),
                quote=one.citation["quote"],
                quote_found=one.citation["quote_found"],
                open_href=one.open_href,
            )
        )
    return made


def _exhibit(group: Sequence[Cited], shape: PageShape | None, cells: Mapping[str, Box], *, first: bool) -> Exhibit:
    passage = group[0].passage
    page = passage["page"]
    as_picture = page is not None and shape is not None and bool(shape.picture)
    height = round(WIDTH * shape.height / shape.width) if shape and shape.width else 1414
    marks = _marks(group, height) if as_picture else ()
    outlined = tuple(CellMark(key, _rect(box, height)) for key, box in cells.items()) if as_picture else ()
    view, whole = _view([*(mark.bounds for mark in marks), *(cell.rect for cell in outlined)], height, first=first)
    return Exhibit(
        key=f"x{group[0].marker}",
        title=passage["document"]["title"],
        page=page,
        where=_where(passage, shape),
        picture=shape.picture if shape and as_picture else "",
        view=view,
        height=height,
        whole=whole,
        marks=marks,
        excerpts=() if as_picture else tuple(_excerpt(one) for one in group),
        open_href=group[0].open_href,
        gone=shape is None,
        cells=outlined,
    )


def _marks(group: Sequence[Cited], height: int) -> tuple[Mark, ...]:
    made: list[Mark] = []
    for one in group:
        boxes = one.citation.get("boxes") or one.passage["boxes"]
        if not boxes:
            continue
        rects = tuple(_rect(box, height) for box in boxes)
        pin = _pin(rects[0], [mark.pin for mark in made])
        href = f"#k{one.sentence}" if one.sentence else "#q"
        made.append(Mark(one.marker, outline_of(rects), pin, _bounds([*rects, pin]), href))
    return tuple(made)


def _rect(box: Sequence[float], height: int) -> Rect:
    """Return a box of the page in drawing units, a little larger than the words it holds."""
    x0, y0, x1, y1 = box
    x, y = max(round(x0 * WIDTH) - 4, 0), max(round(y0 * height) - 3, 0)
    return Rect(x, y, min(round(x1 * WIDTH) + 4, WIDTH) - x, min(round(y1 * height) + 3, height) - y)


def outline_of(lines: Sequence[Rect]) -> str:
    """Return the SVG path around lit lines: lines under each other share one outline, cells of a table have each their own."""
    stacks: list[list[Rect]] = []
    for line in lines:
        above = stacks[-1][-1] if stacks else None
        if above and _is_next_line(above, line):
            stacks[-1].append(line)
        else:
            stacks.append([line])
    return " ".join(_around(stack) for stack in stacks)


def _is_next_line(above: Rect, line: Rect) -> bool:
    overlaps = min(above.right, line.right) > max(above.x, line.x)
    return overlaps and line.y > above.y and line.y - above.bottom < 0.8 * above.height


def _around(stack: Sequence[Rect]) -> str:
    """Return the path down the right edges of the lines and up the left ones."""
    edges = [stack[0].y, *((a.bottom + b.y) // 2 for a, b in pairwise(stack)), stack[-1].bottom]
    right = [f"H{line.right} V{edges[n + 1]}" for n, line in enumerate(stack)]
    left = [f"H{line.x} V{edges[n]}" for n, line in reversed(list(enumerate(stack)))]
    return f"M{stack[0].x} {stack[0].y} {' '.join(right)} {' '.join(left)} Z"


def _bounds(rects: Sequence[Rect]) -> Rect:
    boxes: list[Box] = [(r.x, r.y, r.right, r.bottom) for r in rects]
    x0, y0, x1, y1 = (round(edge) for edge in union(boxes))
    return Rect(x0, y0, x1 - x0, y1 - y0)


def _pin(rect: Rect, taken: Sequence[Rect]) -> Rect:
    """Return the place of the number: left of the first line, else right of it, and below any other number there."""
    x = rect.x - _PIN_WIDTH if rect.x >= _PIN_WIDTH else min(rect.right, WIDTH - _PIN_WIDTH)
    y = rect.y
    while any(abs(pin.x - x) < _PIN_WIDTH and abs(pin.y - y) < _PIN_HEIGHT for pin in taken):
        y += _PIN_HEIGHT + 2
    return Rect(x, y, _PIN_WIDTH, _PIN_HEIGHT)


def _view(shown_parts: Sequence[Rect], height: int, *, first: bool) -> tuple[str, bool]:
    """Return the viewBox, and whether it shows the whole page."""
    whole = f"0 0 {WIDTH} {height}"
    if first or not shown_parts:
        return whole, True
    shown = _bounds(shown_parts)
    x0, y0, x1, y1 = shown.x, shown.y, shown.right, shown.bottom
    left, right = max(min(70, x0 - 24), 0), min(max(930, x1 + 24), WIDTH)
    spare = max((300 - (y1 - y0)) / 2, 70)
    top, bottom = max(y0 - spare, 0), min(y1 + spare, height)
    if bottom - top > 0.75 * height:
        return whole, True
    return f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}", False


def _excerpt(one: Cited) -> Excerpt:
    text, quote = one.passage["text"], one.citation["quote"]
    start = text.find(quote) if quote else -1
    if start < 0:
        before, lit, after = text, "", ""
    else:
        before, lit, after = text[:start], quote, text[start + len(quote) :]
    href = f"#k{one.sentence}" if one.sentence else "#q"
    return Excerpt(one.marker, one.passage.get("heading") or "", before, lit, after, href)
