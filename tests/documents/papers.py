"""Small documents made on the spot: every test says what is on its paper."""

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pypdfium2
import reportlab
from docx.enum.text import WD_BREAK
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
Draw = Callable[[Canvas], None]

SENTENCES = (
    "The company sells pumps and valves to water utilities in nine countries of the north.",
    "Orders rose in every quarter of the year, and most of them came from customers it has",
    "served for longer than ten years. Management expects this to go on in the coming year.",
)
ROWS = (
    ("Revenue", "1,204", "1,087"),
    ("Cost of sales", "(842)", "(771)"),
    ("Gross profit", "362", "316"),
    ("Administrative expenses", "(118)", "—"),
)


def pdf(path: Path, *pages: Draw, rotate: int = 0, password: str = "") -> Path:
    """Write a PDF with one page for each drawing."""
    canvas = Canvas(str(path), pagesize=A4, encrypt=StandardEncryption(password) if password else None)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    if rotate:
        document = pypdfium2.PdfDocument(path.read_bytes())
        for page in document:
            page.set_rotation(rotate)
        document.save(path)
    return path


def report(canvas: Canvas) -> None:
    """A heading, a paragraph of three lines, and a table of four rows under two years."""
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, 760, "Income statement")
    canvas.setFont("Helvetica", 10)
    for number, sentence in enumerate(SENTENCES):
        canvas.drawString(72, 720 - 14 * number, sentence)
    table(canvas, 640)


def table(canvas: Canvas, top: float) -> None:
    canvas.setFont("Helvetica-Bold", 10)
    canvas.drawRightString(400, top, "2025")
    canvas.drawRightString(480, top, "2024")
    canvas.setFont("Helvetica", 10)
    for number, (label, this, last) in enumerate(ROWS, 1):
        canvas.drawString(72, top - 16 * number, label)
        canvas.drawRightString(400, top - 16 * number, this)
        canvas.drawRightString(480, top - 16 * number, last)


def columns(left: Sequence[str], right: Sequence[str]) -> Draw:
    """Two columns of text, drawn one after the other, their lines at equal heights."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        for x, lines in ((72, left), (320, right)):
            for number, line in enumerate(lines):
                canvas.drawString(x, 740 - 12 * number, line)

    return draw


def text_page(*lines: str, size: int = 10) -> Draw:
    """Lines one under the other."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 1.4 * size * number, line)

    return draw


def scan(*lines: str, turn: int = 0, blur: float = 0) -> Draw:
    """A page that is only a picture of lines of text, maybe turned, maybe out of focus."""
    picture = Image.new("L", (1240, 1754), 250)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), 34)
    for number, line in enumerate(lines):
        pen.text((120, 160 + 70 * number), line, fill=15, font=font)
    picture = picture.filter(ImageFilter.GaussianBlur(blur)).rotate(turn, expand=True)
    size = (HEIGHT, WIDTH) if turn in (90, 270) else (WIDTH, HEIGHT)

    def draw(canvas: Canvas) -> None:
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(picture), 0, 0, *size)

    return draw


def blank(canvas: Canvas) -> None:
    """Nothing at all."""


def word(path: Path, write: Callable[[docx.document.Document], None]) -> Path:
    """Write a DOCX."""
    document = docx.Document()
    write(document)
    document.save(str(path))
    return path


def agreement(document: "docx.document.Document") -> None:
    """Headings of two levels, a list, a table and a line break."""
    document.add_heading("Supply agreement", level=1)
    document.add_paragraph("Between Halden Water and Ardmore Pumps.")
    document.add_heading("Prices", level=2)
    paragraph = document.add_paragraph("Prices hold for one year.")
    paragraph.add_run().add_break(WD_BREAK.LINE)
    paragraph.add_run("They then follow the index.")
    document.add_paragraph("Pumps", style="List Bullet")
    document.add_paragraph("Valves", style="List Bullet")
    cells = document.add_table(rows=2, cols=3)
    for row, contents in enumerate((("Item", "Price", "Unit"), ("Pump P4", "1,250.00", "piece"))):
        for column, content in enumerate(contents):
            cells.cell(row, column).text = content


def zip_bomb(path: Path, *, megabytes: int) -> Path:
    """A small DOCX whose text unpacks to very much."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(b"\0" * (1 << 20))
    return path


def bytes_of(draw: Draw) -> bytes:
    """Return a PDF of one page as bytes."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
