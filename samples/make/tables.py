"""Tables of the annual report: statements of two years, and tables of text."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from samples.make.figures import YEAR, Pair, money
from samples.make.layout import (
    BUOY,
    CELL,
    CELL_BOLD,
    CELL_HEAD,
    DEEP,
    INK,
    MEASURE,
    MIST,
    QUIET,
    RULE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a statement. `weight`: 0 an item, 1 a subtotal, 2 a total, 3 a heading without figures."""

    label: str
    figures: Pair | None = None
    note: str = ""
    weight: int = 0


def statement(rows: Sequence[Row], *, unit: str = "£m", width: float = MEASURE, notes: bool = True) -> Flowable:
    """Return a table of this year and the year before, as the financial statements print them."""
    head = ["", "Note" if notes else "", f"{YEAR}\n{unit}", f"{YEAR - 1}\n{unit}"]
    cells = [head]
    for row in rows:
        now, before = (money(row.figures.now), money(row.figures.before)) if row.figures else ("", "")
        cells.append([row.label, row.note, now, before])
    style = [
        *_plain(len(cells)),
        ("ALIGN", (1, 0), (1, -1), "CENTER"),
        ("TEXTCOLOR", (1, 1), (1, -1), QUIET),
        ("BACKGROUND", (2, 0), (2, -1), MIST),
    ]
    for at, row in enumerate(rows, start=1):
        style += _weighted(at, row.weight)
    note_width = 14 * mm if notes else 1 * mm
    figure_width = 22 * mm
    return Table(
        cells,
        colWidths=[width - note_width - 2 * figure_width, note_width, figure_width, figure_width],
        style=TableStyle(style),
        hAlign="LEFT",
    )


def grid(
    head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, totals: int = 0, words: int = 1
) -> Flowable:
    """Return a table with any number of columns: the first `words` are words, the rest figures; the last `totals` rows
    are totals."""
    cells = [list(head), *(list(row) for row in rows)]
    style = [*_plain(len(cells)), ("ALIGN", (0, 0), (words - 1, -1), "LEFT")]
    for back in range(totals):
        style += _weighted(len(cells) - 1 - back, 2)
    return Table(cells, colWidths=list(widths), style=TableStyle(style), hAlign="LEFT")


def contents(rows: Sequence[tuple[str, str]]) -> Flowable:
    """Return a table of contents, set large."""
    style = [
        *_plain(len(rows)),
        ("FONT", (0, 0), (0, -1), "Spectral", 12.5),
        ("FONT", (1, 0), (1, -1), "Plex-SemiBold", 10),
        ("TEXTCOLOR", (0, 0), (-1, -1), DEEP),
        ("LINEBELOW", (0, 0), (-1, 0), 0.25, RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 7),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
    ]
    widths = [MEASURE - 20 * mm, 20 * mm]
    return Table([list(row) for row in rows], colWidths=widths, style=TableStyle(style), hAlign="LEFT")


def worded(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Flowable:
    """Return a table of sentences: its cells wrap, its first column is bold."""
    cells = [[Paragraph(text, CELL_HEAD) for text in head]]
    for first, *rest in rows:
        cells.append([Paragraph(first, CELL_BOLD), *(Paragraph(text, CELL) for text in rest)])
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 1), (-1, 1), 0.9, DEEP),
            ("LINEBELOW", (0, 1), (-1, -1), 0.35, RULE),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("LEFTPADDING", (1, 0), (-1, -1), 5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    return Table(cells, colWidths=list(widths), style=style, hAlign="LEFT", repeatRows=1)


def _plain(rows: int) -> list[tuple[object, ...]]:
    return [
        ("FONT", (0, 0), (-1, -1), "Plex", 8.6),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("FONT", (0, 0), (-1, 0), "Plex-SemiBold", 7.8),
        ("TEXTCOLOR", (0, 0), (-1, 0), QUIET),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LINEABOVE", (0, 1), (-1, 1), 0.9, DEEP),
        *(("LINEBELOW", (0, at), (-1, at), 0.25, RULE) for at in range(1, rows)),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.2),
    ]


def _weighted(at: int, weight: int) -> list[tuple[object, ...]]:
    if weight == 0:
        return []
    if weight == 3:
        return [("FONT", (0, at), (-1, at), "Plex-SemiBold", 8), ("TEXTCOLOR", (0, at), (0, at), BUOY)]
    lines: list[tuple[object, ...]] = [
        ("FONT", (0, at), (-1, at), "Plex-SemiBold", 8.6),
        ("LINEABOVE", (0, at), (-1, at), 0.6, DEEP),
    ]
    if weight == 2:
        lines.append(("LINEBELOW", (0, at), (-1, at), 0.9, DEEP))
    return lines
