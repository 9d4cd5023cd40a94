"""What stands over a table: its title, and the unit of its figures."""

import re
from collections.abc import Sequence

from apps.documents.layout.paragraphs import Paragraph
from apps.documents.parsing import BlockKind

MOST_ABOVE = 4
"""Paragraphs above a table among which its title is looked for."""

_NEAR = 3.0
"""In units of type size: no more white than this is between a table and its title."""

_LONGEST = 300
_SCALE = r"(?:thousands?|millions?|billions?|hundreds|crores?|lakhs?|tausend|millionen|milliarden|milliers|miles|millones|TEUR|T€|Mio\.?|Mrd\.?)"
_IN_BRACKETS = re.compile(rf"[(（]([^()（）]*\b{_SCALE}\b[^()（）]*|(?:in|en) (?:%|percent|€|\$|EUR|USD|GBP)[^()]*|単位[^()（）]*)[)）]", re.IGNORECASE)  # fmt: skip
_ALONE = re.compile(
    rf"^(?:(?:all |the )?(?:amounts?|figures|dollars|values|u\.?s\.? dollars)?\s?(?:are |stated |expressed |presented )*(?:in |en |\$ in |€ in )?"
    rf"(?:[A-Z]{{3}} |u\.?s\.? dollars |€ |\$ |euros? )?{_SCALE}\b.{{0,60}}|単位.{{1,12}})$",
    re.IGNORECASE,
)
_REMARK = re.compile(r"^\([^()]{1,60}\)$")
"""That the figures are unaudited, restated, or of which year: stands between a title and its table."""


def unit_in(text: str) -> str:
    """Return the unit that a line over a table or a heading in it names; "" if it names none."""
    found = _IN_BRACKETS.search(text)
    if found:
        return found[1].strip()
    return text.strip() if _ALONE.match(text.strip()) else ""


def title_above(paragraphs: Sequence[Paragraph], top: float) -> tuple[str, str]:
    """Return the title and the unit that the paragraphs right above a table give it."""
    unit = ""
    for paragraph in reversed(paragraphs):
        last = paragraph.last
        if not -last.size < top - last.y1 < _NEAR * last.size:
            break
        text = " ".join(line.text for line in paragraph.lines)
        named = unit_in(text)
        unit = unit or named
        if (named and len(text) < len(named) + 4) or _REMARK.match(text):
            top = paragraph.lines[0].y0
            continue
        bold = all(line.bold for line in paragraph.lines)
        names = bold or paragraph.kind in (BlockKind.CAPTION, BlockKind.HEADING) or text.endswith((":", "："))
        return (text if names and len(text) < _LONGEST else "", unit)
    return "", unit


def title_below(paragraph: Paragraph, bottom: float) -> str:
    """Return the text of the paragraph after a table if it is a caption right below it."""
    first = paragraph.lines[0]
    if paragraph.kind is not BlockKind.CAPTION or not -first.size < first.y0 - bottom < _NEAR * first.size:
        return ""
    return " ".join(line.text for line in paragraph.lines)
