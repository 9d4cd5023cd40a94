"""What is known of a table besides its cells, found page by page as a document is read."""

from dataclasses import dataclass, replace

from apps.documents.parsing import Block, BlockKind, Page, Table


@dataclass(frozen=True, slots=True)
class Carried:
    """What a table may need from the page before: the last table of it, if nothing but running text may have followed."""

    table: Block | None = None


def describe_tables(page: Page, carried: Carried) -> tuple[Page, Carried]:
    """Return the page with its tables described, and what the next page needs; the first page is given `Carried()`."""
    blocks = tuple(_described(block) if block.kind is BlockKind.TABLE else block for block in page.blocks)
    last = next((block for block in reversed(blocks) if block.kind is BlockKind.TABLE), None)
    return replace(page, blocks=blocks), Carried(last)


def _described(block: Block) -> Block:
    rows = 1 + max((cell.row for cell in block.cells), default=-1)
    columns = 1 + max((cell.column for cell in block.cells), default=-1)
    given = block.table or Table()
    header_rows = given.header_rows or 1 + max((c.row for c in block.cells if c.header and c.column > 0), default=-1)
    labels = {c.row: c.text for c in block.cells if c.column == 0}
    headings: dict[int, tuple[str, ...]] = {}
    for cell in sorted((c for c in block.cells if c.row < header_rows), key=lambda c: c.row):
        for column in range(cell.column, cell.column + cell.column_span):
            headings[column] = (*headings.get(column, ()), cell.text)
    return replace(
        block,
        table=replace(
            given,
            row_paths=tuple((labels[row],) if row >= header_rows and labels.get(row) else () for row in range(rows)),
            column_paths=tuple(headings.get(column, ()) for column in range(columns)),
            header_rows=header_rows,
            header_columns=given.header_columns or 1,
        ),
    )
