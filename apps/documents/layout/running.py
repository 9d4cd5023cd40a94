"""Running heads and feet: what stands at the edge of page after page is kept, but heads nothing."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from apps.documents.parsing import Block, BlockKind, Page

_EDGE = 0.1
_OFTEN = 3


class RunningHeads:
    """Knows what has stood at the edges of the pages so far: what recurs there is no heading, from its third page on at the
    latest."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def demote(self, window: Sequence[Page]) -> tuple[Page, ...]:
        """Return the pages, which follow those of the calls before, with recurring headings at their edges turned into text."""
        for page in window:
            self._seen.update({_key(block) for block in page.blocks if _is_at_edge(block)})
        return tuple(replace(page, blocks=tuple(self._demoted(block) for block in page.blocks)) for page in window)

    def _demoted(self, block: Block) -> Block:
        if block.kind is not BlockKind.HEADING or not _is_at_edge(block) or self._seen[_key(block)] < _OFTEN:
            return block
        return replace(block, kind=BlockKind.TEXT, level=0)


def _is_at_edge(block: Block) -> bool:
    _, top, _, bottom = block.boxes[0]
    return bottom < _EDGE or top > 1 - _EDGE


def _key(block: Block) -> str:
    return re.sub(r"\d+", "#", block.text)
