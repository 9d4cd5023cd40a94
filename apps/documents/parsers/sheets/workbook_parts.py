"""What surrounds the cells of a workbook: its sheets, strings and looks, and of each sheet the merged areas, tables, comments
and drawings. A sheet's rows are skipped here; they are read one by one elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from apps.documents.parsers.archives import damaged, parse_xml
from apps.documents.parsers.ooxml import OfficePackage, attribute, child, children, is_true, local_name, number
from apps.documents.parsers.sheets.entries import Look
from apps.documents.parsers.sheets.format_codes import BUILT_IN
from apps.documents.parsers.sheets.number_formats import number_format
from apps.documents.parsers.sheets.regions import NamedTable, Place, place_of, position
from apps.documents.parsers.sheets.remarks import remarks_of
from apps.documents.parsing import Block

_ROWS_BEGIN = re.compile(rb"<(?:[A-Za-z0-9_]+:)?sheetData(?:\s[^>]*)?>")
_ROWS_END = re.compile(rb"</(?:[A-Za-z0-9_]+:)?sheetData\s*>")
_ROW = re.compile(rb"<(?:[A-Za-z0-9_]+:)?row[ />]")
_HIDDEN_ROW = re.compile(rb"<(?:[A-Za-z0-9_]+:)?row [^>]*hidden=\"(?:1|true)\"")
_WITHOUT_VALUE = re.compile(
    rb"(?:</(?:[A-Za-z0-9_]+:)?f>|<(?:[A-Za-z0-9_]+:)?f(?: [^>]*)?/>)\s*</(?:[A-Za-z0-9_]+:)?c>"
)
_PIECE = 1 << 20
_OVERLAP = 300
_LARGEST_FRAME = 64 << 20
_MOST_MERGED_CELLS = 500_000
_NO_SHEET = ("dialogsheet", "xlMacrosheet", "macrosheet")


@dataclass(frozen=True, slots=True)
class Frame:
    """A sheet without its rows, and what a look over them told."""

    name: str
    part: str
    hidden: bool
    merged: dict[tuple[int, int], Place]
    tables: tuple[NamedTable, ...]
    remarks: tuple[Block, ...]
    header_ends: frozenset[int]
    row_count: int
    hidden_rows: bool
    hidden_columns: bool
    formulas_without_value: int

    def covered(self) -> dict[int, set[int]]:
        """Return by row the columns that merged areas cover without being their first cell."""
        found: dict[int, set[int]] = {}
        left = _MOST_MERGED_CELLS
        for place in self.merged.values():
            left -= (place.bottom - place.top + 1) * (place.right - place.left + 1)
            if left < 0:
                break
            for row in range(place.top, place.bottom + 1):
                found.setdefault(row, set()).update(range(place.left + (row == place.top), place.right + 1))
        return found


class Workbook:
    """The parts that all sheets share."""

    def __init__(self, package: OfficePackage) -> None:
        self._package = package
        self._part = package.main_part()
        root = package.tree(self._part)
        if root is None or local_name(root) != "workbook":
            raise damaged()
        self._root = root
        properties = child(root, "workbookPr")
        self.from_1904 = properties is not None and is_true(properties.get("date1904"))
        self.looks = self._looks()
        self.shared = [text for part in package.related(self._part, "sharedStrings") for text in self._strings(part)]

    def frames(self) -> list[Frame]:
        """Return all sheets with cells in the order of their tabs; sheets that are only a chart have their title."""
        targets = {relation.id: relation for relation in self._package.relations(self._part)}
        frames = []
        for sheet in children(child(self._root, "sheets") if child(self._root, "sheets") is not None else (), "sheet"):
            relation = targets.get(attribute(sheet, "id"))
            if relation is not None and relation.kind not in _NO_SHEET and relation.target in self._package:
                hidden = sheet.get("state", "visible") != "visible"
                frames.append(_frame(self._package, sheet.get("name", ""), relation.target, hidden))
        if not frames:
            raise damaged()
        return frames

    def _strings(self, part: str) -> Iterator[str]:
        with self._package.stream(part) as stream:
            for _, element in etree.iterparse(
                stream, events=("end",), tag="{*}si", resolve_entities=False, no_network=True
            ):
                yield plain_text(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def _looks(self) -> list[Look]:
        root = next((self._package.tree(part) for part in self._package.related(self._part, "styles")), None)
        if root is None:
            return []
        codes = dict(BUILT_IN)
        for code in children(_or_empty(child(root, "numFmts")), "numFmt"):
            codes[number(code.get("numFmtId"))] = code.get("formatCode", "")
        bold = [_is_bold(font) for font in children(_or_empty(child(root, "fonts")), "font")]
        looks = []
        for style in children(_or_empty(child(root, "cellXfs")), "xf"):
            font = number(style.get("fontId"))
            code = codes.get(number(style.get("numFmtId")), "General")
            looks.append(Look(number_format(code), font < len(bold) and bold[font]))
        return looks


def plain_text(element: Any) -> str:
    """Return the words of a string on one line, all its runs together, without how they are pronounced."""
    parts = []
    for item in element:
        if item.tag.endswith("}t"):
            parts.append(item.text or "")
        elif item.tag.endswith("}r"):
            parts.extend(run.text or "" for run in item if run.tag.endswith("}t"))
    return " ".join("".join(parts).split())


def _frame(package: OfficePackage, name: str, part: str, hidden: bool) -> Frame:
    rows = hidden_rows = without_value = 0
    inside, outside, rest = False, bytearray(), b""
    with package.stream(part) as stream:
        while piece := stream.read(_PIECE):
            data = rest + piece
            if not inside and (begin := _ROWS_BEGIN.search(data)) and not begin[0].endswith(b"/>"):
                outside += data[: begin.end()]
                data, inside = data[begin.end() :], True
            if inside and (end := _ROWS_END.search(data)):
                within, data, inside = data[: end.start()], data[end.start() :], False
            else:
                within = data if inside else b""
            cut = max(len(within) - _OVERLAP, 0) if inside else len(within)
            rows += sum(match.start() < cut for match in _ROW.finditer(within))
            hidden_rows += sum(match.start() < cut for match in _HIDDEN_ROW.finditer(within))
            without_value += sum(match.start() < cut for match in _WITHOUT_VALUE.finditer(within))
            rest = within[cut:] if inside else b""
            outside += b"" if inside else data
            if len(outside) > _LARGEST_FRAME:
                raise damaged()
    root = parse_xml(bytes(outside))
    return Frame(
        name=name,
        part=part,
        hidden=hidden,
        merged=dict(_merged(root)),
        tables=tuple(_tables(package, part)),
        remarks=tuple(remarks_of(package, part)),
        header_ends=frozenset(_frozen(root)),
        row_count=rows,
        hidden_rows=hidden_rows > 0,
        hidden_columns=any(is_true(c.get("hidden")) for c in children(_or_empty(child(root, "cols")), "col")),
        formulas_without_value=without_value,
    )


def _merged(root: Any) -> Iterator[tuple[tuple[int, int], Place]]:
    for area in children(_or_empty(child(root, "mergeCells")), "mergeCell"):
        place = place_of(area.get("ref", ""))
        if place:
            yield (place.top, place.left), place


def _tables(package: OfficePackage, part: str) -> Iterator[NamedTable]:
    for name in package.related(part, "table"):
        root = package.tree(name)
        place = place_of(root.get("ref", "")) if root is not None else None
        if root is not None and place:
            shown = root.get("displayName") or root.get("name") or ""
            yield NamedTable(shown, place, number(root.get("headerRowCount"), 1))


def _frozen(root: Any) -> Iterator[int]:
    for view in children(_or_empty(child(root, "sheetViews")), "sheetView"):
        for pane in children(view, "pane"):
            if pane.get("state", "").startswith("frozen"):
                below = position(pane.get("topLeftCell", "")) if not pane.get("ySplit") else None
                rows = pane.get("ySplit", "")
                yield int(float(rows)) if rows.replace(".", "", 1).isdigit() else below[0] if below else 0


def _is_bold(font: Any) -> bool:
    bold = child(font, "b")
    return bold is not None and bold.get("val", "1") not in ("0", "false")


def _or_empty(element: Any) -> Any:
    return element if element is not None else ()
