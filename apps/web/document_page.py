"""What the page of one document shows: the map of its pages, one page with its blocks, and the place that is lit.

Places on a page are computed here, once: `x = 1000 × x0`, `y = H × y0`, with `H = 1000 × height ÷ width`.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.core.geometry import Box
from apps.documents.content import load_content
from apps.documents.models import Block, Document, Version
from apps.documents.parsing import BlockKind, Quality
from apps.reasoning.models import Answer, Candidate, Citation
from apps.retrieval.models import IndexedPassage

_MAP_WIDTH = 1312
_HEADINGS = 200
_OWN_ANSWERS = 5


_FIGURE = re.compile(r"[-–−+(]?\s*[£$€¥]?\s*[-–−]?\d[\d.,'’\s]*\s*[)%]?\s*(?:[a-z]{1,3}|x)?\)?|[-–—]")
"""What is set to the right in a column: amounts, percentages, bare dashes."""


@dataclass(frozen=True, slots=True)
class Lit:
    """The place that a link asked for. Boxes on `page`, or a range of the text of a format without pages."""

    page: int | None = None
    boxes: tuple[Box, ...] = ()
    span: tuple[int, int] | None = None
    quote: str = ""
    version_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in the units of the picture's `viewBox`."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block as read: its rectangles on the picture, its text cut where it is lit, its table in rows."""

    kind: str
    level: int
    rects: tuple[Rect, ...]
    anchor: str
    lit: bool
    before: str
    marked: str
    after: str
    rows: tuple[tuple[dict[str, Any], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Pages of the map that stand together: one, or, in long documents, a row of pages read alike."""

    first: int
    x: float
    width: float
    quality: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the contents; `href` leads to its page or, without pages, to its place in the text."""

    text: str
    level: int
    page: int
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a version, ready to draw."""

    number: int
    count: int
    height: float
    quality: str
    recognised: bool
    blocks: tuple[ReadBlock, ...]
    marks: tuple[Rect, ...]
    lit: Lit = field(default_factory=Lit)

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None


def lit_by_passage(scope: Scope, document: Document, passage: uuid.UUID) -> Lit:
    """Return the place of a passage; raises `NotFound` unless it is one of this document's that the scope may see.

    A passage that has left the index since is taken from the reader's own answers, which keep what they were shown.
    """
    row = IndexedPassage.objects.visible_to(scope).filter(document=document, pk=passage).first()
    if row is not None:
        span = (row.span_start, row.span_end) if row.span_start is not None and row.span_end is not None else None
        return Lit(row.page, tuple(map(_box, row.boxes)), span, version_id=row.version_id)
    kept = Candidate.objects.filter(
        passage_id=passage, document_id=document.pk, answer__in=Answer.objects.visible_to(scope)
    ).first()
    if kept is None:
        raise NotFound
    return _lit(kept, kept.passage["boxes"])


def lit_by_citation(scope: Scope, document: Document, answer_id: uuid.UUID, marker: int) -> Lit:
    """Return the place of a citation in the reader's own answer; raises `NotFound` for any other."""
    answer = Answer.objects.get_visible(scope, answer_id)
    citation = Citation.objects.select_related("candidate").filter(answer=answer, marker=marker).first()
    if citation is None or citation.candidate.document_id != document.pk:
        raise NotFound
    place = citation.candidate
    return _lit(place, citation.boxes or place.passage["boxes"], citation.quote if citation.quote_found else "")


def sheet_of(version: Version, number: int, lit: Lit) -> Sheet:
    """Return one page of a version; raises `NotFound` if it has no such page. Unread versions have an empty first one."""
    count = max(version.page_count, 1)
    if not 1 <= number <= count:
        raise NotFound
    page = next(iter(load_content(version, page=number)["pages"]), None) if version.pages.exists() else None
    if page is None:
        return Sheet(number, count, 1414.0, Quality.UNREAD, False, (), (), lit)
    height = round(1000 * page["height"] / page["width"], 1) if page["width"] else 1414.0
    here = lit if lit.page in (None, number) else Lit()
    return Sheet(
        number=number,
        count=count,
        height=height,
        quality=page["quality"],
        recognised=page["recognised"],
        blocks=tuple(_read_block(block, f"b{place}", height, here) for place, block in enumerate(page["blocks"])),
        marks=tuple(_rect(box, height) for box in here.boxes),
        lit=here,
    )


def page_map(version: Version, counts: dict[int, int]) -> dict[str, Any]:
    """Return the map of all pages: runs by quality, how often pages are cited, and where those to look at are."""
    qualities = dict(version.pages.values_list("number", "quality"))
    count = max(version.page_count, 1)
    unit = _MAP_WIDTH / count
    gap = min(unit * 0.15, 1.2)
    runs: list[Run] = []
    for number in range(1, count + 1):
        quality = qualities.get(number, Quality.UNREAD.value)
        last = runs[-1] if runs else None
        if unit < 3 and last is not None and last.quality == quality:
            runs[-1] = Run(last.first, last.x, round(number * unit - last.x, 2), quality)
        else:
            runs.append(Run(number, round((number - 1) * unit + gap / 2, 2), round(unit - gap, 2), quality))
    most = max(counts.values(), default=1)
    return {
        "width": _MAP_WIDTH,
        "unit": round(max(unit, 4.0), 2),
        "runs": runs,
        "cited": [
            {
                "x": round((page - 1) * unit, 2),
                "width": round(max(unit - gap, 2.0), 2),
                "height": round(2 + 7 * n / most, 1),
            }
            for page, n in sorted(counts.items())
            if 1 <= page <= count
        ],
        "look": [(number, quality) for number, quality in sorted(qualities.items()) if quality != Quality.READ],
    }


def now_on_map(number: int, count: int) -> float:
    """Return where on the map the page in hand begins."""
    return round((number - 1) * _MAP_WIDTH / max(count, 1), 2)


def cited_pages(document: Document) -> dict[int, int]:
    """Return page → in how many answers it is cited."""
    rows = Candidate.objects.filter(document_id=document.pk, citations__isnull=False, passage__page__isnull=False)
    return {
        int(page): answers
        for page, answers in rows.values_list("passage__page").annotate(answers=Count("answer", distinct=True))
        if page is not None
    }


def resting_answers(scope: Scope, document: Document, number: int | None) -> dict[str, Any]:
    """Return the reader's own answers that cite this page (or, without pages, this document), and how many others do."""
    cited = Candidate.objects.filter(document_id=document.pk, citations__isnull=False)
    if number is not None:
        cited = cited.filter(passage__page=number)
    answers = Answer.objects.filter(pk__in=cited.values("answer"))
    own = answers.filter(pk__in=Answer.objects.visible_to(scope).values("pk"))
    total, mine = answers.count(), own.count()
    return {"own": own[:_OWN_ANSWERS], "others": total - mine, "total": total}


def outline_of(version: Version, number: int) -> list[Heading]:
    """Return the headings of the upper levels with their pages; the last one up to this page is the current one."""
    rows = list(
        Block.objects.filter(version=version, kind=BlockKind.HEADING, level__lte=2)
        .order_by("ordinal")
        .values_list("text", "level", "page__number", "ordinal")[:_HEADINGS]
    )
    reached = max((place for place, (_, _, page, _) in enumerate(rows) if page <= number), default=-1)
    return [
        Heading(
            text, level, page, f"?page={page}" if version.paged else f"#b{ordinal}", version.paged and place == reached
        )
        for place, (text, level, page, ordinal) in enumerate(rows)
    ]


def _lit(candidate: Candidate, boxes: Sequence[Sequence[float]], quote: str = "") -> Lit:
    passage = candidate.passage
    span = passage.get("span")
    return Lit(
        page=passage.get("page"),
        boxes=tuple(map(_box, boxes)),
        span=(span[0], span[1]) if span else None,
        quote=quote,
        version_id=candidate.version_id,
    )


def _read_block(block: dict[str, Any], anchor: str, height: float, lit: Lit) -> ReadBlock:
    before, marked, after = _cut(block, lit)
    boxes = [_box(box) for box in block["boxes"]]
    return ReadBlock(
        kind=block["kind"],
        level=block.get("level", 0),
        rects=tuple(_rect(box, height) for box in boxes),
        anchor=anchor,
        lit=bool(marked) or any(_overlap(box, other) for box in boxes for other in lit.boxes),
        before=before,
        marked=marked,
        after=after,
        rows=_rows(block.get("cells", []), lit),
    )


def _cut(block: dict[str, Any], lit: Lit) -> tuple[str, str, str]:
    """Return the block's text before, in and after the lit range. A quotation is narrower than its passage and wins."""
    text: str = block["text"]
    span = block.get("span")
    if lit.span is None or span is None:
        return text, "", ""
    start, end = max(lit.span[0] - span[0], 0), min(lit.span[1] - span[0], len(text))
    if start >= end:
        return text, "", ""
    if lit.quote and lit.quote in text[start:end]:
        start = text.index(lit.quote, start)
        end = start + len(lit.quote)
    return text[:start], text[start:end], text[end:]


def _rows(cells: Sequence[dict[str, Any]], lit: Lit) -> tuple[tuple[dict[str, Any], ...], ...]:
    """Return a table's cells by row, each column filled, so that it reads as a grid."""
    if not cells:
        return ()
    columns = 1 + max(cell["column"] for cell in cells)
    grid: list[list[dict[str, Any]]] = []
    for cell in sorted(cells, key=lambda cell: (cell["row"], cell["column"])):
        while len(grid) <= cell["row"]:
            grid.append([{"text": "", "numeric": False, "header": False, "lit": False} for _ in range(columns)])
        box = cell.get("box")
        grid[cell["row"]][cell["column"]] = {
            "text": cell["text"],
            "numeric": bool(_FIGURE.fullmatch(cell["text"].strip())),
            "header": cell.get("header", False),
            "lit": box is not None and any(_overlap(_box(box), other) for other in lit.boxes),
        }
    if all(cell["lit"] for row in grid for cell in row if cell["text"]):
        # The table itself is lit; to light each of its cells would say nothing more.
        grid = [[cell | {"lit": False} for cell in row] for row in grid]
    return tuple(tuple(row) for row in grid)


def _box(box: Sequence[float]) -> Box:
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1)


def _rect(box: Box, height: float) -> Rect:
    x0, y0, x1, y1 = box
    return Rect(round(1000 * x0, 1), round(height * y0, 1), round(1000 * (x1 - x0), 1), round(height * (y1 - y0), 1))


def _overlap(one: Box, other: Box) -> bool:
    """Return whether the boxes share more than an edge: at least a fifth of the smaller one."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return False
    smaller = min((one[2] - one[0]) * (one[3] - one[1]), (other[2] - other[0]) * (other[3] - other[1]))
    return width * height > 0.2 * smaller
