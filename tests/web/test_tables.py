"""A table as it was read, as a grid: headers, spans, what is lit, and the checks made on it."""

from typing import Any

from apps.web.document_grid import Grid
from apps.web.document_place import Lit
from apps.web.document_table import grid_of, rows_in

ROWS = [
    ["As at 31 March", "2025", "2024"],
    ["Loans", "412", "398"],
    ["Bonds", "850", "700"],
    ["In all", "1,262", "1,096"],
]


def cells(rows: list[list[str]] = ROWS, **more: Any) -> list[dict[str, Any]]:
    return [
        {"row": row, "column": column, "text": text, "header": row == 0 or column == 0} | more
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    ]


def check(row: int, column: int, *, holds: bool) -> dict[str, Any]:
    inputs = [[1, column], [2, column]]
    return {
        "kind": "sum", "row": row, "column": column, "inputs": inputs, "computed": "1,262", "shown": "1,096", "holds": holds,
    }  # fmt: skip


def grid(cells_: list[dict[str, Any]], table: dict[str, Any] | None = None, lit: Lit | None = None) -> Grid:
    return grid_of(cells_, table, height=1000.0, lit=lit or Lit())


def texts(made: Grid) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in (*made.head, *made.body)]


def test_headers_have_their_scope() -> None:
    made = grid(cells(), {"header_rows": 1})
    assert [cell.scope for cell in made.head[0].cells] == ["col", "col", "col"]
    assert [cell.scope for cell in made.body[0].cells] == ["row", "", ""]
    assert [cell.numeric for cell in made.body[0].cells] == [False, True, True]


def test_what_heads_a_column_of_figures_is_set_as_they_are() -> None:
    named = [["Segment", "Turnover", "Where"], ["Ferries", "298.9", "Six routes"], ["Ports", "74.8", "Ullance"]]
    made = grid(cells(named), {"header_rows": 1})
    assert [cell.numeric for cell in made.head[0].cells] == [False, True, False]


def test_leading_rows_of_headers_are_the_head_where_the_table_does_not_say() -> None:
    assert [len(made) for made in (grid(cells()).head, grid(cells()).body)] == [1, 3]


def test_a_merged_cell_stands_once_and_covers_its_neighbours() -> None:
    merged = [
        {"row": 0, "column": 0, "text": "Year", "header": True, "row_span": 2},
        {"row": 0, "column": 1, "text": "Group", "header": True, "column_span": 2},
        {"row": 1, "column": 1, "text": "2025", "header": True},
        {"row": 1, "column": 2, "text": "2024", "header": True},
        {"row": 2, "column": 0, "text": "Debt"},
        {"row": 2, "column": 2, "text": "7"},
    ]
    made = grid(merged, {"header_rows": 2})
    assert texts(made) == [["Year", "Group"], ["2025", "2024"], ["Debt", "", "7"]]
    year, group = made.head[0].cells
    assert (year.row_span, group.column_span, group.scope) == (2, 2, "colgroup")


def test_a_title_merged_over_a_whole_sheet_makes_no_empty_columns() -> None:
    wide = [
        {"row": 0, "column": 0, "text": "Title", "column_span": 16384, "address": "A1"},
        {"row": 900, "column": 0, "text": "a", "address": "A901"},
        {"row": 900, "column": 5, "text": "b", "address": "F901"},
    ]
    made = grid(wide)
    assert texts(made) == [["Title"], ["a", "b"]]
    assert made.letters == ("A", "F")
    assert [row.number for row in made.body] == ["1", "901"]


def test_the_checks_are_summed_up_and_a_failing_one_stands_at_its_cell() -> None:
    paths = {"row_paths": [[], ["Loans"], ["Bonds"], ["In all"]], "column_paths": [[], ["2025"], ["2024"]]}
    made = grid(cells(), paths | {"header_rows": 1, "checks": [check(3, 1, holds=True), check(3, 2, holds=False)]})
    assert made.verdict == "1 of 2 calculations in this table hold."
    (failing,) = made.failing
    assert failing.label == "In all, 2024"
    assert failing.sentence == "The sum is 1,262, the table shows 1,096."
    assert failing.inputs == "1,2 2,2"
    assert [cell.failing for cell in made.body[2].cells] == [None, None, failing]


def test_a_table_without_checks_says_nothing_of_them() -> None:
    assert grid(cells()).verdict == ""


def test_a_cell_in_hand_is_lit_and_says_what_leads_to_it() -> None:
    table = {"unit": "£m", "row_paths": [[], ["Debt", "Loans"]], "column_paths": [[], ["2025"]], "header_rows": 1}
    made = grid(cells(address="C9", value="412.0"), table, Lit(block=0, cell=(1, 1)))
    assert [cell.lit for cell in made.body[0].cells] == [False, True, False]
    assert made.in_hand is not None
    assert (made.in_hand.path, made.in_hand.text, made.in_hand.value, made.in_hand.unit) == (
        "Debt › Loans › 2025",
        "412",
        "412.0",
        "£m",
    )


def test_a_range_of_the_text_touches_the_rows_of_its_lines() -> None:
    text = "\n".join("  ".join(row) for row in ROWS)
    start = text.index("Bonds")
    assert rows_in(text, cells(), start, start + 5) == {2}
    assert rows_in(text, cells(), 0, len(text)) == frozenset()
    assert rows_in("lines that do not fit", cells(), 0, 5) == frozenset()
