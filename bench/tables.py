"""How well tables are read, judged by themselves: how many of the sums that they state hold, and whether a misread digit is noticed.

    TOULMIN_EVAL_DIR=… python -m bench.tables [-v]

Reads the PDFs of `financebench`, which are audited: what does not add up there is, but for a rounding of theirs, misread. Then one
digit of one figure in each of 500 tables is altered, and those are counted in which a check fails. `-v` prints what fails.
"""

import os
import random
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from apps.documents.parsers.pdf.parser import PdfParser
from apps.documents.parsing import Block, Cell, Page, Source, Table
from apps.documents.tables import Carried, describe_tables

ALTERED = 500


def main() -> int:
    folder = Path(os.environ["TOULMIN_EVAL_DIR"]) / "financebench" / "pdfs"
    found: list[tuple[str, int, Block, Table]] = []
    pages, seconds = 0, 0.0
    for path in sorted(folder.glob("*.pdf")):
        carried = Carried()
        for page in PdfParser().parse(Source(path), progress=lambda done, total: None).pages:
            begun = time.process_time()
            described, carried = describe_tables(page, carried)
            seconds += time.process_time() - begun
            pages += 1
            found += [(path.stem, page.number, block, block.table) for block in described.blocks if block.table]
    report(found)
    print(f"describing and checking took {1000 * seconds / pages:.1f} ms a page")
    print("one digit altered:", dict(sorted(altered(found).items())))
    return 0


def report(found: list[tuple[str, int, Block, Table]]) -> None:
    tables = [table for _, _, _, table in found]
    checks = Counter((check.kind, check.holds) for table in tables for check in table.checks)
    held = sum(count for (_, holds), count in checks.items() if holds)
    print(
        f"{len(tables)} tables: {sum(bool(t.caption) for t in tables)} with caption, {sum(bool(t.unit) for t in tables)} with "
        f"unit, {sum(t.continues for t in tables)} going on, {sum(bool(t.checks) for t in tables)} with checks"
    )
    print(f"{checks.total()} checks, {held / max(1, checks.total()):.2%} hold:", dict(sorted(checks.items())))
    if "-v" in sys.argv:
        for name, number, block, table in found:
            texts = {(cell.row, cell.column): cell.text for cell in block.cells}
            for check in table.checks:
                if not check.holds:
                    print(f"  {name} page {number}, {table.row_paths[check.row]}, {table.column_paths[check.column]}:")
                    print(
                        f"    {check.kind} of {[texts[place] for place in check.inputs]} is {check.computed}, not {check.shown}"
                    )


def altered(found: list[tuple[str, int, Block, Table]]) -> Counter[str]:
    """Return how many alterations were noticed, of figures that take part in a check and of others."""
    draw, noticed = random.Random(5), Counter[str]()
    checked = [(block, table) for _, _, block, table in found if table.checks and not table.continues]
    for block, table in draw.sample(checked, min(ALTERED, len(checked))):
        places = {place for check in table.checks for place in ((check.row, check.column), *check.inputs)}
        figures = [c for c in block.cells if c.row >= table.header_rows and c.column and re.search(r"\d\d", c.text)]
        if not figures:
            continue
        cell = draw.choice(figures)
        page = Page(1, 0.0, 0.0, (_with(block, cell, _misread(cell.text, draw)),))
        read, _ = describe_tables(page, Carried())
        again = read.blocks[0].table or Table()
        part = "in a check" if (cell.row, cell.column) in places else "in none"
        noticed[f"{part}, {'noticed' if any(not check.holds for check in again.checks) else 'not noticed'}"] += 1
    return noticed


def _misread(text: str, draw: random.Random) -> str:
    """Return the text with its first digit another one."""
    at = next(index for index, c in enumerate(text) if c.isdigit())
    others = [digit for digit in "123456789" if digit != text[at]]
    return text[:at] + draw.choice(others) + text[at + 1 :]


def _with(block: Block, cell: Cell, text: str) -> Block:
    given = (
        Table(header_rows=block.table.header_rows, header_columns=block.table.header_columns) if block.table else None
    )
    cells = tuple(replace(other, text=text) if other is cell else other for other in block.cells)
    return replace(block, cells=cells, table=given)


if __name__ == "__main__":
    sys.exit(main())
