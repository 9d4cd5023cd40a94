"""HTML, and Markdown by way of HTML: headings, paragraphs, lists and tables, without what only serves a website."""

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser, LexborNode

from apps.documents.parsers.flow import flowing, table_block
from apps.documents.parsers.text import decode
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source

_DROPPED = (
    "script, style, noscript, template, svg, canvas, iframe, object, embed, nav, aside, head, select, button, "
    "[hidden], [aria-hidden=true], [role=navigation], [role=search], [role=banner], [role=contentinfo]"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MAIN = "main, [role=main], article, #content, #main"
_MAIN_SHARE = 0.4
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST = 200
_BREAK = "\x1e"


class HtmlParser:
    """A page of a website or an intranet, as saved."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        return parse_html(_decoded_html(source.path.read_bytes()))


class MarkdownParser:
    """CommonMark with tables, and with HTML in it."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        text = re.sub(r"\A---\n.*?\n---\n", "", decode(source.path.read_bytes()), flags=re.DOTALL)
        return parse_html(MarkdownIt("commonmark").enable("table").render(text), only_main=False)


def parse_html(html: str, *, only_main: bool = True) -> Parsed:
    """Return the document in a page; with `only_main`, menus, headers and footers of the site are left out."""
    tree = LexborHTMLParser(html)
    title = tree.css_first("title")
    language = (tree.root.attributes.get("lang") or "") if tree.root else ""
    name = _squeezed(title.text()) if title else ""
    body = tree.body
    if body is None:
        return flowing(())
    for node in body.css(_DROPPED):
        node.decompose()
    for node in body.css("[style]"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()
    root = _main_part(body) if only_main else body
    return flowing(_Walk().blocks(root), title=name, language=language.split("-")[0].lower())


def _main_part(body: LexborNode) -> LexborNode:
    """The part that is marked as the main one, if it holds a good share of the text; else all but the site's frame."""
    whole = len(body.text())
    for part in body.css(_MAIN):
        if len(part.text()) > _MAIN_SHARE * whole:
            return part
    for frame in [child for child in body.iter() if child.tag in ("header", "footer")]:
        frame.decompose()
    return body


class _Walk:
    """One pass over the tree that gathers inline text until a block begins or ends."""

    def __init__(self) -> None:
        self._inline: list[str] = []

    def blocks(self, node: LexborNode, depth: int = 0) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._inline.append(child.text(deep=False) or "")
            elif tag == "br":
                self._inline.append(_BREAK)
            elif tag not in _BLOCKS and depth < _DEEPEST and not _holds_blocks(child):
                self._inline.append(child.text())
            else:
                yield from self._paragraph()
                if depth < _DEEPEST:
                    yield from self._block(child, tag, depth + 1)
        yield from self._paragraph()

    def _block(self, node: LexborNode, tag: str, depth: int) -> Iterator[Block]:
        if tag in _HEADINGS:
            yield Block(BlockKind.HEADING, _squeezed(node.text()), level=_HEADINGS[tag])
        elif tag == "table" and not node.css_first("table table") and len(node.css("tr")) > 1:
            yield from _table(node)
        elif tag in ("ul", "ol", "menu"):
            yield Block(BlockKind.LIST, "\n".join(_items(node, "", depth)))
        elif tag == "pre":
            yield Block(BlockKind.TEXT, node.text().strip("\n"))
        elif tag in ("figcaption", "caption"):
            yield Block(BlockKind.CAPTION, _squeezed(node.text()))
        else:
            yield from self.blocks(node, depth)

    def _paragraph(self) -> Iterator[Block]:
        lines = (_squeezed(line) for line in "".join(self._inline).split(_BREAK))
        text = "\n".join(line for line in lines if line)
        self._inline.clear()
        if text:
            yield Block(BlockKind.TEXT, text)


def _holds_blocks(node: LexborNode) -> bool:
    return any(found.tag in _BLOCKS for found in node.traverse()) if node.child else False


def _items(node: LexborNode, indent: str, depth: int) -> Iterator[str]:
    """Yield the entries of a list, a line each, those of lists inside it indented."""
    if depth > _DEEPEST:
        return
    ordered = node.tag == "ol"
    start = node.attributes.get("start") or "1"
    number = int(start) if start.isascii() and start.isdigit() else 1
    for item in node.iter():
        if item.tag in ("ul", "ol", "menu"):
            yield from _items(item, indent + "  ", depth + 1)
        elif item.tag == "li":
            inner = list(item.css("ul, ol, menu"))
            own = _own_text(item)
            mark = f"{number}." if ordered else "•"
            number += 1
            if own:
                yield f"{indent}{mark} {own}"
            for nested in inner:
                if _nearest_list_item(nested) == item.mem_id:
                    yield from _items(nested, indent + "  ", depth + 1)


def _own_text(item: LexborNode) -> str:
    """The text of an entry without that of the lists in it."""
    parts: list[str] = []

    def gather(node: LexborNode, depth: int) -> None:
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                parts.append(child.text(deep=False) or "")
            elif child.tag not in ("ul", "ol", "menu") and depth < _DEEPEST:
                parts.append(" " if child.tag in _BLOCKS or child.tag == "br" else "")
                gather(child, depth + 1)

    gather(item, 0)
    return _squeezed("".join(parts))


def _nearest_list_item(node: LexborNode) -> int:
    parent = node.parent
    while parent is not None and parent.tag != "li":
        parent = parent.parent
    return parent.mem_id if parent is not None else 0


def _table(node: LexborNode) -> Iterator[Block]:
    caption = node.css_first("caption")
    if caption is not None:
        yield Block(BlockKind.CAPTION, _squeezed(caption.text(separator=" ")))
    rows = [list(_cells(row)) for row in node.css("tr")]
    header_rows = 0
    for row in node.css("tr"):
        if not _is_header(row):
            break
        header_rows += 1
    yield table_block(_spread(rows), header_rows=header_rows)


def _cells(row: LexborNode) -> Iterator[tuple[str, int, int]]:
    for cell in row.iter():
        if cell.tag in ("td", "th"):
            text = _squeezed(cell.text(separator=" "))
            yield text, _span(cell, "colspan"), _span(cell, "rowspan")


def _spread(rows: Iterable[list[tuple[str, int, int]]]) -> list[list[tuple[int, str]]]:
    """Give every cell its column, past those that reach down from rows above."""
    reaching: dict[int, int] = {}
    placed: list[list[tuple[int, str]]] = []
    for row in rows:
        column, taken = 0, {c for c, left in reaching.items() if left > 0}
        reaching = {c: left - 1 for c, left in reaching.items() if left > 1}
        contents = []
        for text, wide, deep in row:
            while column in taken:
                column += 1
            contents.append((column, text))
            if deep > 1:
                reaching |= dict.fromkeys(range(column, column + wide), deep - 1)
            column += wide
        placed.append(contents)
    return placed


def _is_header(row: LexborNode) -> bool:
    if row.parent is not None and row.parent.tag == "thead":
        return True
    tags = [cell.tag for cell in row.iter()]
    return bool(tags) and all(tag == "th" for tag in tags)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(max(int(value), 1), 1000) if value.isascii() and value.isdigit() else 1


def _decoded_html(data: bytes) -> str:
    named = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", data[:4096], re.IGNORECASE)
    if named and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(named[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
