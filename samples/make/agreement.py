"""The facilities agreement as a DOCX: clauses from `agreement.txt`, schedules from the figures."""

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt, RGBColor

from samples.make import figures as f

_CLAUSES = Path(__file__).with_name("agreement.txt")
_MADE = datetime(2022, 6, 21, tzinfo=UTC)
_INSTALMENT = 62.5  # £6.25 million in tenths

Rows = list[list[str]]


def make_agreement(path: Path) -> None:
    """Write the facilities agreement."""
    document = docx.Document()
    _set_styles(document)
    _title_page(document)
    tables = {"margin": _margin(), "lenders": _lenders(), "repayment": _repayment(), "vessels": _vessels()}
    for line in _CLAUSES.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            document.add_heading(line[3:], level=2)
        elif line.startswith("# "):
            document.add_heading(line[2:], level=1)
        elif line.startswith("["):
            _add_table(document, tables[line.strip("[]")])
        else:
            document.add_paragraph(line)
    _sign(document)
    buffer = BytesIO()
    document.save(buffer)
    _write_with_fixed_times(buffer, path)


def repayments() -> list[tuple[date, float]]:
    """Return the dates and amounts, in tenths of a million, by which the term loan is repaid."""
    dates = [date(year, month, day) for year in range(2023, 2029) for month, day in ((6, 30), (12, 31))][:11]
    last = f.TERM_ORIGINAL - _INSTALMENT * (len(dates) - 1)
    return [*((day, _INSTALMENT) for day in dates[:-1]), (dates[-1], last)]


def _margin() -> Rows:
    return [
        ["Leverage", "Margin (per cent. per annum)"],
        ["Greater than 3.00:1", "2.75"],
        ["Greater than 2.50:1 but not greater than 3.00:1", "2.40"],
        ["Greater than 2.00:1 but not greater than 2.50:1", "2.10"],
        ["2.00:1 or less", "1.85"],
    ]


def _lenders() -> Rows:
    parts = {
        "Lothmoor Bank plc": (500, 300),
        "Ostrand Handelsbank AG": (350, 200),
        "Caldry Savings Bank": (250, 150),
        "Banque Verlaine et Fils SA": (225, 150),
    }
    rows = [[name, _pounds(a), _pounds(b), _pounds(a + b)] for name, (a, b) in parts.items()]
    term, revolving = (sum(amounts[at] for amounts in parts.values()) for at in (0, 1))
    if (term, revolving) != (f.TERM_ORIGINAL, f.REVOLVER_LIMIT):
        raise ValueError("The commitments do not add up to the facilities.")
    return [
        ["Lender", "Facility A Commitment", "Facility B Commitment", "Total"],
        *rows,
        ["Total", _pounds(term), _pounds(revolving), _pounds(term + revolving)],
    ]


def _repayment() -> Rows:
    left = float(f.TERM_ORIGINAL)
    rows: Rows = [["Repayment Date", "Instalment", "Outstanding afterwards"]]
    for day, amount in repayments():
        left -= amount
        rows.append([f"{day.day} {day:%B %Y}", _pounds(amount), _pounds(left)])
    return rows


def _vessels() -> Rows:
    return [
        ["Vessel", "Built", "Gross tonnage", "Passengers"],
        ["Iskar Light", "2004", "9,840", "680"],
        ["Marholm Light", "2005", "9,840", "680"],
        ["Ullance Light", "2008", "11,220", "720"],
        ["Trelby Star", "2010", "18,650", "850"],
        ["Rostock Star", "2011", "18,650", "850"],
        ["Fair Tern", "2013", "6,310", "420"],
        ["Roseate Tern", "2014", "6,310", "420"],
        ["Little Tern", "2017", "3,980", "260"],
        ["Northing", "2019", "12,400", "12"],
    ]


def _pounds(tenths: float) -> str:
    return "–" if tenths == 0 else f"£{round(tenths * 100_000):,}"


def _set_styles(document: Document) -> None:
    body = document.styles["Normal"]
    body.font.name, body.font.size = "Cambria", Pt(10.5)
    body.paragraph_format.space_after = Pt(7)
    for name, size in (("Heading 1", 13), ("Heading 2", 11)):
        style = document.styles[name]
        style.font.name, style.font.size = "Cambria", Pt(size)
        style.font.color.rgb = RGBColor(0x10, 0x32, 0x3D)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    properties = document.core_properties
    properties.title = "Facilities Agreement, Skerrivane plc"
    properties.author = "Skerrivane plc"
    properties.comments = "An invented agreement, in the public domain (CC0 1.0)."
    properties.created = properties.modified = _MADE


def _title_page(document: Document) -> None:
    lines = (
        "Facilities Agreement",
        "dated 21 June 2022",
        "£212,500,000 term loan and revolving credit facilities",
        "for Skerrivane plc as Company, with the companies listed in the Accession Schedule as Obligors",
        "arranged by Lothmoor Bank plc and Ostrand Handelsbank AG, with Lothmoor Bank plc acting as Agent and Security Agent",
    )
    document.add_heading(lines[0], level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in lines[1:]:
        document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(
        "An invented agreement between invented parties, written for demonstration."
    ).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_page_break()


def _add_table(document: Document, rows: Rows) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
    for row, texts in zip(table.rows, rows, strict=True):
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.text = text
            if at:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph()


def _sign(document: Document) -> None:
    document.add_heading("Signatures", level=1)
    document.add_paragraph(
        "The Company: Skerrivane plc, by Edvard Sollis and Callum Strand, directors. The Agent: Lothmoor Bank plc, by "
        "Helen Carrow, Head of Agency Services."
    )


def _write_with_fixed_times(made: BytesIO, path: Path) -> None:
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _MADE.timetuple()[:6]), source.read(name), zipfile.ZIP_DEFLATED)
