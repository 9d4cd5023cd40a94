"""Recognise the words in the picture of a page, by RapidOCR with the models from its package.

Loaded only when a page needs it. The only module that imports rapidocr_onnxruntime.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from apps.documents.layout import Frame, Word
from apps.documents.parsing import Quality

_POOR = 0.82
_HOPELESS = 0.5
"""Mean certainty of a page's lines: below the first its reader is warned, below the second a line is not taken for text."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The words of a page with their places in points, and how certain they are, 0 to 1."""

    words: tuple[Word, ...]
    confidence: float

    @property
    def quality(self) -> Quality:
        if not self.words:
            return Quality.UNREAD
        return Quality.READ if self.confidence >= _POOR else Quality.POOR

    @property
    def size(self) -> float:
        """The usual size of type."""
        return median(word.size for word in self.words) if self.words else 10.0


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    certainty: float
    x0: float
    y0: float
    x1: float
    y1: float


def recognise(picture: Any, width: float, height: float) -> Recognised:
    """Return what stands on a page of this size in points, given its RGB picture."""
    lines = _lines(picture)
    frame = Frame.UPRIGHT
    if _stands_sideways(lines):
        turned = _lines(picture.rotate(90, expand=True))  # counter-clockwise: what read downwards is upright now
        lines, frame = turned, Frame.DOWNWARDS
    scale = width / picture.width
    words = tuple(_word(line, scale, frame) for line in lines)
    weight = sum(len(line.text) for line in lines)
    certainty = sum(line.certainty * len(line.text) for line in lines) / weight if weight else 0.0
    return Recognised(words, certainty)


def _lines(picture: Any) -> list[_Line]:
    import numpy

    result, _ = _engine()(numpy.asarray(picture)[:, :, ::-1])
    lines = []
    for corners, text, certainty in result or ():
        if float(certainty) >= _HOPELESS and text.strip():
            xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
            lines.append(_Line(text.strip(), float(certainty), min(xs), min(ys), max(xs), max(ys)))
    return lines


def _stands_sideways(lines: Sequence[_Line]) -> bool:
    long = [line for line in lines if len(line.text) > 3]
    return bool(long) and sum(line.y1 - line.y0 > 1.5 * (line.x1 - line.x0) for line in long) > len(long) / 2


def _word(line: _Line, scale: float, frame: Frame) -> Word:
    """A recognised line is one word to the layout, which never looks inside words.

    Turned by a quarter, the picture already is in the frame in which it reads.
    """
    size = (line.y1 - line.y0) * scale * 0.8
    return Word(
        line.text,
        line.x0 * scale,
        line.y0 * scale,
        line.x1 * scale,
        line.y1 * scale,
        baseline=(line.y1 - 0.2 * (line.y1 - line.y0)) * scale,
        size=max(size, 1.0),
        bold=False,
        frame=frame,
    )


@cache
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR()
