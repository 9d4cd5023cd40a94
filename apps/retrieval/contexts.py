"""What travels with a chunk so that it can be found: what stands above it in the document, in few words.

It is embedded and searched with the text, and costs as much as the text does: nothing that stands in the text is said again, and
what matters most gets its room first.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apps.documents.parsing import Block, BlockKind, Table
from apps.retrieval.tokens import estimate

CONTEXT_TOKENS = 60
SEPARATOR = " › "

_TITLE_TOKENS = 20
_HEADING_TOKENS = 20
_HEADINGS = 3
_CAPTION_TOKENS = 16
_UNIT_TOKENS = 8
_COLUMNS_TOKENS = 26
_SECTION_TOKENS = 16
_FEWEST_TOKENS = 6
"""Fewer first words than this say nothing of a longer text."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class TablePart:
    """The rows of a table from the one that starts at `start` in its text, which has one line a row."""

    block: Block
    text: str
    start: int

    @property
    def first_row(self) -> int:
        rows = sorted({cell.row for cell in self.block.cells})
        number = self.text.count("\n", 0, self.start)
        return rows[number] if number < len(rows) else 0


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a context: where it stands, how much room it may have, and how early it gets it."""

    text: str
    place: int
    most: int
    precedence: int


def context_of(title: str, above: Sequence[str], table: TablePart | None, text: str) -> str:
    """Return what a chunk is found by besides its own text: title, headings, and of a table what leads to its first row."""
    text = plain(text)
    parts = [_Part(title, 0, _TITLE_TOKENS, 0)]
    for depth, heading in enumerate(reversed(above[-_HEADINGS:])):
        if plain(heading) not in text:
            parts.append(_Part(heading, _HEADINGS - depth, _HEADING_TOKENS, 3 + depth))
    if table is not None and table.block.table is not None:
        parts += _of_table(table, table.block.table, text)
    kept: dict[int, str] = {}
    left = CONTEXT_TOKENS - len(parts)
    for part in sorted(_once(parts), key=lambda part: part.precedence):
        words = clip(part.text, min(part.most, left))
        if words and (estimate(words) >= _FEWEST_TOKENS or words == plain(part.text)):
            kept[part.place] = words
            left -= estimate(words)
    return SEPARATOR.join(kept[place] for place in sorted(kept))


def _of_table(part: TablePart, table: Table, text: str) -> Iterator[_Part]:
    row = part.first_row
    for words, place, most, precedence in (
        (table.caption, 10, _CAPTION_TOKENS, 3),
        (table.unit, 11, _UNIT_TOKENS, 4),
        (_columns(table) if row >= table.header_rows else "", 12, _COLUMNS_TOKENS, 1),
        (_section(table, row), 13, _SECTION_TOKENS, 2),
    ):
        if words and plain(words) not in text:
            yield _Part(words, place, most, precedence)


def _columns(table: Table) -> str:
    """Return the headings of the columns, an outer one once for all that it stands over."""
    said: list[str] = []
    before: tuple[str, ...] = ()
    for path in table.column_paths:
        shared = 0
        while shared < min(len(path) - 1, len(before)) and path[shared] == before[shared]:
            shared += 1
        said += path[shared:]
        before = path
    return " ".join(said)


def _section(table: Table, row: int) -> str:
    path = table.row_paths[row] if row < len(table.row_paths) else ()
    return SEPARATOR.join(path[:-1])


def _once(parts: Iterable[_Part]) -> Iterator[_Part]:
    """Leave out what another part says too; a heading is often the caption of its table."""
    said: list[str] = []
    for part in parts:
        words = plain(part.text)
        if words and words not in said:
            said.append(words)
            yield part


def clip(text: str, tokens: int) -> str:
    """Return as many of the first words as `tokens` hold."""
    text = plain(text)
    if estimate(text) <= tokens:
        return text
    words: list[str] = []
    for word in text.split(" "):
        tokens -= estimate(word)
        if tokens < 0:
            break
        words.append(word)
    return " ".join(words)


def plain(text: str) -> str:
    """Return the text with single blanks."""
    return _SPACE.sub(" ", text).strip()


def is_table(block: Block) -> bool:
    return block.kind is BlockKind.TABLE and bool(block.cells)
