"""PDF pages as read: text, order, kinds and places."""

import re
from pathlib import Path

import pypdfium2
import pytest

from apps.documents.parsing import BlockKind, Parsed, Quality, Unreadable
from tests.documents import papers
from tests.documents.conftest import Parse, blocks_of, text_of


def kinds(parsed: Parsed) -> list[BlockKind]:
    return [block.kind for block in blocks_of(parsed)]


def test_a_report_is_read_as_heading_paragraph_and_table(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(papers.pdf(tmp_path / "report.pdf", papers.report))
    heading, paragraph, table = blocks_of(parsed)
    assert (heading.kind, heading.level, heading.text) == (BlockKind.HEADING, 1, "Income statement")
    assert paragraph.text == "\n".join(papers.SENTENCES)
    assert table.kind is BlockKind.TABLE
    assert parsed.pages[0].quality is Quality.READ


def test_a_table_keeps_its_rows_and_columns(tmp_path: Path, parse: Parse) -> None:
    table = blocks_of(parse(papers.pdf(tmp_path / "report.pdf", papers.report)))[-1]
    assert table.text.splitlines() == ["2025  2024", *("  ".join(row) for row in papers.ROWS)]
    cells = {(cell.row, cell.column): cell for cell in table.cells}
    assert cells[2, 1].text == "(842)"
    assert cells[2, 0].text == "Cost of sales"
    assert cells[0, 1].header
    assert not cells[1, 1].header
    assert cells[0, 2].text == "2024"


def test_a_label_on_two_lines_is_one_row_with_its_figures(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.drawString(72, 620, "Share of the profit of associates and")
        canvas.drawString(72, 608, "joint ventures")
        canvas.drawRightString(400, 608, "17")
        canvas.drawRightString(480, 608, "12")

    table = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))[-1]
    assert table.text.splitlines()[-1] == "Share of the profit of associates and joint ventures  17  12"


def test_a_label_of_many_lines_does_not_end_its_table(tmp_path: Path, parse: Parse) -> None:
    label = (
        "Common stock: 3,200 shares authorised, of which 1,758",
        "and 1,744 issued at the end of the two years, and",
        "surplus",
    )

    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        for number, line in enumerate(label):
            canvas.drawString(72, 620 - 12 * number, line)
        canvas.drawRightString(400, 596, "48,193")
        canvas.drawRightString(480, 596, "47,377")

    (table,) = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert table.text.splitlines()[-1] == f"{' '.join(label)}  48,193  47,377"


def test_a_currency_sign_set_apart_belongs_to_its_figure(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.table(canvas, 700)
        canvas.drawString(72, 620, "Net income")
        for x, figure in ((400, "244"), (480, "198")):
            canvas.drawString(x - 50, 620, "$")
            canvas.drawRightString(x, 620, figure)

    table = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))[-1]
    assert table.text.splitlines()[-1] == "Net income  $ 244  $ 198"
    assert {cell.column for cell in table.cells} == {0, 1, 2}


def test_columns_of_text_are_read_one_after_the_other(tmp_path: Path, parse: Parse) -> None:
    left = [f"left column, line {number} of the text that fills it" for number in range(12)]
    right = [f"right column, line {number} of the text that fills it" for number in range(12)]
    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.columns(left, right)))
    assert text_of(parsed).splitlines() == left + right
    assert BlockKind.TABLE not in kinds(parsed)


def prose(side: str, count: int) -> list[str]:
    return [f"{side} line {number} runs on as the text that fills its column" for number in range(count)]


def test_a_column_with_headings_and_small_charts_is_still_a_column(tmp_path: Path, parse: Parse) -> None:
    chart = ("Ferries", "Ports", "Services", "Yards", "Others", "Together")

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        for number, line in enumerate(prose("left", 7)):
            canvas.drawString(72, 740 - 12 * number, line)
        for number, label in enumerate(chart):
            canvas.drawString(72, 640 - 12 * number, label)
            canvas.drawRightString(270, 640 - 12 * number, f"£{number + 1}.4m")
        for number, line in enumerate(prose("right", 18)):
            canvas.drawString(320, 740 - 12 * number, line)

    text, table, beside = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert text.text.splitlines() == prose("left", 7)
    assert table.kind is BlockKind.TABLE
    assert table.text.splitlines() == [f"{label}  £{number}.4m" for number, label in enumerate(chart, 1)]
    assert beside.text.splitlines() == prose("right", 18)


def grid(canvas: papers.Canvas, rows: int, lines: int, gap: int) -> None:
    """Two cells of text in each row, drawn row by row."""
    canvas.setFont("Times-Roman", 10)
    for row in range(rows):
        for x, side in ((72, "left"), (320, "right")):
            for number, line in enumerate(prose(f"{side} {row}", lines)):
                canvas.drawString(x, 740 - row * (12 * lines + gap) - 12 * number, line)


@pytest.mark.parametrize("lines", [2, 3, 4])
def test_a_table_of_sentences_drawn_row_by_row_is_no_pair_of_columns(tmp_path: Path, parse: Parse, lines: int) -> None:
    (table,) = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", lambda canvas: grid(canvas, 4, lines, 6))))
    assert table.kind is BlockKind.TABLE
    assert table.text.splitlines()[0] == f"{prose('left 0', 1)[0]}  {prose('right 0', 1)[0]}"


def test_texts_set_in_a_grid_are_read_row_by_row(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(papers.pdf(tmp_path / "a.pdf", lambda canvas: grid(canvas, 3, 5, 30)))
    cells = [line for row in range(3) for side in ("left", "right") for line in prose(f"{side} {row}", 5)]
    assert text_of(parsed).splitlines() == cells
    assert BlockKind.TABLE not in kinds(parsed)


def test_the_short_end_of_a_paragraph_over_columns_stays_with_it(tmp_path: Path, parse: Parse) -> None:
    lead = (
        "This opening paragraph goes over both of the columns of the page, from one margin to the other,",
        "and ends.",
    )

    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        for number, line in enumerate(lead):
            canvas.drawString(72, 784 - 12 * number, line)
        papers.columns(prose("left", 8), prose("right", 8))(canvas)

    first = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))[0]
    assert first.text.splitlines() == list(lead)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_places_are_those_of_the_page_as_displayed(tmp_path: Path, parse: Parse, turn: int) -> None:
    path = papers.pdf(tmp_path / "a.pdf", papers.report, rotate=turn)
    parsed = parse(path)
    page = parsed.pages[0]
    assert (page.width > page.height) == (turn in (90, 270))
    assert blocks_of(parsed)[0].text == "Income statement"
    picture = pypdfium2.PdfDocument(path)[0].render(scale=2).to_pil().convert("L")
    for block in page.blocks:
        for x0, y0, x1, y1 in (line.box for line in block.lines):
            corners = (x0 * picture.width, y0 * picture.height, x1 * picture.width, y1 * picture.height)
            assert picture.crop(tuple(round(value) for value in corners)).getextrema()[0] < 100, (
                "nothing is printed there"
            )
    unmarked = picture.copy()
    for block in page.blocks:
        for x0, y0, x1, y1 in (line.box for line in block.lines):
            edges = [x0 * picture.width - 2, y0 * picture.height - 2, x1 * picture.width + 2, y1 * picture.height + 2]
            unmarked.paste(255, tuple(round(value) for value in edges))
    assert unmarked.getextrema()[0] > 200, "something printed is in no box"


def test_what_pdfium_finds_inside_a_line_is_its_text(tmp_path: Path, parse: Parse) -> None:
    path = papers.pdf(tmp_path / "a.pdf", papers.report)
    page = parse(path).pages[0]
    text = pypdfium2.PdfDocument(path)[0].get_textpage()
    for line in (line for block in page.blocks for line in block.lines):
        x0, y0, x1, y1 = line.box
        inside = text.get_text_bounded(x0 * page.width, (1 - y1) * page.height, x1 * page.width, (1 - y0) * page.height)
        assert re.sub(r"\s", "", inside) == re.sub(r"\s", "", line.text)


def test_a_word_parted_at_a_line_end_is_told_from_a_compound(tmp_path: Path, parse: Parse) -> None:
    lines = (
        "The long-term view is that the management of this company will go on to manage-",
        "ment by objectives, as it did before, and that the bonds which it holds are long-",
        "term investments; it says so in its statement.",
    )
    paragraph = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", papers.text_page(*lines))))[0]
    first, second, _ = paragraph.text.splitlines()
    assert first.endswith("manage\u00ad")
    assert second.endswith("long-")


def test_the_raised_number_of_a_footnote_is_no_digit_of_the_figure(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 700, "Net debt was 1,204")
        canvas.setFont("Helvetica", 6)
        canvas.drawString(72 + canvas.stringWidth("Net debt was 1,204", "Helvetica", 10), 704, "2")

    assert text_of(parse(papers.pdf(tmp_path / "a.pdf", draw))) == "Net debt was 1,204 2"


def test_a_running_head_is_kept_but_heads_nothing(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 800, f"Annual report, page {canvas.getPageNumber()}")
        canvas.drawString(72, 700, "Income statement")
        papers.table(canvas, 600)

    parsed = parse(papers.pdf(tmp_path / "a.pdf", draw, draw, draw))
    assert [page.blocks[0].text for page in parsed.pages] == [f"Annual report, page {n}" for n in (1, 2, 3)]
    assert {page.blocks[0].kind for page in parsed.pages} == {BlockKind.TEXT}
    assert {page.blocks[1].kind for page in parsed.pages} == {BlockKind.HEADING}


def test_lists_and_captions_are_known_by_their_first_words(tmp_path: Path, parse: Parse) -> None:
    lines = (
        "Figure 3. Orders by quarter",
        "",
        "",
        "(a) pumps of every size",
        "(b) valves",
        "(c) meters and their service",
    )
    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.text_page(*lines)))
    assert kinds(parsed) == [BlockKind.CAPTION, BlockKind.LIST]


def test_what_was_filled_into_a_form_is_read_under_the_name_of_its_field(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.text_page("Name of the applicant")(canvas)
        form = canvas.acroForm
        form.textfield(name="a", tooltip="", value="Ingrid Falk", x=180, y=752, width=200, height=20)
        form.textfield(name="b", tooltip="Date of birth", value="31 March 1971", x=180, y=700, width=200, height=20)
        form.textfield(name="c", tooltip="Telephone", value="", x=180, y=660, width=200, height=20)
        form.checkbox(name="d", tooltip="Resident", checked=True, x=180, y=620)
        form.checkbox(name="e", tooltip="Employed", checked=False, x=180, y=580)

    fields = [b for b in blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw))) if b.kind is BlockKind.FIELD]
    assert [field.text for field in fields] == [
        "Name of the applicant: Ingrid Falk",
        "Date of birth: 31 March 1971",
        "Resident: ☒",
        "Employed: ☐",
    ]
    assert 0.08 < fields[0].boxes[0][1] < 0.1


def test_what_readers_noted_on_a_page_is_read_at_its_place(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.report(canvas)
        canvas.textAnnotation("Ask the auditor about this figure.", Rect=(72, 680, 90, 690))

    kinds_read = [(b.kind, b.text) for b in blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))]
    assert kinds_read[2] == (BlockKind.NOTE, "Ask the auditor about this figure.")
    assert kinds_read[3][0] is BlockKind.TABLE


def test_a_footnote_in_small_type_is_known_by_its_mark(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.text_page(*papers.SENTENCES)(canvas)
        for number, y in ((1, 100), (2, 88)):
            canvas.setFont("Helvetica", 5)
            canvas.drawString(72, y + 3, str(number))
            canvas.setFont("Helvetica", 8)
            canvas.drawString(77, y, "Without the operations that were sold in the year.")

    blocks = blocks_of(parse(papers.pdf(tmp_path / "a.pdf", draw)))
    assert [block.kind for block in blocks] == [BlockKind.TEXT, BlockKind.FOOTNOTE, BlockKind.FOOTNOTE]
    assert blocks[2].text == "2 Without the operations that were sold in the year."


def test_what_a_file_says_of_itself_is_kept(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        canvas.setAuthor("Ingrid Falk")
        canvas.setSubject("Accounts of the year")
        papers.report(canvas)

    metadata = dict(parse(papers.pdf(tmp_path / "a.pdf", draw)).metadata)
    assert metadata["author"] == "Ingrid Falk"
    assert metadata["subject"] == "Accounts of the year"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", metadata["created"])


def test_the_outline_gives_headings_their_levels_and_pages_keep_their_names(tmp_path: Path, parse: Parse) -> None:
    def draw(canvas: papers.Canvas) -> None:
        papers.text_page("Notes to the accounts", "", "", "Leases", "", "", *papers.SENTENCES)(canvas)
        for level, title in enumerate(("Notes to the accounts", "Leases")):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level=level)
        canvas.addPageLabel(0, style="ROMAN_LOWER", start=4)

    (page,) = parse(papers.pdf(tmp_path / "a.pdf", draw)).pages
    assert [(b.kind, b.level) for b in page.blocks[:2]] == [(BlockKind.HEADING, 1), (BlockKind.HEADING, 2)]
    assert page.label == "iv"


def test_a_blank_page_is_read_and_empty(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(papers.pdf(tmp_path / "a.pdf", papers.report, papers.blank))
    assert parsed.pages[1].blocks == ()
    assert parsed.pages[1].quality is Quality.READ
    assert parsed.warnings == ()


def test_a_protected_pdf_says_so(tmp_path: Path, parse: Parse) -> None:
    path = papers.pdf(tmp_path / "a.pdf", papers.report, password="secret")
    with pytest.raises(Unreadable, match="protected by a password") as caught:
        parse(path)
    assert caught.value.code == "encrypted"


def test_a_truncated_pdf_says_so(tmp_path: Path, parse: Parse) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(papers.bytes_of(papers.report)[:300])
    with pytest.raises(Unreadable, match="damaged or cut off"):
        parse(path)
