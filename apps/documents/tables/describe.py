"""What is known of a table besides its cells, found page by page as a document is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from apps.documents.parsing import Block, BlockKind, Cell, Page, Table
from apps.documents.tables.grid import Grid, grid_of, sample_texts
from apps.documents.tables.integrity import check_table
from apps.documents.tables.numbers import Notation, notation_of
from apps.documents.tables.paths import Path, Section, column_paths, row_paths
from apps.documents.tables.units import unit_in
from apps.documents.tables.words import CONTINUED

_SHORT = 120
_MOST_PLACES = 100_000
_LONGEST_CAPTION = 250
_TOP, _FOOT = 0.35, 0.7
_SAME_EDGE = 0.02
_NUMBERED = re.compile(
    r"\W*(?:table|tab\.|tabelle|tableau|tabla|tabella|tabela|таблица|表|表格|표)\s?\d", re.IGNORECASE
)
_ANNOUNCES = re.compile(r"[:：]\s*$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])")
_UNDER = {BlockKind.FOOTNOTE, BlockKind.NOTE}


@dataclass(frozen=True, slots=True)
class Former:
    """What a table may need of the one that it goes on from."""

    columns: int
    column_paths: tuple[Path, ...]
    headings: tuple[tuple[str, ...], ...]
    edges: dict[int, float]
    header_columns: int
    caption: str
    unit: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a page hands to the next: its last table, if it reaches the foot, and in which notation figures were printed."""

    former: Former | None = None
    at_foot: bool = False
    notation: Notation = Notation.POINT


def describe_tables(page: Page, carried: Carried) -> tuple[Page, Carried]:
    """Return the page with its tables described, and what the next page needs; the first page is given `Carried()`."""
    tables = [index for index, block in enumerate(page.blocks) if block.kind is BlockKind.TABLE and _is_dense(block)]
    if not tables:
        return page, Carried(None, False, carried.notation) if page.blocks else carried
    notation = notation_of(
        (t for index in tables[:20] for t in sample_texts(page.blocks[index].cells)), carried.notation
    )
    blocks = list(page.blocks)
    former = carried.former
    for index in tables:
        block = blocks[index]
        given = block.table or Table()
        grid = grid_of(block.cells, given, notation)
        goes_on = given.continues or (
            index == tables[0]
            and carried.at_foot
            and former is not None
            and _goes_on(former, grid, page.blocks[:index])
        )
        blocks[index], former = _described(block, grid, former if goes_on else None, page.blocks, index)
    described = replace(page, blocks=tuple(blocks))
    return described, Carried(former, _reaches_foot(page.blocks, tables[-1]), notation)


def _is_dense(block: Block) -> bool:
    """Whether a table has enough cells for its size to be looked at row by row; one with a cell a mile away has not."""
    rows = 1 + max((cell.row for cell in block.cells), default=-1)
    columns = 1 + max((cell.column for cell in block.cells), default=-1)
    return 0 < rows * columns <= _MOST_PLACES + 50 * len(block.cells)


def _described(
    block: Block, grid: Grid, former: Former | None, blocks: Sequence[Block], index: int
) -> tuple[Block, Former]:
    """Return the block with its table, and what a table that goes on from it needs."""
    given = block.table or Table()
    headings = tuple(grid.row_texts(row) for row in range(grid.header_rows))
    if former is not None and not _same_headings(former.headings, headings):
        grid = replace(grid, header_rows=0, header_columns=min(former.header_columns, grid.columns))
        block = replace(block, cells=tuple(map(_no_heading, block.cells)))
        over, headings = former.column_paths, former.headings
    else:
        over = column_paths(grid)
    rows, sections = row_paths(grid, former.sections if former else ())
    caption = given.caption or (former.caption if former else _caption(blocks, index))
    unit = given.unit or _unit_of(grid, caption, blocks[:index]) or (former.unit if former else "")
    table = replace(
        given,
        row_paths=given.row_paths or rows,
        column_paths=given.column_paths or over,
        header_rows=grid.header_rows,
        header_columns=grid.header_columns,
        caption=caption,
        unit=unit,
        continues=former is not None or given.continues,
    )
    if not given.continues:  # a part of a long list holds neither all that is added nor, mostly, a sum
        table = replace(table, checks=check_table(grid, table))
    edges = {} if not grid.is_pictured() else _edges(grid)
    kept = Former(grid.columns, table.column_paths, headings, edges, grid.header_columns, caption, unit, sections)
    return replace(block, table=table), kept


def _no_heading(cell: Cell) -> Cell:
    return replace(cell, header=False) if cell.header and cell.column else cell


def _goes_on(former: Former, grid: Grid, before: Sequence[Block]) -> bool:
    """Whether a table near the top of a page goes on from the one at the foot of the page before."""
    if len(before) > 3 or any(len(block.text) > _SHORT for block in before) or grid.columns != former.columns:
        return False
    if any(
        block.kind in (BlockKind.HEADING, BlockKind.CAPTION) and not CONTINUED.search(block.text) for block in before
    ):
        return False
    top = min((cell.box[1] for cell in grid.cells.values() if cell.box), default=1.0)
    if top > _TOP:
        return False
    headings = tuple(grid.row_texts(row) for row in range(grid.header_rows))
    if headings and any(any(texts[grid.header_columns :]) for texts in headings):
        return _same_headings(former.headings, headings)
    own = _edges(grid)
    shared = [column for column in own if column in former.edges]
    near = sum(abs(own[column] - former.edges[column]) <= _SAME_EDGE for column in shared)
    return bool(shared) and near >= 0.8 * len(shared)


def _same_headings(former: Sequence[tuple[str, ...]], own: Sequence[tuple[str, ...]]) -> bool:
    return bool(own) and [_plain(texts) for texts in former] == [_plain(texts) for texts in own]


def _plain(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(CONTINUED.sub("", text).casefold().strip(" :") for text in texts)


def _edges(grid: Grid) -> dict[int, float]:
    """Return where the figures of each column end, or where its texts begin."""
    ends: dict[int, list[float]] = {}
    starts: dict[int, list[float]] = {}
    for (row, column), cell in grid.cells.items():
        if cell.box is not None and row >= grid.header_rows and column == cell.column:
            if (row, column) in grid.figures:
                ends.setdefault(column, []).append(cell.box[2])
            else:
                starts.setdefault(column, []).append(cell.box[0])
    return {column: median(places) for column, places in (starts | ends).items()}


def _reaches_foot(blocks: Sequence[Block], index: int) -> bool:
    """Whether only notes and running feet follow a table, and it stands low on its page."""
    after = [block for block in blocks[index + 1 :] if block.kind not in _UNDER]
    if len(after) > 2 or any(len(block.text) > _SHORT for block in after):
        return False
    boxes = blocks[index].boxes
    return bool(boxes) and max(box[3] for box in boxes) > _FOOT


def _caption(blocks: Sequence[Block], index: int) -> str:
    """Return the title of a table: a caption next to it, the heading right over it, or the line that announces it."""
    for offset in (1, 2, 3):
        if offset > index:
            break
        above = blocks[index - offset]
        text = " ".join(above.text.split())
        if text.startswith("(") and text.endswith(
            ")"
        ):  # the unit, or that it is unaudited, may stand between title and table
            continue
        if above.kind in (BlockKind.CAPTION, BlockKind.HEADING):
            return text[:_LONGEST_CAPTION]
        if above.kind is not BlockKind.TEXT:
            break
        if _NUMBERED.match(text) and len(text) <= _LONGEST_CAPTION:
            return text
        if _ANNOUNCES.search(text):
            announcing = _SENTENCE.split(text)[-1]
            return announcing if len(announcing) <= _LONGEST_CAPTION else ""
        if not (unit_in(text) and len(text) <= _SHORT):
            break
    below = blocks[index + 1] if index + 1 < len(blocks) else None
    if below and (below.kind is BlockKind.CAPTION or (below.kind is BlockKind.TEXT and _NUMBERED.match(below.text))):
        text = " ".join(below.text.split())
        return text if len(text) <= _LONGEST_CAPTION else ""
    return ""


def _unit_of(grid: Grid, caption: str, before: Sequence[Block]) -> str:
    """Return the unit that the headings, the caption or a short line right over the table name, in this order."""
    first = [grid.text(row, column) for row in range(grid.header_rows) for column in range(grid.header_columns)]
    others = [grid.text(row, column) for row in range(grid.header_rows) for column in grid.value_columns]
    over = [" ".join(block.text.split()) for block in reversed(before[-2:]) if len(block.text) <= _SHORT]
    for text in [*first, caption, *over]:
        if unit := unit_in(text):
            return unit
    units = [found for text in others if (found := unit_in(text))]
    return units[0] if len(set(units)) == 1 and len(units) >= 0.6 * len(grid.value_columns) else ""
