"""Printed lines to paragraphs, headings, lists and captions, by spacing, type and first words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

from apps.core.geometry import Box, union
from apps.documents.layout.words import Fragment
from apps.documents.parsing import BlockKind

TICKS = "☐☑☒✗"
BULLETS = TICKS + "•·‣◦▪■□●○▸►–—*✓➢"
_ITEM = re.compile(
    rf"^(?:[{re.escape(BULLETS)}-]|\(?(?:\d{{1,3}}|[a-zA-Z]|[ivxIVX]{{1,5}})[.)]|\d{{1,2}}(?:\.\d{{1,2}})+\.?)\s+\S"
)
_CAPTION = re.compile(
    r"^(?:Figure|Fig\.|Table|Chart|Exhibit|Graph|Abbildung|Abb\.|Tabelle|Tableau|図|表)\s*\d+[.:]?\s", re.IGNORECASE
)
_ENDED = re.compile(r"[.!?:;؟؛。！？]['”\")]?$")
_NOTE = re.compile(r"^(?:\(?(?:\d{1,3}|[a-z])\)?|[*†‡§#]{1,3})\s+\S")
_SMALL = 0.93
_LONGEST_HEADING = 160


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in a document: the size of its running text, and whether most of it is bold."""

    size: float
    bold: bool = False
    exact: bool = True
    """False where sizes and distances are measured on a picture and vary from line to line."""


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; grows while they are gathered."""

    lines: list[Fragment]
    kind: BlockKind = BlockKind.TEXT
    level: int = 0

    @property
    def box(self) -> Box:
        return union(line.box for line in self.lines)

    @property
    def last(self) -> Fragment:
        return self.lines[-1]


def paragraphs_of(lines: Sequence[Fragment], style: Style) -> list[Paragraph]:
    """Return the lines of one column as paragraphs of their kinds, in order."""
    if not lines:
        return []
    column = _Column.of(lines)
    found: list[Paragraph] = []
    for line in lines:
        if found and _belongs(found[-1], line, column, style):
            found[-1].lines.append(line)
        else:
            found.append(Paragraph([line]))
    for paragraph in found:
        paragraph.kind, paragraph.level = _kind(paragraph, style)
    return _lists(found)


@dataclass(frozen=True, slots=True)
class _Column:
    """The edges of a column of text, and the usual distance of its lines."""

    left: float
    right: float
    pitch: float

    @classmethod
    def of(cls, lines: Sequence[Fragment]) -> "_Column":
        size = median(line.size for line in lines)
        pitches = [below.baseline - above.baseline for above, below in pairwise(lines)]
        near = [pitch for pitch in pitches if 0.8 * size < pitch < 3 * size]
        return cls(
            min(line.x0 for line in lines),
            max(line.x1 for line in lines),
            median_low(near) if len(near) > 2 else 1.3 * size,
        )


def _belongs(paragraph: Paragraph, line: Fragment, column: _Column, style: Style) -> bool:
    last = paragraph.last
    least, most = (0.88, 1.14) if style.exact else (0.65, 1.5)
    if not least < line.size / last.size < most or (_ITEM.match(line.text) and not _runs_on(last, line, column)):
        return False
    if _is_marked(line):
        return False
    if line.bold != last.bold and (len(line.words) > 1 or len(last.words) > 1):
        return False
    pitch = line.baseline - last.baseline
    usual = column.pitch
    if len(paragraph.lines) > 1:
        before = last.baseline - paragraph.lines[-2].baseline
        usual = before if style.exact else max(before, usual)
    if pitch > 1.25 * max(usual, line.size) + 0.5 or (line.y0 < last.y0 and line.x0 > last.x1):
        return False
    width = column.right - column.left
    if line.right_to_left:
        indented = line.x1 < column.right - line.size and line.x1 < last.x1 - 0.8 * line.size
        short = last.x0 > column.right - 0.7 * width
        return not (indented and len(paragraph.lines) > 1) and not (short and _ENDED.search(last.text))
    indented = line.x0 > column.left + line.size and line.x0 > last.x0 + 0.8 * line.size
    if indented and len(paragraph.lines) > 1 and not _ITEM.match(paragraph.lines[0].text):
        return False
    short = last.x1 < column.left + 0.7 * width
    return not (short and _ENDED.search(last.text) and line.text[:1].isupper())


def _runs_on(last: Fragment, line: Fragment, column: _Column) -> bool:
    """A full line, then one at the same margin: what looks like the mark of an entry there is the next word."""
    full = last.x1 > column.right - 4 * line.size
    return full and abs(line.x0 - last.x0) < 0.3 * line.size and not _ENDED.search(last.text)


def _kind(paragraph: Paragraph, style: Style) -> tuple[BlockKind, int]:
    text = " ".join(line.text for line in paragraph.lines)
    if _CAPTION.match(text) and len(text) < 400:
        return BlockKind.CAPTION, 0
    level = _heading_level(paragraph, text, style)
    if level:
        return BlockKind.HEADING, level
    if _is_footnote(paragraph, text, style):
        return BlockKind.FOOTNOTE, 0
    if _ITEM.match(text):
        return BlockKind.LIST, 0
    return BlockKind.TEXT, 0


def _is_footnote(paragraph: Paragraph, text: str, style: Style) -> bool:
    """Small type behind a mark, or a mark that stands raised before the text."""
    if not style.exact:
        return False
    return bool(_NOTE.match(text)) and (paragraph.lines[0].size < _SMALL * style.size or _is_marked(paragraph.lines[0]))


def _is_marked(line: Fragment) -> bool:
    """Return whether a line begins with the raised mark of a footnote."""
    first = line.words[0]
    return (
        len(line.words) > 2
        and first.size < 0.8 * line.size
        and first.baseline < line.baseline
        and bool(_NOTE.match(line.text))
    )


def _heading_level(paragraph: Paragraph, text: str, style: Style) -> int:
    """Return 1 to 4, or 0 for what is no heading: larger than the running text, or set apart by weight or capitals."""
    letters = sum(character.isalpha() for character in text)
    if len(text) > _LONGEST_HEADING or letters < max(3, 0.4 * len(text.replace(" ", ""))) or len(paragraph.lines) > 3:
        return 0
    ratio = max(line.size for line in paragraph.lines) / style.size
    for level, least in ((1, 1.6), (2, 1.3), (3, 1.13)):
        if ratio >= least:
            return level
    if ratio < 0.9 or text.rstrip()[-1:] in ",;" or (text.rstrip().endswith(".") and len(text) > 60):
        return 0
    bold = all(line.bold for line in paragraph.lines) and not style.bold
    capitals = text.isupper() and letters > 5 and len(text) < 100
    return 4 if bold or capitals else 0


def _lists(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Put the entries of a list into one block where they follow closely."""
    result: list[Paragraph] = []
    for paragraph in paragraphs:
        before = result[-1] if result else None
        if (
            before is not None
            and before.kind is BlockKind.LIST is paragraph.kind
            and paragraph.lines[0].baseline - before.last.baseline < 2.6 * before.last.size
            and sum(len(line.words) for line in before.lines) < 400
        ):
            before.lines.extend(paragraph.lines)
        else:
            result.append(paragraph)
    return result
