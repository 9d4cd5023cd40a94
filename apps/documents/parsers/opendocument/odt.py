"""OpenDocument texts and presentations (ODT, ODP): one walk over the body, a page a slide for those that have slides."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from apps.documents.parsers.archives import Package, damaged, open_package
from apps.documents.parsers.descriptions import description_of
from apps.documents.parsers.flow import flowing, turning
from apps.documents.parsers.grids import GridCell, grid_block
from apps.documents.parsers.ooxml import Properties
from apps.documents.parsers.opendocument.odf import (
    DC,
    DRAW,
    OFFICE,
    PRESENTATION,
    STYLE,
    SVG,
    TABLE,
    TEXT,
    odf_properties,
    spoken,
    whole_number,
)
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source, Table

_DEEPEST = 40
_MOST_REPEATED = 1000
_CONTAINERS = frozenset(
    {
        f"{TEXT}section", f"{TEXT}index-body", f"{TEXT}index-title", f"{TEXT}table-of-content", f"{DRAW}g", f"{DRAW}a",
        f"{TEXT}alphabetical-index", f"{TEXT}illustration-index", f"{TEXT}bibliography", f"{TEXT}text-box", f"{DRAW}text-box",
        f"{TEXT}table-index", f"{TEXT}user-index", f"{DRAW}frame", f"{DRAW}custom-shape", f"{DRAW}rect", f"{DRAW}ellipse",
    }
)  # fmt: skip
_FLOATING = (f"{DRAW}frame", f"{DRAW}custom-shape", f"{DRAW}g", f"{DRAW}rect", f"{DRAW}ellipse")
_NOT_OF_SLIDES = ("date-time", "footer", "page-number", "header")


class OdtParser:
    """What is read has spans, since its pages are made by the program that prints it."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        body, styles, said = _opened(source, "text")
        parsed = flowing(_Reader(styles).blocks(body), title=said.title, language=said.language)
        return replace(parsed, metadata=said.metadata)


class OdpParser:
    """Pages are slides."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        body, styles, said = _opened(source, "presentation")
        slides = body.findall(f"{DRAW}page")
        parts = [_slide(_Reader(styles), slide) for slide in slides]
        progress(len(slides), len(slides))
        parsed = turning(parts, title=said.title, language=said.language)
        return replace(parsed, metadata=said.metadata)


def _opened(source: Source, kind: str) -> tuple[Any, "_Styles", Properties]:
    with closing(Package(open_package(source))) as package:
        root = package.tree("content.xml")
        body = root.find(f"{OFFICE}body/{OFFICE}{kind}") if root is not None else None
        if body is None:
            raise damaged()
        return body, _Styles(root, package.tree("styles.xml")), odf_properties(package)


class _Styles:
    """Which styles are captions, and which lists are numbered."""

    def __init__(self, *roots: Any) -> None:
        self._parents: dict[str, str] = {}
        self._numbered: dict[str, set[int]] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style", f"{TEXT}list-style") if root is not None else ():
                name = style.get(f"{STYLE}name", "")
                if style.tag == f"{STYLE}style":
                    self._parents.setdefault(name, style.get(f"{STYLE}parent-style-name", ""))
                    continue
                levels = style.findall(f"{TEXT}list-level-style-number")
                shown = [level for level in levels if level.get(f"{STYLE}num-format")]
                self._numbered[name] = {whole_number(level.get(f"{TEXT}level"), 1) for level in shown}

    def is_one_of(self, element: Any, *names: str) -> bool:
        """Whether the style of a paragraph is one of these, or is based on one."""
        name = element.get(f"{TEXT}style-name", "")
        for _ in range(_DEEPEST):
            if name in names:
                return True
            name = self._parents.get(name, "")
        return False

    def numbers(self, style: str, level: int) -> bool:
        return level in self._numbered.get(style, ())


class _Reader:
    """Walks a body once."""

    def __init__(self, styles: _Styles) -> None:
        self._styles = styles
        self._caption = ""

    def blocks(self, element: Any, depth: int = 0) -> Iterator[Block]:
        """Yield what an element holds, in order."""
        if depth > _DEEPEST:
            return
        for child in element:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(child, depth)
            elif child.tag == f"{TEXT}list":
                yield from self._list(child, depth)
            elif child.tag == f"{TABLE}table":
                yield from self._table(child, depth)
            elif child.tag in _CONTAINERS:
                yield from self.blocks(child, depth + 1)
            elif child.tag in (f"{SVG}desc", f"{SVG}title"):
                yield Block(BlockKind.CAPTION, description_of(child.text))

    def _paragraph(self, paragraph: Any, depth: int) -> Iterator[Block]:
        text = _tidy(spoken(paragraph))
        heading = paragraph.tag == f"{TEXT}h"
        kind = BlockKind.HEADING if heading or self._styles.is_one_of(paragraph, "Title") else BlockKind.TEXT
        if self._styles.is_one_of(paragraph, "Caption", "Table", "Illustration", "Figure", "Drawing"):
            kind = BlockKind.CAPTION
        if text:
            self._caption = text if kind is BlockKind.CAPTION else ""
            level = whole_number(paragraph.get(f"{TEXT}outline-level"), 1) if kind is BlockKind.HEADING else 0
            yield Block(kind, text, level=level)
        yield from self._hanging_on(paragraph, depth)

    def _hanging_on(self, paragraph: Any, depth: int) -> Iterator[Block]:
        """Yield what is anchored in a paragraph: frames, notes and comments."""
        for found in paragraph.iter(*_FLOATING, f"{TEXT}note", f"{OFFICE}annotation"):
            if _is_within(found, paragraph):
                continue
            if found.tag == f"{TEXT}note":
                mark = (found.findtext(f"{TEXT}note-citation") or "").strip()
                body = found.find(f"{TEXT}note-body")
                text = _joined(body) if body is not None else ""
                yield Block(BlockKind.FOOTNOTE, f"[{mark}] {text}" if text else "")
            elif found.tag == f"{OFFICE}annotation":
                author, text = (found.findtext(f"{DC}creator") or "").strip(), _joined(found)
                yield Block(BlockKind.NOTE, f"{author}: {text}" if author and text else text)
            else:
                yield from self.blocks(found, depth + 1)

    def _list(self, element: Any, depth: int) -> Iterator[Block]:
        """Yield a list as one block; headings that are numbered as a list stay headings, and tables tables."""
        lines: list[str] = []
        others: list[Block] = []
        self._items(element, element.get(f"{TEXT}style-name", ""), 1, lines, others, depth)
        yield Block(BlockKind.LIST, "\n".join(lines))
        yield from others

    def _items(self, element: Any, style: str, level: int, lines: list[str], others: list[Block], depth: int) -> None:
        number = 0
        for item in element:
            if item.tag not in (f"{TEXT}list-item", f"{TEXT}list-header") or level + depth > _DEEPEST:
                continue
            number = whole_number(item.get(f"{TEXT}start-value"), number + 1)
            mark = f"{number}." if self._styles.numbers(style, level) else "•"
            for child in item:
                if child.tag == f"{TEXT}list":
                    self._items(child, child.get(f"{TEXT}style-name", style), level + 1, lines, others, depth)
                elif child.tag == f"{TEXT}p":
                    text = " ".join(spoken(child).split())
                    if text:
                        lines.append(f"{'  ' * (level - 1)}{mark} {text}")
                        mark = " "
                    others.extend(self._hanging_on(child, depth))
                else:
                    others.extend(self.blocks([child], depth + 1))

    def _table(self, table: Any, depth: int) -> Iterator[Block]:
        rows = [row for row in table.iter(f"{TABLE}table-row") if _table_of(row) is table]
        headers = sum(row.getparent().tag == f"{TABLE}table-header-rows" for row in rows)
        caption, self._caption = self._caption, ""
        grid = [list(_cells(row)) for row in rows]
        yield grid_block(grid, Table(header_rows=headers, caption=" ".join(caption.split())))
        for cell in table.iter(f"{TABLE}table-cell"):
            if _table_of(cell) is table:
                for nested in cell.findall(f"{TABLE}table"):
                    yield from self.blocks([nested], depth + 1)
                for paragraph in cell.findall(f"{TEXT}p"):
                    yield from self._hanging_on(paragraph, depth + 1)


def _slide(reader: _Reader, slide: Any) -> tuple[str, list[Block]]:
    blocks: list[Block] = []
    title = ""
    frames = [shape for shape in slide if shape.get(f"{PRESENTATION}class") not in _NOT_OF_SLIDES]
    for frame in sorted(frames, key=lambda frame: frame.get(f"{PRESENTATION}class") != "title"):
        if frame.tag == f"{PRESENTATION}notes":
            continue
        text = _joined(frame)
        if frame.get(f"{PRESENTATION}class") == "title" and text:
            title = title or text
            blocks.append(Block(BlockKind.HEADING, text, level=1))
        else:
            blocks.extend(reader.blocks([frame]))
    for notes in slide.findall(f"{PRESENTATION}notes"):
        blocks.extend(
            Block(BlockKind.NOTE, _joined(frame)) for frame in notes if frame.get(f"{PRESENTATION}class") == "notes"
        )
    return title or slide.get(f"{DRAW}name", ""), blocks


def _cells(row: Any) -> Iterator[GridCell]:
    column = 0
    for cell in row:
        times = min(whole_number(cell.get(f"{TABLE}number-columns-repeated"), 1), _MOST_REPEATED)
        if cell.tag == f"{TABLE}table-cell":
            wide = whole_number(cell.get(f"{TABLE}number-columns-spanned"), 1)
            down = whole_number(cell.get(f"{TABLE}number-rows-spanned"), 1)
            text = " ".join(_own_words(cell))
            for n in range(times if text else 1):
                yield GridCell(column + n, text, min(wide, _MOST_REPEATED), down, _value(cell))
        column += times


def _own_words(cell: Any) -> Iterator[str]:
    """Yield the paragraphs of a cell, those of tables inside it left out."""
    for paragraph in cell.iter(f"{TEXT}p", f"{TEXT}h"):
        if next(paragraph.iterancestors(f"{TABLE}table-cell")) is cell and not _is_within(paragraph, cell):
            text = " ".join(spoken(paragraph).split())
            if text:
                yield text


def _value(cell: Any) -> str:
    return str(cell.get(f"{OFFICE}value") or cell.get(f"{OFFICE}date-value") or "")


def _is_within(element: Any, outer: Any) -> bool:
    """Whether something between the two is read on its own."""
    for parent in element.iterancestors():
        if parent is outer:
            return False
        if parent.tag in _FLOATING or parent.tag in (f"{TEXT}note", f"{OFFICE}annotation"):
            return True
    return False


def _joined(element: Any) -> str:
    return " ".join(filter(None, (" ".join(spoken(found).split()) for found in element.iter(f"{TEXT}p", f"{TEXT}h"))))


def _table_of(element: Any) -> Any:
    return next(element.iterancestors(f"{TABLE}table"), None)


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
