"""Pages with footnotes: body from the top, and at the foot the notes whose signs stand in that body.

A paragraph is divided where it and its notes no longer fit; a note that finds no room goes on at the foot of the next page.
"""

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from apps.reasoning.exports.pdf_fonts import SERIF

_LEFT, _TOP, _BOTTOM = 62.0, 60.0, 54.0
WIDTH = A4[0] - 2 * _LEFT
_HEIGHT = A4[1] - _TOP - _BOTTOM
_ABOVE_NOTES, _KEPT = 14.0, 42.0
"""What is left free over the notes, with their rule, and the room that must be left under a heading."""
_SIGN = re.compile("\u00a0(\\d+)")
_RULE = HexColor("#c9cdd2")
_FOOT = ParagraphStyle("foot", fontName=f"{SERIF}-Regular", fontSize=7.5, leading=10, textColor=HexColor("#5a5f66"))


@dataclass(frozen=True, slots=True)
class Piece:
    """What is set as one, with the room around it. `notes` are those of a row; a paragraph is asked for its own. `again` makes what
    is repeated over it at the top of a page."""

    content: Any
    notes: tuple[int, ...] | None = None
    before: float = 0
    after: float | None = None
    keeps_next: bool = False
    again: Callable[[], Any] | None = None

    def height(self) -> float:
        return _height(self.content)

    @property
    def space(self) -> float:
        return float(getattr(self.content.style, "spaceAfter", 0)) if self.after is None else self.after

    def signs(self) -> list[int]:
        """Return the numbers of the notes whose signs stand in this piece."""
        if self.notes is not None:
            return list(self.notes)
        return [int(found) for found in _SIGN.findall(self.content.getPlainText(identify=1))]


def set_pages(
    pieces: Iterable[Piece], notes: Mapping[int, Paragraph], *, title: str, language: str, foot: str
) -> bytes:
    """Return the PDF of some pieces and their notes. `foot` is the markup of what stands under every page."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, lang=language)
    canvas.setTitle(title)
    canvas.setAuthor("Toulmin")
    pages = _Pages(canvas, notes, foot)
    queue = deque(pieces)
    while queue or pages.owed:
        pages.fill(queue)
    canvas.save()
    return target.getvalue()


class _Pages:
    def __init__(self, canvas: Canvas, notes: Mapping[int, Paragraph], foot: str) -> None:
        self.canvas, self.notes, self.foot = canvas, notes, foot
        self.number = 0
        self.cited: set[int] = set()
        self.owed: list[Paragraph] = []

    def fill(self, queue: deque[Piece]) -> None:
        """Set one page from what is queued, and take that from the queue."""
        self.number += 1
        y, at_foot, self.owed, is_first = 0.0, self.owed, [], True
        while queue:
            piece = queue[0]
            if is_first and piece.again:
                y += self._draw(piece.again(), y)
            before = 0 if is_first else piece.before
            fitting = self._fitting(piece, _HEIGHT - y - before, at_foot, is_first=is_first)
            if fitting is None:
                break
            head, rest = fitting
            queue.popleft()
            if rest is not None:
                queue.appendleft(rest)
            at_foot = at_foot + self._fresh(head)
            self.cited.update(head.signs())
            y += before + self._draw(head.content, y + before) + head.space
            is_first = False
        self._draw_notes(at_foot, _HEIGHT - y)
        self._draw_foot()
        self.canvas.showPage()

    def _fresh(self, piece: Piece) -> list[Paragraph]:
        numbers = dict.fromkeys(number for number in piece.signs() if number not in self.cited)
        return [self.notes[number] for number in numbers if number in self.notes]

    def _fitting(
        self, piece: Piece, room: float, at_foot: Sequence[Paragraph], *, is_first: bool
    ) -> tuple[Piece, Piece | None] | None:
        """Return what of a piece fits with its notes, and the rest of it; None if that is nothing.

        On an empty page something always does: the notes then wait.
        """
        needed = piece.height() + _height_of([*at_foot, *self._fresh(piece)])
        if needed + (_KEPT if piece.keeps_next and not is_first else 0) <= room:
            return piece, None
        if piece.keeps_next and not is_first:
            return None
        share = room - _height_of(at_foot)
        while share > 0:
            parts = piece.content.split(WIDTH, share)
            if len(parts) < 2:
                break
            head = replace(piece, content=parts[0], after=0)
            excess = head.height() + _height_of([*at_foot, *self._fresh(head)]) - room
            if excess <= 0:
                return head, replace(piece, content=parts[1], before=0)
            share = min(share, head.height()) - max(excess / 2, 4)
        if not is_first:
            return None
        parts = piece.content.split(WIDTH, room) if piece.height() > room else [piece.content]
        if len(parts) < 2:
            return piece, None
        return replace(piece, content=parts[0], after=0), replace(piece, content=parts[1])

    def _draw(self, content: Any, y: float) -> float:
        """Draw at a distance from the top of the body and return the height."""
        height = float(content.wrap(WIDTH, _HEIGHT)[1])  # anew, since what was divided in vain has forgotten its lines
        content.drawOn(self.canvas, _LEFT, A4[1] - _TOP - y - height)
        return height

    def _draw_notes(self, notes: list[Paragraph], room: float) -> None:
        """Draw the notes that there is room for, at the foot; the others are owed to the next page."""
        kept: list[Paragraph] = []
        for index, note in enumerate(notes):
            if _height_of([*kept, note]) <= room:
                kept.append(note)
                continue
            parts = note.split(WIDTH, room - _height_of(kept) - (0 if kept else _ABOVE_NOTES))
            kept, rest = (kept + parts[:1], parts[1:]) if len(parts) > 1 else (kept, [note])
            self.owed = [*rest, *notes[index + 1 :]]
            break
        y = _HEIGHT - _height_of(kept) + _ABOVE_NOTES
        if kept:
            self.canvas.setStrokeColor(_RULE)
            level = A4[1] - _TOP - y + 6
            self.canvas.line(_LEFT, level, _LEFT + WIDTH / 3, level)
        for note in kept:
            y += self._draw(note, y) + note.style.spaceAfter

    def _draw_foot(self) -> None:
        number = _("Page %(number)s") % {"number": self.number}
        line = Paragraph(f"{number} · {self.foot}" if self.foot else number, _FOOT)
        line.wrap(WIDTH, _BOTTOM)
        line.drawOn(self.canvas, _LEFT, _BOTTOM - 26)


def _height_of(notes: Sequence[Paragraph]) -> float:
    if not notes:
        return 0
    return _ABOVE_NOTES + sum(_height(note) + float(note.style.spaceAfter) for note in notes)


def _height(content: Any) -> float:
    """Return how high content is; it is measured once, since all is set to one width."""
    known = getattr(content, "measured", None)
    if known is None:
        known = content.measured = float(content.wrap(WIDTH, _HEIGHT)[1])
    return float(known)
