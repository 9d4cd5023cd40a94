"""Recognise the words in the picture of a page, by RapidOCR with the models from its package.

Loaded only when a page needs it. The only module that imports rapidocr.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

from apps.documents.layout import Frame, Word
from apps.documents.parsing import Quality

_POOR = 0.96
_GIBBERISH = 0.85
_HOPELESS = 0.5
_FEWEST = 4
"""Certainty as the models state it, and they are sure of themselves: near 0.99 on a clean scan, while at 0.95 figures are already
misread. Mean of a page's lines: below the first its reader is warned. Median: below the second the page may stand on its
head. Below the third a line is not taken for text. Fewer letters than the fourth on a whole page, and those uncertain, are
shapes in a picture."""

_NO_MEMORY = re.compile("bad_alloc|allocat|out ?of ?memory|insufficient memory", re.IGNORECASE)
_BLURRED = 0.16
"""Largest step between neighbouring points as a share of the contrast: a clean scan has 0.5, and below this figures are misread
while the models stay certain."""

_LEAST_CONTRAST = 20

_USUAL_PAGE = 900.0
"""Points: the long side of a page whose print is found as well in a picture made smaller."""

_FOUND_AT, _FOUND_AT_ON_LARGE = 1472, 2000
_LEAST_SIDE = 736
"""Pixels of the long side of the picture in which lines are looked for; smaller ones are made larger up to this short side."""

_SQUEEZED = re.compile(r"(?<=[^\W\d_][^\W\d_][,;])(?=[^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The words of a page with their places in points, and how certain they are, 0 to 1."""

    words: tuple[Word, ...]
    confidence: float
    sharpness: float = 1.0

    @property
    def quality(self) -> Quality:
        if not self.words:
            return Quality.UNREAD
        return Quality.READ if self.confidence >= _POOR and self.sharpness >= _BLURRED else Quality.POOR

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
    slope: float


Reader = Callable[[Any], list[_Line]]


def recognise(picture: Any, width: float, height: float) -> Recognised:
    """Return what stands on a page of this size in points, given its RGB picture, whichever way up it was scanned."""
    read = partial(_lines, _FOUND_AT if max(width, height) <= _USUAL_PAGE else _FOUND_AT_ON_LARGE)
    lines = read(picture)
    sharpness = _sharpness(picture, lines)
    frame = Frame.UPRIGHT
    if _stands_sideways(lines):
        lines, frame = _either_way_up(read, picture, Frame.DOWNWARDS, Frame.UPWARDS)
    elif _is_gibberish(lines):
        lines, frame = _either_way_up(read, picture, Frame.UPRIGHT, Frame.UPSIDE_DOWN)
    lines = [line for line in lines if line.certainty >= _HOPELESS]
    scale, slope = width / picture.width, _slope(lines)
    words = tuple(_word(line, scale, slope, frame) for line in lines)
    weight = sum(len(line.text) for line in lines)
    certainty = sum(line.certainty * len(line.text) for line in lines) / weight if weight else 0.0
    if weight < _FEWEST and certainty < _POOR:
        return Recognised((), 0.0)
    return Recognised(words, certainty, sharpness)


def spaced(text: str) -> str:
    """Return a line with a blank after every comma and semicolon between two words; the models miss narrow ones."""
    return _SQUEEZED.sub(" ", text)


def _lines(found_at: int, picture: Any) -> list[_Line]:
    """Return every line that was found, also uncertain ones.

    The step that looks for single lines upside down is left out: it takes good lines for such and loses them.
    """
    import numpy

    grown = max(1.0, min(_LEAST_SIDE / min(picture.size), found_at / max(picture.size)))
    size = (round(picture.width * grown), round(picture.height * grown))
    try:
        found = _engine(found_at)(
            numpy.asarray(picture.resize(size) if grown > 1 else picture)[:, :, ::-1], use_cls=False
        )
    except Exception as error:
        if _NO_MEMORY.search(str(error)):  # each library below has its own error for it
            raise MemoryError from error
        raise
    if found.boxes is None or found.txts is None:
        return []
    return [
        _line((corners / grown).tolist(), spaced(str(text).strip()), float(certainty))
        for corners, text, certainty in zip(found.boxes, found.txts, found.scores, strict=True)
        if text.strip()
    ]


def _sharpness(picture: Any, lines: Sequence[_Line]) -> float:
    """Return how sharp the edges of the letters are, in the line that is usual."""
    import numpy

    grey = numpy.asarray(picture.convert("L")).astype(numpy.int16)
    found = []
    for line in lines:
        part = grey[int(line.y0) : int(line.y1) + 1, int(line.x0) : int(line.x1) + 1]
        if min(part.shape) < 3:
            continue
        contrast = float(numpy.percentile(part, 98) - numpy.percentile(part, 2))
        steps = [float(numpy.percentile(numpy.abs(numpy.diff(part, axis=axis)), 98)) for axis in (0, 1)]
        if contrast > _LEAST_CONTRAST:
            found.append(max(steps) / contrast)
    return float(median(found)) if found else 0.0


def _line(corners: Sequence[Sequence[float]], text: str, certainty: float) -> _Line:
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    run = xs[2] - xs[3]
    slope = (ys[2] - ys[3]) / run if run > 1 else 0.0
    return _Line(text, certainty, min(xs), min(ys), max(xs), max(ys), slope)


_TURNS = {Frame.UPWARDS: -90, Frame.DOWNWARDS: 90, Frame.UPSIDE_DOWN: 180}
"""Degrees, counter-clockwise, by which a picture is turned so that text standing so is upright."""


def _either_way_up(read: Reader, picture: Any, *frames: Frame) -> tuple[list[_Line], Frame]:
    """Read the picture turned for each of the frames, and return the reading that is more certain."""
    readings = [(read(picture.rotate(_TURNS[f], expand=True) if f in _TURNS else picture), f) for f in frames]
    return max(readings, key=lambda reading: sum(line.certainty**2 * len(line.text) for line in reading[0]))


def _stands_sideways(lines: Sequence[_Line]) -> bool:
    long = [line for line in lines if len(line.text) > 3]
    return bool(long) and sum(line.y1 - line.y0 > 1.5 * (line.x1 - line.x0) for line in long) > len(long) / 2


def _is_gibberish(lines: Sequence[_Line]) -> bool:
    return bool(lines) and median(line.certainty for line in lines) < _GIBBERISH


def _slope(lines: Sequence[_Line]) -> float:
    """How much lines rise or fall where the page was scanned askew."""
    slopes = [line.slope for line in lines if line.x1 - line.x0 > 5 * (line.y1 - line.y0)]
    return median(slopes) if slopes else 0.0


def _word(line: _Line, scale: float, slope: float, frame: Frame) -> Word:
    """A recognised line is one word to the layout, which never looks inside words.

    The turned picture already is in the frame in which it reads. The baseline is where the line would begin on a page
    scanned straight, so that lines keep their order; the box is where it is.
    """
    height = line.y1 - line.y0 - abs(slope) * (line.x1 - line.x0)
    middle = (line.y0 + line.y1) / 2 - slope * (line.x0 + line.x1) / 2
    return Word(
        line.text,
        line.x0 * scale,
        line.y0 * scale,
        line.x1 * scale,
        line.y1 * scale,
        baseline=(middle + 0.3 * height) * scale,
        size=max(height * scale * 0.8, 1.0),
        bold=False,
        frame=frame,
    )


@cache
def _engine(found_at: int) -> Any:
    import rapidocr

    # Named by their paths, models are never looked for elsewhere. Threads that wait by spinning, and batches padded to
    # their longest line, each take three times the processor for less.
    models = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Global.text_score": 0.0,
            "Global.log_level": "error",
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": found_at,
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        }
    )
