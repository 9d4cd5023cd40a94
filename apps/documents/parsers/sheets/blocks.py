"""The blocks of a sheet, page by page: titles, remarks and tables, each cell with its address."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apps.documents.parsers.flow import CELL_GAP
from apps.documents.parsers.sheets import shapes
from apps.documents.parsers.sheets.regions import Entry, NamedTable, Place, Row, Sheet, address, windows
from apps.documents.parsing import Block, BlockKind, Cell, Table

MOST_TABLE_ROWS = 200
_LONGEST_TITLE = 200
_TITLE_GAP = 2
_FOOT = re.compile(r"[*†‡¹²³]|\(?\d{1,2}\)|source|note|quelle|anmerkung|hinweis|remark", re.IGNORECASE)
_LONG_FOOT = 60


@dataclass(frozen=True, slots=True)
class _Area:
    """Rows that are one table or one remark, and what the file calls it."""

    rows: Sequence[Row]
    named: NamedTable | None = None

    @property
    def top(self) -> int:
        return self.rows[0].number

    @property
    def left(self) -> int:
        return shapes.extent(self.rows)[0]

    @property
    def is_table(self) -> bool:
        left, right = shapes.extent(self.rows)
        if len(self.rows) == 1 or left == right:
            return self.named is not None or any(shapes.is_measure(e) for row in self.rows for e in row.entries[-1:])
        return True


@dataclass(frozen=True, slots=True)
class _Open:
    """A table that reached the end of a page, and what leads to its cells should it go on."""

    last_row: int
    left: int
    right: int
    table: Table


def sheet_pages(sheet: Sheet) -> Iterator[tuple[str, list[Block]]]:
    """Yield the name and the blocks of each page of a sheet; one that is empty has one page without blocks."""
    waiting: tuple[list[Row], list[Block]] | None = None
    parts = 0
    open_tables: list[_Open] = []
    for rows in windows(sheet.rows):
        if waiting:
            parts += 1
            yield _part_label(sheet, waiting[0]), waiting[1]
        blocks, open_tables = _page(sheet, rows, open_tables)
        waiting = rows, blocks
    if waiting is None:
        yield sheet.label, list(sheet.remarks)
    else:
        yield _part_label(sheet, waiting[0]) if parts else sheet.label, [*waiting[1], *sheet.remarks]


def _part_label(sheet: Sheet, rows: Sequence[Row]) -> str:
    span = f"rows {rows[0].number + 1}–{rows[-1].number + 1}"
    return f"{sheet.label}, {span}" if sheet.label else span.capitalize()


def _page(sheet: Sheet, rows: Sequence[Row], before: Sequence[_Open]) -> tuple[list[Block], list[_Open]]:
    areas = sorted(_areas(sheet, rows), key=lambda area: (area.top, area.left))
    blocks: list[Block] = []
    still_open: list[_Open] = []
    caption = ""
    for number, area in enumerate(areas):
        following = areas[number + 1] if number + 1 < len(areas) else None
        if not area.is_table:
            titles = following is not None and _is_title_of(area, following)
            blocks += _remark(sheet, area, titles)
            caption = _text(area.rows) if titles else ""
            continue
        made, table = _table_blocks(sheet, area, _going_on(area, before), caption)
        blocks += made
        caption = ""
        if area.rows[-1].number == rows[-1].number:
            still_open.append(_Open(area.rows[-1].number, *_columns(area, before), table))
    return blocks, still_open


def _areas(sheet: Sheet, rows: Sequence[Row]) -> Iterator[_Area]:
    """Yield the tables that the file names, then what else there is; areas that go on with the one above are one with it."""
    rest: Sequence[Row] = rows
    for named in sheet.named:
        place = named.place
        start = bisect_right(rest, place.top - 1, key=lambda row: row.number)
        end = bisect_right(rest, place.bottom, key=lambda row: row.number)
        inside = [Row(row.number, entries) for row in rest[start:end] if (entries := _within(row, place))]
        if inside:
            yield _Area(inside, named)
            beside = (
                Row(row.number, tuple(e for e in row.entries if not place.holds(row.number, e.column)))
                for row in rest[start:end]
            )
            rest = [*rest[:start], *(row for row in beside if row.entries), *rest[end:]]
    last: list[Row] = []
    for found in shapes.regions(sheet, rest):
        if last and shapes.belongs_below(sheet, last, found):
            last.extend(found)
            continue
        if last:
            yield _Area(last)
        last = found
    if last:
        yield _Area(last)


def _within(row: Row, place: Place) -> tuple[Entry, ...]:
    return tuple(entry for entry in row.entries if place.left <= entry.column <= place.right)


def _is_title_of(area: _Area, following: _Area) -> bool:
    """Whether these few words stand right over the table that follows."""
    left, right = shapes.extent(following.rows)
    return (
        following.is_table
        and len(area.rows) <= _TITLE_GAP
        and 0 < following.top - area.rows[-1].number <= _TITLE_GAP + 1
        and left <= area.left <= right
        and len(_text(area.rows)) <= _LONGEST_TITLE
    )


def _going_on(area: _Area, before: Sequence[_Open]) -> Table | None:
    """Return what was known of the table that this area goes on with from the page before."""
    found = next((table for table in before if _goes_on(area, table)), None)
    return found.table if found else None


def _goes_on(area: _Area, table: _Open) -> bool:
    left, right = shapes.extent(area.rows)
    return area.top == table.last_row + 1 and table.left <= left and right <= table.right


def _columns(area: _Area, before: Sequence[_Open]) -> tuple[int, int]:
    found = next((table for table in before if _goes_on(area, table)), None)
    return (found.left, found.right) if found else shapes.extent(area.rows)


def _remark(sheet: Sheet, area: _Area, titles: bool) -> Iterator[Block]:
    heads = len(area.rows) == 1 and all(entry.strong for entry in area.rows[0].entries)
    kind = BlockKind.CAPTION if titles else BlockKind.HEADING if heads else BlockKind.TEXT
    for start in range(0, len(area.rows), MOST_TABLE_ROWS):
        rows = area.rows[start : start + MOST_TABLE_ROWS]
        yield replace(_block(sheet, rows, area.left, 0), kind=kind, level=2 if kind is BlockKind.HEADING else 0)


def _table_blocks(sheet: Sheet, area: _Area, known: Table | None, caption: str) -> tuple[list[Block], Table]:
    """Return a table's title, its rows in blocks of bounded length, and its foot; and what leads to its cells."""
    rows = list(area.rows)
    titles = 0 if known or area.named else shapes.title_rows(sheet, rows)
    body = rows[titles:]
    feet = len(body) if area.named else _foot_start(body)
    body, foot = body[:feet], body[feet:]
    left = shapes.extent(body)[0]
    table = known or _described(sheet, area, body, caption or _text(rows[:titles]))
    if known is None and not table.header_rows and titles and not caption:
        table = replace(table, caption=_text(rows[:titles]))
    blocks = [replace(_block(sheet, [row], left, 0), kind=BlockKind.CAPTION) for row in rows[:titles]]
    start = 0
    while start < len(body):
        end = min(start + MOST_TABLE_ROWS + (table.header_rows if start == 0 and not known else 0), len(body))
        first = start == 0 and known is None
        part = table if first else replace(table, header_rows=0, continues=True)
        block = _block(sheet, body[start:end], left, table.header_rows if first else 0)
        blocks.append(replace(block, table=replace(part, column_paths=() if first else table.column_paths)))
        start = end
    blocks += [replace(_block(sheet, [row], left, 0), kind=BlockKind.FOOTNOTE) for row in foot]
    return blocks, table


def _described(sheet: Sheet, area: _Area, body: Sequence[Row], caption: str) -> Table:
    if area.named:
        headers = area.named.header_rows if body[0].number == area.named.place.top else 0
    else:
        headers = shapes.header_rows(sheet, body, sheet.header_ends)
    left, right = shapes.extent(body)
    return Table(
        header_rows=headers,
        header_columns=shapes.label_columns(body, headers),
        caption=" ".join(caption.split()),
        name=area.named.name if area.named else "",
        column_paths=tuple(_paths(sheet, body[:headers], left, right)),
    )


def _paths(sheet: Sheet, headers: Sequence[Row], left: int, right: int) -> Iterator[tuple[str, ...]]:
    """Yield what stands over each column, outermost first."""
    reach: dict[int, list[str]] = {column: [] for column in range(left, right + 1)}
    for row in headers:
        for entry in row.entries:
            area = sheet.merged.get((row.number, entry.column))
            for column in range(entry.column, min(area.right if area else entry.column, right) + 1):
                reach[column].append(entry.text)
    return (tuple(texts) for texts in reach.values())


def _foot_start(rows: Sequence[Row]) -> int:
    """Return where the remarks under a table begin: rows of one entry that is long or begins as remarks do."""
    end = len(rows)
    while end > 1 and len(rows[end - 1].entries) == 1:
        text = rows[end - 1].entries[0].text
        if len(text) < _LONG_FOOT and not _FOOT.match(text):
            break
        end -= 1
    return end


def _block(sheet: Sheet, rows: Sequence[Row], left: int, headers: int) -> Block:
    numbers = [row.number for row in rows]
    cells = tuple(
        _cell(sheet, numbers, row.number, entry, (at, entry.column - left), header=at < headers)
        for at, row in enumerate(rows)
        for entry in row.entries
    )
    return Block(BlockKind.TABLE, _text(rows), cells=cells)


def _cell(sheet: Sheet, numbers: Sequence[int], row: int, entry: Entry, at: tuple[int, int], *, header: bool) -> Cell:
    name = address(row, entry.column)
    area = sheet.merged.get((row, entry.column)) if sheet.merged else None
    if area is None:
        return Cell(*at, entry.text, header, address=name, value=entry.value)
    down = bisect_right(numbers, area.bottom) - at[0]
    return Cell(
        *at, entry.text, header, None, max(down, 1), area.right - entry.column + 1, address=name, value=entry.value
    )


def _text(rows: Sequence[Row]) -> str:
    return "\n".join(CELL_GAP.join(entry.text for entry in row.entries) for row in rows)
