"""Old Excel workbooks, OpenDocument spreadsheets and tables in text as read."""

from datetime import date
from pathlib import Path

import pytest
import xlwt

from apps.documents.parsing import Block, BlockKind, Unreadable
from tests.documents.conftest import Parse, blocks_of, text_of
from tests.documents.open_documents import ODS_RESULTS, ods
from tests.documents.spreadsheets import old_results, xls
from tests.documents.test_workbook import cells_of, tables_of


def test_an_old_workbook_is_read_like_a_new_one(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(xls(tmp_path / "a.xls", old_results))
    table = tables_of(parsed)[0]
    assert [page.label for page in parsed.pages] == ["Results"]
    assert (table.table.caption, table.table.header_rows, table.table.header_columns) == ("Income statement", 1, 1)
    assert (cells_of(parsed)[1, "B6"].text, cells_of(parsed)[1, "B6"].value) == ("30.1%", "0.3007")


def test_old_workbooks_know_dates_merged_cells_and_hidden_sheets(tmp_path: Path, parse: Parse) -> None:
    def write(workbook: xlwt.Workbook) -> None:
        sheet = workbook.add_sheet("Open")
        sheet.write(0, 0, date(2024, 1, 15), xlwt.easyxf(num_format_str="DD.MM.YYYY"))
        sheet.write_merge(2, 2, 0, 2, "Wide")
        workbook.add_sheet("Back").visibility = 1

    parsed = parse(xls(tmp_path / "a.xls", write))
    day, wide = cells_of(parsed)[1, "A1"], cells_of(parsed)[1, "A3"]
    assert (day.text, day.value) == ("15.01.2024", "2024-01-15")
    assert wide.column_span == 3
    assert [page.label for page in parsed.pages] == ["Open", "Back (hidden)"]


def test_a_truncated_old_workbook_says_so(tmp_path: Path, parse: Parse) -> None:
    path = xls(tmp_path / "a.xls", old_results)
    path.write_bytes(path.read_bytes()[:1500])
    with pytest.raises(Unreadable) as caught:
        parse(path)
    assert caught.value.code == "damaged"


def test_an_open_document_spreadsheet_shows_what_its_file_says(tmp_path: Path, parse: Parse) -> None:
    styles = '<style:style style:name="unseen"><style:table-properties table:display="false"/></style:style>'
    parsed = parse(ods(tmp_path / "a.ods", ODS_RESULTS, styles=styles))
    cells = cells_of(parsed)
    assert [page.label for page in parsed.pages] == ["Results", "Back (hidden)"]
    assert {place: (cells[1, place].text, cells[1, place].value) for place in ("C4", "D5", "E6")} == {
        "C4": ("€1,204.50", "1204.5"),
        "D5": ("30.1%", "0.3007"),
        "E6": ("31.12.25", "2025-12-31"),
    }
    assert cells[1, "B6"].column_span == 3
    assert tables_of(parsed)[0].table.header_rows == 1
    assert Block(BlockKind.NOTE, "D4 Ada: Check.").text in text_of(parsed)


def _csv(folder: Path, data: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        "Größe,Preis\nPumpe,12.50\nVentil,3.00\n".encode(),
        b"\xef\xbb\xbf" + "Größe;Preis\r\nPumpe;12.50\r\nVentil;3.00\r\n".encode(),
        "Größe\tPreis\nPumpe\t12.50\nVentil\t3.00".encode("utf-16"),
        "Größe|Preis\nPumpe|12.50\nVentil|3.00\n".encode("cp1252"),
        '"sep=;"\n"Größe";"Preis"\n"Pumpe";"12.50"\n"Ventil";"3.00"\n'.encode(),
    ],
    ids=["utf-8", "marked", "utf-16", "windows", "stated"],
)
def test_encoding_and_delimiter_are_found(tmp_path: Path, parse: Parse, data: bytes) -> None:
    table = tables_of(parse(_csv(tmp_path, data)))[0]
    assert table.text == "Größe  Preis\nPumpe  12.50\nVentil  3.00"
    assert [cell.value for cell in table.cells if cell.column == 1] == ["", "12.50", "3.00"]
    assert table.table.header_rows == 1


def test_quoted_fields_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(_csv(tmp_path, b'Name,Remark\nPump,"big, ""new""\nand red"\nValve,none\n'))
    assert cells_of(parsed)[1, "B2"].text == 'big, "new" and red'
    assert cells_of(parsed)[1, "A3"].text == "Valve"


def test_values_are_given_only_where_they_can_be_read_in_one_way(tmp_path: Path, parse: Parse) -> None:
    german = cells_of(parse(_csv(tmp_path, b"Posten;Betrag;Tag\na;1.234,50;15.01.2024\nb;1.234;1.2.2024\n")))
    assert [german[1, place].value for place in ("B2", "B3", "C2", "C3")] == [
        "1234.50",
        "1234",
        "2024-01-15",
        "2024-02-01",
    ]
    unclear = cells_of(parse(_csv(tmp_path, b"Item;Amount;Day;Code\na;1,234;3/4/2024;00123\nb;5,678;5/6/2024;00456\n")))
    assert [unclear[1, place].value for place in ("B2", "C2", "D2")] == ["", "", ""]


def test_a_table_without_a_header_has_none(tmp_path: Path, parse: Parse) -> None:
    table = tables_of(parse(_csv(tmp_path, b"Pump,12,3\nValve,3,4\nPipe,5,6\n")))[0]
    assert table.table.header_rows == 0


def test_empty_columns_do_not_part_a_table_in_text(tmp_path: Path, parse: Parse) -> None:
    parsed = parse(_csv(tmp_path, b"Name,,City\nAda,,Bern\nBob,,Basel\nEve,,Chur\n"))
    assert len(blocks_of(parsed)) == 1


def test_an_encoding_that_shows_only_late_in_the_file_is_found(tmp_path: Path, parse: Parse) -> None:
    lines = b"".join(b"%d,plain text\n" % number for number in range(30_000))
    path = _csv(tmp_path, b"No,Text\n" + lines + "30000,Größe für Löhne\n".encode("cp1252"))
    assert "Größe für Löhne" in text_of(parse(path))


def test_a_quotation_mark_that_never_closes_says_so(tmp_path: Path, parse: Parse) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(_csv(tmp_path, b'a,b\n1,"' + b"x" * (11 << 20)))
    assert caught.value.code == "damaged"
