"""Files with a file system in them, as Outlook and old Office programs write."""

import struct
from pathlib import Path

Tree = dict[str, "bytes | Tree"]

Entry = tuple[str, int, int, int, bytes]
"""Name, kind, right sibling, first child, content."""

_SECTOR, _SMALL_SECTOR, _SMALL = 512, 64, 4096
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(path: Path, tree: Tree) -> Path:
    """Write the folders and streams of a tree."""
    entries: list[Entry] = [("Root Entry", 5, _FREE, _FREE, b"")]
    _add(tree, 0, entries)
    small, small_table = bytearray(), list[int]()
    whole, table = bytearray(), list[int]()
    places = [
        _place(entry[4], small, small_table, _SMALL_SECTOR)
        if len(entry[4]) < _SMALL
        else _place(entry[4], whole, table, _SECTOR)
        for entry in entries
    ]
    places[0] = _place(bytes(small), whole, table, _SECTOR)
    entries[0] = (*entries[0][:4], bytes(small))
    directory = _place(b"".join(_entry(e, p) for e, p in zip(entries, places, strict=True)), whole, table, _SECTOR)
    of_small = _place(
        b"".join(struct.pack("<L", sector) for sector in small_table), whole, table, _SECTOR, fill=b"\xff"
    )
    tables = -(-(len(table) + 4) // 128)
    start = len(table)
    table += [_TABLE] * tables
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<LLLLLLLL", tables, directory, 0, _SMALL, of_small, -(-len(small_table) // 128), _END, 0)
    header += b"".join(struct.pack("<L", start + n) for n in range(tables)).ljust(436, b"\xff")
    packed = b"".join(struct.pack("<L", sector) for sector in table).ljust(tables * _SECTOR, b"\xff")
    path.write_bytes(header + whole + packed)
    return path


def _place(content: bytes, target: bytearray, table: list[int], size: int, *, fill: bytes = b"\0") -> int:
    """Add a stream's sectors, each leading to the next, and return the first."""
    sectors = -(-len(content) // size)
    if not sectors:
        return _END
    first = len(table)
    target += content.ljust(sectors * size, fill)
    table += [*range(first + 1, first + sectors), _END]
    return first


def _add(tree: Tree, parent: int, entries: list[Entry]) -> None:
    """Siblings are linked to the right, one after another, which readers accept as well as a balanced tree."""
    previous = None
    for name, content in tree.items():
        number = len(entries)
        entries.append(
            (name, 2 if isinstance(content, bytes) else 1, _FREE, _FREE, content if isinstance(content, bytes) else b"")
        )
        if previous is None:
            kept = entries[parent]
            entries[parent] = (kept[0], kept[1], kept[2], number, kept[4])
        else:
            kept = entries[previous]
            entries[previous] = (kept[0], kept[1], number, kept[3], kept[4])
        previous = number
        if not isinstance(content, bytes):
            _add(content, number, entries)


def _entry(entry: Entry, place: int) -> bytes:
    name, kind, right, child, content = entry
    encoded = name.encode("utf-16-le") + b"\0\0"
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBLLL", len(encoded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<LQ", place, len(content))
    )
