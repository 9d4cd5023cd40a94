"""Invented tables, pages and uploads in every state, for the page of components. Nothing of it touches the database."""

from typing import Any

from apps.web.document_blocks import ReadBlock
from apps.web.document_facts import State
from apps.web.document_place import Lit
from apps.web.document_table import grid_of

_DEBT = (
    ("As at 31 March", "2025", "2024"),
    ("Bank loans", "412", "398"),
    ("Sterling bonds", "850", "700"),
    ("Gross borrowings", "1,262", "1,096"),
    ("Net debt", "1,204", "1,087"),
)


def document_specimens() -> dict[str, Any]:
    """Return what the viewer's components show: blocks of each kind, tables with their checks, and states of a document."""
    return {
        "blocks": [
            _block(1, "heading", "19 Borrowings and net debt", level=2),
            _block(2, "text", "Net debt rose in the year, as capital expenditure exceeded the cash from operations."),
            _block(3, "list", "• Bank loans\n  – drawn in sterling\n• Bonds"),
            _block(4, "caption", "Figure 3: Maturity of gross borrowings"),
            _block(5, "footnote", "1 Restated, see note 31."),
            _block(6, "note", "Comment by Ola Berg: checked against the ledger."),
            _block(7, "field", "Signed by: Per Holm"),
            _block(8, "text", "ارتفع صافي الدين خلال السنة.", language="ar"),
            _lit(9),
        ],
        "tables": [_table(20), _sheet(21)],
        "states": [
            State("bad", "This document could not be read.", "Protected by a password.", wants_password=True),
            State("part", "This is version 1, which is no longer in force.", "Searches use version 2.", look_at=2),
            State("info", "Version 3 is being read.", "This version answers until it is ready.", look_at=3),
        ],
    }


def _block(ordinal: int, kind: str, text: str, *, level: int = 0, language: str = "", **more: Any) -> ReadBlock:
    values: dict[str, Any] = {"lit": False, "before": text, "marked": "", "after": ""}
    return ReadBlock(f"b{ordinal}", ordinal, kind, level, (), (), language=language, **(values | more))


def _lit(ordinal: int) -> ReadBlock:
    parts: dict[str, Any] = {
        "lit": True,
        "before": "At 31 March ",
        "marked": "undrawn facilities were £340 million",
        "after": ".",
    }
    return _block(ordinal, "text", "", **parts)


def _table(ordinal: int) -> ReadBlock:
    cells = [
        {"row": row, "column": column, "text": text, "header": row == 0 or column == 0}
        for row, texts in enumerate(_DEBT)
        for column, text in enumerate(texts)
    ]
    checks = [
        _check(3, 1, [(1, 1), (2, 1)], "1,262", "1,262", holds=True),
        _check(3, 2, [(1, 2), (2, 2)], "1,098", "1,096", holds=False),
    ]
    table = {
        "caption": "Analysis of net debt",
        "unit": "£m",
        "header_rows": 1,
        "row_paths": [[], *([texts[0]] for texts in _DEBT[1:])],
        "column_paths": [[], ["2025"], ["2024"]],
        "checks": checks,
    }
    grid = grid_of(cells, table, height=1414, lit=Lit(block=ordinal, cell=(4, 1)))
    return _block(ordinal, "table", "", grid=grid)


def _sheet(ordinal: int) -> ReadBlock:
    cells: list[dict[str, Any]] = [
        {"row": 0, "column": 0, "text": "Observations, 2024", "header": True, "column_span": 3, "address": "B3"}
    ]
    for row in range(1, 6):
        values = [f"Lake {row}", str(17 * row), f"{3.5 * row} %"]
        for column, text in enumerate(values):
            address = f"{'BCD'[column]}{row + 3}"
            cells.append(
                {"row": row, "column": column, "text": text, "header": column == 0, "address": address, "value": ""}
            )
    table = {"name": "Ducks", "continues": True, "header_rows": 1}
    grid = grid_of(cells, table, height=1414, lit=Lit(), lit_rows=frozenset({3}))
    return _block(ordinal, "table", "", grid=grid)


def _check(
    row: int, column: int, inputs: list[tuple[int, int]], computed: str, shown: str, *, holds: bool
) -> dict[str, Any]:
    return {
        "kind": "sum",
        "row": row,
        "column": column,
        "inputs": inputs,
        "computed": computed,
        "shown": shown,
        "holds": holds,
    }
