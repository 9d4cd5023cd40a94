"""The words of an element, as they run when a browser shows them."""

import re
from collections.abc import Iterator
from typing import Literal

from selectolax.lexbor import LexborNode

_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu ol p pre search section summary table tbody td tfoot th "
    "thead tr ul"
)
BLOCKS = frozenset(_BLOCK_TAGS.split())
_BLANKS = re.compile(r"\s+")


def squeezed(text: str) -> str:
    """Return the text with every run of white space made one blank."""
    return _BLANKS.sub(" ", text).strip()


def words_of(node: LexborNode, *, without: frozenset[str] = frozenset(), line_break: str = " ") -> str:
    """Return the text in an element, words of different blocks kept apart; elements in `without` are left out."""
    parts: list[str] = []
    for event, child in _events(node, without):
        tag = child.tag or ""
        if tag == "-text":
            if event == "enter":
                parts.append(child.text(deep=False) or "")
        elif tag == "br":
            parts.append(line_break if event == "enter" else "")
        elif tag in BLOCKS:
            parts.append(" ")
    return "".join(parts)


def _events(root: LexborNode, without: frozenset[str]) -> Iterator[tuple[Literal["enter", "leave"], LexborNode]]:
    """Walk what is in an element without recursion, which pages that are nested without measure would exhaust."""
    node, depth = root.first_child, 1
    while node is not None and depth:
        left_out = node.tag in without
        if not left_out:
            yield "enter", node
            if node.first_child is not None:
                node, depth = node.first_child, depth + 1
                continue
            yield "leave", node
        while node is not None and node.next is None and depth > 1:
            node, depth = node.parent, depth - 1
            if node is not None:
                yield "leave", node
        node = node.next if node is not None else None
