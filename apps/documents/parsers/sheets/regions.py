"""Spreadsheets of any format as pages of blocks: their tables, the text around them, and each cell with its address.

A sheet is a plane on which people put tables, titles and remarks. Empty rows and columns part them. A long sheet is read in
pages of some rows each, so that neither memory nor a reader has to hold all of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from apps.documents.parsing import Block, Unreadable

MOST_ROWS = 1000
MOST_CELLS = 40_000
MOST_COLUMNS = 16_384  # of Excel and of LibreOffice


class Means(StrEnum):
    """What a cell's content is. A plain number is one without a format, so that it may be a year or an identifier."""

    TEXT = "text"
    NUMBER = "number"
    PLAIN = "plain"
    DATE = "date"


class Entry(NamedTuple):
    """A cell that is not empty, by its column from 0: what it shows, its exact value, and whether it stands out."""

    column: int
    text: str
    value: str = ""
    means: Means = Means.TEXT
    strong: bool = False


class Row(NamedTuple):
    """The entries of a row, by its number from 0, from left to right."""

    number: int
    entries: tuple[Entry, ...]


class Place(NamedTuple):
    """A rectangle of a sheet, all numbers from 0 and the last ones within it."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table that the file itself says is one."""

    name: str
    place: Place
    header_rows: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as its format gives it; `merged` has the first cell of each merged area, `remarks` what floats above
    the cells, `header_ends` the rows before which the file ends a header by freezing it;
    empty columns do not part a `solid` one. `merged` and `remarks` may fill up only as the rows are read.
    """

    name: str
    rows: Iterable[Row]
    merged: Mapping[tuple[int, int], Place] = field(default_factory=dict)
    named: tuple[NamedTable, ...] = ()
    remarks: Sequence[Block] = ()
    note: str = ""
    header_ends: frozenset[int] = frozenset()
    solid: bool = False

    @property
    def label(self) -> str:
        return f"{self.name} ({self.note})" if self.note else self.name


@lru_cache(maxsize=4096)
def column_letters(column: int) -> str:
    """Return the name of a column: 2 is C."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return the name of a cell: row 8, column 2 is C9."""
    return f"{column_letters(column)}{row + 1}"


def place_of(reference: str) -> Place | None:
    """Return the rectangle of a reference such as `A1:C9`; None for what is none."""
    first, _, last = reference.replace("$", "").partition(":")
    start, end = position(first), position(last or first)
    return Place(*start, *end) if start and end and start <= end else None


def position(name: str) -> tuple[int, int] | None:
    """Return the row and column of a cell's name, from 0; None for what is none."""
    column, digits = 0, 0
    for character in name:
        if "A" <= character <= "Z" and digits == 0:
            column = column * 26 + ord(character) - 64
        elif "0" <= character <= "9":
            digits = digits * 10 + ord(character) - 48
        else:
            return None
    return (digits - 1, column - 1) if column and digits else None


def column_of(name: str) -> int:
    """Return the column of a cell's name, from 0; raises `ValueError` for what is none."""
    return _column_number(name.rstrip("0123456789"))


@lru_cache(maxsize=4096)
def _column_number(letters: str) -> int:
    place = position(f"{letters}1")
    if place is None:
        raise ValueError(letters)
    return place[1]


def refuse_too_wide(columns: int) -> None:
    """Raise `Unreadable` if no spreadsheet could have so many columns."""
    if columns > MOST_COLUMNS:
        raise Unreadable(
            f"A row of this table has more than {MOST_COLUMNS:,} columns. Split the table and send its parts.",
            code="too_many_columns",
        )


def windows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the rows that are not empty in portions of one page each. Raises `Unreadable` for a row that is too wide."""
    gathered: list[Row] = []
    cells = 0
    for row in rows:
        if not row.entries:
            continue
        refuse_too_wide(len(row.entries))
        if len(gathered) >= MOST_ROWS or (gathered and cells + len(row.entries) > MOST_CELLS):
            yield gathered
            gathered, cells = [], 0
        gathered.append(row)
        cells += len(row.entries)
    if gathered:
        yield gathered
