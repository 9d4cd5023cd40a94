"""The agent's letter: set as a page, printed, signed, stamped, and scanned, so that only a picture is left."""

import math
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Frame, Paragraph, Spacer

from samples.make.layout import register_fonts

_DPI, _TURN, _QUALITY = 170, 0.55, 52
_BODY = ParagraphStyle("body", fontName="Spectral", fontSize=11, leading=15.6, spaceAfter=7)
_SUBJECT = ParagraphStyle("subject", fontName="Spectral-SemiBold", fontSize=11.4, leading=15.6, spaceAfter=8)

_TO = "Skerrivane plc<br/>4 Customs Quay<br/>Skerrivane<br/>For the attention of Callum Strand, Chief financial officer"
_PARAGRAPHS = (
    "Dear Mr Strand,",
    (
        "We refer to the Facilities Agreement dated 21 June 2022 between, among others, Skerrivane plc as Company and ourselves "
        "as Agent, and to your request of 24 February 2025. Words defined in it mean the same in this letter."
    ),
    (
        "On the instructions of the Majority Lenders, being Lenders with 82.3 per cent. of the Total Commitments, we confirm "
        "under Clause 35.1 that, with effect from the date of this letter:"
    ),
    (
        "1. For the Relevant Periods ending on 30 June 2025 and 31 December 2025 only, the figure in Clause 21.2(a) is to be "
        "read as 3.75:1. For every later Relevant Period it is again 3.25:1."
    ),
    (
        "2. From 1 July 2025 until the Compliance Certificate for the Relevant Period ending on 31 December 2025 has been "
        "delivered, each rate of the Margin in Clause 9.2 is increased by 0.25 per cent. per annum."
    ),
    (
        "3. The Company will not declare dividends for the financial year 2025 of more than 12.0 pence for each share, "
        "whatever Clause 21.3 would allow."
    ),
    (
        "4. The Company will send the Agent, within 20 days after the end of each month, a report on the building of the "
        "vessel Sula Wind and on the instalments paid for it."
    ),
    "5. A consent fee of 0.15 per cent. of the Total Commitments of £187,500,000, which is £281,250, is due within ten Business Days.",
    (
        "Interest Cover under Clause 21.2(b) stays at 4.00:1. All other terms of the Finance Documents are unchanged. Please "
        "countersign and return the enclosed copy."
    ),
)


def make_letter(path: Path) -> None:
    """Write the scanned letter."""
    register_fonts()
    paper = _printed()
    scan = _scanned(paper)
    picture = BytesIO()
    scan.save(picture, "JPEG", quality=_QUALITY, dpi=(_DPI, _DPI))
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle("Scan of 11 March 2025")
    canvas.drawImage(ImageReader(picture), 0, 0, *A4)
    canvas.save()


def _printed() -> Image.Image:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    width, height = A4
    canvas.setFont("Spectral-SemiBold", 19)
    canvas.drawString(26 * mm, height - 28 * mm, "Lothmoor Bank plc")
    canvas.setFont("Plex", 8.2)
    canvas.drawString(26 * mm, height - 33.5 * mm, "Agency Services  ·  2 Lothmoor Square  ·  Trelby")
    canvas.setLineWidth(0.8)
    canvas.line(26 * mm, height - 37 * mm, width - 26 * mm, height - 37 * mm)
    canvas.setFont("Plex", 9)
    canvas.drawRightString(width - 26 * mm, height - 46 * mm, "Our reference: AS/SKV/2025/031")
    story = [
        Paragraph(_TO, _BODY),
        Spacer(1, 3 * mm),
        Paragraph("10 March 2025", _BODY),
        Spacer(1, 2 * mm),
        Paragraph("Skerrivane plc: consent under the Facilities Agreement dated 21 June 2022", _SUBJECT),
        *(Paragraph(text, _BODY) for text in _PARAGRAPHS),
        Paragraph("Yours sincerely,", _BODY),
        Spacer(1, 15 * mm),
        Paragraph("Helen Carrow, Head of Agency Services<br/>for Lothmoor Bank plc as Agent", _BODY),
    ]
    Frame(26 * mm, 12 * mm, width - 52 * mm, height - 62 * mm, 0, 0, 0, 0).addFromList(story, canvas)
    if story:
        raise ValueError("The letter does not fit on its page.")
    _signature(canvas, 28 * mm, 56 * mm)
    _stamp(canvas, width - 64 * mm, 40 * mm)
    canvas.save()
    return pypdfium2.PdfDocument(buffer.getvalue())[0].render(scale=_DPI / 72).to_pil()


def _signature(canvas: Canvas, x: float, y: float) -> None:
    canvas.setStrokeColor(HexColor("#1f2f6b"))
    canvas.setLineWidth(1.3)
    path = canvas.beginPath()
    path.moveTo(x, y)
    for step in range(1, 70):
        at = step / 69
        path.lineTo(x + at * 44 * mm, y + (math.sin(at * 31) * 4.2 * (1 - at) + math.sin(at * 9) * 2.2) * mm)
    canvas.drawPath(path)


def _stamp(canvas: Canvas, x: float, y: float) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(7)
    canvas.setStrokeColor(HexColor("#8b2f2f"))
    canvas.setFillColor(HexColor("#8b2f2f"))
    canvas.setLineWidth(1.6)
    canvas.roundRect(0, 0, 38 * mm, 15 * mm, 4)
    canvas.setFont("Plex-SemiBold", 11)
    canvas.drawCentredString(19 * mm, 9 * mm, "RECEIVED")
    canvas.drawCentredString(19 * mm, 3.6 * mm, "11 MAR 2025")
    canvas.restoreState()


def _scanned(paper: Image.Image) -> Image.Image:
    """Turn a clean page a little, darken one edge, soften it and sprinkle it, as an office scanner does."""
    noise = np.random.default_rng(20250311)
    grey = paper.convert("L").rotate(_TURN, Image.Resampling.BICUBIC, fillcolor=236)
    soft = grey.filter(ImageFilter.GaussianBlur(0.55))
    pixels = np.asarray(soft, dtype=np.float32)
    shade = np.linspace(0.985, 0.94, pixels.shape[1], dtype=np.float32)
    pixels = pixels * shade + noise.normal(0, 4.5, pixels.shape).astype(np.float32)
    specks = noise.random(pixels.shape) > 0.99996
    pixels[specks] = 90
    return Image.fromarray(np.clip(pixels, 0, 250).astype(np.uint8), "L")
