"""Excel workbooks of before 2007 (XLS), by xlrd: read like the newer ones, from memory, since sheets have 65,536 rows at most."""

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import xlrd
from xlrd.compdoc import CompDocError

from apps.documents.parsers.archives import damaged, open_package
from apps.documents.parsers.flow import turning
from apps.documents.parsers.sheets.blocks import sheet_pages
from apps.documents.parsers.sheets.entries import Look, logical, number_entry
from apps.documents.parsers.sheets.number_formats import number_format
from apps.documents.parsers.sheets.regions import Entry, Place, Row, Sheet, address
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source, Unreadable

_BOLD = 600
_BROKEN = (
    xlrd.XLRDError, CompDocError, AssertionError, struct.error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip


class OldWorkbookParser:
    """Pages are sheets; a long sheet has several."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        with open_package(source) as file:
            data = file.read()
        try:
            book = xlrd.open_workbook(
                file_contents=data, formatting_info=True, on_demand=True, logfile=io.StringIO(), ragged_rows=True
            )
        except _BROKEN as error:
            raise _unreadable(error) from error
        said = (("last_modified_by", " ".join(book.user_name.split())),) if book.user_name.strip() else ()
        return replace(turning(_parts(book, progress)), metadata=said)


def _unreadable(error: Exception) -> Unreadable:
    if isinstance(error, xlrd.XLRDError) and "encrypted" in str(error).lower():
        return Unreadable(
            "This workbook is protected by a password. Save a copy without the password and send that.",
            code="encrypted",
        )
    return damaged()


def _parts(book: Any, progress: Progress) -> Iterator[tuple[str, list[Block]]]:
    looks = _Looks(book)
    for number in range(book.nsheets):
        try:
            sheet = book.sheet_by_index(number)
            yield from sheet_pages(_sheet(sheet, looks))
            book.unload_sheet(number)
        except _BROKEN as error:
            raise damaged() from error
        progress(number + 1, book.nsheets)


class _Looks:
    """How cells show their content, by the number of their format record."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int, Look] = {}
        self.from_1904 = book.datemode == 1

    def __getitem__(self, number: int) -> Look:
        if number not in self._known:
            record = self._book.xf_list[number]
            code = self._book.format_map[record.format_key].format_str
            bold = self._book.font_list[record.font_index].weight >= _BOLD
            self._known[number] = Look(number_format(_as_iso(code)), bold)
        return self._known[number]


def _as_iso(code: str) -> str:
    """The short date is the reader's own; it is shown as in newer workbooks."""
    return {"m/d/yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd h:mm"}.get(code, code)


def _sheet(sheet: Any, looks: _Looks) -> Sheet:
    merged = {(top, left): Place(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells}
    frozen = sheet.horz_split_pos if sheet.panes_are_frozen else 0
    return Sheet(
        name=sheet.name,
        rows=_rows(sheet, looks),
        merged=merged,
        remarks=tuple(_comments(sheet)),
        note="hidden" if sheet.visibility else "",
        header_ends=frozenset((frozen,)),
    )


def _rows(sheet: Any, looks: _Looks) -> Iterator[Row]:
    for number in range(sheet.nrows):
        entries = (_entry(column, cell, looks) for column, cell in enumerate(sheet.row(number)))
        found = tuple(entry for entry in entries if entry is not None)
        if found:
            yield Row(number, found)


def _entry(column: int, cell: Any, looks: _Looks) -> Entry | None:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    look = looks[cell.xf_index] if cell.xf_index is not None else Look()
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return number_entry(column, cell.value, look, from_1904=looks.from_1904)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        text = logical(str(cell.value))
    elif cell.ctype == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(cell.value, "#ERROR!")
    else:
        text = " ".join(str(cell.value).split())
    return Entry(column, text, strong=look.strong) if text else None


def _comments(sheet: Any) -> Iterator[Block]:
    for (row, column), note in sorted(sheet.cell_note_map.items()):
        text = " ".join(note.text.split())
        said = text if not note.author or text.startswith(note.author) else f"{note.author}: {text}"
        yield Block(BlockKind.NOTE, f"{address(row, column)} {said}" if text else "")
