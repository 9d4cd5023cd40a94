"""Places on the picture of a page, in the units of its `viewBox`: `x = 1000 × x0`, `y = H × y0`, with `H = 1000 × height ÷ width`.

Lines of text are laid over the picture unseen, so that they can be selected and copied where they stand.
"""

from dataclasses import dataclass

from apps.core.geometry import Box

WIDTH = 1000
BLANK_HEIGHT = 1414.0
"""The height of a page whose shape is not known: that of a portrait A4."""

_ASCENT = 0.78
"""How far under the top of a line its letters stand, as a share of its height."""

_UPRIGHT = 1.6
"""A line of more than one letter that is so many times higher than wide runs downwards."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in the units of the picture's `viewBox`."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """One printed line over the picture: it begins at (x, y), runs for `length`, and downwards where it is `upright`.

    `row` is that of the table it is a cell of.
    """

    text: str
    x: float
    y: float
    size: float
    length: float
    upright: bool = False
    row: int | None = None


def height_of(width: float, height: float) -> float:
    """Return how high a page of this shape is drawn."""
    return round(WIDTH * height / width, 1) if width and height else BLANK_HEIGHT


def rect(box: Box, height: float) -> Rect:
    """Return a box of the page as drawn."""
    x0, y0, x1, y1 = box
    return Rect(round(WIDTH * x0, 1), round(height * y0, 1), round(WIDTH * (x1 - x0), 1), round(height * (y1 - y0), 1))


def text_line(text: str, box: Box, height: float, *, row: int | None = None) -> TextLine | None:
    """Return a line of text where it is printed; None for one without extent."""
    place = rect(box, height)
    if not text.strip() or place.width <= 0 or place.height <= 0:
        return None
    if len(text) > 1 and place.height > _UPRIGHT * place.width:
        middle, size = round(place.x + place.width / 2, 1), round(place.width * 0.9, 1)
        return TextLine(text, middle, place.y, size, place.height, upright=True, row=row)
    baseline, size = round(place.y + _ASCENT * place.height, 1), round(place.height * 0.9, 1)
    return TextLine(text, place.x, baseline, size, place.width, row=row)
