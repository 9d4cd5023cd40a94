"""Small workbooks made on the spot."""

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
