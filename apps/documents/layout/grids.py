"""Tables whose cells are ruled: the lines give rows, columns and spans, and a cell may hold as many lines of text as it likes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apps.core.geometry import Box, union
from apps.documents.layout.drawing import Drawing, Rule
from apps.documents.layout.lines import fragments_of, rows_of
from apps.documents.layout.tables import ReadTable, TableCell
from apps.documents.layout.words import Word, is_number, is_year, run_on

_NEAR = 3.0
"""Points: lines no further apart meet."""

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
    return sorted((grid for grid in map(_grid, _crossing(drawing)) if grid), key=lambda grid: grid.ys[0])


def read_grid(grid: Grid, words: Sequence[Word]) -> ReadTable | None:
    """Return the table that a grid and the words in it are; None if it is a frame around something else."""
    cells = [cell for area in _areas(grid) for cell in [_filled(grid, area, words)] if cell is not None]
    rows, columns = {cell.row for cell in cells}, {cell.column for cell in cells}
    if len(cells) < _FEWEST_FILLED or len(rows) < 2 or len(columns) < 2:
        return None
    if any(len(cell.text.split()) > _MOST_WORDS for cell in cells) or len(cells) < 0.2 * len(rows) * len(columns):
        return None
    header = _header_rows(cells)
    return ReadTable(tuple(replace(cell, header=cell.row < header) for cell in sorted(cells, key=_place)), header)


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


def _grid(lines: tuple[list[Rule], list[Rule]]) -> Grid | None:
    across, down = lines
    if len(across) < 2 or not down:
        return None
    xs = _levels([rule.at for rule in down] + [end for rule in across for end in (rule.start, rule.end)])
    ys = _levels([rule.at for rule in across] + [end for rule in down for end in (rule.start, rule.end)])
    if len(xs) < 3 or len(ys) < 3 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
        return None
    return Grid(xs, ys, Drawing(tuple(across), tuple(down)))


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


def _filled(grid: Grid, area: _Area, words: Sequence[Word]) -> TableCell | None:
    left, top, right, bottom = grid.xs[area.left], grid.ys[area.top], grid.xs[area.right], grid.ys[area.bottom]
    inside = [
        word for word in words if left <= (word.x0 + word.x1) / 2 < right and top <= (word.y0 + word.y1) / 2 < bottom
    ]
    if not inside:
        return None
    lines = rows_of(fragments_of(inside))
    text = ""
    for line in lines:
        printed = " ".join(fragment.text for fragment in line)
        text = run_on(text, printed) if text else printed
    return TableCell(
        area.top,
        area.left,
        text,
        union(fragment.box for line in lines for fragment in line),
        column_span=area.right - area.left,
        row_span=area.bottom - area.top,
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


def _place(cell: TableCell) -> tuple[int, int]:
    return cell.row, cell.column
