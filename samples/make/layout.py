"""How the annual report looks: typefaces, colours, styles and the frames of its pages."""

from pathlib import Path

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from samples.make.figures import COMPANY, YEAR

FONTS = Path(__file__).parent / "fonts"
WIDTH, HEIGHT = A4
MARGIN, GUTTER = 20 * mm, 8 * mm
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2
MEASURE = WIDTH - 2 * MARGIN

DEEP, TIDE, BUOY = HexColor("#10323d"), HexColor("#2f7480"), HexColor("#d4542b")
SAND, MIST, RULE, INK, QUIET = (HexColor(c) for c in ("#f4f0e6", "#e6eeee", "#b9c4c4", "#1d2628", "#56666a"))
WHITE: Color = white

FACES = {
    "Spectral": "Spectral-Regular.ttf",
    "Spectral-Italic": "Spectral-Italic.ttf",
    "Spectral-SemiBold": "Spectral-SemiBold.ttf",
    "Plex": "PlexSans-Regular.ttf",
    "Plex-SemiBold": "PlexSans-SemiBold.ttf",
}


def register_fonts() -> None:
    """Make the faces known to the typesetter; they are embedded in every file that uses them."""
    for name, file in FACES.items():
        pdfmetrics.registerFont(TTFont(name, FONTS / file))
    pdfmetrics.registerFontFamily(
        "Spectral",
        normal="Spectral",
        bold="Spectral-SemiBold",
        italic="Spectral-Italic",
        boldItalic="Spectral-SemiBold",
    )
    pdfmetrics.registerFontFamily(
        "Plex", normal="Plex", bold="Plex-SemiBold", italic="Plex", boldItalic="Plex-SemiBold"
    )


def _style(name: str, font: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, **{"textColor": INK, **more})


KICKER = _style("kicker", "Plex-SemiBold", 8, 11, textColor=BUOY, spaceAfter=5)
TITLE = _style("title", "Spectral-SemiBold", 26, 30, textColor=DEEP, spaceAfter=7)
LEDE = _style("lede", "Spectral", 13, 18.5, textColor=TIDE)
SECTION = _style("section", "Spectral-SemiBold", 13, 16.5, textColor=DEEP, spaceBefore=10, spaceAfter=4, keepWithNext=1)
TEXT = _style("text", "Spectral", 10.4, 15, spaceAfter=6.5)
SMALL = _style("small", "Plex", 7.6, 10.6, textColor=QUIET, spaceAfter=4)
CELL = _style("cell", "Plex", 8.2, 11.2)
CELL_BOLD = _style("cell bold", "Plex-SemiBold", 8.2, 11.2)
CELL_HEAD = _style("cell head", "Plex-SemiBold", 7.6, 10, textColor=QUIET)
BULLET = _style("bullet", "Spectral", 10.4, 15, leftIndent=10, bulletIndent=0, spaceAfter=4)


class Report(BaseDocTemplate):
    """The annual report: `columns` pages for reading, `full` pages for statements, both under a running head."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path),
            pagesize=A4,
            invariant=1,
            title=f"{COMPANY} Annual Report {YEAR}",
            author=COMPANY,
            subject="Annual report and financial statements for the year ended 31 December 2024",
            creator="samples.make",
            lang="en-GB",
        )
        top, foot = HEIGHT - 26 * mm, 20 * mm
        head = 38 * mm
        opening = Frame(MARGIN, top - head, MEASURE, head, 0, 0, 0, 0, id="opening")
        left, right = (
            Frame(x, foot, COLUMN, top - head - foot, 0, 0, 0, 0, id=name)
            for x, name in ((MARGIN, "left"), (MARGIN + COLUMN + GUTTER, "right"))
        )
        full = Frame(MARGIN, foot, MEASURE, top - foot, 0, 0, 0, 0, id="full")
        bare = Frame(0, 0, WIDTH, HEIGHT, 0, 0, 0, 0, id="bare")
        self.addPageTemplates(
            [
                PageTemplate("cover", [bare]),
                PageTemplate("columns", [opening, left, right], onPage=self._furniture),
                PageTemplate("full", [full], onPage=self._furniture),
            ]
        )

    def _furniture(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFillColor(DEEP)
        canvas.rect(MARGIN, HEIGHT - 14.5 * mm, 9 * mm, 1.1 * mm, stroke=0, fill=1)
        canvas.setFont("Plex-SemiBold", 7.4)
        canvas.drawString(MARGIN + 12 * mm, HEIGHT - 15 * mm, COMPANY)
        canvas.setFont("Plex", 7.4)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN + 12 * mm + 54, HEIGHT - 15 * mm, f"Annual Report {YEAR}")
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.4)
        canvas.line(MARGIN, 15 * mm, WIDTH - MARGIN, 15 * mm)
        canvas.drawString(MARGIN, 11 * mm, "An invented company, for demonstration")
        canvas.setFont("Plex-SemiBold", 8)
        canvas.setFillColor(DEEP)
        canvas.drawRightString(WIDTH - MARGIN, 11 * mm, str(canvas.getPageNumber()))
        canvas.restoreState()
