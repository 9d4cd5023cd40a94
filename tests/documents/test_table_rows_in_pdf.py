"""Rows of tables on PDF pages: labels of many lines, and which rows belong to a table at all."""

from pathlib import Path

from tests.documents import papers
from tests.documents.conftest import Parse
from tests.documents.test_tables_in_pdf import placed, tables_of


def row(canvas: papers.Canvas, y: float, lines: tuple[str, ...], *figures: str) -> float:
    """Draw a label of several lines with figures beside its last, and return where the next row stands."""
    canvas.setFont("Helvetica", 10)
    for number, line in enumerate(lines):
        canvas.drawString(72 if not number else 78, y - 11 * number, line)
    y -= 11 * (len(lines) - 1)
    for x, figure in zip((400, 480), figures, strict=False):
        canvas.drawRightString(x, y, figure)
    return y - 17


def years(canvas: papers.Canvas, y: float) -> None:
    canvas.setFont("Helvetica-Bold", 10)
    for x, year in ((400, "2025"), (480, "2024")):
        canvas.drawRightString(x, y, year)


def test_lines_of_a_label_stand_closer_than_rows(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        years(canvas, 700)
        y = row(canvas, 683, ("Segments:",))
        y = row(canvas, y, ("Pumps",), "120", "110")
        y = row(
            canvas,
            y,
            (
                "Lower revenue of valves after the recall in",
                "Northern markets and the pause of shipments",
                "Agreed with buyers",
            ),
            "80",
            "90",
        )
        for label in ("Services", "Other", "Total"):
            y = row(canvas, y, (label,), "200", "200")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    texts = placed(table)
    assert texts[1, 0] == "Segments:"
    assert texts[2, 0] == "Pumps"
    assert texts[3, 0].startswith(
        "Lower revenue of valves after the recall in Northern markets and the pause of shipments"
    )
    assert texts[3, 1] == "80"


def test_a_label_of_many_lines_does_not_end_the_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        years(canvas, 700)
        y = row(canvas, 683, ("Pumps",), "120", "110")
        long = tuple(f"Line {number} of what is told of valves" for number in range(8))
        y = row(canvas, y, long, "80", "90")
        for label in ("Services", "Other", "Total"):
            y = row(canvas, y, (label,), "200", "200")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [cell.text for cell in table.cells if cell.column == 1] == ["2025", "120", "80", "200", "200", "200"]


def test_amounts_of_different_length_under_each_other_are_a_column(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        outlook = (
            ("Net sales", "$10.95 billion to $11.05 billion"),
            ("Comparable sales", "4% to 5%"),
            ("Operating margin", "about 14.7% to 15.0%"),
            ("Capital expenditure", "$400 million to $475 million"),
        )
        for number, (label, value) in enumerate(outlook):
            canvas.drawString(72, 700 - 16 * number, label)
            canvas.drawCentredString(420, 700 - 16 * number, value)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[0, 0] == "Net sales"
    assert placed(table)[3, 1] == "$400 million to $475 million"


def test_lines_around_many_rows_are_no_cells(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 640)
        for x in (60, 345, 425, 500):
            canvas.line(x, 655, x, 570)
        for y in (655, 634, 570):
            canvas.line(60, y, 500, y)
        canvas.line(345, 634, 345, 570)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[1, 0] == "Revenue"
    assert placed(table)[2, 1] == "(842)"


def test_a_period_over_headings_below_figures_opens_another_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        for top, period in ((700, "Three months ended"), (620, "Six months ended")):
            canvas.setFont("Helvetica-Bold", 10)
            canvas.drawCentredString(430, top, period)
            years(canvas, top - 13)
            y = row(canvas, top - 26, ("Pumps",), "120", "110")
            row(canvas, y, ("Valves",), "80", "90")

    first, second = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [placed(table)[0, 1] for table in (first, second)] == ["Three months ended", "Six months ended"]
    assert placed(second)[3, 2] == "90"
