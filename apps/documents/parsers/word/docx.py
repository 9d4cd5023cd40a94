"""Word documents (DOCX), by python-docx: headings, numbered clauses, lists and tables in the order of the text.

Deleted text of tracked changes is left out, inserted text is in. Footnotes and comments follow the paragraph that refers to
them; headers stand before the text and footers after it, each once.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.part import PartFactory
from docx.package import Package
from docx.parts.document import DocumentPart

from apps.documents.parsers.archives import check_unpacked_size, damaged, open_package, parse_xml
from apps.documents.parsers.descriptions import description_of
from apps.documents.parsers.flow import flowing
from apps.documents.parsers.ooxml import Properties, attribute, properties_of
from apps.documents.parsers.picture import words_in
from apps.documents.parsers.slides.charts import chart_blocks
from apps.documents.parsers.slides.text import diagram_block
from apps.documents.parsers.word import tables
from apps.documents.parsers.word.notes import Notes
from apps.documents.parsers.word.numbers import Numbering, style_of, styles_of, value_of
from apps.documents.parsers.word.text import LEFT_OUT, W, text_of
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_KINDS = (
    f"{_MAIN}.template.main+xml",
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
)
"""What else is a Word document: templates, and documents with macros, which are not looked at."""

_HEADING_NAME = re.compile(r"^heading (\d)$", re.IGNORECASE)
_NUMBERED_CAPTION = re.compile(r"\bSEQ\s")
_LONGEST_CAPTION = 400
_DEEPEST = 40
_ALONE = (BlockKind.NOTE, BlockKind.FOOTNOTE)

for _kind in _KINDS:
    PartFactory.part_type_for[_kind] = DocumentPart


class DocxParser:
    """Pages of such a file are made by the program that prints it, so blocks have spans, not boxes."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        with open_package(source) as file:
            check_unpacked_size(file)
            document, said = _opened(file)
        reader = _Reader(document)
        blocks = list(reader.blocks())
        if not any(block.text and block.kind is not BlockKind.CAPTION for block in blocks):
            blocks.extend(reader.in_pictures())
        parsed = flowing(blocks, title=said.title, language=said.language)
        progress(1, 1)
        return replace(parsed, metadata=said.metadata)


def _opened(file: Any) -> tuple[Any, Properties]:
    """Return the document and what it says of itself, once all that is asked of the library has been found."""
    try:
        part = Package.open(file).main_document_part
        if part.content_type not in (CONTENT_TYPE.WML_DOCUMENT_MAIN, *_KINDS):
            raise damaged()
        return part.document, properties_of(part.core_properties._element)
    except (
        PackageNotFoundError, KeyError, ValueError, TypeError, SyntaxError, AttributeError, zipfile.BadZipFile,
    ) as error:  # fmt: skip
        raise damaged() from error


class _Reader:
    """Walks the body once, keeping count of numbered paragraphs."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = styles_of(document)
        self._numbering = Numbering(document, self._styles)
        self._notes = Notes(document)
        self._levels: dict[str, int] = {}
        self._caption = ""

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of the body, entries of one list together and what hangs on them after it."""
        yield from self._notes.edges("header")
        entries: list[str] = []
        hanging: list[Block] = []
        for block in self._body(self._document.element.body, 0):
            if not block.text:
                continue
            if block.kind is BlockKind.LIST and not block.level:
                entries.append(block.text)
            elif block.kind in _ALONE:
                hanging.append(block)
            else:
                yield from _together(entries, hanging)
                entries, hanging = [], []
                yield block
        yield from _together(entries, hanging)
        yield from self._notes.edges("footer")

    def in_pictures(self) -> Iterator[Block]:
        """Yield what is recognised in the pictures of a document that has no words, such as a scan that was pasted."""
        for blip in self._document.element.body.iter("{*}blip"):
            part = self._document.part.related_parts.get(attribute(blip, "embed"))
            page = words_in(part.blob) if part is not None else None
            yield from page.blocks if page else ()

    def _body(self, element: Any, depth: int) -> Iterator[Block]:
        if depth > _DEEPEST:
            return
        for child in element:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child, depth)
            elif child.tag == f"{W}sdt":
                for content in child.findall(f"{W}sdtContent"):
                    yield from self._body(content, depth + 1)
            elif child.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml"):
                yield from self._body(child, depth + 1)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        text = text_of(paragraph, self._notes.mark)
        number = self._numbering.next_for(paragraph) if text else ""
        if text:
            kind, level = self._kind(paragraph, number)
            shown = f"{number} {text}" if number else text
            self._caption = shown if kind is BlockKind.CAPTION else ""
            yield Block(kind, shown, level=level)
        yield from self._drawn(paragraph)
        yield from self._notes.hanging_on(paragraph)

    def _kind(self, paragraph: Any, number: str) -> tuple[BlockKind, int]:
        level = self._heading_level(paragraph)
        if level:
            return BlockKind.HEADING, level
        name = self._style_name(paragraph).lower()
        if name == "caption" or _is_numbered_caption(paragraph):
            return BlockKind.CAPTION, 0
        return BlockKind.LIST if number or name.startswith("toc ") else BlockKind.TEXT, 0

    def _drawn(self, paragraph: Any) -> Iterator[Block]:
        """Yield what is drawn at a paragraph: text boxes, charts as tables, diagrams, and what is said of pictures."""
        for found in paragraph.iter(f"{W}txbxContent", "{*}chart", "{*}relIds", "{*}docPr"):
            if any(parent.tag in LEFT_OUT for parent in found.iterancestors()):
                continue
            name = found.tag.rpartition("}")[2]
            if name == "txbxContent":
                yield from self._body(found, _DEEPEST - 1)
            elif name == "docPr":
                yield Block(BlockKind.CAPTION, description_of(found.get("descr")))
            else:
                root = self._related(attribute(found, "dm" if name == "relIds" else "id"))
                if root is not None:
                    yield from diagram_block(root) if name == "relIds" else chart_blocks(root)

    def _related(self, relation_id: str) -> Any:
        part = self._document.part.related_parts.get(relation_id)
        return parse_xml(part.blob) if part is not None else None

    def _table(self, table: Any, depth: int) -> Iterator[Block]:
        """A table that only lays out text is read as what its cells hold; tables in cells of others follow them."""
        if tables.only_lays_out(table):
            for row in tables.rows_of(table):
                for _, _, cell in tables.cells_of(row):
                    yield from self._body(cell, depth + 1)
            return
        caption, self._caption = self._caption, ""
        yield tables.table_of(table, self._cell_text, caption)
        for row in tables.rows_of(table):
            for _, _, cell in tables.cells_of(row):
                for nested in cell.findall(f"{W}tbl"):
                    if depth < _DEEPEST:
                        yield from self._table(nested, depth + 1)
                for paragraph in cell.iter(f"{W}p"):
                    yield from self._drawn(paragraph) if next(paragraph.iterancestors(f"{W}tbl")) is table else ()
        yield from self._notes.hanging_on(table)

    def _cell_text(self, cell: Any) -> str:
        """The text of a cell on one line, with the numbers of its paragraphs."""
        shown = []
        for paragraph in cell.iter(f"{W}p"):
            if next(paragraph.iterancestors(f"{W}tc")) is cell and not _is_boxed(paragraph):
                text = text_of(paragraph, self._notes.mark)
                number = self._numbering.next_for(paragraph) if text else ""
                shown.append(f"{number} {text}" if number else text)
        return " ".join(filter(None, shown))

    def _heading_level(self, paragraph: Any) -> int:
        direct = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if direct is not None:
            return _outline_level(direct)
        style = style_of(paragraph)
        if not style:
            return 0
        if style not in self._levels:
            self._levels[style] = self._level_of_style(style)
        return self._levels[style]

    def _level_of_style(self, style_id: str) -> int:
        """Follow a style to those it is based on until one says its level."""
        for _ in range(_DEEPEST):
            style = self._styles.get(style_id)
            if style is None:
                return 0
            name = value_of(style, "name")
            if name.lower() == "title":
                return 1
            named = _HEADING_NAME.match(name)
            if named:
                return int(named[1])
            outline = style.find(f"{W}pPr/{W}outlineLvl")
            if outline is not None:
                return _outline_level(outline)
            style_id = value_of(style, "basedOn")
        return 0

    def _style_name(self, paragraph: Any) -> str:
        style = self._styles.get(style_of(paragraph))
        return value_of(style, "name") if style is not None else ""


def _together(entries: list[str], hanging: list[Block]) -> Iterator[Block]:
    if entries:
        yield Block(BlockKind.LIST, "\n".join(entries))
    yield from hanging


def _outline_level(element: Any) -> int:
    """Levels count from 0, and 9 stands for text."""
    text = element.get(f"{W}val", "9")
    level = int(text) if text.isascii() and text.isdigit() else 9
    return level + 1 if level < 9 else 0


def _is_numbered_caption(paragraph: Any) -> bool:
    """Whether a paragraph counts a figure or a table by a field."""
    codes = [code.text or "" for code in paragraph.iter(f"{W}instrText")]
    codes += [field.get(f"{W}instr", "") for field in paragraph.iter(f"{W}fldSimple")]
    length = sum(len(text.text or "") for text in paragraph.iter(f"{W}t"))
    return any(_NUMBERED_CAPTION.search(code) for code in codes) and length < _LONGEST_CAPTION


def _is_boxed(paragraph: Any) -> bool:
    return any(parent.tag == f"{W}txbxContent" for parent in paragraph.iterancestors())
