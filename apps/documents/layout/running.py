"""Running heads and feet: what stands at the edge of page after page is kept, but heads nothing."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from apps.documents.parsing import Block, BlockKind, Page

_EDGE = 0.1
_OFTEN = 3


def demote_running_heads(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Return the pages with headings that recur at their edges turned into plain text."""
    seen = Counter(key for page in pages for key in {_key(block) for block in page.blocks if _is_at_edge(block)})
    return tuple(
        replace(page, blocks=tuple(_demoted(block) if seen[_key(block)] >= _OFTEN else block for block in page.blocks))
        for page in pages
    )


def _is_at_edge(block: Block) -> bool:
    _, top, _, bottom = block.boxes[0]
    return bottom < _EDGE or top > 1 - _EDGE


def _demoted(block: Block) -> Block:
    if block.kind is not BlockKind.HEADING or not _is_at_edge(block):
        return block
    return replace(block, kind=BlockKind.TEXT, level=0)


def _key(block: Block) -> str:
    return re.sub(r"\d+", "#", block.text)
