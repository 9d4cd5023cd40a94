"""Small workbooks made on the spot."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter
import xlwt
from xlsxwriter.worksheet import Worksheet

Write = Callable[[xlsxwriter.Workbook], None]


def xlsx(path: Path, write: Write) -> Path:
    """Write an XLSX."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        write(workbook)
    return path


def rows(sheet: Worksheet, top: int, left: int, *contents: tuple[object, ...]) -> None:
    """Write rows of cells; None leaves one empty."""
    for row, values in enumerate(contents, top):
        for column, value in enumerate(values, left):
            if value is not None:
                sheet.write(row, column, value)


def results(workbook: xlsxwriter.Workbook) -> None:
    """A title over two years of figures, from B2 on, and a second sheet with one line."""
    sheet = workbook.add_worksheet("Results")
    sheet.write("B2", "Income statement, in thousands of euros", workbook.add_format({"bold": True}))
    rows(
        sheet, 3, 1,
        (None, 2025, 2024),
        ("Revenue", 1204, 1087),
        ("Cost of sales", -842, -771),
        ("Gross profit", 362, 316),
    )  # fmt: skip
    share = workbook.add_format({"num_format": "0.0%"})
    rows(sheet, 7, 1, ("Margin",))
    sheet.write("C8", 0.3007, share)
    sheet.write("D8", 0.2907, share)
    workbook.add_worksheet("Remarks").write("A1", "Figures are audited.")


def xls(path: Path, write: Callable[[xlwt.Workbook], None]) -> Path:
    """Write an XLS."""
    workbook = xlwt.Workbook()
    write(workbook)
    workbook.save(str(path))
    return path


def old_results(workbook: xlwt.Workbook) -> None:
    """Two years of figures under a bold title."""
    sheet = workbook.add_sheet("Results")
    sheet.write(0, 0, "Income statement", xlwt.easyxf("font: bold on"))
    for row, contents in enumerate((("", 2025, 2024), ("Revenue", 1204, 1087), ("Profit", 362, 316)), 2):
        for column, content in enumerate(contents):
            if content != "":
                sheet.write(row, column, content)
    sheet.write(5, 0, "Margin")
    sheet.write(5, 1, 0.3007, xlwt.easyxf(num_format_str="0.0%"))


_ODS_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("draw", "drawing"),
                        ("presentation", "presentation"), ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"), ("meta", "meta"))
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip


def odf(path: Path, kind: str, body: str, *, styles: str = "", meta: str = "") -> Path:
    """Write a document of the OpenDocument family with this body."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_ODS_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml", f"<office:document-meta {_ODS_NAMES}><office:meta>{meta}</office:meta></office:document-meta>"
        )
    return path


def ods(path: Path, body: str, *, styles: str = "") -> Path:
    """Write an ODS with these sheets."""
    return odf(path, "spreadsheet", body, styles=styles)


ODS_RESULTS = """
<table:table table:name="Results" table:style-name="seen">
 <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
 <table:table-row><table:table-cell/><table:table-cell/>
  <table:table-cell office:value-type="float" office:value="2025"><text:p>2025</text:p></table:table-cell>
  <table:table-cell office:value-type="float" office:value="2024"><text:p>2024</text:p></table:table-cell></table:table-row>
 <table:table-row><table:table-cell/><table:table-cell office:value-type="string"><text:p>Revenue</text:p></table:table-cell>
  <table:table-cell office:value-type="currency" office:value="1204.5"><text:p>€1,204.50</text:p></table:table-cell>
  <table:table-cell office:value-type="float" office:value="1087"><office:annotation><dc:creator>Ada</dc:creator>
   <text:p>Check.</text:p></office:annotation><text:p>1,087</text:p></table:table-cell></table:table-row>
 <table:table-row><table:table-cell/><table:table-cell office:value-type="string"><text:p>Margin</text:p></table:table-cell>
  <table:table-cell office:value-type="percentage" office:value="0.3007" table:number-columns-repeated="2"><text:p>30.1%</text:p></table:table-cell>
 </table:table-row>
 <table:table-row><table:table-cell/><table:table-cell office:value-type="string" table:number-columns-spanned="3"><text:p>Closed on</text:p></table:table-cell>
  <table:covered-table-cell table:number-columns-repeated="2"/>
  <table:table-cell office:value-type="date" office:date-value="2025-12-31"><text:p>31.12.25</text:p></table:table-cell></table:table-row>
</table:table>
<table:table table:name="Back" table:style-name="unseen">
 <table:table-row><table:table-cell office:value-type="string"><text:p>unseen</text:p></table:table-cell></table:table-row>
</table:table>
"""
