"""The grid of a table from its parsed form: which cells head what, which are lit, and which checks they fail."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from apps.core.geometry import overlap
from apps.web.document_grid import CellInHand, Check, Grid, GridCell, GridRow
from apps.web.document_place import Lit, as_box
from apps.web.drawing import rect

_FIGURE = re.compile(r"[-–−+(]?\s*[£$€¥]?\s*[-–−]?\d[\d.,'’\s]*\s*[)%]?\s*(?:[a-z]{1,3}|x)?\)?|[-–—]")
"""What is set to the right in a column: amounts, percentages, bare dashes."""

_ADDRESS = re.compile(r"([A-Z]+)(\d+)")

Place = tuple[int, int]


def grid_of(
    cells: Sequence[Mapping[str, Any]],
    table: Mapping[str, Any] | None,
    *,
    height: float,
    lit: Lit,
    lit_rows: frozenset[int] = frozenset(),
) -> Grid:
    """Return the grid of a table. `lit` is the place in hand where it is on this table; `lit_rows` the rows of a lit text."""
    table = table or {}
    checks = tuple(_check(one, cells, table) for one in table.get("checks") or ())
    rows = _rows(cells, checks, height=height, lit=lit, lit_rows=lit_rows)
    heads = table.get("header_rows") or _leading_headers(rows)
    figures = _columns_of_figures(rows[heads:])
    in_hand = next((_in_hand(cell, table) for cell in cells if lit.cell == (cell["row"], cell["column"])), None)
    return Grid(
        title=table.get("caption") or table.get("name") or "",
        unit=table.get("unit") or "",
        continues=bool(table.get("continues")),
        letters=_letters(cells),
        head=tuple(_aligned(_headed(row, "col"), figures) for row in rows[:heads]),
        body=tuple(_headed(row, "row") for row in rows[heads:]),
        checks=checks,
        in_hand=in_hand,
    )


def rows_in(text: str, cells: Iterable[Mapping[str, Any]], start: int, end: int) -> frozenset[int]:
    """Return the rows of a table that a range of its text touches, its text being one line a row; none where all are."""
    filled = sorted({cell["row"] for cell in cells if cell["text"]})
    lines = text.split("\n")
    if len(filled) != len(lines):
        return frozenset()
    touched, position = set(), 0
    for row, line in zip(filled, lines, strict=True):
        if position < end and start < position + len(line):
            touched.add(row)
        position += len(line) + 1
    return frozenset(touched) if len(touched) < len(filled) else frozenset()


def _rows(
    cells: Sequence[Mapping[str, Any]],
    checks: Sequence[Check],
    *,
    height: float,
    lit: Lit,
    lit_rows: frozenset[int],
) -> list[GridRow]:
    """Return the rows that have a cell, with an empty cell in each column that another row uses and no span covers."""
    by_place = {(cell["row"], cell["column"]): cell for cell in cells}
    lines = sorted({row for row, _column in by_place})
    columns = sorted({column for _row, column in by_place})
    failing = {(check.row, check.column): check for check in checks if not check.holds}
    lit_cells = _lit_cells(cells, lit)
    covered: set[Place] = set()
    made = []
    for row in lines:
        shown = []
        for column in columns:
            if (row, column) in covered:
                continue
            cell = by_place.get((row, column), {"row": row, "column": column, "text": ""})
            down, over = (
                _within(lines, row, cell.get("row_span", 1)),
                _within(columns, column, cell.get("column_span", 1)),
            )
            covered.update((r, c) for r in down for c in over)
            shown.append(
                GridCell(
                    row=row,
                    column=column,
                    text=cell["text"],
                    scope="header" if cell.get("header") and cell["text"] else "",
                    row_span=len(down),
                    column_span=len(over),
                    numeric=bool(_FIGURE.fullmatch(cell["text"].strip())),
                    lit=(row, column) in lit_cells,
                    address=cell.get("address", ""),
                    value=cell.get("value", ""),
                    place=rect(as_box(cell["box"]), height) if cell.get("box") else None,
                    failing=failing.get((row, column)),
                )
            )
        made.append(GridRow(tuple(shown), number=_row_number(shown), lit=row in lit_rows))
    return made


def _within(used: Sequence[int], first: int, span: int) -> Sequence[int]:
    """Return those of the rows or columns in use that a span covers."""
    return (first,) if span == 1 else [one for one in used if first <= one < first + span]


def _lit_cells(cells: Sequence[Mapping[str, Any]], lit: Lit) -> set[Place]:
    """Return the cells to light; none where the whole table is lit, as to light each of its cells would say nothing more."""
    if lit.cell is not None:
        return {lit.cell}
    filled = [cell for cell in cells if cell["text"]]
    found = {
        (cell["row"], cell["column"])
        for cell in filled
        if cell.get("box") and any(overlap(as_box(cell["box"]), other) for other in lit.boxes)
    }
    return found if len(found) < len(filled) else set()


def _headed(row: GridRow, direction: str) -> GridRow:
    """Return the row with the scope of its headers: `col` and `row`, or of a group where one spans several."""
    if not any(cell.scope for cell in row.cells):
        return row
    scoped = []
    for cell in row.cells:
        wide = cell.column_span > 1 if direction == "col" else cell.row_span > 1
        scope = (direction + "group" if wide else direction) if cell.scope else ""
        scoped.append(replace(cell, scope=scope))
    return replace(row, cells=tuple(scoped))


def _columns_of_figures(rows: Sequence[GridRow]) -> frozenset[int]:
    """Return the columns most of whose filled cells are figures: what heads them is set to the right as they are."""
    filled = Counter(cell.column for row in rows for cell in row.cells if cell.text)
    figures = Counter(cell.column for row in rows for cell in row.cells if cell.numeric)
    return frozenset(column for column, number in figures.items() if 2 * number > filled[column])


def _aligned(row: GridRow, figures: frozenset[int]) -> GridRow:
    cells = (
        replace(cell, numeric=cell.numeric or (cell.column in figures and cell.column_span == 1)) for cell in row.cells
    )
    return replace(row, cells=tuple(cells))


def _leading_headers(rows: Sequence[GridRow]) -> int:
    """Return how many rows at the top consist of headers, leaving at least one row for the body."""
    count = 0
    for row in rows[:-1]:
        filled = [cell for cell in row.cells if cell.text]
        if not filled or not all(cell.scope for cell in filled) or (len(row.cells) > 1 and len(filled) == 1):
            break
        count += 1
    return count


def _letters(cells: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the letters of the columns in use, where cells have addresses."""
    columns: dict[int, str] = {}
    for cell in cells:
        columns.setdefault(cell["column"], "")
        if not columns[cell["column"]] and (parts := _ADDRESS.fullmatch(cell.get("address", ""))):
            columns[cell["column"]] = parts[1]
    return tuple(columns[column] for column in sorted(columns)) if any(columns.values()) else ()


def _row_number(cells: Iterable[GridCell]) -> str:
    return next((parts[2] for cell in cells if (parts := _ADDRESS.fullmatch(cell.address))), "")


def _check(one: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], table: Mapping[str, Any]) -> Check:
    sentences = {
        "sum": _("The sum is %(computed)s, the table shows %(shown)s."),
        "difference": _("The difference is %(computed)s, the table shows %(shown)s."),
        "share": _("The share is %(computed)s, the table shows %(shown)s."),
        "change": _("The change is %(computed)s, the table shows %(shown)s."),
    }
    sentence = sentences.get(one["kind"], _("Computed is %(computed)s, the table shows %(shown)s."))
    row, column = one["row"], one["column"]
    cell = next((cell for cell in cells if (cell["row"], cell["column"]) == (row, column)), {})
    return Check(
        row=row,
        column=column,
        holds=one["holds"],
        label=_path(table, row, column) or cell.get("address") or cell.get("text", ""),
        sentence=sentence % {"computed": one["computed"], "shown": one["shown"]},
        inputs=" ".join(f"{r},{c}" for r, c in one["inputs"]),
    )


def _path(table: Mapping[str, Any], row: int, column: int) -> str:
    """Return the labels that lead to a cell: the innermost of its row and all of its column."""
    rows, columns = table.get("row_paths") or (), table.get("column_paths") or ()
    down = rows[row][-1:] if row < len(rows) else ()
    across = columns[column] if column < len(columns) else ()
    return ", ".join([*down, *across])


def _in_hand(cell: Mapping[str, Any], table: Mapping[str, Any]) -> CellInHand:
    rows, columns = table.get("row_paths") or (), table.get("column_paths") or ()
    across = rows[cell["row"]] if cell["row"] < len(rows) else ()
    down = columns[cell["column"]] if cell["column"] < len(columns) else ()
    return CellInHand(
        path=" › ".join([*across, *down]),
        text=cell["text"],
        value=cell.get("value", ""),
        address=cell.get("address", ""),
        unit=table.get("unit") or "",
    )
