"""What the page of one document shows around the page in hand: the map of all of them, the contents, and the answers that rest on it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from apps.accounts.scope import Scope
from apps.documents.models import Attachment, Block, Document, Version
from apps.documents.parsing import BlockKind, Quality
from apps.reasoning.models import Answer, Candidate
from apps.web.document_blocks import window_with, windows_of
from apps.web.parts import named, part_of

_MAP_WIDTH = 1312
_HEADINGS = 200
_LABELS = 500
_OWN_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """Pages of the map that stand together: one, or, in long documents, a row of pages read alike."""

    first: int
    x: float
    width: float
    quality: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the contents; `query` and `anchor` lead to its page or, without pages, to its place in the text."""

    text: str
    level: int
    at: int | None
    query: str
    anchor: str
    current: bool


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
        "look": _to_look_at(version, qualities),
    }


def _to_look_at(version: Version, qualities: dict[int, str]) -> list[dict[str, Any]]:
    part = part_of(version.media_type)
    return [
        {"number": number, "quality": quality, "name": named(part, number)}
        for number, quality in sorted(qualities.items())
        if quality != Quality.READ
    ]


def now_on_map(number: int, count: int) -> float:
    """Return where on the map the page in hand begins."""
    return round((number - 1) * _MAP_WIDTH / max(count, 1), 2)


def cited_pages(version: Version) -> dict[int, int]:
    """Return page → in how many answers it is cited."""
    rows = Candidate.objects.filter(version_id=version.pk, citations__isnull=False, passage__page__isnull=False)
    return {
        int(page): answers
        for page, answers in rows.values_list("passage__page").annotate(answers=Count("answer", distinct=True))
        if page is not None
    }


def attachments_of(scope: Scope, version: Version) -> list[Attachment]:
    """Return what was attached to a version; a document that was made of it only if the reader may open that."""
    attached = list(version.attachments.select_related("document__latest"))
    made = [row.document_id for row in attached if row.document_id]
    readable = set(Document.objects.visible_to(scope).filter(pk__in=made).values_list("pk", flat=True))
    for row in attached:
        if row.document_id not in readable:
            row.document = None
    return attached


def resting_answers(scope: Scope, version: Version, number: int | None) -> dict[str, Any]:
    """Return the reader's own answers that cite this page (or, without pages, this version), and how many others do."""
    cited = Candidate.objects.filter(version_id=version.pk, citations__isnull=False)
    if number is not None:
        cited = cited.filter(passage__page=number)
    answers = Answer.objects.filter(pk__in=cited.values("answer"))
    own = answers.filter(pk__in=Answer.objects.visible_to(scope).values("pk"))
    total, mine = answers.count(), own.count()
    return {"own": own[:_OWN_ANSWERS], "others": total - mine, "total": total}


def outline_of(version: Version, number: int) -> list[Heading]:
    """Return the contents, the entry in hand marked: the names of slides, sheets and chapters, else the upper headings."""
    if version.paged:
        labels = list(version.pages.exclude(label="").order_by("number").values_list("number", "label")[:_LABELS])
        if labels:
            return [Heading(label, 1, page, f"page={page}", "", page == number) for page, label in labels]
    rows = list(
        Block.objects.filter(version=version, kind=BlockKind.HEADING, level__lte=2)
        .order_by("ordinal")
        .values_list("text", "level", "page__number", "ordinal")[:_HEADINGS]
    )
    if not version.paged:
        return _headings_of_text(version, rows)
    reached = max((place for place, (_, _, page, _) in enumerate(rows) if page <= number), default=-1)
    return [
        Heading(text, level, page, f"page={page}", "", place == reached)
        for place, (text, level, page, _) in enumerate(rows)
    ]


def _headings_of_text(version: Version, rows: list[tuple[str, int, int, int]]) -> list[Heading]:
    page = version.pages.first()
    windows = windows_of(page) if page is not None and rows else []
    many = len(windows) > 1
    return [
        Heading(
            text, level, None, f"window={window_with(windows, ordinal)}" if many else "", f"#b{ordinal}", current=False
        )
        for text, level, _, ordinal in rows
    ]
