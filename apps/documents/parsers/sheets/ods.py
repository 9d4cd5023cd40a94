"""Spreadsheets of LibreOffice and others (ODS): the file says what each cell shows, so nothing has to be formatted.

All sheets are in one part, which is read row by row as it is unpacked.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

from lxml import etree

from apps.documents.parsers.archives import Package, open_package
from apps.documents.parsers.flow import turning
from apps.documents.parsers.opendocument.odf import DC, OFFICE, STYLE, TABLE, TEXT, odf_properties, spoken, whole_number
from apps.documents.parsers.sheets.blocks import sheet_pages
from apps.documents.parsers.sheets.number_patterns import exact
from apps.documents.parsers.sheets.regions import Entry, Means, Place, Row, Sheet, address
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source

_MOST_REPEATED = 1 << 20
_TIME = re.compile(r"PT(\d+)H(\d+)M(\d+)")
_MEANS = {
    "percentage": Means.NUMBER,
    "currency": Means.NUMBER,
    "float": Means.PLAIN,
    "date": Means.DATE,
    "time": Means.DATE,
}


class OdsParser:
    """Pages are sheets; a long sheet has several."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        package = Package(open_package(source))
        said = odf_properties(package)
        parsed = turning(_parts(package, progress), title=said.title, language=said.language)
        return replace(parsed, metadata=said.metadata)


def _parts(package: Package, progress: Progress) -> Iterator[tuple[str, list[Block]]]:
    with closing(package), package.stream("content.xml") as stream:
        elements = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=(f"{TABLE}table", f"{TABLE}table-row", f"{OFFICE}automatic-styles"),
            resolve_entities=False,
            no_network=True,
        )
        looks = _Looks()
        done = 0
        for event, element in elements:
            if event == "end" and element.tag == f"{OFFICE}automatic-styles":
                looks = _Looks(element)
            elif event == "start" and element.tag == f"{TABLE}table":
                reading = _Reading(elements, looks)
                note = "hidden" if element.get(f"{TABLE}style-name") in looks.hidden else ""
                name = element.get(f"{TABLE}name", "")
                for part in sheet_pages(
                    Sheet(name, reading.rows(), merged=reading.merged, remarks=reading.remarks, note=note)
                ):
                    done += 1
                    progress(done, done + 1)
                    yield part
        progress(max(done, 1), max(done, 1))


class _Looks:
    """The styles that make cells bold and sheets hidden."""

    def __init__(self, styles: Any = ()) -> None:
        self.bold: set[str] = set()
        self.hidden: set[str] = set()
        for style in styles:
            name = style.get(f"{STYLE}name", "")
            for properties in style:
                values = {key.rpartition("}")[2]: value for key, value in properties.attrib.items()}
                if values.get("font-weight") in ("bold", "600", "700", "800", "900"):
                    self.bold.add(name)
                if values.get("display") == "false":
                    self.hidden.add(name)


class _Reading:
    """One sheet as it comes: its rows, and what they turn out to have merged or remarked."""

    def __init__(self, elements: Any, looks: _Looks) -> None:
        self._elements = elements
        self._looks = looks
        self.merged: dict[tuple[int, int], Place] = {}
        self.remarks: list[Block] = []

    def rows(self) -> Iterator[Row]:
        """Yield the rows until the sheet ends, forgetting each once it is read."""
        number = 0
        for event, element in self._elements:
            if event == "end" and element.tag == f"{TABLE}table":
                element.clear()
                return
            if event == "start" or element.tag != f"{TABLE}table-row":
                continue
            times = min(whole_number(element.get(f"{TABLE}number-rows-repeated"), 1), _MOST_REPEATED)
            entries = tuple(self._entries(element, number))
            if entries:
                yield from (Row(number + n, entries) for n in range(times))
            number += times
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]

    def _entries(self, row: Any, number: int) -> Iterator[Entry]:
        column = 0
        for cell in row:
            times = min(whole_number(cell.get(f"{TABLE}number-columns-repeated"), 1), _MOST_REPEATED)
            if cell.tag == f"{TABLE}table-cell" and len(cell):
                entry = self._entry(cell, number, column)
                if entry is not None:
                    yield from (entry._replace(column=column + n) for n in range(times))
            column += times

    def _entry(self, cell: Any, row: int, column: int) -> Entry | None:
        down = whole_number(cell.get(f"{TABLE}number-rows-spanned"), 1)
        wide = whole_number(cell.get(f"{TABLE}number-columns-spanned"), 1)
        if down > 1 or wide > 1:
            self.merged[row, column] = Place(row, column, row + down - 1, column + wide - 1)
        for note in cell.iter(f"{OFFICE}annotation"):
            author = " ".join((note.findtext(f"{DC}creator") or "").split())
            text = " ".join(filter(None, (spoken(paragraph) for paragraph in note.iter(f"{TEXT}p"))))
            said = f"{author}: {text}" if author else text
            self.remarks.append(Block(BlockKind.NOTE, f"{address(row, column)} {said}" if text else ""))
        shown = " ".join(filter(None, (spoken(p) for p in cell if p.tag == f"{TEXT}p")))
        shown = " ".join(shown.split())
        if not shown:
            return None
        strong = cell.get(f"{TABLE}style-name") in self._looks.bold
        kind = cell.get(f"{OFFICE}value-type", "string")
        means = _MEANS.get(kind, Means.TEXT)
        value = _value(cell, kind)
        if means is Means.PLAIN and shown != value:
            means = Means.NUMBER
        return Entry(column, shown, value, means, strong)


def _value(cell: Any, kind: str) -> str:
    """Return the exact value: a decimal, or a date or time in ISO 8601."""
    if kind == "date":
        stated = cell.get(f"{OFFICE}date-value", "")
        try:
            return stated if len(stated) == len("2024-01-15") else datetime.fromisoformat(stated).isoformat()
        except ValueError:
            return ""
    if kind == "time":
        time = _TIME.match(cell.get(f"{OFFICE}time-value", ""))
        return f"{int(time[1]):02d}:{time[2]}:{time[3]}" if time and int(time[1]) < 24 else ""
    if kind in ("float", "percentage", "currency"):
        try:
            return exact(float(cell.get(f"{OFFICE}value", "")))
        except (ValueError, OverflowError):
            return ""
    return ""
