"""HTML as blocks: headings, paragraphs, lists and tables in the order of the page.

Nothing here depends on how deep elements lie in each other: below a depth that nobody means, the words are still read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from apps.documents.parsers.markup.frame import drop_hidden, main_part
from apps.documents.parsers.markup.tables import is_data, table_blocks
from apps.documents.parsers.markup.words import BLOCKS, squeezed, words_of
from apps.documents.parsing import Block, BlockKind

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "menu"})
_MORE_THAN_ENTRIES = "table, pre, h1, h2, h3, h4, h5, h6"
_DEEPEST = 200
_DEEPEST_PARSED = 2000
_NESTING = re.compile(
    r"<(/?)(?:div|ul|ol|dl|menu|section|article|aside|main|header|footer|nav|blockquote|form|fieldset|details|figure|center|"
    r"address|dir)(?=[\s>/])",
    re.IGNORECASE,
)
_BREAK = "\x1e"
_QUOTED = "> "
_STATED = {
    "author": "author",
    "dc.creator": "author",
    "keywords": "keywords",
    "article:published_time": "date",
    "date": "date",
}


@dataclass(frozen=True, slots=True)
class Html:
    """A page as read: its blocks, and what it says of itself."""

    blocks: tuple[Block, ...]
    title: str = ""
    language: str = ""
    metadata: tuple[tuple[str, str], ...] = ()


def read_html(text: str, *, only_main: bool = True, quotes: bool = False) -> Html:
    """Return what a page says. With `only_main`, what frames it on its site is left out; with `quotes`, quotations are marked
    as mail programs mark them."""
    tree = LexborHTMLParser(_flattened(text) if _depth(text) > _DEEPEST_PARSED else text)
    title = tree.css_first("title")
    name = squeezed(title.text()) if title else ""
    language = (tree.root.attributes.get("lang") or "") if tree.root else ""
    metadata = tuple(_metadata(tree))
    body = tree.body
    if body is None:
        return Html(())
    drop_hidden(body)
    root = main_part(body) if only_main else body
    return Html(tuple(_Walk(quotes).blocks(root)), name, re.split("[-_]", language)[0].lower(), metadata)


def _depth(text: str) -> int:
    """How deep elements that have to be closed lie in each other at most, as their tags say."""
    depth = deepest = 0
    for tag in _NESTING.finditer(text):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    return deepest


def _flattened(text: str) -> str:
    """Parsing takes time by the square of the depth, so beyond any sensible one only paragraphs are kept of a page."""
    return _NESTING.sub("<p", text)


def _metadata(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    seen = set()
    for meta in tree.css("head meta[content]"):
        stated = _STATED.get((meta.attributes.get("name") or meta.attributes.get("property") or "").lower())
        value = squeezed(meta.attributes.get("content") or "")
        if stated and value and stated not in seen:
            seen.add(stated)
            yield stated, value[:500]


class _Walk:
    """One pass over the tree that gathers inline text until a block begins or ends."""

    def __init__(self, quotes: bool) -> None:
        self._inline: list[str] = []
        self._quotes = quotes

    def blocks(self, node: LexborNode, depth: int = 0) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._inline.append(child.text(deep=False) or "")
            elif tag == "br":
                self._inline.append(_BREAK)
            elif tag not in BLOCKS and not _holds_blocks(child):
                self._inline.append(words_of(child, line_break=_BREAK))
            else:
                yield from self._paragraph()
                yield from self._block(child, tag, depth + 1)
        yield from self._paragraph()

    def _block(self, node: LexborNode, tag: str, depth: int) -> Iterator[Block]:
        if tag in _HEADINGS:
            yield Block(BlockKind.HEADING, squeezed(words_of(node)), level=_HEADINGS[tag])
        elif depth > _DEEPEST:
            yield Block(BlockKind.TEXT, squeezed(words_of(node)))
        elif tag == "table" and is_data(node):
            yield from table_blocks(node)
        elif tag in _LISTS and node.css_first(_MORE_THAN_ENTRIES) is None:
            yield Block(BlockKind.LIST, "\n".join(_items(node, "", depth)))
        elif tag == "dl":
            yield from self._definitions(node, depth)
        elif tag == "pre":
            yield Block(BlockKind.TEXT, node.text().strip("\n"))
        elif tag in ("figcaption", "caption"):
            yield Block(BlockKind.CAPTION, squeezed(words_of(node)))
        elif tag == "blockquote" and self._quotes:
            yield from (_quoted(block) for block in self.blocks(node, depth))
        else:
            yield from self.blocks(node, depth)

    def _definitions(self, node: LexborNode, depth: int) -> Iterator[Block]:
        """A list of terms and what they mean, the latter indented; read as what it holds where that is more than text."""
        if node.css_first(f"{_MORE_THAN_ENTRIES}, ul, ol, dl dl") is not None:
            yield from self.blocks(node, depth)
            return
        entries = ((entry.tag, squeezed(words_of(entry))) for entry in node.css("dt, dd"))
        lines = [f"  {text}" if tag == "dd" else text for tag, text in entries if text]
        yield Block(BlockKind.LIST, "\n".join(lines).strip())

    def _paragraph(self) -> Iterator[Block]:
        lines = (squeezed(line) for line in "".join(self._inline).split(_BREAK))
        text = "\n".join(line for line in lines if line)
        self._inline.clear()
        if text:
            yield Block(BlockKind.TEXT, text)


def _quoted(block: Block) -> Block:
    if block.cells:
        return block
    return Block(block.kind, "\n".join(_QUOTED + line for line in block.text.split("\n")), level=block.level)


def _holds_blocks(node: LexborNode) -> bool:
    return any(found.tag in BLOCKS for found in node.traverse()) if node.child else False


def _items(node: LexborNode, indent: str, depth: int) -> Iterator[str]:
    """Yield the entries of a list, a line each, those of lists inside it indented."""
    if depth > _DEEPEST:
        return
    ordered = node.tag == "ol"
    start = node.attributes.get("start") or "1"
    number = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
    for item in node.iter():
        if item.tag in _LISTS:
            yield from _items(item, indent + "  ", depth + 1)
        elif item.tag == "li":
            own = squeezed(words_of(item, without=_LISTS))
            if own:
                yield f"{indent}{f'{number}.' if ordered else '•'} {own}"
            number += 1
            for nested in item.css("ul, ol, menu"):
                if _nearest_entry(nested) == item.mem_id:
                    yield from _items(nested, indent + "  ", depth + 1)


def _nearest_entry(node: LexborNode) -> int:
    parent = node.parent
    while parent is not None and parent.tag != "li":
        parent = parent.parent
    return parent.mem_id if parent is not None else 0
