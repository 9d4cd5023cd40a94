"""Headings of tables on PDF pages: which lines are one heading, over which columns it stands, and what is none."""

from pathlib import Path

from tests.documents import papers
from tests.documents.conftest import Parse
from tests.documents.test_tables_in_pdf import placed, spans, tables_of

RIGHT = (300, 380, 460, 540)
"""Where the figures of four columns end."""


def body(canvas: papers.Canvas, top: float, labels: tuple[str, ...] = ("Revenue", "Cost of sales", "Profit")) -> None:
    canvas.setFont("Helvetica", 10)
    for number, label in enumerate(labels):
        canvas.drawString(72, top - 14 * number, label)
        for x in RIGHT:
            canvas.drawRightString(x, top - 14 * number, f"{x + number},000")


def headings(canvas: papers.Canvas, y: float, *texts: tuple[float, str]) -> None:
    canvas.setFont("Helvetica-Bold", 10)
    for x, text in texts:
        canvas.drawCentredString(x, y, text)


def test_a_heading_of_two_lines_beside_a_group_of_two_rows_is_one(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 724, (320, "Pension plans"), (482, "Other retirement"))
        headings(canvas, 712, (280, "Germany"), (360, "France"), (482, "benefits"))
        canvas.line(250, 721, 385, 721)
        headings(canvas, 696, *((x - 20, "2025") for x in RIGHT))
        for x in RIGHT:
            canvas.line(x - 45, 708, x, 708)
        body(canvas, 680)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert spans(table)["Other retirement benefits"] == (3, 2)
    assert spans(table)["Pension plans"] == (1, 2)
    assert placed(table)[1, 2] == "France"


def test_wrapped_headings_that_end_on_one_line_are_put_together_column_by_column(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 736, (520, "Accumulated"))
        headings(canvas, 724, (440, "Additional"), (520, "other"))
        headings(canvas, 712, (280, "Common"), (360, "Common"), (440, "paid-in"), (520, "income"))
        headings(canvas, 700, (280, "shares"), (360, "stock"), (440, "capital"), (520, "(loss)"))
        body(canvas, 684)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [placed(table)[0, column] for column in range(1, 5)] == [
        "Common shares",
        "Common stock",
        "Additional paid-in capital",
        "Accumulated other income (loss)",
    ]


def test_a_figure_that_stands_beside_its_heading_is_found_by_the_line_under_it(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(
            canvas, 700, *((x - 55, year) for x, year in zip(RIGHT, ("2025", "2024", "2023", "2022"), strict=True))
        )
        for x in RIGHT:
            canvas.line(x - 70, 697, x + 2, 697)
        body(canvas, 684)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[0, 1] == "2025"
    assert placed(table)[1, 1] == "300,000"
    assert {cell.column for cell in table.cells} == set(range(5))


def test_many_dates_over_a_label_of_what_follows_belong_to_the_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 724, (402, "Three months ended"))
        headings(canvas, 712, *((x - 25, "30 June 2025") for x in RIGHT))
        headings(canvas, 698, (402, "(in thousands)"))
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 684, "Segments:")
        body(canvas, 670)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert spans(table)["(in thousands)"] == (1, 4)
    assert table.table is not None
    assert table.table.unit == "in thousands"


def test_an_abbreviation_is_no_mark_of_a_list(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 712, (310, "U.S."), (490, "Rest of the world"))
        headings(canvas, 698, (400, "Year ended 31 December"))
        headings(canvas, 684, *((x - 15, year) for x, year in zip(RIGHT, ("2025", "2024") * 2, strict=True)))
        body(canvas, 668)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert spans(table)["U.S."] == (1, 2)
    assert spans(table)["Rest of the world"] == (3, 2)


def test_a_remark_in_brackets_between_title_and_table_is_not_the_title(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(72, 684, "Statement of cash flows")
        canvas.drawString(72, 664, "(Unaudited)")
        papers.table(canvas, 640)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert table.table is not None
    assert table.table.caption == "Statement of cash flows"


def test_a_numbered_heading_a_little_below_a_table_is_no_row_of_it(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 640)
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(72, 545, "4.")
        canvas.drawString(92, 545, "Fair value")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[1, 0] == "Revenue"
    assert "Fair value" not in table.text
