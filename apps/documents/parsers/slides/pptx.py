"""PowerPoint presentations (PPTX): a page a slide, its title first, then what stands on it from top to bottom, then the notes.

Tables and charts are tables. What every slide repeats, its number, date and footer, is read once at most.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from apps.documents.parsers.archives import damaged, open_package
from apps.documents.parsers.flow import turning
from apps.documents.parsers.ooxml import OfficePackage, attribute, child, children, is_true, local_name, number
from apps.documents.parsers.picture import words_in
from apps.documents.parsers.slides.charts import chart_blocks
from apps.documents.parsers.slides.notes import Authors, comments_of, notes_of
from apps.documents.parsers.slides.shapes import Layouts, Shape, shapes_of
from apps.documents.parsers.slides.text import body_blocks, body_text, diagram_block, table_of
from apps.documents.parsing import Block, BlockKind, Page, Parsed, Progress, Quality, Source

_TITLES = ("title", "ctrTitle")
_NEVER_READ = ("sldNum", "dt", "hdr")


class SlidesParser:
    """Pages are slides, hidden ones too."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        package = OfficePackage(open_package(source))
        try:
            main, slides, height = _listed(package)
            said = package.properties()
            reader = _Reader(package, main, height)
        except BaseException:
            package.close()
            raise
        parsed = turning(reader.parts(slides, progress), title=said.title, language=said.language)
        return replace(parsed, pages=reader.judged(parsed.pages), metadata=said.metadata, page_count=len(slides))


def attribute_of_id(element: Any) -> str:
    """Return the relation that an element names; its own number has the same local name, but no namespace."""
    return next((value for key, value in element.attrib.items() if key.endswith("}id")), "")


def _listed(package: OfficePackage) -> tuple[str, list[str], int]:
    """Return the main part, the parts of the slides in their order, and how high a slide is."""
    main = package.main_part()
    root = package.tree(main)
    if root is None or local_name(root) != "presentation":
        raise damaged()
    listed, size = child(root, "sldIdLst"), child(root, "sldSz")
    slides = children(listed, "sldId") if listed is not None else ()
    targets = (_target(package, main, attribute_of_id(slide)) for slide in slides)
    height = number(size.get("cy")) if size is not None else 0
    return main, [target for target in targets if target in package], height


def _target(package: OfficePackage, part: str, relation_id: str) -> str:
    return next((link.target for link in package.relations(part) if link.id == relation_id), "")


class _Reader:
    """Reads slide after slide, remembering which footers have been read."""

    def __init__(self, package: OfficePackage, main: str, height: int) -> None:
        self._package = package
        self._authors = Authors(package, main)
        self._layouts = Layouts(package)
        self._height = height
        self._footers: set[str] = set()
        self._recognised: Page | None = None
        self._has_unread_pictures = False

    def parts(self, slides: list[str], progress: Progress) -> Iterator[tuple[str, list[Block]]]:
        with closing(self._package):
            for done, part in enumerate(slides, start=1):
                yield self._slide(part)
                progress(done, len(slides))

    def judged(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Yield the pages, those whose words were recognised in pictures, or were not, marked as such."""
        for page in pages:
            if self._recognised:
                found = self._recognised
                yield replace(page, recognised=True, confidence=found.confidence, quality=found.quality)
            elif self._has_unread_pictures:
                yield replace(page, quality=Quality.UNREAD, confidence=0.0)
            else:
                yield page

    def _slide(self, part: str) -> tuple[str, list[Block]]:
        self._recognised, self._has_unread_pictures = None, False
        root = self._package.tree(part)
        tree = child(root, "cSld", "spTree") if root is not None else None
        if root is None or tree is None:
            return "", []
        shapes = shapes_of(tree, self._layouts.places(part), self._height)
        titles = [shape for shape in shapes if shape.placeholder in _TITLES]
        rest = [shape for shape in shapes if shape.placeholder not in _TITLES]
        blocks = [Block(BlockKind.HEADING, text, level=1) for shape in titles if (text := body_text(shape.body, " "))]
        label = blocks[0].text if blocks else ""
        for shape in rest:
            blocks.extend(self._blocks(part, shape))
        if not any(block.text and block.kind is not BlockKind.CAPTION for block in blocks):
            blocks.extend(self._in_pictures(part, shapes))
        blocks.extend(notes_of(self._package, part))
        blocks.extend(comments_of(self._package, part, self._authors))
        hidden = root.get("show") is not None and not is_true(root.get("show"))
        return (f"{label} (hidden)".strip() if hidden else label), blocks

    def _in_pictures(self, part: str, shapes: list[Shape]) -> Iterator[Block]:
        """Yield what is recognised in the pictures of a slide that has no other words."""
        for shape in shapes:
            link = next((attribute(blip, "embed") for blip in shape.element.iter("{*}blip")), "")
            name = _target(self._package, part, link) if link and shape.kind == "pic" else ""
            if name in self._package:
                page = words_in(self._package.read(name))
                if page is None:
                    self._has_unread_pictures = True
                else:
                    self._recognised = page
                    yield from page.blocks

    def _blocks(self, part: str, shape: Shape) -> Iterator[Block]:
        if shape.placeholder in _NEVER_READ:
            return
        if shape.placeholder == "ftr":
            text = body_text(shape.body, " ")
            if text not in self._footers:
                self._footers.add(text)
                yield Block(BlockKind.TEXT, text)
            return
        if shape.body is not None:
            yield from body_blocks(shape.body, listed=shape.placeholder in ("body", "obj"))
        elif shape.kind == "graphicFrame":
            yield from self._graphic(part, shape.element)
        if shape.description:
            yield Block(BlockKind.CAPTION, shape.description)

    def _graphic(self, part: str, frame: Any) -> Iterator[Block]:
        graphic = child(frame, "graphic", "graphicData")
        for content in graphic if graphic is not None else ():
            match local_name(content):
                case "tbl":
                    yield table_of(content)
                case "chart":
                    chart = self._package.tree(_target(self._package, part, attribute_of_id(content)))
                    yield from chart_blocks(chart) if chart is not None else ()
                case "relIds":
                    data = self._package.tree(_target(self._package, part, attribute(content, "dm")))
                    yield from diagram_block(data) if data is not None else ()
