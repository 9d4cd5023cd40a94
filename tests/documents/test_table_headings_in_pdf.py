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


def test_headings_set_left_over_figures_set_right_stand_over_them(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 10)
        for x, first, second in (
            (215, "Shares bought", "in public"),
            (345, "Price paid for a", "share"),
            (470, "Sum", "paid"),
        ):
            canvas.drawString(x, 712, first)
            canvas.drawString(x, 700, second)
        canvas.setFont("Helvetica", 10)
        for number, month in enumerate(("October", "November", "December")):
            canvas.drawString(72, 684 - 14 * number, month)
            for x, figure in ((310, "588,762"), (440, "$168.74"), (540, "12")):
                canvas.drawRightString(x, 684 - 14 * number, figure)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert spans(table) == {"Shares bought in public": (1, 1), "Price paid for a share": (2, 1), "Sum paid": (3, 1)}
    assert placed(table)[1, 2] == "$168.74"


def test_a_remark_under_one_date_leaves_the_other_dates_in_their_row(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(
            canvas,
            712,
            *((x - 20, date) for x, date in zip(RIGHT, ("1 July", "2 July", "3 July", "4 July"), strict=True)),
        )
        canvas.line(72, 708, 540, 708)
        headings(canvas, 696, (RIGHT[0] - 20, "(Unaudited)"))
        body(canvas, 680)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [placed(table)[0, column] for column in range(1, 5)] == ["1 July", "2 July", "3 July", "4 July"]
    assert placed(table)[1, 1] == "(Unaudited)"


def test_an_underlined_title_is_no_heading(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 700, (300, "Subsidiaries of the company"))
        width = canvas.stringWidth("Subsidiaries of the company", "Helvetica-Bold", 10)
        canvas.line(300 - width / 2, 698, 300 + width / 2, 698)
        canvas.setFont("Helvetica", 10)
        for number, (name, place) in enumerate((("Alimentos", "Panama"), ("Balmoral", "Delaware"), ("Beech", "Ohio"))):
            canvas.drawString(72, 680 - 14 * number, name)
            canvas.drawString(440, 680 - 14 * number, place)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[0, 0] == "Alimentos"


def test_a_day_that_ends_in_a_comma_is_no_figure(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 724, *((x - 20, "January") for x in RIGHT))
        headings(canvas, 712, *((x - 20, day) for x, day in zip(RIGHT, ("28,", "29,", "30,", "31,"), strict=True)))
        headings(
            canvas, 700, *((x - 20, year) for x, year in zip(RIGHT, ("2025", "2024", "2023", "2022"), strict=True))
        )
        body(canvas, 684)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[0, 1] == "January 28, 2025"


def test_a_footnote_in_small_type_makes_no_column(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        headings(canvas, 700, *((x - 20, "2025") for x in RIGHT))
        body(canvas, 684)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 644, "(1)")
        canvas.drawString(100, 644, "Sales online are included")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[1, 1] == "300,000"
