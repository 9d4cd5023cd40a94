"""Word documents (DOCX), by python-docx: headings, numbered clauses, lists and tables in the order of the text.

Deleted text of tracked changes is left out, inserted text is in; footnotes follow the text, since readers cite them too.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml

from apps.documents.parsers.archives import check_unpacked_size, damaged, open_package
from apps.documents.parsers.docx_numbers import Numbering
from apps.documents.parsers.flow import flowing, table_block
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset(
    {f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}txbxContent", f"{_W}instrText", _FALLBACK}
)
_HEADING_NAME = re.compile(r"^heading (\d)$", re.IGNORECASE)
_DEEPEST = 40


class DocxParser:
    """Pages of such a file are made by the program that prints it, so blocks have spans, not boxes."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        with open_package(source) as file:
            check_unpacked_size(file)
            try:
                document = docx.Document(file)
            except (PackageNotFoundError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
                raise damaged() from error
        title = (document.core_properties.title or "").strip()
        language = (document.core_properties.language or "").split("-")[0].lower()
        return flowing(_Reader(document).blocks(), title=title, language=language if len(language) == 2 else "")


class _Reader:
    """Walks the body once, keeping count of numbered paragraphs."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._numbering = Numbering(document)
        self._levels: dict[str, int] = {}

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of the body, entries of one list together, then the footnotes."""
        entries: list[str] = []
        for block in self._body(self._document.element.body, 0):
            if block.kind is BlockKind.LIST:
                entries.append(block.text)
                continue
            if entries:
                yield Block(BlockKind.LIST, "\n".join(entries))
                entries = []
            yield block
        if entries:
            yield Block(BlockKind.LIST, "\n".join(entries))
        yield from self._footnotes()

    def _body(self, element: Any, depth: int) -> Iterator[Block]:
        if depth > _DEEPEST:
            return
        for child in element:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child, depth)
            elif child.tag == f"{_W}sdt":
                for content in child.findall(f"{_W}sdtContent"):
                    yield from self._body(content, depth + 1)
            elif child.tag in (f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"):
                yield from self._body(child, depth + 1)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        text = text_of(paragraph)
        number = self._numbering.next_for(paragraph) if text else ""
        if text:
            shown = f"{number} {text}" if number else text
            level = self._heading_level(paragraph)
            if level:
                yield Block(BlockKind.HEADING, shown, level=level)
            elif number:
                yield Block(BlockKind.LIST, shown)
            else:
                caption = self._style_name(paragraph).lower() == "caption"
                yield Block(BlockKind.CAPTION if caption else BlockKind.TEXT, shown)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(parent.tag in _LEFT_OUT for parent in box.iterancestors()):
                yield from self._body(box, _DEEPEST - 1)

    def _table(self, table: Any, depth: int) -> Iterator[Block]:
        """A table with one column only lays out text; its cells are read as what they hold."""
        rows = [row for row in table.iter(f"{_W}tr") if _table_of(row) is table]
        if all(len(list(_cells(row))) < 2 for row in rows):
            for row in rows:
                for _, cell in _cells(row):
                    yield from self._body(cell, depth + 1)
            return
        headers = 0
        while headers < len(rows) and rows[headers].find(f"{_W}trPr/{_W}tblHeader") is not None:
            headers += 1
        contents = [[(column, self._cell_text(cell)) for column, cell in _cells(row)] for row in rows]
        yield table_block(contents, header_rows=headers or 1)

    def _cell_text(self, cell: Any) -> str:
        """The text of a cell on one line; the part of a merged cell that is below its first row is empty."""
        merged = cell.find(f"{_W}tcPr/{_W}vMerge")
        if merged is not None and merged.get(f"{_W}val") != "restart":
            return ""
        return " ".join(filter(None, (text_of(paragraph) for paragraph in cell.iter(f"{_W}p"))))

    def _heading_level(self, paragraph: Any) -> int:
        direct = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        if direct is not None:
            return min(int(direct.get(f"{_W}val", "9")) + 1, 10) % 10
        style = paragraph.style
        if not style:
            return 0
        if style not in self._levels:
            self._levels[style] = self._level_of_style(style)
        return self._levels[style]

    def _level_of_style(self, style_id: str) -> int:
        """Follow a style to those it is based on until one says its level."""
        for _ in range(_DEEPEST):
            style = self._style(style_id)
            if style is None:
                return 0
            name = style.name or ""
            if name.lower() == "title":
                return 1
            named = _HEADING_NAME.match(name)
            if named:
                return int(named[1])
            outline = style.element.find(f"{_W}pPr/{_W}outlineLvl")
            if outline is not None:
                return min(int(outline.get(f"{_W}val", "9")) + 1, 10) % 10
            if style.base_style is None:
                return 0
            style_id = style.base_style.style_id
        return 0

    def _style(self, style_id: str) -> Any:
        return next((style for style in self._document.styles if style.style_id == style_id), None)

    def _style_name(self, paragraph: Any) -> str:
        style = self._style(paragraph.style) if paragraph.style else None
        return str(style.name or "") if style is not None else ""

    def _footnotes(self) -> Iterator[Block]:
        for part in self._document.part.package.iter_parts():
            if str(part.partname) in ("/word/footnotes.xml", "/word/endnotes.xml"):
                root = parse_xml(part.blob)
                for note in root:
                    if note.get(f"{_W}type") is None:
                        text = " ".join(filter(None, (text_of(p) for p in note.iter(f"{_W}p"))))
                        yield Block(BlockKind.TEXT, f"[{note.get(f'{_W}id')}] {text}" if text else "")


def text_of(paragraph: Any) -> str:
    """Return what a paragraph shows: runs, links and inserted text, tabs and breaks, without what its text boxes hold."""
    parts: list[str] = []

    def gather(element: Any) -> None:
        for child in element:
            tag = child.tag
            if tag in _LEFT_OUT:
                continue
            if tag == f"{_W}t":
                parts.append(child.text or "")
            elif tag in (f"{_W}tab", f"{_W}ptab"):
                parts.append("\t")
            elif tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
            elif tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif tag == f"{_W}footnoteReference":
                parts.append(f"[{child.get(f'{_W}id')}]")
            else:
                gather(child)

    gather(paragraph)
    text = "".join(parts).replace("\u00a0", " ").replace("\u00ad", "")
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _table_of(row: Any) -> Any:
    parent = row.getparent()
    while parent is not None and parent.tag != f"{_W}tbl":
        parent = parent.getparent()
    return parent


def _cells(row: Any) -> Iterator[tuple[int, Any]]:
    """Yield the cells of a row with their columns, wide ones counted as many as they span."""
    before = row.find(f"{_W}trPr/{_W}gridBefore")
    column = int(before.get(f"{_W}val", "0")) if before is not None else 0
    for child in row:
        cells = [child] if child.tag == f"{_W}tc" else child.findall(f"{_W}sdtContent/{_W}tc")
        for cell in cells:
            yield column, cell
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            column += int(span.get(f"{_W}val", "1")) if span is not None else 1
