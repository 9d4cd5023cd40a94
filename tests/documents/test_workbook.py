"""Excel workbooks as read: every cell with its place, what it shows and what it is."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.documents.parsers.sheets import regions as sheets
from apps.documents.parsers.sheets.number_formats import number_format
from apps.documents.parsers.sheets.workbook import WorkbookParser
from apps.documents.parsing import Block, BlockKind, Cell, Parsed, Source, Unreadable
from tests.documents.conftest import Parse, blocks_of, text_of
from tests.documents.spreadsheets import results, rows, xlsx


def cells_of(parsed: Parsed) -> dict[tuple[int, str], Cell]:
    """Return all cells by page and address."""
    return {(page.number, cell.address): cell for page in parsed.pages for block in page.blocks for cell in block.cells}


def tables_of(parsed: Parsed) -> list[Block]:
    return [block for block in blocks_of(parsed) if block.kind is BlockKind.TABLE]


@pytest.fixture
def read(tmp_path: Path, parse: Parse):
    return lambda write: parse(xlsx(tmp_path / "a.xlsx", write))


def test_a_sheet_is_a_page_with_its_name(read) -> None:
    assert [page.label for page in read(results).pages] == ["Results", "Remarks"]


def test_a_cell_has_its_address_what_it_shows_and_its_exact_value(read) -> None:
    cell = cells_of(read(results))[1, "C8"]
    assert (cell.text, cell.value) == ("30.1%", "0.3007")


def test_a_title_is_the_caption_of_the_table_under_it(read) -> None:
    parsed = read(results)
    assert blocks_of(parsed)[0].kind is BlockKind.CAPTION
    assert tables_of(parsed)[0].table.caption == "Income statement, in thousands of euros"


def test_years_over_figures_are_a_header_and_words_beside_them_are_labels(read) -> None:
    table = tables_of(read(results))[0]
    assert (table.table.header_rows, table.table.header_columns) == (1, 1)
    assert [cell.text for cell in table.cells if cell.header] == ["2025", "2024"]


@pytest.mark.parametrize(
    ("value", "code", "shown", "exact"),
    [
        (0.107, "0.0%", "10.7%", "0.107"),
        (1234567.891, "#,##0.00", "1,234,567.89", "1234567.891"),
        (-1234.5, "#,##0.00;(#,##0.00)", "(1,234.50)", "-1234.5"),
        (5, '[$€-407]#,##0.00', "€5.00", "5"),
        (date(2024, 1, 15), "dd.mm.yyyy", "15.01.2024", "2024-01-15"),
        (datetime(2024, 1, 15, 13, 30), "yyyy-mm-dd hh:mm", "2024-01-15 13:30", "2024-01-15T13:30:00"),
        (1.5, "[h]:mm", "36:00", "1.5"),
        (0.1 + 0.2, "General", "0.3", "0.3"),
    ],
)  # fmt: skip
def test_numbers_are_shown_as_in_the_program(read, value: object, code: str, shown: str, exact: str) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet().write(4, 2, value, workbook.add_format({"num_format": code}))

    cell = cells_of(read(write))[1, "C5"]
    assert (cell.text, cell.value) == (shown, exact)


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ('_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', 0, "$-"),
        ("0.00E+00", 12345, "1.23E+04"),
        ("# ?/?", 1.5, "1 1/2"),
        ('0.0,,"M"', 12345678, "12.3M"),
        ("000-00-0000", 123456789, "123-45-6789"),
        ('[>=100]"much "0;0.0', 150, "much 150"),
        ("h:mm AM/PM", 0.75, "6:00 PM"),
        ("mmm-yy", 45306, "Jan-24"),
        ('yyyy"年"m"月"d"日"', 45306, "2024年1月15日"),
        ("0.00", 0.125, "0.13"),
        ("0.00", 2.675, "2.68"),
        ("0.##", 5, "5"),
    ],
)
def test_format_codes_do_what_they_do_in_the_program(code: str, number: float, shown: str) -> None:
    assert number_format(code).shown(number) == shown


def test_tables_side_by_side_are_two_and_empty_columns_within_one_do_not_part_it(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        apart, spaced = workbook.add_worksheet("apart"), workbook.add_worksheet("spaced")
        rows(
            apart,
            0,
            0,
            ("Item", "Price", None, "City", "People"),
            ("Pump", 12, None, "Bern", 140),
            ("Valve", 3, None, "Basel", 170),
        )
        rows(spaced, 0, 0, (None, None, 2025, None, 2024), ("Cash", None, 5, None, 6), ("Debt", None, 7, None, 8))

    parsed = read(write)
    assert [block.text.split("\n")[0] for block in parsed.pages[0].blocks] == ["Item  Price", "City  People"]
    assert [block.text.split("\n")[1] for block in parsed.pages[1].blocks] == ["Cash  5  6"]


def test_sections_between_empty_rows_stay_under_one_header(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        rows(
            workbook.add_worksheet(), 0, 0,
            (None, "2025", "2024"), ("Cash", 5, 6), ("Debt", 7, 8), (), ("Equity", 9, 10), ("Total", 21, 24),
        )  # fmt: skip

    assert [block.text.count("\n") for block in tables_of(read(write))] == [4]


def test_merged_headings_stand_once_and_reach_over_their_columns(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.merge_range("B1:C1", "Europe")
        rows(sheet, 1, 0, ("Item", "2025", "2024"), ("Pumps", 5, 6), ("Valves", 7, 8))

    table = tables_of(read(write))[0]
    heading = next(cell for cell in table.cells if cell.text == "Europe")
    assert (heading.column, heading.column_span, heading.header) == (1, 2, True)
    assert table.table.header_rows == 2


def test_a_table_that_the_file_names_keeps_its_name_and_header(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.add_table(
            "B3:C5",
            {"name": "Stock", "columns": [{"header": "Part"}, {"header": "Shelf"}], "data": [["P4", "A"], ["V2", "B"]]},
        )
        sheet.write("B2", "kept in Bern")

    table = tables_of(read(write))[0]
    assert (table.table.name, table.table.header_rows) == ("Stock", 1)
    assert table.text == "Part  Shelf\nP4  A\nV2  B"


def test_comments_text_boxes_and_chart_titles_are_read(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        rows(sheet, 0, 0, ("a", 1), ("b", 2))
        sheet.write_comment("B2", "Check this.", {"author": "Ada"})
        sheet.insert_textbox("D4", "Drawn beside")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=Sheet1!$B$1:$B$2"})
        chart.set_title({"name": "Course of things"})
        sheet.insert_chart("D9", chart)

    found = {(block.kind, block.text) for block in blocks_of(read(write))}
    assert {
        (BlockKind.NOTE, "B2 Ada: Check this."),
        (BlockKind.TEXT, "Drawn beside"),
        (BlockKind.CAPTION, "Course of things"),
    } <= found


def test_hidden_sheets_are_read_and_called_hidden(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("Open").write("A1", "seen")
        hidden = workbook.add_worksheet("Back")
        hidden.write("A1", "unseen")
        hidden.hide()

    assert [page.label for page in read(write).pages] == ["Open", "Back (hidden)"]


def _changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Replace bytes within one part of an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_formula_stands_for_its_last_result_and_for_itself_without_one(tmp_path: Path, parse: Parse) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_formula("A1", "=1+1", None, 2)
        sheet.write_formula("A2", "=B1*2", None, 7)

    path = xlsx(tmp_path / "a.xlsx", write)
    parsed = parse(_changed(path, "xl/worksheets/sheet1.xml", b"<f>B1*2</f><v>7</v>", b"<f>B1*2</f>"))
    assert [cell.text for cell in cells_of(parsed).values()] == ["2", "=B1*2"]
    assert [note.code for note in parsed.warnings] == ["formulas_without_value"]


def test_pronunciations_are_no_part_of_the_text(tmp_path: Path, parse: Parse) -> None:
    path = xlsx(tmp_path / "a.xlsx", lambda workbook: workbook.add_worksheet().write("A1", "豊田"))
    spoken = '<t>豊田</t><rPh sb="0" eb="2"><t>トヨタ</t></rPh>'.encode()
    assert text_of(parse(_changed(path, "xl/sharedStrings.xml", "<t>豊田</t>".encode(), spoken))) == "豊田"


def test_a_long_sheet_has_several_pages_that_keep_their_header(read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 300)

    def write(workbook: xlsxwriter.Workbook) -> None:
        rows(workbook.add_worksheet("Log"), 0, 0, ("Day", "Count"), *((f"day {n}", n * 3) for n in range(700)))

    parsed = read(write)
    tables = tables_of(parsed)
    assert [page.label for page in parsed.pages] == ["Log, rows 1–300", "Log, rows 301–600", "Log, rows 601–701"]
    assert max(block.text.count("\n") for block in tables) <= 200
    assert [block.table.continues for block in tables] == [False, True, True, True, True]
    assert all(block.table.column_paths == (("Day",), ("Count",)) for block in tables[1:])


def test_a_sheet_name_and_cell_may_hold_anything(read) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("<b> & “x”").write("A1", "two\nlines & <tags>")

    parsed = read(write)
    assert parsed.pages[0].label == "<b> & “x”"
    assert text_of(parsed) == "two lines & <tags>"


def test_a_workbook_cut_off_says_so(tmp_path: Path, parse: Parse) -> None:
    path = xlsx(tmp_path / "a.xlsx", results)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(Unreadable) as caught:
        parse(path)
    assert caught.value.code == "damaged"


def test_entities_in_a_sheet_are_not_expanded(tmp_path: Path, parse: Parse) -> None:
    path = xlsx(tmp_path / "a.xlsx", results)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    _changed(path, "xl/sharedStrings.xml", b"<sst", bomb + b"<sst")
    text = text_of(parse(_changed(path, "xl/sharedStrings.xml", b"Revenue", b"Revenue&b;&c;")))
    assert "aaaa" not in text
    assert "root:" not in text


_CONTENT = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 4)),
    st.text(st.characters(categories=("L", "N", "P", "S"), max_codepoint=0xFFFF), min_size=1, max_size=12),
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 30)), _CONTENT, min_size=1, max_size=60))
def test_every_cell_that_is_not_empty_is_read_with_its_address_and_value(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[tuple[int, int], object]
) -> None:
    def write(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        for place, value in contents.items():
            (sheet.write_string if isinstance(value, str) else sheet.write_number)(*place, value)

    path = xlsx(tmp_path_factory.mktemp("any") / "a.xlsx", write)
    cells = cells_of(WorkbookParser().parse(Source(path), progress=lambda done, total: None).whole())
    assert len(cells) == len(contents)
    for place, value in contents.items():
        cell = cells[1, sheets.address(*place)]
        if isinstance(value, str):
            assert cell.text == value
        else:
            assert float(cell.value) == value
