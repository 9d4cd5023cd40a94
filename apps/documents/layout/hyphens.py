"""Hyphens at the ends of lines: those that only part a word become soft hyphens, those that belong to it stay.

PDF does not tell them apart. The document itself does: by which of the two forms it uses elsewhere, or else by whether
it parts words at all.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from apps.documents.parsing import Block, Line, Page

SOFT_HYPHEN = "\u00ad"
_FIRST_HALF = re.compile(r"([^\W\d_]+)\u00ad$")
_SECOND_HALF = re.compile(r"^[^\W\d_]+")
_BOTH_HALVES = re.compile(r"([^\W\d_]+)\u00ad([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PARTS_WORDS = 0.03
"""Share of lines that end on a hyphen, above which a document is taken to part words where it can."""


class Hyphens:
    """Knows the words of the pages so far, and how many of their lines end on a hyphen."""

    def __init__(self) -> None:
        self._known: Counter[str] = Counter()
        self._lines = self._parted = 0

    def settle(self, window: Sequence[Page]) -> tuple[Page, ...]:
        """Return the pages, which follow those of the calls before and were read with a soft hyphen for every hyphen at the end
        of a line, with the real ones restored."""
        for block in (block for page in window for block in page.blocks):
            self._lines += len(block.lines)
            self._parted += sum(line.text.endswith(SOFT_HYPHEN) for line in block.lines)
            self._known.update(word.lower() for word in _WORD.findall(block.text))
        return tuple(
            replace(page, blocks=tuple(_settled(block, self._is_soft) for block in page.blocks)) for page in window
        )

    def _is_soft(self, first: str, second: str) -> bool:
        if second[0].isupper() and not first.isupper():
            return False
        whole, compound = self._known[(first + second).lower()], self._known[f"{first}-{second}".lower()]
        return self._parted > _PARTS_WORDS * self._lines if whole == compound else whole > compound


def _settled(block: Block, is_soft: Callable[[str, str], bool]) -> Block:
    if SOFT_HYPHEN not in block.text:
        return block
    lines = tuple(_settled_lines(block.lines, is_soft))
    cells = tuple(replace(cell, text=_settled_inside(cell.text, is_soft)) for cell in block.cells)
    return replace(block, text="\n".join(line.text for line in lines), lines=lines, cells=cells)


def _settled_lines(lines: Sequence[Line], is_soft: Callable[[str, str], bool]) -> Iterator[Line]:
    for line, following in zip(lines, (*(after.text for after in lines[1:]), ""), strict=True):
        first, second = _FIRST_HALF.search(line.text), _SECOND_HALF.match(following)
        if first and second and is_soft(first[1], second[0]):
            yield replace(line, text=_settled_inside(line.text[:-1], is_soft) + SOFT_HYPHEN)
        else:
            yield replace(line, text=_settled_inside(line.text, is_soft))


def _settled_inside(text: str, is_soft: Callable[[str, str], bool]) -> str:
    """Return a line of a table, some of whose cells run over printed lines, with the words parted there whole."""
    if SOFT_HYPHEN not in text:
        return text
    whole = _BOTH_HALVES.sub(lambda found: "".join(found.groups()) if is_soft(*found.groups()) else found[0], text)
    return whole.replace(SOFT_HYPHEN, "-")
