"""Passages with tables as the ledger is given them."""

from apps.documents.parsing import Block, BlockKind, Cell, Page
from apps.documents.tables import Carried, describe_tables
from apps.verification.figures.grounds import Ground, GroundTable

NET_DEBT = [
    ["(£ million)", "2025", "2024"],
    ["Net debt", "1,204", "1,087"],
    ["EBITDA", "348.6", "331.2"],
    ["Net cash used in investing", "(286)", "(240)"],
    ["Gross margin (%)", "45.2", "43.1"],
]


def ground(rows: list[list[str]], text: str = "", id: str = "t1") -> Ground:
    """Return a passage that shows a table, read as the product reads it."""
    cells = tuple(Cell(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text)
    shown = "\n".join(" | ".join(row) for row in rows)
    page = Page(1, 0.0, 0.0, (Block(BlockKind.TABLE, shown, cells=cells),))
    read, _ = describe_tables(page, Carried())
    return Ground(f"{text}\n{shown}" if text else shown, (GroundTable.of(read.blocks[0], id),), document="d1")
