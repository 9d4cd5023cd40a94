"""Where tables begin and end among the printed lines of a column."""

import re
from collections.abc import Iterator, Sequence
from statistics import median

from apps.documents.layout.drawing import Drawing
from apps.documents.layout.table_captions import unit_in
from apps.documents.layout.table_columns import KINDS, is_next_line
from apps.documents.layout.words import Fragment, is_year, merge

Row = list[Fragment]

_FEWEST_ROWS = 2
_FEWEST_ROWS_WITHOUT_FIGURES = 3
_FEWEST_CELLS_IN_TWO_ROWS = 3
_MOST_LOOSE_ROWS, _MOST_LINES_OF_LABEL = 4, 12
_MOST_HEADING_LINES, _FEW_HEADING_LINES = 8, 3
_WIDEST_BREAK = 2.6
"""Rows further apart than this many times their type size are not one table."""

_NEAR, _NEAR_IF_UNDERLINED = 1.5, 3.0
"""The same for a line of headings and what it stands over."""

_LONGER = 1.1
"""How much longer than a heading the line is that stands under it and its column."""

_TIGHT, _CLOSE = 0.7, 0.4
_APART = 0.9
_SENTENCE, _LINE_OF_TEXT, _WORDS_OF_HEADING = 8, 12, 3.5
"""In units of type size, and in words: what tells a sentence between tables from a label, and a line of text from a row."""

_OPENS = frozenset({"$", "€", "£", "¥", "(", "$ (", "$("})
_SIGNS = frozenset({"$", "€", "£", "¥"})
_CLOSES = re.compile(r"^(?:\)|%|\)%|% \)|bps|pts|x|pp)$")
_PAGE_NUMBER = re.compile(r"^\d{1,4}$")
_MARK = re.compile(
    r"^(?:\(?(?:\d{1,2}|[a-z]|[ivx]{2,4})\)(?:,?\s?\(?(?:\d{1,2}|[a-z])\))*|[*†‡§#]{1,3}|\d{1,2}|[a-z])$"
)
_PERIOD_OR_UNIT = re.compile(
    r"^\(?(?:in |\$ in |(?:u\.?s\.? )?dollars|amounts|millions|thousands|billions|years?\b|(?:\w+ )?months?\b|quarters?\b|weeks?\b|"
    r"periods?\b|fiscal|as of|as at|at |for the|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|mio|tsd|en |in\b)",
    re.IGNORECASE,
)


def table_runs(rows: Sequence[Row], drawing: Drawing) -> list[tuple[int, int]]:
    """Return the half-open ranges of rows that are tables."""
    rows = [join_units(row) for row in rows]
    runs: list[tuple[int, int]] = []
    start = 0
    while start < len(rows):
        end = _run_from(rows, start, drawing)
        if end - start > _FEWEST_ROWS and _is_foot(rows[end - 1], rows[start : end - 1]):
            end -= 1
        if end > start:
            runs.append((_with_headings(rows, start, end, runs[-1][1] if runs else 0, drawing), end))
            start = end
        else:
            start += 1
    return runs


def join_units(row: Row) -> Row:
    """Return the row with currency signs, brackets, percent signs and marks of footnotes joined to what they belong to."""
    result: Row = []
    opening: list[Fragment] = []
    for cell in _without_signs(row):
        if cell.text in _OPENS:
            opening.append(cell)
            continue
        if opening and not _opened(cell):
            result, opening = result + opening, []
        closes = result and not opening and _closes(result[-1], cell)
        if closes or (result and not opening and _is_mark(cell, result[-1])):
            result[-1] = merge([result[-1], cell])
            continue
        result.append(merge([*opening, cell]) if opening else cell)
        opening = []
    return result + opening


def _without_signs(row: Row) -> Iterator[Fragment]:
    """Yield the cells with a currency sign at the end of one parted from it, where a figure follows that it belongs to."""
    for cell, following in zip(row, [*row[1:], None], strict=True):
        if following and following.is_number and len(cell.words) > 1 and cell.words[-1].text in _SIGNS:
            yield Fragment.of(cell.words[:-1], cell.order)
            yield Fragment.of(cell.words[-1:], cell.order)
        else:
            yield cell


def _closes(before: Fragment, cell: Fragment) -> bool:
    return before.is_number and before.text not in _OPENS and bool(_CLOSES.match(cell.text))


def _opened(cell: Fragment) -> bool:
    """Return whether a currency sign may belong to this; in headings it stands beside a percent sign or words."""
    return cell.text != "%" and (cell.is_number or cell.text[0].isdigit())


def _is_mark(cell: Fragment, before: Fragment) -> bool:
    """Return whether a cell is the small mark of a footnote to the one before it."""
    return cell.size < 0.85 * before.size and cell.x0 - before.x1 < 2 * before.size and bool(_MARK.match(cell.text))


def _run_from(rows: Sequence[Row], start: int, drawing: Drawing) -> int:
    """Return where the table that starts at `start` ends; `start` itself if none does."""
    if not _is_tabular(rows[start]):
        return start
    end, tabular, loose = start + 1, 1, 0
    for index in range(start + 1, len(rows)):
        if rows[index][0].y0 - bottom_of(rows[index - 1]) > _WIDEST_BREAK * rows[index][0].size:
            break
        if _is_tabular(rows[index]):
            if _opens_another(rows, start, index):
                break
            tabular, loose, end = tabular + 1, 0, index + 1
            continue
        if _is_total(rows[index], rows[start:index]):
            loose, end = 0, index + 1
            continue
        if _introduces(rows, start, index, drawing) or _names_another(rows, start, index):
            break
        if _is_under_text(rows[index], rows[start:index]):
            end = index + 1
            continue
        if _is_prose(rows[start]) and not any(map(_has_figures, rows[start:index])):
            break
        loose += not _goes_on_label(rows, start, index)
        if loose > _MOST_LOOSE_ROWS or (loose > 1 and _is_running_text(rows[index], rows[start:end])):
            break
    return end if tabular >= _FEWEST_ROWS and _is_aligned(rows[start:end]) else start


def _goes_on_label(rows: Sequence[Row], start: int, index: int) -> bool:
    """Return whether a line follows another of a long label closely, both clear of the figures beside them."""
    row, above = rows[index], rows[index - 1]
    figures = [cell.x0 for other in rows[start:index] for cell in other[1:]]
    close = row[0].y0 - bottom_of(above) < _CLOSE * row[0].size
    few = any(len(other) > 1 for other in rows[max(start, index - _MOST_LINES_OF_LABEL) : index])
    return close and few and len(above) == 1 and max(row[-1].x1, above[-1].x1) < min(figures)


def _is_foot(row: Row, table: Sequence[Row]) -> bool:
    """Return whether a row is the foot of the page: words away from the labels, and a number that stands under nothing."""
    words, number = row[0], row[-1]
    if len(row) != 2 or words.is_number or not _PAGE_NUMBER.match(number.text):
        return False
    left = min(other[0].x0 for other in table)
    beside = any(cell.x0 < number.x1 and number.x0 < cell.x1 for other in table for cell in other if len(other) > 1)
    return words.x0 > left + 3 * words.size and not beside


def _is_tabular(row: Row) -> bool:
    return len(row) > 1


def _has_figures(row: Row) -> bool:
    """Return whether figures other than years follow the first cell; a sign alone may be a heading."""
    return any(cell.is_number and not is_year(cell.text) and cell.text not in KINDS for cell in row[1:])


def _opens_another(rows: Sequence[Row], start: int, index: int) -> bool:
    """Return whether a row of headings stands here, after rows of figures and before others: the next table begins."""
    if index + 1 >= len(rows) or not any(map(_has_figures, rows[start:index])) or _has_figures(rows[index]):
        return False
    row = rows[index]
    apart = row[0].y0 - bottom_of(rows[index - 1]) > _APART * row[0].size
    if not any(map(_has_figures, rows[index + 1 : index + 1 + (_MOST_HEADING_LINES if apart else _FEW_HEADING_LINES)])):
        return False
    left = min(other[0].x0 for other in rows[start:index])
    right = max(other[-1].x1 for other in rows[start:index])
    without_label = row[0].x0 > left + 0.25 * (right - left)
    headings = row if without_label else row[1:]
    years = apart and len(headings) > 1 and all(is_year(cell.text) for cell in headings)
    if not (without_label or years or _names_kind(row[0].text)) or len(headings) < 1:
        return False
    return all(is_year(cell.text) or not cell.is_number for cell in headings)


def _names_another(rows: Sequence[Row], start: int, index: int) -> bool:
    """Return whether a period stands over the figures here, with headings of columns between it and the next figures."""
    row, table = rows[index], rows[start:index]
    if len(row) > 1 or not _names_kind(row[0].text) or not any(map(_has_figures, table)):
        return False
    left, right = min(other[0].x0 for other in table), max(other[-1].x1 for other in table)
    following = rows[index + 1 : index + 1 + _MOST_HEADING_LINES]
    figures = next((place for place, other in enumerate(following) if _has_figures(other)), 0)
    return row[0].x0 > left + 0.25 * (right - left) and any(map(_is_tabular, following[:figures]))


def _names_kind(text: str) -> bool:
    """Return whether the label of a row says of what period or in what unit figures are, as that of headings does."""
    return bool(_PERIOD_OR_UNIT.match(text) or unit_in(text))


def _is_prose(row: Row) -> bool:
    """Return whether a row is a line of running text that its wide blanks part."""
    words = sum(len(cell.words) for cell in row)
    return words >= _LINE_OF_TEXT and words > _WORDS_OF_HEADING * len(row)


def _is_total(row: Row, table: Sequence[Row]) -> bool:
    """Return whether a figure stands alone at the right edge of figures: the sum of a column, which often has no label."""
    if len(row) > 1 or not row[0].is_number or is_year(row[0].text):
        return False
    edges = [cell.x1 for other in table for cell in other[1:] if cell.is_number]
    return sum(abs(edge - row[0].x1) < 0.5 * row[0].size for edge in edges) >= _FEWEST_ROWS


def _is_under_text(row: Row, table: Sequence[Row]) -> bool:
    """Return whether a line goes on the words of a column other than the first in the row right above it."""
    if len(row) > 1 or row[0].is_number or row[0].y0 - bottom_of(table[-1]) > _TIGHT * row[0].size:
        return False
    tabular = next(other for other in reversed(table) if len(other) > 1)
    edges = [cell.x0 for cell in tabular[1:] if not cell.is_number]
    return any(abs(edge - row[0].x0) < 0.5 * row[0].size for edge in edges)


def _introduces(rows: Sequence[Row], start: int, index: int, drawing: Drawing) -> bool:
    """Return whether a sentence that stands apart from the rows of figures above leads to what follows."""
    row, above = rows[index], rows[index - 1]
    if len(row) > 1 or not any(map(_has_figures, rows[start:index])):
        return False
    apart = row[0].y0 - bottom_of(above) > _APART * row[0].size
    sentence = len(row[0].words) >= _SENTENCE and row[0].text[-1] in ".:"
    shaded = any(top < row[0].baseline < bottom for top, bottom in drawing.bands(row[0].x0, row[0].x1))
    return apart and sentence and not shaded


def _is_running_text(row: Row, table: Sequence[Row]) -> bool:
    """A line that reaches under the figures is no label; without figures, a line of more than half the width is none."""
    figures = [cell.x0 for other in table for cell in other[1:] if cell.is_number]
    if figures:
        return row[-1].x1 > median(figures) + row[-1].size
    if row[-1].x1 < min((cell.x0 for other in table for cell in other[1:]), default=0.0):
        return False
    left, right = min(f.x0 for r in table for f in r), max(f.x1 for r in table for f in r)
    return row[-1].x1 - row[0].x0 > 0.6 * (right - left) and not row[0].bold


def _is_aligned(rows: Sequence[Row]) -> bool:
    """Figures, or edges that several rows share: without them, gaps are only wide blanks."""
    tabular = [row for row in rows if len(row) > 1]
    if _figures_are_aligned(tabular):
        return True
    few = len(tabular) < _FEWEST_ROWS_WITHOUT_FIGURES
    if few and (len({len(row) for row in tabular}) > 1 or len(tabular[0]) < _FEWEST_CELLS_IN_TWO_ROWS):
        return False
    edges = [_edges(row) for row in tabular]
    if few:
        return len(edges[0] & edges[1]) >= len(tabular[0]) - 1
    shared = sum(
        any(own & theirs for other, theirs in enumerate(edges) if other != index) for index, own in enumerate(edges)
    )
    return shared >= 0.6 * len(tabular)


def _edges(row: Row) -> set[float]:
    """Return roughly where the cells of a row begin and end, and where the middle of those with digits is."""
    ends = {float(round(x / 3)) for cell in row[1:] for x in (cell.x0, cell.x1)}
    return ends | {round((cell.x0 + cell.x1) / 6) + 0.5 for cell in row[1:] if any(c.isdigit() for c in cell.text)}


def _figures_are_aligned(rows: Sequence[Row]) -> bool:
    """Return whether half of the rows have a figure that stands over or under a cell of another row."""
    aligned = 0
    for number, row in enumerate(rows):
        others = [cell for other, cells in enumerate(rows) if other != number for cell in cells[1:]]
        aligned += any(_is_under(cell, other) for cell in row[1:] if cell.is_number for other in others)
    return aligned >= 0.5 * len(rows)


def _is_under(cell: Fragment, other: Fragment) -> bool:
    shared = min(cell.x1, other.x1) - max(cell.x0, other.x0)
    return (shared > 0 and (other.is_number or other.x1 - other.x0 < 12 * other.size)) or abs(
        cell.x1 - other.x1
    ) < other.size


def _with_headings(rows: Sequence[Row], start: int, end: int, earliest: int, drawing: Drawing) -> int:
    """Take in the lines above that stand over the columns of figures, and not at the margin of the text."""
    figures = [cell.x0 for row in rows[start:end] for cell in row[1:] if cell.is_number]
    right = max(row[-1].x1 for row in rows[start:end])
    left = min(figures, default=min(cell.x0 for row in rows[start:end] for cell in row[1:]))
    last = (min(row[-1].x0 for row in rows[start:end] if len(row) > 1), right)
    first = start
    while first > max(earliest, start - _MOST_HEADING_LINES):
        above, row = rows[first - 1], rows[first]
        size = row[0].size
        near = row[0].y0 - bottom_of(above) < _NEAR * size
        under = row[0].y0 - bottom_of(above) < _NEAR_IF_UNDERLINED * size and _is_underlined(above, drawing)
        begins = all(cell.x0 > left - size or under or _is_line_above(cell, row) for cell in above)
        over = begins and all(_reaches_to(cell, last) for cell in above)
        clear = above[0].x0 > min(r[0].x0 for r in rows[start:end]) + 4 * size
        if not (near or under) or not over or not clear or _has_figures(above):
            break
        first -= 1
    return first


def _is_line_above(cell: Fragment, row: Row) -> bool:
    """Return whether a cell is the line above one of a row of headings."""
    return not _has_figures(row) and any(is_next_line(cell, other) for other in row[1:])


def _reaches_to(cell: Fragment, last: tuple[float, float]) -> bool:
    """Return whether a heading ends where the table does, or is wider than the last column and centred on it."""
    return cell.x1 < last[1] + 2 * cell.size or abs(cell.x0 + cell.x1 - sum(last)) < 4 * cell.size


def _is_underlined(row: Row, drawing: Drawing) -> bool:
    """Return whether a line is under each cell that is longer than its text, as it is under no title."""
    rules = [(cell, drawing.below(cell.box, 0.8 * cell.size)) for cell in row]
    return all(rule is not None and rule.length > _LONGER * (cell.x1 - cell.x0) for cell, rule in rules)


def bottom_of(row: Row) -> float:
    """Return where the lowest piece of a row ends."""
    return max(fragment.y1 for fragment in row)
