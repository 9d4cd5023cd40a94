"""Headings of columns: over which columns each stands, and which lines of them are one heading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.core.geometry import Box, union
from apps.documents.layout.drawing import Drawing, Rule
from apps.documents.layout.table_columns import Column, column_of
from apps.documents.layout.words import Fragment

_UNDERLINED_BY = 1.2
"""In units of type size: how far below a heading the line under it may be."""

_CENTRED = 0.75
"""In units of type size: how far a heading's middle may be from that of the columns it spans."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over the columns `first` to `last`."""

    first: int
    last: int
    text: str
    box: Box
    underlined: bool = False


def headings_of(rows: Sequence[Sequence[Fragment]], columns: Sequence[Column], drawing: Drawing) -> list[list[Heading]]:
    """Return the headings of each row, those that run over lines put together."""
    lines: list[list[Heading]] = []
    for row in reversed(rows):
        lines.insert(0, _placed(row, lines[0] if lines else [], columns, drawing))
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
        following = next((heading for heading in below if _goes_on(cell, heading)), None)
        if following and not rule:
            first, last = following.first, following.last
        elif column > 0 or cell.x0 > columns[0][1]:
            first, last = _span(cell, column, columns, room, rule, lowest=not below)
        heading = Heading(first, last, cell.text, cell.box, rule is not None)
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


def _goes_on(cell: Fragment, below: Heading) -> bool:
    """Return whether a heading has its next line right below it: centred, or at the same edge."""
    x0, y0, x1, _ = below.box
    offsets = (cell.x0 - x0, cell.x1 - x1, (cell.x0 + cell.x1 - x0 - x1) / 2)
    return y0 - cell.y1 < 0.7 * cell.size and any(abs(offset) < 0.4 * cell.size for offset in offsets)


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
    """Return whether the headings below go on those above: over the same columns, close, and no line between them."""
    ranges = {(heading.first, heading.last): heading for heading in above}
    under = 0
    for heading in below:
        over = [other for other in above if other.first <= heading.last and heading.first <= other.last]
        if not over:
            continue
        same = ranges.get((heading.first, heading.last))
        if same is None or len(over) > 1 or same.underlined:
            return False
        if heading.box[1] - same.box[3] > 0.7 * (same.box[3] - same.box[1]):
            return False
        under += 1
    return under > 0


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
        text=f"{first.text} {second.text}",
        box=union([first.box, second.box]),
        underlined=second.underlined,
    )
