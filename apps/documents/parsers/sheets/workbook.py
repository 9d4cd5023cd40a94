"""Excel workbooks (XLSX, XLSM): every sheet, hidden ones too, read row by row as it is unpacked.

A cell is what it shows and the exact value behind it. Formulas are never calculated: their last result is in the file, and
where it is missing the formula itself stands in the cell. Macros are not looked at.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from math import isfinite
from typing import Any

from lxml import etree

from apps.documents.parsers.archives import open_package
from apps.documents.parsers.flow import turning
from apps.documents.parsers.ooxml import OfficePackage
from apps.documents.parsers.sheets.blocks import sheet_pages
from apps.documents.parsers.sheets.entries import Look, logical, number_entry
from apps.documents.parsers.sheets.regions import MOST_ROWS, Entry, Means, Row, Sheet, column_of
from apps.documents.parsers.sheets.workbook_parts import Frame, Workbook, plain_text
from apps.documents.parsing import Block, Parsed, Progress, ReadingNote, Source


class WorkbookParser:
    """Pages are sheets; a long sheet has several."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        package = OfficePackage(open_package(source))
        try:
            workbook = Workbook(package)
            frames = workbook.frames()
            said = package.properties()
        except BaseException:
            package.close()
            raise
        parsed = turning(_parts(package, workbook, frames, progress), title=said.title, language=said.language)
        return replace(parsed, metadata=said.metadata, warnings=tuple(_notes(frames)))


def _parts(
    package: OfficePackage, workbook: Workbook, frames: list[Frame], progress: Progress
) -> Iterator[tuple[str, list[Block]]]:
    total = max(1, sum(max(1, -(-frame.row_count // MOST_ROWS)) for frame in frames))
    done = 0
    with closing(package):
        for frame in frames:
            for part in sheet_pages(_sheet(package, workbook, frame)):
                done += 1
                progress(min(done, total), total)
                yield part


def _sheet(package: OfficePackage, workbook: Workbook, frame: Frame) -> Sheet:
    return Sheet(
        name=frame.name,
        rows=_rows(package, workbook, frame),
        merged=frame.merged,
        named=frame.tables,
        remarks=frame.remarks,
        note="hidden" if frame.hidden else "",
        header_ends=frame.header_ends,
    )


def _notes(frames: list[Frame]) -> Iterator[ReadingNote]:
    missing = sum(frame.formulas_without_value for frame in frames)
    if missing:
        yield ReadingNote(
            "formulas_without_value",
            f"{missing} formulas have no result in the file, so the formulas themselves were read. "
            "Open it in a spreadsheet program, save it and send that, and their results are read.",
        )
    for frame in frames:
        if frame.hidden_rows or frame.hidden_columns:
            yield ReadingNote(
                "hidden_cells", f"The sheet “{frame.name}” has hidden rows or columns. They were read like the others."
            )


def _rows(package: OfficePackage, workbook: Workbook, frame: Frame) -> Iterator[Row]:
    """Yield the rows of a sheet that have something in them, forgetting each once it is read."""
    covered = frame.covered()
    following = 0
    with package.stream(frame.part) as stream:
        for _, element in etree.iterparse(
            stream, events=("end",), tag="{*}row", resolve_entities=False, no_network=True
        ):
            stated = element.get("r")
            number = int(stated) - 1 if stated else following
            following = number + 1
            entries = tuple(_entries(element, workbook))
            if covered:
                entries = tuple(entry for entry in entries if entry.column not in covered.get(number, ()))
            if entries:
                yield Row(number, entries)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _entries(row: Any, workbook: Workbook) -> Iterator[Entry]:
    following = 0
    looks, shared = workbook.looks, workbook.shared
    for cell in row:
        reference = cell.get("r")
        column = column_of(reference) if reference else following
        following = column + 1
        if not len(cell):
            continue
        kind = cell.get("t")
        value = formula = None
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                value = child.text
            elif tag.endswith("}f"):
                formula = child.text or ""
            elif tag.endswith("}is"):
                value = plain_text(child)
        style = int(cell.get("s") or 0)
        look = looks[style] if style < len(looks) else Look()
        entry = _entry(column, kind, value, formula, look, shared, workbook.from_1904)
        if entry is not None:
            yield entry


def _entry(
    column: int,
    kind: str | None,
    value: str | None,
    formula: str | None,
    look: Look,
    shared: list[str],
    from_1904: bool,
) -> Entry | None:
    if not value:
        text = f"={formula}" if formula and value is None else ""
        return Entry(column, " ".join(text.split())) if text else None
    if kind is None or kind == "n":
        return _number(column, value, look, from_1904)
    if kind == "s":
        index = int(value)
        text = shared[index] if index < len(shared) else ""
    elif kind == "b":
        text = logical(value)
    elif kind == "d":
        return Entry(column, value, value, Means.DATE, look.strong)
    else:
        text = " ".join(value.split())
    return Entry(column, text, strong=look.strong) if text else None


def _number(column: int, value: str, look: Look, from_1904: bool) -> Entry:
    try:
        number = float(value)
    except ValueError:
        return Entry(column, " ".join(value.split()) or value, strong=look.strong)
    if not isfinite(number):
        return Entry(column, value, strong=look.strong)
    return number_entry(column, number, look, from_1904=from_1904)
