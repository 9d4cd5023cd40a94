"""The compression of rich text in Outlook's messages ([MS-OXRTFCP])."""

import struct

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_MOST = 64 << 20


def decompressed(data: bytes) -> bytes:
    """Return the rich text; what can be had of one that is cut off, and nothing of what is none."""
    if len(data) < 16:
        return b""
    size = min(struct.unpack_from("<L", data, 4)[0], _MOST)
    if data[8:12] == _PLAIN:
        return data[16 : 16 + size]
    return _unpacked(data, size) if data[8:12] == _COMPRESSED else b""


def _unpacked(data: bytes, size: int) -> bytes:
    """Eight times after each byte of flags comes a byte, or where and how long it stands again in what was last seen."""
    window, write = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0")), len(_DICTIONARY)
    at, out = 16, bytearray()
    while at < len(data) and len(out) < size:
        flags, at = data[at], at + 1
        for bit in range(8):
            again = bool(flags >> bit & 1)
            piece = data[at : at + 1 + again]
            at += 1 + again
            if len(piece) < 1 + again:
                return bytes(out)
            offset, more = divmod(int.from_bytes(piece, "big"), 16)
            if again and offset == write:
                return bytes(out)
            for step in range(more + 2 if again else 1):
                byte = window[(offset + step) % _WINDOW] if again else piece[0]
                window[write] = byte
                write = (write + 1) % _WINDOW
                out.append(byte)
    return bytes(out)
