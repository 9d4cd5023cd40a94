"""What an answer may have its figures from: the cells of tables and the spans of text of the passages that were read.

A fact is one printed figure there, with the labels that lead to it, the unit in which its table says that it stands, and its place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.documents.parsing import Block, Cell, Table
from apps.documents.tables.grid import Grid, grid_of
from apps.documents.tables.numbers import Figure as Printed
from apps.documents.tables.numbers import FigureKind, Notation
from apps.verification.figures.mentions import Mention, mentions_in
from apps.verification.figures.numbering import years_in
from apps.verification.figures.scaled import Unit, is_of_rates, unit_of

ONE = Decimal(1)
_MOST_HEADINGS = 4
_LARGEST_RATE = 1000
"""What is printed without a sign and is larger is no percentage, whatever its labels say."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure stands: a cell of a table of the passage with this marker, or a half-open range of the passage's text."""

    marker: int
    table: str = ""
    row: int = -1
    column: int = -1
    start: int = -1
    end: int = -1
    row_path: tuple[str, ...] = ()
    column_path: tuple[str, ...] = ()

    @property
    def is_cell(self) -> bool:
        return self.row >= 0


@dataclass(frozen=True, slots=True)
class GroundTable:
    """A table as read, known by an id of the caller's, such as the place of its block on the page."""

    id: str
    cells: tuple[Cell, ...]
    table: Table

    @classmethod
    def of(cls, block: Block, id: str) -> "GroundTable":
        """Return the table of a block that was described when it was read."""
        return cls(id, block.cells, block.table or Table())


@dataclass(frozen=True, slots=True)
class Ground:
    """A passage that was read: its text, and the tables of which it shows rows. Passages of one `document` share what is said of units."""

    text: str
    tables: tuple[GroundTable, ...] = ()
    document: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A printed figure of a passage. `value` is as its digits read, with a scale only where that is printed beside them; `unit` is what
    the table says, completed by what stands in the cell."""

    place: Place
    text: str
    value: Decimal
    step: Decimal
    unit: Unit
    labels: str
    years: frozenset[int]

    @property
    def is_nothing(self) -> bool:
        """Whether a dash stands there."""
        return self.unit.kind is FigureKind.NOTHING


def facts_of(grounds: Mapping[int, Ground]) -> list[Fact]:
    """Return the figures of all passages, those of cells before those of text, passages in order of their markers."""
    said = _units_by_document(grounds.values())
    read: dict[tuple[str, str], list[Fact]] = {}
    spans: list[Fact] = []
    for marker, ground in sorted(grounds.items()):
        over = said.get(ground.document, Unit())
        known: set[Decimal] = set()
        for table in ground.tables:
            key = (ground.document, table.id)
            if key not in read:
                read[key] = list(_facts_of_table(marker, table, over))
            known |= {abs(fact.value) for fact in read[key]}
        spans += _facts_of_text(marker, ground, known, over)
    return [fact for facts in read.values() for fact in facts] + spans


def _units_by_document(grounds: Iterable[Ground]) -> dict[str, Unit]:
    """Return the unit that the passages of a document name outside of their tables, where they name but one."""
    scales: dict[str, set[Unit]] = {}
    for ground in grounds:
        for line in re.split(r"\n|(?<=[.:;])\s", ground.text):
            if "(" in line or len(line) < 120:
                for part in (line, *re.findall(r"\([^()]{3,80}\)", line)):
                    if (unit := unit_of(part)).scale not in (None, ONE):
                        scales.setdefault(ground.document, set()).add(Unit(unit.scale))
    return {document: next(iter(units)) for document, units in scales.items() if len(units) == 1}


def _facts_of_table(marker: int, given: GroundTable, said: Unit) -> Iterator[Fact]:
    grid = grid_of(given.cells, given.table, Notation.POINT)
    over = _unit_of_table(given, grid).within(said)
    table = given.table
    first = next((row for row in range(grid.rows) if grid.amounts(row)), 0)
    below = Unit()
    last = -1
    for (row, column), cell in sorted(
        (place, cell) for place, cell in grid.cells.items() if place == (cell.row, cell.column)
    ):
        row_path = table.row_paths[row] if row < len(table.row_paths) else ()
        column_path = table.column_paths[column] if column < len(table.column_paths) else ()
        column_path = column_path or _headings(grid, first, column)
        if row != last and row >= grid.header_rows and not grid.amounts(row):
            texts = [text for text in grid.row_texts(row) if text]
            below = next((unit for text in texts if (unit := unit_of(text)).scale not in (None, ONE)), below)
        last = row
        place = Place(marker, given.id, row, column, row_path=tuple(row_path), column_path=tuple(column_path))
        unit = _unit_at(row_path, column_path, below.within(over))
        yield from _facts_of_cell(place, cell, grid, unit, table.caption)


def _headings(grid: Grid, first: int, column: int) -> tuple[str, ...]:
    """Return what stands over a column above the first row with figures, for a table whose headings were not told from its body."""
    if column < grid.header_columns:
        return ()
    return tuple(text for row in range(min(first, _MOST_HEADINGS)) if (text := grid.text(row, column)))


def _unit_of_table(given: GroundTable, grid: Grid) -> Unit:
    """Return the unit of a table, from its own word, else from a heading that names one over some of its columns."""
    unit = unit_of(given.table.unit) if given.table.unit else Unit()
    if unit.scale is None or unit.kind is not FigureKind.AMOUNT:
        headings = [grid.text(row, column) for row in range(grid.header_rows + 1) for column in range(grid.columns)]
        named = {
            found for text in (given.table.caption, *headings) if (found := unit_of(text)).scale not in (None, ONE)
        }
        scales = {found.scale for found in named}
        unit = next(iter(named)) if len(scales) == 1 else Unit(currency=unit.currency)
    return unit


def _unit_at(row_path: tuple[str, ...], column_path: tuple[str, ...], over: Unit) -> Unit:
    """Return the unit of a cell: its row's word goes before its column's, and that before its table's."""
    unit = Unit()
    for depth, label in enumerate((*reversed(row_path), *reversed(column_path))):
        said = unit_of(label)
        # A heading over several rows that speaks of shares or years does not speak of each of them.
        if said.scale != ONE or depth in (0, len(row_path)):
            unit = unit.within(said)
    return unit.within(over)


def _facts_of_cell(place: Place, cell: Cell, grid: Grid, unit: Unit, caption: str) -> Iterator[Fact]:
    text = " ".join(cell.text.split())
    labels = " ".join((*place.row_path, *place.column_path))
    years = years_in(" ".join(place.column_path)) or years_in(" ".join(place.row_path)) or years_in(caption)
    rated = is_of_rates(" ".join((*place.row_path[-1:], *place.column_path)))
    printed = grid.figures.get((place.row, place.column))
    if printed is not None:
        if not printed.may_be_year or (place.row >= grid.header_rows and place.column >= grid.header_columns):
            said = next((m.scale for m in mentions_in(cell.text, grid.notation) if m.scale != 1), ONE)
            own = _own(printed, unit, said)
            if rated and own.kind is FigureKind.AMOUNT and not printed.currency and abs(printed.value) < _LARGEST_RATE:
                own = Unit(ONE, "", FigureKind.PERCENT)
            yield Fact(place, text, printed.value / said, printed.step / said, own, labels, years)
        return
    if place.row < grid.header_rows:
        return
    for mention in mentions_in(cell.text, grid.notation):
        if not mention.spelled:
            yield _fact(mention, place, unit if place.column >= grid.header_columns else Unit(), labels, years)


def _own(printed: Printed, unit: Unit, said: Decimal) -> Unit:
    """Return the unit of a cell with what is printed in it; `said` is the scale of its own, 1 if it has none."""
    if printed.kind is not FigureKind.AMOUNT:
        return Unit(ONE, "", printed.kind)
    currency = printed.currency if printed.currency not in ("", "$") else unit.currency or printed.currency
    return Unit(unit.scale if said == 1 else said, currency, FigureKind.AMOUNT if printed.currency else unit.kind)


def _fact(mention: Mention, place: Place, unit: Unit, labels: str, years: frozenset[int]) -> Fact:
    scale = unit.scale if mention.scale == 1 else mention.scale
    unit = Unit(ONE, "", mention.kind) if mention.is_rate else Unit(scale, mention.currency or unit.currency, unit.kind)
    return Fact(place, mention.text, mention.printed, mention.step / mention.scale, unit, labels, years)


def _facts_of_text(marker: int, ground: Ground, known: set[Decimal], said: Unit) -> Iterator[Fact]:
    """Yield the figures of a passage's text but those that stand in its tables, which are read as cells.

    Where the document `said` a scale for its tables, it is open whether a bare figure in a sentence is in that scale too.
    """
    text = ground.text
    unit_of_lines = next(
        (unit for line in text.split("\n") if len(line) < 200 and (unit := unit_of(line)).scale not in (None, ONE)),
        Unit(),
    )
    for mention in mentions_in(text):
        line_start = text.rfind("\n", 0, mention.start) + 1
        line_end = text.find("\n", mention.end) % (len(text) + 1)
        line = text[line_start:line_end]
        in_row = "|" in line or "\t" in line
        if in_row and abs(mention.printed) in known and mention.scale == 1:
            continue
        begin = max(text.rfind(". ", 0, mention.start) + 1, line_start)
        stop = text.find(". ", mention.end)
        around = text[begin : stop if begin < stop < line_end else line_end]
        unit = unit_of_lines if in_row else Unit(ONE if said.scale is None else None)
        place = Place(marker, start=mention.start, end=mention.end)
        yield _fact(mention, place, unit, around[:400], years_in(around))
