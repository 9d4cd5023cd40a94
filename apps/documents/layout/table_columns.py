"""The columns of a table: ranges across the page in which its cells stand."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from apps.documents.layout.drawing import Drawing, Rule
from apps.documents.layout.words import Fragment, begins_with_amount, is_number, is_year

Row = list[Fragment]
Column = tuple[float, float]

_ALIGNED = 4.0
"""Points: figures that end no further apart than this end on one line; a closing bracket may stand beyond it."""

UNDERLINED_BY = 0.8
"""In units of type size: how far below a heading the line under it may be."""

_TERM = re.compile(r"^\d{1,3} (?:years?|months?|weeks?|days?)$")
KINDS = frozenset({"$", "€", "£", "%"})
_CLOSE, _PITCH = 1.2, 1.7
_MOST_HEADING_LINES = 12
_FEWEST_ROWS = 3
_LEAST_GAP = 0.4
_LONGEST_FIGURE = 3
"""In units of type size, and in words."""

_LEAST_BLANK, _USUAL_SHARE = 0.5, 0.6
"""How wide the blank between two headings is, in units of type size, and how much of it the others in them are at most."""


def columns_of(rows: Sequence[Row], header: int, drawing: Drawing) -> list[Column]:
    """Return the columns from the left. Figures make them where there are any; headings only where nothing stands below."""
    body = [row for row in rows[header:] if len(row) > 1]
    figures = [cell for row in body for cell in row if cell.is_number]
    cells = [cell for row in body for cell in row]
    if len(figures) > 0.4 * len(cells):
        columns = _spread(figures)
        start = columns[0][0]
        labels = [cell for cell in cells if cell.x0 < start and not cell.is_number and _shared(cell, columns[0]) <= 0]
        columns = sorted([*columns, *_spread(labels)])
    else:
        usual = max((len(row) for row in body), default=0)
        columns = _spread([cell for row in body if len(row) >= max(2, usual - 1) for cell in row])
    for row in body:
        for cell in row:
            if not any(_shared(cell, column) > 0 for column in columns):
                columns = sorted([*columns, (cell.x0, cell.x1)])
    columns = _with_headings_alone(_as_underlined(columns, rows[:header], drawing), rows[:header])
    return _complementary(columns, rows[:header], rows[header:]) or [(row[0].x0, row[0].x1) for row in rows[:1]]


def _as_underlined(columns: Sequence[Column], heads: Sequence[Row], drawing: Drawing) -> list[Column]:
    """Return the columns as wide as the line under a heading of each, beside which the figures may stand under no letter of it."""
    wide, cells = list(columns), [cell for row in heads for cell in row]
    for cell in cells:
        rule = drawing.below(cell.box, UNDERLINED_BY * cell.size)
        if rule is None or any(
            _is_at(rule, other) for other in cells if other is not cell and other.y1 > cell.baseline
        ):
            continue
        over = [index for index, (x0, x1) in enumerate(columns) if rule.start < x1 and x0 < rule.end]
        if len(over) == 1 and over[0] > 0:
            x0, x1 = wide[over[0]]
            wide[over[0]] = (min(x0, rule.start), max(x1, rule.end))
    return wide


def _is_at(rule: Rule, cell: Fragment) -> bool:
    return rule.start < cell.x1 and cell.x0 < rule.end


def _with_headings_alone(columns: Sequence[Column], heads: Sequence[Row]) -> list[Column]:
    """Return the columns and those that only a heading has: it stands neither over cells nor over a heading that does."""
    reach, found = list(columns), list(columns)
    cells = [cell for row in heads for cell in row]
    for row in reversed(heads):
        for cell in row:
            over = _homes(cell, cells, reach)
            if len(over) == 1:
                _widen(reach, over.pop(), cell)
            elif not over and len(row) > 1:
                place = sum(x0 < cell.x0 for x0, _ in found)
                reach.insert(place, (cell.x0, cell.x1))
                found.insert(place, (cell.x0, cell.x1))
    return found


def reach_of(columns: Sequence[Column], heads: Sequence[Row]) -> list[Column]:
    """Return the columns as wide as the headings that stand over each alone, line by line from the lowest."""
    reach = list(columns)
    cells = [cell for row in heads for cell in row]
    for cell in reversed(cells):
        over = _homes(cell, cells, reach)
        if len(over) == 1:
            _widen(reach, over.pop(), cell)
    return reach


def _homes(cell: Fragment, cells: Sequence[Fragment], columns: Sequence[Column]) -> set[int]:
    """Return the columns that a heading stands over, or else those that another line of it stands over."""
    return _over(cell, columns) or {i for line in cells if is_next_line(cell, line) for i in _over(line, columns)}


def _widen(columns: list[Column], index: int, cell: Fragment) -> None:
    x0, x1 = columns[index]
    columns[index] = (min(x0, cell.x0), max(x1, cell.x1))


def _over(cell: Fragment, columns: Sequence[Column]) -> set[int]:
    return {index for index, column in enumerate(columns) if _shared(cell, column) > 0}


def is_next_line(cell: Fragment, other: Fragment) -> bool:
    """Return whether another cell is the line above or below this one of the same heading: close, and at one of its edges."""
    apart = abs(cell.baseline - other.baseline)
    aligned = min(abs(cell.x0 - other.x0), abs(cell.x1 - other.x1), abs(cell.x0 + cell.x1 - other.x0 - other.x1) / 2)
    return cell is not other and apart < _PITCH * cell.size and aligned < _LEAST_GAP * cell.size


def _complementary(columns: Sequence[Column], heads: Sequence[Row], body: Sequence[Row]) -> list[Column]:
    """Return the columns with such put together as stand close and are never both filled in a row: dashes beside figures."""
    result: list[Column] = []
    for column in columns:
        alone = len(result) > 1 and _is_headed_by(result[-1], column, heads, body)
        if alone or (result and _are_one(result[-1], column, heads, body)):
            result[-1] = (result[-1][0], column[1])
        else:
            result.append(column)
    return result


def _is_headed_by(left: Column, right: Column, heads: Sequence[Row], body: Sequence[Row]) -> bool:
    """Return whether one of two neighbours has only a heading and the other only cells: they stand aside of each other."""
    sides = {(_is_filled(column, heads), _is_filled(column, body)) for column in (left, right)}
    return sides == {(True, False), (False, True)}


def _is_filled(column: Column, rows: Sequence[Row]) -> bool:
    return any(_shared(cell, column) > 0 for row in rows for cell in row)


def _are_one(left: Column, right: Column, heads: Sequence[Row], body: Sequence[Row]) -> bool:
    size = body[0][0].size if body else 0.0
    if right[0] - left[1] > _CLOSE * size:
        return False
    both = ({i for i, cell in enumerate(row) if _shared(cell, column) > 0} for row in heads for column in (left, right))
    if any(first and second and not first & second for first, second in zip(both, both, strict=True)):
        return False
    filled = [tuple(any(_shared(cell, column) > 0 for cell in row) for column in (left, right)) for row in body]
    return (True, True) not in filled


def split_at_columns(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with figures parted from words that stand close to them in the next column."""
    edges = [round(cell.x1) for row in rows for cell in row[1:] if cell.is_number]

    def is_edge(x: float) -> bool:
        return any(abs(edge - x) <= _ALIGNED for edge in edges)

    return [[row[0], *(part for cell in row[1:] for part in _parts(cell, is_edge))] if row else row for row in rows]


def _parts(cell: Fragment, is_edge: Callable[[float], bool]) -> list[Fragment]:
    if cell.is_number or len(cell.words) < 2:
        return [cell]
    for count in range(min(len(cell.words) - 1, _LONGEST_FIGURE), 0, -1):
        figure, rest = cell.words[:count], cell.words[count:]
        apart = rest[0].text[0].isalpha() and rest[0].x0 - figure[-1].x1 > _LEAST_GAP * cell.size
        if apart and is_number(" ".join(word.text for word in figure)) and is_edge(figure[-1].x1):
            return [Fragment.of(figure, cell.order), Fragment.of(rest, cell.order)]
    return [cell]


def part_headings(rows: Sequence[Row], columns: Sequence[Column]) -> list[Row]:
    """Return the rows, in the last of them those headings parted that seem one: a wider blank lies between two columns."""
    return [*rows[:-1], *([part for cell in row for part in _headings_in(cell, columns)] for row in rows[-1:])]


def _headings_in(cell: Fragment, columns: Sequence[Column]) -> list[Fragment]:
    gaps = [right.x0 - left.x1 for left, right in pairwise(cell.words)]
    if len(gaps) < 2 or cell.x0 < columns[0][1]:
        return [cell]
    widest = max(gaps)
    place = gaps.index(widest) + 1
    if widest < _LEAST_BLANK * cell.size or sorted(gaps)[-2] > _USUAL_SHARE * widest:
        return [cell]
    parts = [Fragment.of(words, cell.order) for words in (cell.words[:place], cell.words[place:])]
    over = [{index for index, column in enumerate(columns) if _shared(part, column) > 0} for part in parts]
    return parts if over[0] and over[1] and not over[0] & over[1] else [cell]


def home_of(cell: Fragment, columns: Sequence[Column], reach: Sequence[Column]) -> int:
    """Return the column of a heading, which may stand over no cell of it but reach over it by its other lines."""
    return column_of(cell, columns if _over(cell, columns) else reach)


def column_of(cell: Fragment, columns: Sequence[Column]) -> int:
    """Return the column that a cell shares most with, or is nearest to."""
    return max(range(len(columns)), key=lambda index: _shared(cell, columns[index]))


def header_rows(rows: Sequence[Row]) -> int:
    """Return how many rows stand above the first one with a label and a figure other than a year.

    Rows that only hold a label right above that one are the first of the body: headings of what follows.
    """
    first = next((index for index, row in enumerate(rows) if _has_figures(row)), None)
    if first is None:
        return _words_head(rows)
    first = next((index for index, row in enumerate(rows[:first]) if _has_amounts(row)), first)
    if first > _MOST_HEADING_LINES:
        return 0
    left = min(row[0].x0 for row in rows)
    start = min(cell.x0 for cell in rows[first][1:])
    labels = 0
    for above in reversed(rows[:first]):
        if len(above) > 1 or above[0].x1 > start or (above[0].x0 > left + 3 * above[0].size and not labels):
            break
        labels += 1
    return first - labels


def _has_amounts(row: Row) -> bool:
    return any(begins_with_amount(cell.text) for cell in row[1:])


def _has_figures(row: Row) -> bool:
    """Return whether figures stand beside the first cell. Years and "$" are headings, and so is "1 year" among words."""
    figures = [cell for cell in row[1:] if cell.is_number and cell.text not in KINDS and not is_year(cell.text)]
    among_words = len(figures) < len(row) - 1
    return any(not (among_words and _TERM.match(cell.text)) for cell in figures)


def _words_head(rows: Sequence[Row]) -> int:
    """Return how many rows from the first of a table without figures are set in bold, beside labels, where the others are not."""
    left = min(row[0].x0 for row in rows)
    count = 0
    for row in rows[:_MOST_HEADING_LINES]:
        beside = len(row) > 1 or row[0].x0 > left + 4 * row[0].size
        if not beside or not all(cell.bold for cell in row):
            break
        count += 1
    rest = rows[count:]
    if len(rows) < _FEWEST_ROWS or not rest:
        return 0
    return count if sum(cell.bold for row in rest for cell in row) < 0.5 * sum(map(len, rest)) else 0


def _spread(cells: Sequence[Fragment]) -> list[Column]:
    columns: list[Column] = []
    for x0, x1 in sorted((cell.x0, cell.x1) for cell in cells):
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _shared(cell: Fragment, column: Column) -> float:
    return min(cell.x1, column[1]) - max(cell.x0, column[0])
