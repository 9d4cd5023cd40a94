"""Headings of columns: over which columns each stands, and which lines of them are one heading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.core.geometry import Box, union
from apps.documents.layout.drawing import Drawing, Rule
from apps.documents.layout.table_captions import unit_in
from apps.documents.layout.table_columns import UNDERLINED_BY, Column, Row, home_of, reach_of
from apps.documents.layout.words import Fragment, begins_with_amount, is_year, run_on

_OFF_CENTRE = 0.3
"""In widths of a column: how far from the middle of all columns a remark on them may stand."""

_CENTRED = 0.75
"""In units of type size: how far a heading's middle may be from that of the columns it spans."""


_PITCH, _TIGHT_PITCH = 1.7, 1.4
"""In units of type size: no further apart are the lines of one heading; and how close they are where there is no doubt."""


_MOSTLY = 0.75
"""A share of the headings: of groups of columns, so many have the same headings as other ones."""

_SAME_LINE = 0.5
"""In units of type size: how far apart the last lines of headings are that end on one printed line."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over the columns `first` to `last`; `level` counts the headings under it."""

    first: int
    last: int
    text: str
    box: Box
    size: float
    first_line: float
    last_line: float
    underline: Rule | None = None
    level: int = 0

    def shares_columns(self, other: "Heading") -> bool:
        return self.first <= other.last and other.first <= self.last


def headings_of(rows: Sequence[Row], columns: Sequence[Column], drawing: Drawing) -> list[list[Heading]]:
    """Return the headings of each row, those that run over lines put together, column by column from the lowest line."""
    found: list[Heading] = []
    reach = reach_of(columns, rows)
    for row in reversed(rows):
        homes = [home_of(cell, columns, reach) for cell in row]
        line = _placed(row, homes, _uppermost(found), columns, drawing)
        columns = _as_underlined(columns, line)
        going_on = _going_on(line, found)
        for heading, below in zip(line, going_on, strict=True):
            if below is not None:
                found[found.index(below)] = _joined(heading, below)
            else:
                under = [other.level + 1 for other in found if other.shares_columns(heading)]
                found.append(replace(heading, level=max(under, default=0)))
    found = _levelled(found)
    levels = range(max((heading.level for heading in found), default=-1), -1, -1)
    return [sorted((h for h in found if h.level == level), key=lambda h: h.first) for level in levels]


def _levelled(found: Sequence[Heading]) -> list[Heading]:
    """Return the headings, those that could stand higher raised to the level of those that end on the same printed line."""
    top = max((heading.level for heading in found), default=0)
    highest: list[int] = []
    for index in range(len(found) - 1, -1, -1):
        over = zip(found[index + 1 :], highest, strict=True)
        highest.insert(0, min((level - 1 for other, level in over if other.shares_columns(found[index])), default=top))
    fixed = [heading for heading, level in zip(found, highest, strict=True) if heading.level == level]
    result: list[Heading] = []
    for heading, level in zip(found, highest, strict=True):
        beside = [
            other.level for other in fixed if heading.level <= other.level <= level and _ends_beside(heading, other)
        ]
        result.append(replace(heading, level=min(beside, default=heading.level)))
    return result


def _ends_beside(heading: Heading, other: Heading) -> bool:
    return abs(other.last_line - heading.last_line) < _SAME_LINE * heading.size


def _uppermost(found: Sequence[Heading]) -> list[Heading]:
    """Return the headings that no other stands over; the ones found later stand higher."""
    return [h for index, h in enumerate(found) if not any(h.shares_columns(other) for other in found[index + 1 :])]


def _placed(
    row: Sequence[Fragment],
    homes: Sequence[int],
    below: Sequence[Heading],
    columns: Sequence[Column],
    drawing: Drawing,
) -> list[Heading]:
    """Return the headings of one printed line. One that goes on in the line below stands over the same columns."""
    found: list[Heading] = []
    lowest_line = all(heading.last == 0 or _is_remark_on_all(heading, columns) for heading in below)
    for position, (column, cell) in enumerate(zip(homes, row, strict=True)):
        rule = drawing.below(cell.box, UNDERLINED_BY * cell.size)
        room = (
            found[-1].last + 1 if found else min(1, column),
            homes[position + 1] - 1 if position + 1 < len(homes) else len(columns) - 1,
        )
        first, last = column, column
        following = None if rule else _continuation(position, row, homes, below)
        if following:
            first, last = following.first, following.last
        elif lowest_line and _is_of_all(cell, row, columns):
            first, last = 1, len(columns) - 1
        elif column > 0 or cell.x0 > columns[0][1]:
            whole = rule in drawing.horizontals
            lowest = lowest_line and not unit_in(cell.text)
            first, last = _span(cell, column, columns, room, rule if whole or lowest_line else None, lowest=lowest)
        heading = Heading(first, last, cell.text, cell.box, cell.size, cell.baseline, cell.baseline, rule)
        if found and found[-1].last >= first:
            heading = _joined(found.pop(), heading)
        found.append(heading)
    return found


def _is_of_all(cell: Fragment, row: Sequence[Fragment], columns: Sequence[Column]) -> bool:
    """Return whether a unit, or a remark in brackets in the middle, stands alone over the columns of figures."""
    if len(columns) < 2 or [other for other in row if other.x0 > columns[0][1]] != [cell]:
        return False
    count, width = len(columns) - 1, columns[-1][1] - columns[1][0]
    aside = abs((cell.x0 + cell.x1 - columns[1][0] - columns[-1][1]) / 2)
    in_brackets = cell.text.startswith("(") and cell.text.endswith(")")
    return bool(unit_in(cell.text)) or (in_brackets and count % 2 == 0 and aside < _OFF_CENTRE * width / count)


def _is_remark_on_all(heading: Heading, columns: Sequence[Column]) -> bool:
    return heading.text.startswith("(") and heading.last - heading.first == len(columns) - 2


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


def _continuation(
    position: int, row: Sequence[Fragment], homes: Sequence[int], below: Sequence[Heading]
) -> Heading | None:
    """Return the heading that holds the next line of this one: right below it alone, centred or at the same edge.

    One that repeats below fewer and different ones is part of groups, which those head, and one that is below several is theirs.
    """
    cell = row[position]
    under = [heading for heading in below if heading.box[0] < cell.x1 and cell.x0 < heading.box[2]]
    if len(under) != 1:
        return None
    if any(under[0].first <= home <= under[0].last for home in (*homes[:position], *homes[position + 1 :])):
        return None
    texts = [heading.text for heading in below if heading.first > 0]
    in_groups = sum(texts.count(text) > 1 for text in texts) > _MOSTLY * len(texts)
    if in_groups and texts.count(under[0].text) > 1 and len(texts) > len(row) == len({piece.text for piece in row}):
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


def _going_on(line: Sequence[Heading], found: Sequence[Heading]) -> list[Heading | None]:
    """Return for each heading of a line the one that goes on with it: over the same columns, close, and no line between.

    Where one of them clearly goes on, the others belong to the same row, as far apart as they may be.
    """
    below = [_below(heading, found) for heading in line]
    pairs = [(heading, other) for heading, other in zip(line, below, strict=True) if other is not None]
    together = all(_close(*pair, _PITCH) or _is_date(*pair) for pair in pairs)
    together = together or any(_close(*pair, _TIGHT_PITCH) for pair in pairs)
    return below if together else [None] * len(line)


def _below(heading: Heading, found: Sequence[Heading]) -> Heading | None:
    """Return the heading right below that may go on with this one; that of the labels may be underlined line by line."""
    if heading.underline and heading.last > 0:
        return None
    under = [other for other in _uppermost(found) if other.shares_columns(heading)]
    if len(under) != 1 or (under[0].first, under[0].last) != (heading.first, heading.last):
        return None
    return None if _begins_anew(under[0].text) else under[0]


def _begins_anew(text: str) -> bool:
    """Return whether a text is an amount, or the line that a typewriter draws under a heading."""
    return begins_with_amount(text) or not text.strip("-=_")


def _is_date(above: Heading, below: Heading) -> bool:
    """Return whether a day and the year below it are one date, which may be set wide apart."""
    return above.text.endswith(",") and is_year(below.text)


def _close(above: Heading, below: Heading, pitch: float) -> bool:
    """Return whether a line is as close above a heading as the lines of one text are; rows of a table are wider apart."""
    if below.box[1] - above.box[3] > above.box[3] - above.box[1]:
        return False
    return below.first_line - above.first_line < pitch * max(above.size, below.size)


def _joined(first: Heading, second: Heading) -> Heading:
    """Return one heading of two, of which the second goes on with the first."""
    return replace(
        second,
        first=min(first.first, second.first),
        last=max(first.last, second.last),
        text=run_on(first.text, second.text),
        box=union([first.box, second.box]),
        first_line=min(first.first_line, second.first_line),
        last_line=max(first.last_line, second.last_line),
    )
