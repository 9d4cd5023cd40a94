"""Where the tables of a sheet are, and which of their rows and columns are labels: by empty rows and columns, by what stands
out, and by text over numbers. A year or a date over numbers is a label, since nobody adds up years."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from apps.documents.parsers.sheets.regions import Entry, Means, Row, Sheet

_DEEPEST = 12
_SAMPLE = 200
_MOST_HEADER_ROWS = 6
_MOST_LABEL_COLUMNS = 3
_MOSTLY = 0.7
_HALF = 0.5
_LONGEST_HEADING = 60
_WIDEST_JOINED_GAP = 2
_FIGURE = re.compile(r"[\s(+\-−–$€£¥]*\d[\d.,'’\s]*\s*[)%€$£]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTS = re.compile(
    r"#|no\.?|nr\.?|n[°º]|id|index|key|code|item|row|line|pos\.?|year|jahr|année|.*[\s_]?id|.*(?:number|nummer|code)",
    re.IGNORECASE,
)


def is_measure(entry: Entry) -> bool:
    """Whether this is a figure that something is named for, and not a label such as a year or a date."""
    if entry.means in (Means.NUMBER, Means.PLAIN) or (entry.means is Means.TEXT and _FIGURE.fullmatch(entry.text)):
        return entry.means is Means.NUMBER or not _YEAR.fullmatch(entry.text)
    return False


def regions(sheet: Sheet, rows: Sequence[Row], depth: int = 0) -> Iterator[list[Row]]:
    """Yield the rows of each area that empty rows and columns part from the others, in reading order."""
    for band in _bands(sheet, rows):
        sides = [band] if sheet.solid or len(band) == 1 or depth == _DEEPEST else _sides(sheet, band)
        if len(sides) == 1:
            yield band
        else:
            for side in sides:
                yield from regions(sheet, side, depth + 1)


def extent(rows: Sequence[Row]) -> tuple[int, int]:
    """Return the first and the last column that any of the rows has."""
    return min(row.entries[0].column for row in rows), max(row.entries[-1].column for row in rows)


def title_rows(sheet: Sheet, rows: Sequence[Row]) -> int:
    """Return how many rows at the top are a title: one entry each, over rows of several, and not over some columns only."""
    left, right = extent(rows)
    count = 0
    while count < len(rows) and len(rows[count].entries) == 1:
        entry = rows[count].entries[0]
        area = sheet.merged.get((rows[count].number, entry.column))
        if is_measure(entry) or (area and area.right > area.left and (entry.column > left or area.right < right)):
            break
        count += 1
    return count if count < len(rows) else 0


def header_rows(sheet: Sheet, rows: Sequence[Row], hints: Collection[int] = ()) -> int:
    """Return how many rows at the top name the columns; `hints` are rows before which the file itself ends a header."""
    for hint in hints:
        count = sum(row.number < hint for row in rows[: _MOST_HEADER_ROWS + 1])
        if 0 < count <= _MOST_HEADER_ROWS and count < len(rows):
            return count
    left, right = extent(rows)
    if len(rows) < 2 or left == right:
        return 0
    first = next((i for i, row in enumerate(rows) if _has_measure(row, left)), None)
    if first is None:
        return int(_heads_text(rows))
    if first == 0:
        return int(_stands_out(rows[0]) and not _stands_out(rows[1]) and len(rows) > 2)
    count = 1
    while count < min(first, _MOST_HEADER_ROWS) and _goes_on(sheet, rows, count, first):
        count += 1
    return count


def label_columns(rows: Sequence[Row], headers: int) -> int:
    """Return how many columns at the left name the rows."""
    left, right = extent(rows)
    body = rows[headers:][:_SAMPLE]
    if left == right or not body:
        return 0
    columns: dict[int, list[Entry]] = {}
    for row in body:
        for entry in row.entries:
            columns.setdefault(entry.column, []).append(entry)
    if not any(_mostly_measures(found) for column, found in columns.items() if column > left):
        return 1
    heading = next((e.text for row in rows[:headers] for e in row.entries if e.column == left), "")
    count = 0
    for column in range(left, min(right, left + _MOST_LABEL_COLUMNS)):
        found = columns.get(column, [])
        numbered = column == left and _are_numbers_of_rows(found, heading)
        if found and _mostly_measures(found) and not numbered:
            break
        count += 1
    while count > 1 and not columns.get(left + count - 1):
        count -= 1
    return count


def _bands(sheet: Sheet, rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Part the rows where one or more rows between them are empty and no merged area reaches over."""
    band: list[Row] = []
    reach = -1
    for row in rows:
        if band and row.number > reach + 1:
            yield band
            band = []
        band.append(row)
        reach = max(reach, row.number)
        if sheet.merged:
            for entry in row.entries:
                area = sheet.merged.get((row.number, entry.column))
                reach = max(reach, area.bottom if area else 0)
    if band:
        yield band


def _sides(sheet: Sheet, band: Sequence[Row]) -> list[list[Row]]:
    """Part a band at its empty columns, where what is on the right stands for itself."""
    taken: set[int] = set()
    for row in band:
        for entry in row.entries:
            area = sheet.merged.get((row.number, entry.column)) if sheet.merged else None
            taken.update(range(entry.column, area.right + 1) if area else (entry.column,))
    columns = sorted(taken)
    cuts = [after for before, after in pairwise(columns) if after > before + 1]
    if not cuts:
        return [list(band)]
    bounds = [columns[0], *cuts, columns[-1] + 1]
    pieces = [_cut(band, start, end) for start, end in pairwise(bounds)]
    joined = [pieces[0]]
    for piece in pieces[1:]:
        if _stands_alone(joined[-1], piece):
            joined.append(piece)
        else:
            joined[-1] = _beside(joined[-1], piece)
    return joined


def _cut(rows: Sequence[Row], start: int, end: int) -> list[Row]:
    parts = (Row(row.number, tuple(e for e in row.entries if start <= e.column < end)) for row in rows)
    return [row for row in parts if row.entries]


def _beside(left: Sequence[Row], right: Sequence[Row]) -> list[Row]:
    entries: dict[int, tuple[Entry, ...]] = {row.number: row.entries for row in left}
    for row in right:
        entries[row.number] = entries.get(row.number, ()) + row.entries
    return [Row(number, entries[number]) for number in sorted(entries)]


def _stands_alone(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether what stands right of an empty column has labels of its own; figures belong to the labels at their left."""
    first, last = extent(right)
    numbers = {row.number for row in left}
    shared = sum(row.number in numbers for row in right) / len(right)
    names = [row.entries[0] for row in right if row.entries[0].column == first][1:]
    if names and sum(map(is_measure, names)) > _HALF * len(names):
        return shared < _HALF
    return first != last or shared < _MOSTLY


def _has_measure(row: Row, left: int) -> bool:
    return any(entry.column > left and is_measure(entry) for entry in row.entries)


def _stands_out(row: Row) -> bool:
    return all(entry.strong for entry in row.entries)


def _heads_text(rows: Sequence[Row]) -> bool:
    """Whether the first row of a table of words names its columns: it stands out, or is short, full and without a repeat."""
    left, right = extent(rows)
    first = rows[0].entries
    if _stands_out(rows[0]):
        return not all(_stands_out(row) for row in rows[1:])
    texts = {entry.text for entry in first}
    named = len(texts) == right - left + 1 and all(
        entry.means is Means.TEXT and len(entry.text) <= _LONGEST_HEADING for entry in first
    )
    return named and len(rows) > 2


def _goes_on(sheet: Sheet, rows: Sequence[Row], count: int, first: int) -> bool:
    """Whether the row after `count` header rows is a header too: the rows above it were sparse or merged, or it stands out."""
    row, above = rows[count], rows[count - 1]
    left, right = extent(rows)
    if len(row.entries) == 1 and row.entries[0].column == left:
        return False
    if any((above.number, entry.column) in sheet.merged for entry in above.entries):
        return True
    if _stands_out(row) and _stands_out(above) and not _stands_out(rows[first]):
        return True
    return len(above.entries) < min(len(row.entries), (right - left + 1) * _MOSTLY)


def _mostly_measures(entries: Sequence[Entry]) -> bool:
    return sum(map(is_measure, entries)) > (1 - _MOSTLY) * len(entries)


def _are_numbers_of_rows(entries: Sequence[Entry], heading: str) -> bool:
    """Whether whole numbers name their rows: no two are the same, and they count or are headed as identifiers."""
    if not all(entry.text.isdigit() for entry in entries) or len({entry.text for entry in entries}) < len(entries):
        return False
    numbers = [int(entry.text) for entry in entries]
    return bool(_COUNTS.fullmatch(heading.strip())) or all(b == a + 1 for a, b in pairwise(numbers))


def belongs_below(sheet: Sheet, above: Sequence[Row], below: Sequence[Row]) -> bool:
    """Whether an area goes on with the table over it: close, within its columns, and with figures but no header of its own."""
    gap = below[0].number - above[-1].number - 1
    left, right = extent(above)
    start, end = extent(below)
    if gap > _WIDEST_JOINED_GAP or start < left or end > right or left == right or start == end:
        return False
    body = below[title_rows(sheet, below) :]
    return _has_measure(body[0], start) and not _stands_out_alone(body)


def _stands_out_alone(rows: Sequence[Row]) -> bool:
    return len(rows) > 1 and _stands_out(rows[0]) and not _stands_out(rows[1])
