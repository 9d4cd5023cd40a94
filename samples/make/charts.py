"""Drawings of the annual report: the cover, the routes, and bars."""

from collections.abc import Sequence

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from samples.make.figures import COMPANY, YEAR
from samples.make.layout import BUOY, COLUMN, DEEP, HEIGHT, INK, MIST, QUIET, RULE, SAND, TIDE, WHITE, WIDTH


class Cover(Flowable):
    """The first page: a ship's wake over a chart of depths."""

    width, height = WIDTH, HEIGHT

    def wrap(self, *_: float) -> tuple[float, float]:
        return WIDTH, HEIGHT

    def draw(self) -> None:
        canvas: Canvas = self.canv
        canvas.setFillColor(DEEP)
        canvas.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
        self._depths(canvas)
        self._wake(canvas)
        canvas.setFillColor(WHITE)
        canvas.setFont("Spectral-SemiBold", 46)
        canvas.drawString(22 * mm, HEIGHT - 62 * mm, "Steady on the")
        canvas.drawString(22 * mm, HEIGHT - 80 * mm, "outer routes")
        canvas.setFont("Spectral", 15)
        canvas.setFillColor(HexColor("#bcd6d8"))
        canvas.drawString(22 * mm, HEIGHT - 96 * mm, f"Annual Report and Financial Statements {YEAR}")
        canvas.setFillColor(WHITE)
        canvas.setFont("Plex-SemiBold", 13)
        canvas.drawString(22 * mm, 28 * mm, COMPANY)
        canvas.setFont("Plex", 8.5)
        canvas.setFillColor(HexColor("#bcd6d8"))
        canvas.drawString(22 * mm, 21 * mm, "An invented company. No ship, port, bank or person in this report exists.")

    def _depths(self, canvas: Canvas) -> None:
        for step in range(9):
            shade = 0.16 + step * 0.022
            canvas.setFillColor(Color(0.06 + shade * 0.35, 0.2 + shade * 0.75, 0.24 + shade * 0.8))
            y = 158 * mm - step * 16 * mm
            path = canvas.beginPath()
            path.moveTo(0, 0)
            path.lineTo(0, y)
            path.curveTo(
                WIDTH * 0.3, y + (34 - 3 * step) * mm, WIDTH * 0.62, y - (30 - 4 * step) * mm, WIDTH, y + 20 * mm
            )
            path.lineTo(WIDTH, 0)
            path.close()
            canvas.drawPath(path, stroke=0, fill=1)

    def _wake(self, canvas: Canvas) -> None:
        canvas.setStrokeColor(HexColor("#f4f0e6"))
        canvas.setLineWidth(1.1)
        canvas.setDash(1, 5)
        canvas.setLineCap(1)
        canvas.bezier(22 * mm, 62 * mm, 80 * mm, 120 * mm, 120 * mm, 84 * mm, 172 * mm, 138 * mm)
        canvas.setDash()
        for x, y in ((22, 62), (172, 138)):
            canvas.setFillColor(BUOY)
            canvas.circle(x * mm, y * mm, 3.1 * mm, stroke=0, fill=1)
            canvas.setFillColor(WHITE)
            canvas.circle(x * mm, y * mm, 1.1 * mm, stroke=0, fill=1)


class Bars(Flowable):
    """Horizontal bars with their figures; the first is this year's."""

    def __init__(self, title: str, bars: Sequence[tuple[str, int, str]], width: float = COLUMN) -> None:
        super().__init__()
        self.title, self.bars, self.width = title, bars, width
        self.height = 18 + 15 * len(bars)

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas: Canvas = self.canv
        canvas.setFont("Plex-SemiBold", 8)
        canvas.setFillColor(DEEP)
        canvas.drawString(0, self.height - 9, self.title)
        largest = max(abs(value) for _, value, _ in self.bars)
        label = 74
        room = self.width - label - 44
        for at, (name, value, text) in enumerate(self.bars):
            y = self.height - 30 - at * 15
            canvas.setFont("Plex", 7.8)
            canvas.setFillColor(QUIET)
            canvas.drawString(0, y + 2.4, name)
            canvas.setFillColor(MIST)
            canvas.rect(label, y, room, 9, stroke=0, fill=1)
            canvas.setFillColor(TIDE if value >= 0 else BUOY)
            canvas.rect(label, y, room * abs(value) / largest, 9, stroke=0, fill=1)
            canvas.setFont("Plex-SemiBold", 7.8)
            canvas.setFillColor(INK)
            canvas.drawRightString(self.width, y + 2.4, text)


class Tiles(Flowable):
    """A row of large figures, each with what it is and what it was."""

    def __init__(self, tiles: Sequence[tuple[str, str, str]], width: float) -> None:
        super().__init__()
        self.tiles, self.width, self.height = tiles, width, 25 * mm

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas: Canvas = self.canv
        gap = 3 * mm
        each = (self.width - gap * (len(self.tiles) - 1)) / len(self.tiles)
        for at, (figure, name, before) in enumerate(self.tiles):
            x = at * (each + gap)
            canvas.setFillColor(SAND)
            canvas.rect(x, 0, each, self.height, stroke=0, fill=1)
            canvas.setFillColor(BUOY)
            canvas.rect(x, self.height - 1.2 * mm, each, 1.2 * mm, stroke=0, fill=1)
            canvas.setFillColor(DEEP)
            canvas.setFont("Spectral-SemiBold", 19)
            canvas.drawString(x + 9, self.height - 28, figure)
            canvas.setFont("Plex-SemiBold", 7.6)
            canvas.drawString(x + 9, self.height - 43, name)
            canvas.setFont("Plex", 7.2)
            canvas.setFillColor(QUIET)
            canvas.drawString(x + 9, self.height - 54, before)


class Routes(Flowable):
    """A sketch of the network: ports as points, routes as lines."""

    ports = {
        "Ullance": (28, 52), "Skerrivane": (58, 74), "Marholm": (84, 58), "Port Iskar": (40, 20), "Rostock": (150, 24),
        "Trelby": (122, 62),
    }  # fmt: skip
    routes = (
        ("Ullance", "Skerrivane"), ("Skerrivane", "Marholm"), ("Ullance", "Port Iskar"), ("Marholm", "Trelby"),
        ("Trelby", "Rostock"), ("Port Iskar", "Marholm"),
    )  # fmt: skip

    def __init__(self, width: float) -> None:
        super().__init__()
        self.width, self.height = width, 88 * mm

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas: Canvas = self.canv
        canvas.setFillColor(MIST)
        canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.25)
        for line in range(1, 9):
            canvas.line(line * self.width / 9, 0, line * self.width / 9, self.height)
        for line in range(1, 5):
            canvas.line(0, line * self.height / 5, self.width, line * self.height / 5)
        canvas.setStrokeColor(TIDE)
        canvas.setLineWidth(1.4)
        for start, end in self.routes:
            (x0, y0), (x1, y1) = self.ports[start], self.ports[end]
            bend = (y1 - y0) * 0.18 * mm
            canvas.bezier(
                x0 * mm, y0 * mm, (x0 + (x1 - x0) / 3) * mm, y0 * mm + 8 - bend,
                (x0 + 2 * (x1 - x0) / 3) * mm, y1 * mm + 8 + bend, x1 * mm, y1 * mm,
            )  # fmt: skip
        for name, (x, y) in self.ports.items():
            canvas.setFillColor(BUOY)
            canvas.circle(x * mm, y * mm, 2 * mm, stroke=0, fill=1)
            canvas.setFont("Plex-SemiBold", 8)
            canvas.setFillColor(DEEP)
            canvas.drawString((x + 3.4) * mm, (y + 1.6) * mm, name)
