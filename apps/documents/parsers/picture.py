"""Pictures: photographs and scans of documents, every page of a TIFF, read by recognition. Imports Pillow for all others.

What a picture declares of its size is checked before anything of it is decoded.
"""

import io
import os
import struct
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from apps.documents.layout import PageLayout, arrange
from apps.documents.layout.paragraphs import Style
from apps.documents.parsing import Cell, Page, Parsed, Progress, Quality, Source, Unreadable

RECOGNITION_SECONDS = "RECOGNITION_SECONDS"
_STARTED = time.monotonic()
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "MPO")
_MOST_PIXELS = 120_000_000
_MOST_PAGES = 500
_READ_SIDE = 2600
_SMALLEST = 8
_LEAST_CONTRAST = 8
_USUAL_DPI, _LEAST_DPI, _MOST_DPI = 200.0, 50.0, 1200.0
_LONG_SIDE_OF_A_PAGE = 842.0
_STATED = {270: "subject", 315: "author", 306: "date"}
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    struct.error,
)
"""What Pillow raises on pictures that are damaged or made to harm."""

_WHITE = (255, 255, 255)


class PictureParser:
    """Each picture in the file is a page; an animation is its first picture."""

    def __init__(self) -> None:
        self._recognise_until = time.monotonic() + float(os.environ.get(RECOGNITION_SECONDS, "inf"))

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        with _opened(source.path.read_bytes()) as picture:
            count = _count(picture)
            metadata = tuple(_metadata(picture))
        if count > _MOST_PAGES:
            raise Unreadable(
                f"This picture has {count} pages; one document may have {_MOST_PAGES}. Split it and send the parts.",
                code="too_many_pages",
            )
        return Parsed(paged=True, pages=self._pages(source, count, progress), page_count=count, metadata=metadata)

    def draw(self, source: Source, number: int, width: int) -> bytes:
        with _opened(source.path.read_bytes()) as picture:
            if not 1 <= number <= _count(picture):
                raise _damaged()
            frame = _frame(picture, number)
        scale = min(width / frame.width, 3 * width / frame.height)
        size = (max(round(frame.width * scale), 1), max(round(frame.height * scale), 1))
        out = io.BytesIO()
        frame.resize(size, reducing_gap=2.0).save(out, "PNG", compress_level=4)
        return out.getvalue()

    def _pages(self, source: Source, count: int, progress: Progress) -> Iterator[Page]:
        with _opened(source.path.read_bytes()) as picture:
            for number in range(1, count + 1):
                progress(number - 1, count)
                yield self._page(picture, number)

    def _page(self, picture: Any, number: int) -> Page:
        try:
            frame = _frame(picture, number)
        except Unreadable:
            if number == 1:
                raise
            return Page(number, 595.0, _LONG_SIDE_OF_A_PAGE, (), Quality.UNREAD, 0.0)
        width, height = _points(frame)
        if time.monotonic() > self._recognise_until or _is_blank(frame):
            return Page(number, width, height, (), Quality.UNREAD, 0.0)
        return _recognised(frame, number, width, height)


def size_of(content: bytes) -> tuple[int, int] | None:
    """Return the width and height of a picture in pixels; None for what is none."""
    try:
        with _opened(content) as picture:
            return int(picture.width), int(picture.height)
    except Unreadable:
        return None


def words_in(content: bytes) -> Page | None:
    """Return what stands on a picture inside another document, without places; None where nothing can be made of it.

    Raises nothing, and answers None once the time for recognition is used up.
    """
    if time.monotonic() - _STARTED > float(os.environ.get(RECOGNITION_SECONDS, "inf")):
        return None
    try:
        with _opened(content) as picture:
            frame = _frame(picture, 1)
        page = _recognised(frame, 1, *_points(frame))
    except Unreadable:
        return None
    blocks = tuple(replace(block, boxes=(), lines=(), cells=_placeless(block.cells)) for block in page.blocks)
    return replace(page, blocks=blocks) if blocks else None


def _placeless(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return tuple(replace(cell, box=None) for cell in cells)


def _recognised(frame: Any, number: int, width: float, height: float) -> Page:
    from apps.documents.parsers.ocr import recognise

    shrunk = min(1.0, _READ_SIDE / max(frame.size))
    if min(frame.size) * shrunk < _SMALLEST:
        return Page(number, width, height, (), Quality.UNREAD, 0.0)
    read = frame.resize((round(frame.width * shrunk), round(frame.height * shrunk))) if shrunk < 1 else frame
    found = recognise(read, width, height)
    layout = PageLayout(width, height, Style(found.size, exact=False), drawn_in_order=False)
    return Page(
        number,
        width,
        height,
        arrange(found.words, layout),
        found.quality,
        round(found.confidence, 3),
        recognised=True,
    )


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # checked below, with a sentence
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
    except (UnidentifiedImageError, *_BROKEN) as error:
        raise _damaged() from error
    with picture:
        _check_size(picture)
        yield picture


def _check_size(picture: Any) -> None:
    if picture.width * picture.height > _MOST_PIXELS:
        raise Unreadable(
            f"This picture is {picture.width} × {picture.height} pixels, more than can be read. "
            "Save it smaller, 300 dots an inch are enough, and send that.",
            code="picture_too_large",
        )


def _frame(picture: Any, number: int) -> Any:
    """Return one page of a picture the right way up, on white where it lets shine through."""
    from PIL import Image, ImageOps

    try:
        picture.seek(number - 1)
        _check_size(picture)
        dots = picture.info.get("dpi")
        if picture.format == "JPEG" and max(picture.size) > 2 * _READ_SIDE:
            dots = None
            picture.draft("RGB", (_READ_SIDE, _READ_SIDE))
        picture.load()
        frame = ImageOps.exif_transpose(picture)
        if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
            layer = frame.convert("RGBA")
            frame = Image.new("RGB", frame.size, _WHITE)
            frame.paste(layer, mask=layer.getchannel("A"))
        elif frame.mode.startswith("I;16") or frame.mode in ("I", "F"):
            frame = _darkest_to_lightest(frame)
        frame = frame.convert("RGB")
    except _BROKEN as error:
        raise _damaged() from error
    frame.info["dpi"] = dots
    return frame


def _is_blank(frame: Any) -> bool:
    low, high = frame.convert("L").getextrema()
    return bool(high - low < _LEAST_CONTRAST)


def _darkest_to_lightest(frame: Any) -> Any:
    """Pictures with more than 256 shades are made to use those from black to white."""
    low, high = frame.getextrema()
    scale = 255 / ((high - low) or 1)
    return frame.convert("F").point(lambda shade: shade * scale - low * scale).convert("L")


def _count(picture: Any) -> int:
    return int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1


def _points(frame: Any) -> tuple[float, float]:
    """The size in points that the picture says it was scanned at, else that of a page that is as long as usual."""
    dots = frame.info.get("dpi") or (0, 0)
    try:
        across, down = float(dots[0]), float(dots[1])
    except (TypeError, ValueError, ZeroDivisionError):
        across = down = 0.0
    if _LEAST_DPI < across < _MOST_DPI and 0.5 < across / (down or 1) < 2:
        return frame.width * 72 / across, frame.height * 72 / (down or across)
    scale = _LONG_SIDE_OF_A_PAGE / max(frame.size)
    return max(frame.width * scale, 1.0), max(frame.height * scale, 1.0)


def _metadata(picture: Any) -> Iterator[tuple[str, str]]:
    try:
        stated = picture.getexif()
    except _BROKEN:
        return
    for number, name in _STATED.items():
        value = str(stated.get(number) or "").strip("\0 ")
        if value:
            yield name, value.replace(":", "-", 2) if name == "date" else value[:500]


def _damaged() -> Unreadable:
    return Unreadable(
        "This picture is damaged or cut off. Save it again from the program that made it, or scan it again, and send that.",
        code="damaged",
    )
