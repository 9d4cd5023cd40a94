"""Pictures that declare more than they hold, lead to themselves, or stop."""

import io
import struct
import zlib

from PIL import Image

from tests.documents import letters
from tests.files.hostile.kinds import READ, hostile

_TOO_LARGE = ("picture_too_large", "damaged", "too_much_memory")


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    letters.picture("Words on a sheet").save(out, kind)
    return out.getvalue()


def _cut(kind: str) -> bytes:
    content = _saved(kind)
    return content[: len(content) // 2]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def _png(width: int, height: int, *more: bytes) -> bytes:
    """A picture of one bit a pixel that holds as many rows as it says, all blank."""
    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(((width + 7) // 8 + 1) * min(height, 1000)), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + b"".join(more) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")
    )


def _jpeg() -> bytes:
    """A small picture whose frame says that it is as large as the format allows."""
    content = _saved("JPEG")
    at = content.index(b"\xff\xc0")
    return content[: at + 5] + struct.pack(">HH", 65_500, 65_500) + content[at + 9 :]


def _tiff(width: int, height: int, following: int = 0) -> bytes:
    """A picture of one bit a pixel whose directory leads to the one at this place."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    entries += [(277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 16)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<L", 24) + bytes(16) + directory + struct.pack("<L", following)


def _gif() -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", 65_500, 65_500, 0x80, 0, 0)
        + bytes(6)
        + b","
        + struct.pack("<HHHHBB", 0, 0, 65_500, 65_500, 0, 2)
        + b"\x02\x4c\x01\x00;"
    )


def _blank() -> bytes:
    out = io.BytesIO()
    Image.new("L", (2000, 2000), 255).save(out, "PNG")
    return out.getvalue()


PICTURES = (
    hostile("png cut in the middle", "a.png", lambda: _cut("PNG"), "damaged"),
    hostile("jpeg cut in the middle", "a.jpg", lambda: _cut("JPEG"), "damaged"),
    hostile("tiff cut in the middle", "a.tif", lambda: _cut("TIFF"), "damaged"),
    hostile("webp cut in the middle", "a.webp", lambda: _cut("WEBP"), "damaged"),
    hostile("png of 60,000 by 60,000", "a.png", lambda: _png(60_000, 60_000), *_TOO_LARGE),
    hostile("png of one pixel by two billion", "a.png", lambda: _png(1, 2_000_000_000), *_TOO_LARGE, "no_text"),
    hostile("jpeg of 65,500 by 65,500", "a.jpg", _jpeg, *_TOO_LARGE),
    hostile("tiff of a billion by a billion", "a.tif", lambda: _tiff(1_000_000_000, 1_000_000_000), *_TOO_LARGE),
    hostile("tiff whose pages lead to themselves", "a.tif", lambda: _tiff(8, 8, 24), "damaged", "no_text"),
    hostile("gif of 65,500 by 65,500", "a.gif", _gif, *_TOO_LARGE),
    hostile("picture of one pixel", "a.png", lambda: _png(1, 1), "no_text"),
    hostile("png with a text that unpacks without end", "a.png", lambda: _png(
        64, 64, _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(256 << 20), 9))), "damaged", "no_text"),
    hostile("bmp of rubbish", "a.bmp", lambda: b"BM" + bytes(range(256)) * 40, "damaged"),
    hostile("a picture without words", "a.png", _blank, "no_text", READ),
)  # fmt: skip
