"""Headings of columns: over which columns each stands, and which lines of them are one heading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.core.geometry import Box, union
from apps.documents.layout.drawing import Drawing, Rule
from apps.documents.layout.table_captions import unit_in
from apps.documents.layout.table_columns import Column, column_of
from apps.documents.layout.words import Fragment, begins_with_amount, is_year, run_on

_UNDERLINED_BY = 0.8
"""In units of type size: how far below a heading the line under it may be."""

_CENTRED = 0.75
"""In units of type size: how far a heading's middle may be from that of the columns it spans."""


_PITCH, _TIGHT_PITCH = 1.7, 1.4
"""In units of type size: no further apart are the lines of one heading; and how close they are where there is no doubt."""

_HALF_A_LINE = 0.15
"""In units of type size: how much white at most is below a heading of two lines' first one and one that is centred beside both."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over the columns `first` to `last`."""

    first: int
    last: int
    text: str
    box: Box
    size: float
    last_line: float
    underline: Rule | None = None


def headings_of(rows: Sequence[Sequence[Fragment]], columns: Sequence[Column], drawing: Drawing) -> list[list[Heading]]:
    """Return the headings of each row, those that run over lines put together."""
    lines: list[list[Heading]] = []
    for row in reversed(rows):
        lines.insert(0, _placed(row, lines[0] if lines else [], columns, drawing))
        columns = _as_underlined(columns, lines[0])
    result: list[list[Heading]] = []
    for line in lines:
        if result and _run_on(result[-1], line):
            result[-1] = _together(result[-1], line)
        else:
            result.append(line)
    return result


def _placed(
    row: Sequence[Fragment], below: Sequence[Heading], columns: Sequence[Column], drawing: Drawing
) -> list[Heading]:
    """Return the headings of one printed line. One that goes on in the line below stands over the same columns."""
    found: list[Heading] = []
    homes = [column_of(cell, columns) for cell in row]
    for position, (column, cell) in enumerate(zip(homes, row, strict=True)):
        rule = drawing.below(cell.box, _UNDERLINED_BY * cell.size)
        room = (
            found[-1].last + 1 if found else min(1, column),
            homes[position + 1] - 1 if position + 1 < len(homes) else len(columns) - 1,
        )
        first, last = column, column
        following = None if rule else _continuation(cell, row, below)
        if following:
            first, last = following.first, following.last
        elif len(row) == 1 and len(columns) > 1 and unit_in(cell.text) and not below and cell.x0 > columns[0][1]:
            first, last = 1, len(columns) - 1
        elif column > 0 or cell.x0 > columns[0][1]:
            whole = rule in drawing.horizontals
            lowest = not below and not unit_in(cell.text)
            first, last = _span(cell, column, columns, room, rule if whole or not below else None, lowest=lowest)
        heading = Heading(first, last, cell.text, cell.box, cell.size, cell.baseline, rule)
        if found and found[-1].last >= first:
            heading = _joined(found.pop(), heading)
        found.append(heading)
    return found


def _span(
    cell: Fragment,
    column: int,
    columns: Sequence[Column],
    room: tuple[int, int],
    rule: Rule | None,
    *,
    lowest: bool,
) -> tuple[int, int]:
    """Return over which columns a heading stands: those that its line reaches over, or those that it is the middle of."""
    under = _over_rule(rule, columns, room) if rule else []
    if column in under and (len(under) > 1 or lowest):
        return under[0], under[-1]
    if rule and lowest:
        return column, column
    return _centred(cell, column, columns, room, widest=not lowest)


def _as_underlined(columns: Sequence[Column], headings: Sequence[Heading]) -> list[Column]:
    """Return the columns as wide as the lines under their headings, which reach over the whole of them."""
    wide = list(columns)
    for heading in headings:
        rule = heading.underline
        if rule is not None and heading.first == heading.last > 0 and not _reaches_others(rule, columns, heading.first):
            x0, x1 = columns[heading.first]
            wide[heading.first] = (min(x0, rule.start), max(x1, rule.end))
    return wide


def _reaches_others(rule: Rule, columns: Sequence[Column], own: int) -> bool:
    return any(rule.start < x1 and x0 < rule.end for index, (x0, x1) in enumerate(columns) if index != own)


def _continuation(cell: Fragment, row: Sequence[Fragment], below: Sequence[Heading]) -> Heading | None:
    """Return the heading that holds the next line of this one: right below it alone, centred or at the same edge.

    Headings that repeat below fewer and different ones are parts of groups, which those head.
    """
    texts = [heading.text for heading in below if heading.first > 0]
    if len(set(texts)) < len(texts) > len(row) == len({piece.text for piece in row}):
        return None
    under = [heading for heading in below if heading.box[0] < cell.x1 and cell.x0 < heading.box[2]]
    if len(under) != 1:
        return None
    x0, y0, x1, _ = under[0].box
    offsets = (cell.x0 - x0, cell.x1 - x1, (cell.x0 + cell.x1 - x0 - x1) / 2)
    close = y0 - cell.y1 < 0.7 * cell.size and any(abs(offset) < 0.4 * cell.size for offset in offsets)
    return under[0] if close else None


def _over_rule(rule: Rule, columns: Sequence[Column], room: tuple[int, int]) -> list[int]:
    low, high = room
    return [
        i for i, (x0, x1) in enumerate(columns) if rule.start - 2 <= (x0 + x1) / 2 <= rule.end + 2 and low <= i <= high
    ]


def _centred(
    cell: Fragment, column: int, columns: Sequence[Column], room: tuple[int, int], *, widest: bool
) -> tuple[int, int]:
    """Return the columns around `column` whose common middle is that of the cell."""
    middle = (cell.x0 + cell.x1) / 2
    covered = [i for i, (x0, x1) in enumerate(columns) if min(cell.x1, x1) - max(cell.x0, x0) > 0.3 * (x1 - x0)]
    covered = [i for i in covered if room[0] <= i <= room[1]]
    first, last = min([column, *covered]), max([column, *covered])
    near = [
        (low, high)
        for low in range(room[0], first + 1)
        for high in range(last, room[1] + 1)
        if high > low and abs(_middle(columns, low, high) - middle) < 2 * _CENTRED * cell.size
    ]
    if not near or (not widest and _stands_over(cell, columns[column])):
        return first, last
    return max(near, key=lambda span: (span[1] - span[0], -abs(_middle(columns, *span) - middle)))


def _stands_over(cell: Fragment, column: Column) -> bool:
    return min(cell.x1, column[1]) - max(cell.x0, column[0]) > 0.3 * min(cell.x1 - cell.x0, column[1] - column[0])


def _middle(columns: Sequence[Column], first: int, last: int) -> float:
    return (columns[first][0] + columns[last][1]) / 2


def _run_on(above: Sequence[Heading], below: Sequence[Heading]) -> bool:
    """Return whether the headings below go on those above: over the same columns, close, and no line between them.

    Where one of them clearly goes on, the others belong to the same row, as far apart as they may be.
    """
    ranges = {(heading.first, heading.last): heading for heading in above}
    pairs: list[tuple[Heading, Heading]] = []
    for heading in below:
        over = [other for other in above if other.first <= heading.last and heading.first <= other.last]
        if not over:
            continue
        same = ranges.get((heading.first, heading.last))
        if same is None or len(over) > 1 or same.underline or _begins_anew(heading.text):
            return False
        pairs.append((same, heading))
    if not pairs:
        single = all(heading.first == heading.last for heading in (*above, *below))
        return single and below[0].box[1] - above[0].box[3] < _HALF_A_LINE * below[0].size
    together = all(_close(*pair, _PITCH) or _is_date(*pair) for pair in pairs)
    return together or any(_close(*pair, _TIGHT_PITCH) for pair in pairs)


def _begins_anew(text: str) -> bool:
    """Return whether a text is an amount, or the line that a typewriter draws under a heading."""
    return begins_with_amount(text) or not text.strip("-=_")


def _is_date(above: Heading, below: Heading) -> bool:
    """Return whether a day and the year below it are one date, which may be set wide apart."""
    return above.text.endswith(",") and is_year(below.text)


def _close(above: Heading, below: Heading, pitch: float) -> bool:
    """Return whether the last line above and this one are as close as the lines of one text; rows of a table are wider apart."""
    if below.box[1] - above.box[3] > above.box[3] - above.box[1]:
        return False
    return below.last_line - above.last_line < pitch * max(above.size, below.size)


def _together(above: Sequence[Heading], below: Sequence[Heading]) -> list[Heading]:
    merged = {heading.first: heading for heading in above}
    for heading in below:
        before = merged.get(heading.first)
        merged[heading.first] = _joined(before, heading) if before else heading
    return [merged[first] for first in sorted(merged)]


def _joined(first: Heading, second: Heading) -> Heading:
    return replace(
        first,
        last=max(first.last, second.last),
        text=run_on(first.text, second.text),
        box=union([first.box, second.box]),
        last_line=max(first.last_line, second.last_line),
        underline=second.underline,
    )
