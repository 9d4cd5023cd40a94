"""Tables whose cells are ruled: the lines give rows, columns and spans, and a cell may hold as many lines of text as it likes."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

from apps.core.geometry import Box, union
from apps.documents.layout.drawing import Drawing, Rule
from apps.documents.layout.lines import fragments_of, rows_of
from apps.documents.layout.tables import ReadTable, TableCell
from apps.documents.layout.words import Word, is_number, is_year, run_on

_NEAR = 3.0
"""Points: lines no further apart meet."""

_LEAST_WALLS = 0.4
"""A share of the height."""

_SMALLEST = 6.0
_MOST_CELLS = 4000
_MOST_WORDS = 250
_FEWEST_FILLED = 4
_MOST_HEADING_ROWS = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """The edges of the columns from the left and of the rows from the top, and the lines that are drawn along them."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    drawing: Drawing

    @property
    def box(self) -> Box:
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def holds(self, word: Word) -> bool:
        x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]


def grids_of(drawing: Drawing) -> list[Grid]:
    """Return the grids of at least two rows and two columns that lines make, from the top."""
    found = (_grid(across, down, drawing.areas) for across, down in _crossing(drawing))
    return sorted((grid for grid in found if grid), key=lambda grid: grid.ys[0])


def read_grid(grid: Grid, words: Sequence[Word]) -> ReadTable | None:
    """Return the table that a grid and the words in it are; None if it is a frame around something else."""
    filled = [content for area in _areas(grid) if (content := _content(grid, area, words)).lines]
    rows, columns = {content.area.top for content in filled}, {content.area.left for content in filled}
    if len(filled) < _FEWEST_FILLED or len(rows) < 2 or len(columns) < 2:
        return None
    if any(content.words > _MOST_WORDS or content.parted > 1 for content in filled) or len(filled) < 0.2 * len(
        rows
    ) * len(columns):
        return None
    cells = sorted(_cells(filled, len(grid.ys) - 1), key=_place)
    header = _header_rows(cells)
    headed = tuple(replace(cell, header=cell.row < header) for cell in cells)
    return ReadTable(headed, header, _label_columns([cell for cell in headed if not cell.header]))


def _crossing(drawing: Drawing) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the groups of lines that meet each other."""
    across = [rule for rule in drawing.horizontals if rule.length > _SMALLEST]
    down = [rule for rule in drawing.verticals if rule.length > _SMALLEST]
    left = set(range(len(down)))
    while left:
        group, horizontals, fresh = {min(left)}, set[int](), {min(left)}
        while fresh:
            met = {
                i for i, rule in enumerate(across) if i not in horizontals and any(_meet(rule, down[j]) for j in fresh)
            }
            horizontals |= met
            fresh = {j for j in left - group if any(_meet(across[i], down[j]) for i in met)}
            group |= fresh
        left -= group
        yield [across[i] for i in sorted(horizontals)], [down[j] for j in sorted(group)]


def _meet(across: Rule, down: Rule) -> bool:
    return across.start - _NEAR <= down.at <= across.end + _NEAR and down.start - _NEAR <= across.at <= down.end + _NEAR


def _grid(across: Sequence[Rule], down: Sequence[Rule], areas: Sequence[Box]) -> Grid | None:
    if len(across) < 2 or not down:
        return None
    across = [*across, *_edges(across, areas)]
    xs = _levels([rule.at for rule in down] + [end for rule in across for end in (rule.start, rule.end)])
    ys = _levels([rule.at for rule in across] + [end for rule in down for end in (rule.start, rule.end)])
    if len(xs) < 3 or len(ys) < 3 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
        return None
    if _walls(xs, ys, down) < _LEAST_WALLS:
        return None
    return Grid(xs, ys, Drawing(tuple(across), tuple(down)))


def _walls(xs: Sequence[float], ys: Sequence[float], down: Sequence[Rule]) -> float:
    """Return how much of the height there are lines between the columns, on average: edges of shaded cells are short."""
    inner = [sum(rule.length for rule in down if abs(rule.at - x) < _NEAR) for x in xs[1:-1]]
    return sum(min(length / (ys[-1] - ys[0]), 1.0) for length in inner) / len(inner)


def _edges(across: Sequence[Rule], areas: Sequence[Box]) -> Iterator[Rule]:
    """Yield the upper and lower edges of shaded rows: the first row often is shaded instead of ruled."""
    left, right = min(rule.start for rule in across), max(rule.end for rule in across)
    top, bottom = min(rule.at for rule in across), max(rule.at for rule in across)
    for x0, y0, x1, y1 in areas:
        if abs(x0 - left) < _NEAR and abs(x1 - right) < _NEAR:
            yield from (Rule(y, x0, x1) for y in (y0, y1) if top - _NEAR < y < bottom + _NEAR)


def _levels(values: Sequence[float]) -> tuple[float, ...]:
    """Return the places at which lines are, those of nearly one place as one."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] < _NEAR:
            groups[-1].append(value)
        else:
            groups.append([value])
    return tuple(sum(group) / len(group) for group in groups)


@dataclass(frozen=True, slots=True)
class _Area:
    """The half-open ranges of rows and columns of a grid that one cell takes up."""

    top: int
    left: int
    bottom: int
    right: int


def _areas(grid: Grid) -> list[_Area]:
    """Return the cells: neighbours without a line between them are one, where together they are a rectangle."""
    taken: set[tuple[int, int]] = set()
    areas: list[_Area] = []
    for row in range(len(grid.ys) - 1):
        for column in range(len(grid.xs) - 1):
            if (row, column) in taken:
                continue
            right = column + 1
            while right < len(grid.xs) - 1 and (row, right) not in taken and not _wall(grid, row, right):
                right += 1
            bottom = row + 1
            while bottom < len(grid.ys) - 1 and _opens_down(grid, bottom, column, right):
                bottom += 1
            taken |= {(r, c) for r in range(row, bottom) for c in range(column, right)}
            areas.append(_Area(row, column, bottom, right))
    return areas


def _wall(grid: Grid, row: int, column: int) -> bool:
    """Return whether a line stands left of a column in a row."""
    x, middle = grid.xs[column], (grid.ys[row] + grid.ys[row + 1]) / 2
    return any(abs(rule.at - x) < _NEAR and rule.start <= middle <= rule.end for rule in grid.drawing.verticals)


def _floor(grid: Grid, row: int, column: int) -> bool:
    """Return whether a line runs above a row in a column."""
    y, middle = grid.ys[row], (grid.xs[column] + grid.xs[column + 1]) / 2
    return any(abs(rule.at - y) < _NEAR and rule.start <= middle <= rule.end for rule in grid.drawing.horizontals)


def _opens_down(grid: Grid, row: int, left: int, right: int) -> bool:
    """Return whether the cell above goes on over the whole of its width in this row, and no further."""
    if any(_floor(grid, row, column) for column in range(left, right)):
        return False
    if any(_wall(grid, row, column) for column in range(left + 1, right)):
        return False
    closed_right = right == len(grid.xs) - 1 or _wall(grid, row, right)
    return closed_right and (left == 0 or _wall(grid, row, left))


@dataclass(frozen=True, slots=True)
class _Content:
    """What stands in a cell: its printed lines with their boxes."""

    area: _Area
    lines: tuple[tuple[str, Box], ...]
    words: int
    parted: int
    """How many of the lines are a label and figures that stand apart from it."""

    @property
    def figures(self) -> int:
        """How many lines there are, if they are figures under each other; else 0."""
        return len(self.lines) if len(self.lines) > 1 and all(is_number(text) for text, _ in self.lines) else 0


def _content(grid: Grid, area: _Area, words: Sequence[Word]) -> _Content:
    left, top, right, bottom = grid.xs[area.left], grid.ys[area.top], grid.xs[area.right], grid.ys[area.bottom]
    inside = [
        word for word in words if left <= (word.x0 + word.x1) / 2 < right and top <= (word.y0 + word.y1) / 2 < bottom
    ]
    rows = rows_of(fragments_of(inside))
    lines = tuple((" ".join(piece.text for piece in row), union(piece.box for piece in row)) for row in rows)
    parted = sum(len(row) > 1 and row[-1].is_number and not row[0].is_number for row in rows)
    return _Content(area, lines, len(inside), parted)


def _cells(filled: Sequence[_Content], rows: int) -> Iterator[TableCell]:
    """Yield the cells. A ruled row in which figures stand under each other is as many rows as there are figures."""
    cuts: list[list[float]] = []
    for row in range(rows):
        here = [content for content in filled if content.area.top == row and content.area.bottom == row + 1]
        most = max(here, key=lambda content: content.figures, default=None)
        cuts.append([(a[3] + b[1]) / 2 for (_, a), (_, b) in pairwise(most.lines)] if most and most.figures else [])
    starts = [row + sum(len(cut) for cut in cuts[:row]) for row in range(rows + 1)]
    for content in filled:
        area = content.area
        height = starts[area.bottom] - starts[area.top]
        cut = cuts[area.top] if area.bottom == area.top + 1 else []
        if len(content.lines) <= 1 or not cut:
            yield _cell(content.lines, starts[area.top], height, area)
            continue
        for number in range(len(cut) + 1):
            part = [line for line in content.lines if bisect(cut, (line[1][1] + line[1][3]) / 2) == number]
            if part:
                yield _cell(part, starts[area.top] + number, 1, area)


def _cell(lines: Sequence[tuple[str, Box]], row: int, height: int, area: _Area) -> TableCell:
    return TableCell(
        row,
        area.left,
        reduce(run_on, (text for text, _ in lines)),
        union(box for _, box in lines),
        column_span=area.right - area.left,
        row_span=height,
    )


def _header_rows(cells: Sequence[TableCell]) -> int:
    """Return how many rows head the table: those above the first with a figure, else the first if none of it is one."""
    figures = [cell.row for cell in cells if cell.column > 0 and is_number(cell.text) and not is_year(cell.text)]
    first = min(figures, default=0)
    if 0 < first <= _MOST_HEADING_ROWS:
        return first
    rows = sorted({cell.row for cell in cells})
    top = [cell for cell in cells if cell.row == rows[0]]
    spanned = max(cell.row + cell.row_span for cell in top)
    return min(spanned, _MOST_HEADING_ROWS) if not figures and len(top) > 1 and len(rows) > spanned else 0


def _label_columns(body: Sequence[TableCell]) -> int:
    """Return how many columns from the left hold labels, if some label stands for several rows; else 0."""
    labels, spans = 0, False
    for column in sorted({cell.column for cell in body}):
        cells = [cell for cell in body if cell.column == column]
        spanning = any(cell.row_span > 1 for cell in cells)
        if not spanning and sum(is_number(cell.text) for cell in cells) > 0.5 * len(cells):
            return labels if spans else 0
        labels, spans = column + 1, spans or spanning
    return 0


def _place(cell: TableCell) -> tuple[int, int]:
    return cell.row, cell.column
