"""Lines with something set apart that are no tables: entries of lists behind their marks, and contents with page numbers."""

import re
from collections.abc import Sequence
from itertools import pairwise

from apps.documents.layout.paragraphs import BULLETS, TICKS
from apps.documents.layout.words import Fragment, is_year, merge

Row = list[Fragment]

_MARKER = re.compile(
    r"^(?:[*†+#]{0,2}\(?[\dA-Za-z]{1,4}(?:[.\-][\dA-Za-z]{1,4}){0,3}[.):]{0,2}(?:\s?\(\w{1,4}\))*[*†+#]*|[*†+#]{1,3})$"
)
_PAGE = re.compile(r"^(?:[A-Z]-)?(\d{1,4})$|^([ivxl]{1,6})$")
BULLET_LETTERS = frozenset("oÿŸØ§ü¾")
"""Letters that bullets of symbol fonts are read as."""

_SHARE_OF_ENTRIES = 0.8
_SENTENCE = 8
_FEWEST_WORDS = 4
_WIDE = 0.4
_RAISED = 0.85
_FEWEST_ENTRIES = 4
_NEXT, _SMALLER = 2.5, 0.93
"""In units of type size: no further apart are rows of one table; and the type of a footnote under one is smaller than this share."""


def with_markers(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the marks of list entries, which often stand apart, joined to their text."""
    if not rows:
        return []
    width = max(row[-1].x1 for row in rows) - min(row[0].x0 for row in rows)
    return [_with_marker(row, width, in_table=_in_table(rows, index)) for index, row in enumerate(rows)]


def is_contents(rows: Sequence[Row]) -> bool:
    """Return whether rows are entries of a table of contents: titles, and numbers of pages that only rise."""
    entries = [row for row in rows if len(row) > 1]
    numbers = [found for row in entries if (found := _PAGE.match(row[-1].text))]
    if len(entries) < _FEWEST_ENTRIES or len(numbers) < 0.8 * len(entries):
        return False
    if any(cell.is_number and cell.x0 > row[0].x1 for row in entries for cell in row[1:-1]):
        return False
    pages = [int(found[1]) for found in numbers if found[1]]
    rising = sum(before <= after for before, after in pairwise(pages))
    worded = sum(any(character.isalpha() for character in cell.text) for row in entries for cell in row[:-1])
    return rising >= 0.9 * (len(pages) - 1) and len(set(pages)) > 1 and worded >= len(entries)


def is_list(rows: Sequence[Row]) -> bool:
    """Return whether rows are texts behind marks that only number them, at least one a sentence: paragraphs, exhibits."""
    apart = [row for row in rows if len(row) > 1]
    entries = [row for row in apart if len(row) == 2 and _is_mark(row[0]) and not row[1].is_number]
    if not entries or len(entries) < _SHARE_OF_ENTRIES * len(apart):
        return False
    return any(len(row[-1].words) >= _SENTENCE for row in rows)


def _is_mark(piece: Fragment) -> bool:
    """Return whether a piece is a bullet, or a number or letter as entries and paragraphs have them, and no year."""
    text = piece.text
    if len(text) == 1 and not text.isalnum():
        return True
    numbered = _MARKER.match(text) and (any(c.isdigit() for c in text) or not text.isalpha())
    return text in BULLET_LETTERS or (bool(numbered) and not is_year(text))


def _with_marker(row: Row, width: float, *, in_table: bool) -> Row:
    if len(row) != 2 or row[1].is_number:
        return row
    mark, text = row
    raised = mark.size < _RAISED * text.size and bool(_MARKER.match(mark.text))
    if raised or mark.text in TICKS:
        return [merge(row)]
    if not in_table and (
        mark.text in BULLETS or mark.text in BULLET_LETTERS or mark.text == "-" or _is_short_marker(mark.text)
    ):
        return [merge(row)]
    few, wide = (_FEWEST_WORDS, _WIDE) if not in_table else (2 * _FEWEST_WORDS, 1.5 * _WIDE)
    long = len(text.words) >= few and text.x1 - text.x0 > wide * width
    return [merge(row)] if long and _MARKER.match(mark.text) and not mark.text.isalpha() else row


def _in_table(rows: Sequence[Row], index: int) -> bool:
    """Return whether a row of more than two pieces is next to this one, in no larger type."""
    own = rows[index][0]
    return any(
        len(row) > 2 and abs(row[0].baseline - own.baseline) < _NEXT * own.size and _SMALLER * row[0].size < own.size
        for row in rows[max(index - 1, 0) : index + 2]
    )


def _is_short_marker(text: str) -> bool:
    """Return whether a text is a number or letter with a point or bracket, and no abbreviation as "U.S." is."""
    if text.count(".") > 1 and not any(c.isdigit() for c in text):
        return False
    return len(text) <= 5 and (text[-1] in ".)" or text[0] == "(") and any(c.isalnum() for c in text)
