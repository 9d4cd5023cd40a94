"""From PDF coordinates to the page as displayed."""

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.layout import Frame

_SLANT = 12.0
"""Degrees from a quarter turn at which text no longer counts as upright."""


@dataclass(frozen=True, slots=True)
class ToDisplay:
    """The page cropped and turned: places in points, origin top left."""

    ax: float
    bx: float
    cx: float
    ay: float
    by: float
    cy: float

    @classmethod
    def of(cls, page: Any, width: float, height: float) -> "ToDisplay":
        """Ask PDFium where three points go, in millionths of the page, since it answers in whole numbers."""
        parts = 1_000_000
        x, y = ctypes.c_int(), ctypes.c_int()

        def ask(px: float, py: float) -> tuple[float, float]:
            pdfium.FPDF_PageToDevice(page, 0, 0, parts, parts, 0, px, py, x, y)
            return x.value / parts * width, y.value / parts * height

        (x0, y0), (x1, y1), (x2, y2) = ask(0, 0), ask(1000, 0), ask(0, 1000)
        return cls((x1 - x0) / 1000, (x2 - x0) / 1000, x0, (y1 - y0) / 1000, (y2 - y0) / 1000, y0)

    @property
    def is_straight(self) -> bool:
        """Whether the page is displayed as it is described: not turned, only cropped and upside down."""
        return self.bx == 0.0 == self.ay and self.ax > 0.0 > self.by

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.ax * x + self.bx * y + self.cx, self.ay * x + self.by * y + self.cy

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return (x0 if x0 < x1 else x1, y0 if y0 < y1 else y1, x1 if x0 < x1 else x0, y1 if y0 < y1 else y0)

    def frame(self, a: float, b: float) -> Frame:
        """Return how text stands whose direction in PDF coordinates is (a, b)."""
        angle = math.degrees(math.atan2(-(self.ay * a + self.by * b), self.ax * a + self.bx * b)) % 360
        quarter = round(angle / 90) * 90
        return Frame(quarter % 360) if abs(angle - quarter) <= _SLANT else Frame.SLANTING
