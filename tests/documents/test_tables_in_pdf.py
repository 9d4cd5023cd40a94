"""Tables on PDF pages: rows, columns, headings over several columns, titles and units, and what is none."""

from pathlib import Path

from apps.documents.parsing import Block, BlockKind
from tests.documents import papers
from tests.documents.conftest import Parse, blocks_of


def tables_of(parse: Parse, path: Path) -> list[Block]:
    return [block for block in blocks_of(parse(path)) if block.kind is BlockKind.TABLE]


def placed(table: Block) -> dict[tuple[int, int], str]:
    return {(cell.row, cell.column): cell.text for cell in table.cells}


def two_periods(canvas: papers.Canvas, *, ruled: bool) -> None:
    """Figures of two half-years, each under a heading of its own."""
    canvas.setFont("Helvetica-Bold", 10)
    for x, heading in ((330, "First half"), (470, "Second half")):
        canvas.drawCentredString(x, 700, heading)
        if ruled:
            canvas.line(x - 65, 696, x + 65, 696)
    for x, year in ((300, "2025"), (360, "2024"), (440, "2025"), (500, "2024")):
        canvas.drawCentredString(x, 684, year)
    canvas.setFont("Helvetica", 10)
    for number, label in enumerate(("Revenue", "Cost of sales", "Gross profit")):
        canvas.drawString(72, 664 - 16 * number, label)
        for x in (320, 380, 460, 520):
            canvas.drawRightString(x, 664 - 16 * number, f"{x + number},000")


def spans(table: Block) -> dict[str, tuple[int, int]]:
    return {cell.text: (cell.column, cell.column_span) for cell in table.cells if cell.header}


def test_a_heading_over_several_columns_spans_those_that_its_line_reaches_over(tmp_path: Path, parse: Parse) -> None:
    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", lambda canvas: two_periods(canvas, ruled=True)))
    assert spans(table)["First half"] == (1, 2)
    assert spans(table)["Second half"] == (3, 2)
    assert table.table is not None
    assert table.table.header_rows == 2


def test_without_lines_a_heading_spans_the_columns_that_it_is_the_middle_of(tmp_path: Path, parse: Parse) -> None:
    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", lambda canvas: two_periods(canvas, ruled=False)))
    assert spans(table)["First half"] == (1, 2)
    assert spans(table)["Second half"] == (3, 2)


def test_the_lines_of_one_heading_are_one_cell(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 640)
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawRightString(400, 652, "31 March")
        canvas.drawRightString(480, 652, "31 March")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[0, 1] == "31 March 2025"
    assert placed(table)[1, 0] == "Revenue"


def test_a_table_knows_its_title_and_unit(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(72, 680, "Consolidated income statement")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 662, "(in millions of euros, except per share data)")
        papers.table(canvas, 640)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert table.table is not None
    assert table.table.caption == "Consolidated income statement"
    assert table.table.unit == "in millions of euros, except per share data"


def test_two_tables_with_a_sentence_between_are_two(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.drawString(72, 610, "The charges of the plan that was agreed last year are as follows:")
        papers.table(canvas, 590)

    first, second = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert first.text == second.text
    assert second.table is not None
    assert second.table.caption == "The charges of the plan that was agreed last year are as follows:"


def ruled(canvas: papers.Canvas) -> None:
    """A table with a line around every cell, one of which takes up two rows; some cells hold two lines of text."""
    canvas.setFont("Helvetica", 10)
    xs, ys = (72, 200, 400, 520), (700, 670, 640, 610)
    for y in (ys[0], ys[1], ys[3]):
        canvas.line(xs[0], y, xs[-1], y)
    canvas.line(xs[1], ys[2], xs[-1], ys[2])
    for x in xs:
        canvas.line(x, ys[0], x, ys[-1])
    for x, y, text in (
        (76, 682, "Product"), (204, 682, "Indication"), (404, 682, "Status"),
        (76, 642, "Pump P4"),
        (204, 658, "Water with much sand in it,"), (204, 646, "as in the south"), (404, 652, "approved"),
        (204, 628, "Water with salt"), (404, 628, "filed"),
    ):  # fmt: skip
        canvas.drawString(x, y, text)


def test_a_ruled_table_is_read_by_its_lines(tmp_path: Path, parse: Parse) -> None:
    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", ruled))
    assert placed(table) == {
        (0, 0): "Product", (0, 1): "Indication", (0, 2): "Status",
        (1, 0): "Pump P4", (1, 1): "Water with much sand in it, as in the south", (1, 2): "approved",
        (2, 1): "Water with salt", (2, 2): "filed",
    }  # fmt: skip
    (spanning,) = (cell for cell in table.cells if cell.text == "Pump P4")
    assert spanning.row_span == 2


def test_figures_under_each_other_in_one_ruled_row_are_rows(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for y in (700, 680, 600):
            canvas.line(72, y, 400, y)
        for x in (72, 200, 400):
            canvas.line(x, 700, x, 600)
        canvas.drawString(76, 686, "Region")
        canvas.drawString(204, 686, "Sales")
        for number, (label, figure) in enumerate((("North", "1,204"), ("South", "987"), ("West", "55"))):
            canvas.drawString(76, 660 - 20 * number, label)
            canvas.drawString(204, 660 - 20 * number, figure)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert table.text.splitlines() == ["Region  Sales", "North  1,204", "South  987", "West  55"]


def test_a_frame_around_text_is_no_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.text_page(*papers.SENTENCES)(canvas)
        canvas.rect(60, 700, 480, 80)

    assert not tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))


def test_contents_with_page_numbers_are_a_list(tmp_path: Path, parse: Parse) -> None:
    chapters = ("Strategy", "Markets", "Risks", "Accounts", "Notes")

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number, chapter in enumerate(chapters):
            canvas.drawString(72, 700 - 16 * number, chapter)
            canvas.drawRightString(500, 700 - 16 * number, str(3 + 7 * number))

    (block,) = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert block.kind is BlockKind.LIST
    assert block.text.splitlines()[1] == "Markets 10"


def test_numbered_exhibits_with_long_titles_are_a_list(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number in range(4):
            canvas.drawString(72, 700 - 30 * number, f"4.{number + 40}")
            canvas.drawString(
                120, 700 - 30 * number, "Form of senior note due in the year 2031, which is part of the current report"
            )
            canvas.drawString(120, 688 - 30 * number, "that was filed in October.")

    assert not tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))


def test_the_raised_mark_of_a_footnote_makes_no_column(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 620, "Net debt")
        canvas.drawRightString(400, 620, "244")
        canvas.drawRightString(480, 620, "198")
        canvas.setFont("Helvetica", 6)
        canvas.drawString(120, 624, "(1)")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert {cell.column for cell in table.cells} == {0, 1, 2}
    assert table.text.splitlines()[-1] == "Net debt (1)  244  198"


def test_a_footnote_right_below_is_no_row_of_the_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.setFont("Helvetica", 5)
        canvas.drawString(72, 627, "(a)")
        canvas.setFont("Helvetica", 8)
        canvas.drawString(84, 624, "Without amortisation.")

    table, note = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert table.text.splitlines()[-1] == "Administrative expenses  (118)  —"
    assert (note.kind, note.text) == (BlockKind.FOOTNOTE, "(a) Without amortisation.")


def test_marks_before_lines_of_text_are_no_column(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        for number, line in enumerate(("Annual report of the registrant", "Transition report of the registrant")):
            canvas.setFont("Helvetica", 10)
            canvas.drawString(72, 700 - 30 * number, "•")
            canvas.drawString(120, 700 - 30 * number, line)

    assert not tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))


def test_paragraphs_behind_their_numbers_are_no_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number, title in enumerate(("Packaging", "Assignment", "No waivers")):
            canvas.drawString(72, 700 - 36 * number, f"14.{number + 5}")
            canvas.drawString(120, 700 - 36 * number, title)
            canvas.drawString(
                120, 688 - 36 * number, "The supplier meets whatever laws are in force in the places that it sells to."
            )

    assert not tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))


def test_the_foot_of_the_page_is_no_row_of_the_table_above(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.drawString(270, 622, "Supply agreement")
        canvas.drawRightString(560, 622, "12")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert "Supply agreement" not in table.text


def test_a_signature_is_lines_and_two_beside_each_other_are_two_columns(tmp_path: Path, parse: Parse) -> None:
    def sign(canvas: papers.Canvas, x: float, name: str) -> None:
        for number, (label, text) in enumerate((("By:", f"/s/ {name}"), ("Name:", name), ("Title:", "Director"))):
            canvas.drawString(x, 700 - 14 * number, label)
            canvas.drawString(x + 50, 700 - 14 * number, text)

    def one(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        sign(canvas, 300, "Ada Brunner")

    def two(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        sign(canvas, 72, "Ada Brunner")
        sign(canvas, 320, "Max Keller")

    assert not tables_of(parse, papers.pdf(tmp_path / "a.pdf", one))
    (table,) = tables_of(parse, papers.pdf(tmp_path / "b.pdf", two))
    assert placed(table)[0, 0] == "By: /s/ Ada Brunner"
    assert placed(table)[2, 1] == "Title: Director"


def test_a_list_of_who_signed_is_a_table_and_dated_signatures_are_lines(tmp_path: Path, parse: Parse) -> None:
    def signed(canvas: papers.Canvas, *rows: tuple[str, str, str]) -> None:
        canvas.setFont("Helvetica", 10)
        for number, row in enumerate(rows):
            for x, text in zip((72, 240, 400), row, strict=True):
                canvas.drawString(x, 700 - 20 * number, text)

    names = (("/s/ Ada Brunner", "Director", "8 February"), ("/s/ Max Keller", "Treasurer", "8 February"))
    (table,) = tables_of(
        parse, papers.pdf(tmp_path / "a.pdf", lambda canvas: signed(canvas, ("Signature", "Title", "Date"), *names))
    )
    assert placed(table)[1, 1] == "Director"
    dated = [("8 February 2026", "By:", name) for name, _, _ in names]
    assert not tables_of(parse, papers.pdf(tmp_path / "b.pdf", lambda canvas: signed(canvas, *dated)))


def test_headings_of_terms_run_on_and_signs_stay_over_their_columns(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        xs = (260, 340, 420, 500)
        for y, headings in ((712, ("", "Less than", "", "")), (700, ("Total", "1 year", "$", "%"))):
            for x, heading in zip(xs, headings, strict=True):
                canvas.drawCentredString(x, y, heading)
        for number, label in enumerate(("Leases", "Debt", "Purchases")):
            canvas.drawString(72, 680 - 16 * number, label)
            for x in xs:
                canvas.drawCentredString(x, 680 - 16 * number, f"{x + number},100")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [cell.text for cell in table.cells if cell.header] == ["Total", "Less than 1 year", "$", "%"]


def test_the_blanks_of_a_typewriter_part_no_columns(tmp_path: Path, parse: Parse) -> None:
    lines = (
        "(b)  Termination.  A party may terminate this agreement  (i) if the other",
        "party does not pay for thirty (30) days, (ii) if it fails to deliver  what",
        "was ordered, or (iii) if a receiver is appointed.  Whatever was delivered",
        "before then  (1) remains payable and (2) may not be returned.",
    )

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Courier", 10)
        for number, line in enumerate(lines):
            canvas.drawString(72, 700 - 12 * number, line)

    (block,) = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert block.kind is not BlockKind.TABLE
    assert block.text.split() == " ".join(lines).split()


def test_a_sum_without_a_label_belongs_to_the_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.drawRightString(480, 622, "1,244")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert table.text.splitlines()[-1] == "1,244"


def test_a_row_of_headings_below_figures_opens_another_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for top, right in ((700, 480), (640, 500)):
            rows = (("Net sales (Millions)", "2025", "2024"), ("Pumps", "1,204", "987"), ("Valves", "55", "41"))
            for number, (label, *figures) in enumerate(rows):
                canvas.drawString(72, top - 16 * number, label)
                for place, figure in enumerate(figures):
                    canvas.drawRightString(right - 80 * (1 - place), top - 16 * number, figure)

    first, second = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert first.text == second.text
    assert {cell.column for cell in first.cells} == {0, 1, 2}


def test_a_day_and_the_year_below_it_are_one_heading(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for x, day, year in ((400, "January 28,", "2023"), (480, "January 29,", "2022")):
            canvas.drawCentredString(x - 20, 722, day)
            canvas.drawCentredString(x - 20, 704, year)
        for number, label in enumerate(("Cash", "Goodwill", "Total assets")):
            canvas.drawString(72, 680 - 16 * number, label)
            for x in (400, 480):
                canvas.drawRightString(x, 680 - 16 * number, f"{x + number},100")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [cell.text for cell in table.cells if cell.header] == ["January 28, 2023", "January 29, 2022"]


def test_a_letter_over_a_wide_heading_makes_no_column(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for x, letter, heading in ((330, "A", "Securities to be issued"), (470, "B", "Securities remaining")):
            canvas.drawCentredString(x, 720, letter)
            canvas.drawCentredString(x, 700, heading)
        for number, label in enumerate(("Options", "Units", "Total")):
            canvas.drawString(72, 680 - 16 * number, label)
            for x in (385, 525):
                canvas.drawRightString(x, 680 - 16 * number, f"{number + 1},204")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert {cell.column for cell in table.cells} == {0, 1, 2}


def test_edges_of_shaded_cells_are_no_ruled_table(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        for x in (330, 410):
            canvas.line(x, 668, x, 656)
        for y in (668, 656, 640):
            canvas.line(72, y, 500, y)
        canvas.line(500, 668, 500, 640)

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    (plain,) = tables_of(parse, papers.pdf(tmp_path / "b.pdf", lambda canvas: papers.table(canvas, 700)))
    assert placed(table) == placed(plain)


def test_headings_that_nearly_touch_stand_over_their_own_columns(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawRightString(330, 700, "Carrying amount")
        canvas.drawRightString(413, 700, "Total fair value")
        for number, label in enumerate(("Notes receivable", "Debt", "Leases")):
            canvas.drawString(72, 680 - 16 * number, label)
            for x in (330, 413):
                canvas.drawRightString(x, 680 - 16 * number, f"{number + 1},204")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert [cell.text for cell in table.cells if cell.header] == ["Carrying amount", "Total fair value"]


def test_a_currency_sign_close_to_the_label_goes_with_the_figure(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number, label in enumerate(("Reported measure $", "Charges", "Core measure $")):
            canvas.drawString(72, 680 - 16 * number, label)
            canvas.drawRightString(260, 680 - 16 * number, f"{number + 1},204")
            canvas.drawRightString(340, 680 - 16 * number, f"{number + 1},100")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert table.text.splitlines()[0] == "Reported measure  $ 1,204  1,100"


def test_a_label_of_many_lines_stays_beside_its_text(tmp_path: Path, parse: Parse) -> None:
    label = ("How we", "addressed it", "in our audit")
    text = (
        "We tested the controls over the process that the company has for what",
        "it sets aside for losses, and whether the data that it uses for this is",
        "complete and correct, as we describe in the notes on the next page.",
    )

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number, (left, right) in enumerate(zip(label, text, strict=True)):
            canvas.drawString(72, 700 - 12 * number, left)
            canvas.drawString(180, 700 - 12 * number, right)
        canvas.drawString(72, 640, "What we found")
        canvas.drawString(180, 640, "Nothing that anyone would have to be told about in particular.")

    (table,) = tables_of(parse, papers.pdf(tmp_path / "a.pdf", draw))
    assert placed(table)[0, 0] == " ".join(label)
    assert placed(table)[0, 1] == " ".join(text)
