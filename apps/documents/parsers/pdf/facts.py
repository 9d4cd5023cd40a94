"""What a PDF says of itself: metadata, outline and labels of pages."""

import ctypes
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from apps.documents.parsing import Block, BlockKind

_FIELDS = (("author", "Author"), ("subject", "Subject"), ("keywords", "Keywords"), ("program", "Creator"))
_DATES = (("created", "CreationDate"), ("modified", "ModDate"))
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?")
_LONGEST = 500
_MOST_ENTRIES = 5000
_DEEPEST_LEVEL = 4
_MOST_LINES = 3

Outline = Mapping[int, Mapping[str, int]]


def metadata_of(document: Any) -> tuple[tuple[str, str], ...]:
    """Return who wrote the file, when, with what and about what, as far as it says."""
    found = [(key, " ".join(str(document.get_metadata_value(name) or "").split())[:_LONGEST]) for key, name in _FIELDS]
    for key, name in _DATES:
        date = _DATE.match(str(document.get_metadata_value(name) or ""))
        found.append((key, "-".join(part for part in date.groups() if part) if date else ""))
    found.append(("language", _language(document)))
    return tuple((key, value) for key, value in found if value)


def outline_of(document: Any) -> Outline:
    """Return for each page, counted from 0, the titles of the outline that lead to it, with their levels from 1."""
    pages: dict[int, dict[str, int]] = {}
    try:
        for number, entry in enumerate(document.get_toc(max_depth=8)):
            if number >= _MOST_ENTRIES:
                break
            target = entry.get_dest()
            index = target.get_index() if target else None
            if index is not None:
                pages.setdefault(index, {})[_plain(entry.get_title())] = min(entry.level + 1, _DEEPEST_LEVEL)
    except (pypdfium2.PdfiumError, UnicodeDecodeError):
        pass  # a broken outline costs nothing but itself
    return pages


def with_levels(block: Block, titles: Mapping[str, int]) -> Block:
    """Return the block as a heading of the level that the outline gives it, if it is named there."""
    if block.kind not in (BlockKind.TEXT, BlockKind.HEADING, BlockKind.LIST) or len(block.lines) > _MOST_LINES:
        return block
    level = titles.get(_plain(block.text), 0)
    return replace(block, kind=BlockKind.HEADING, level=level) if level else block


def label_of(document: Any, index: int) -> str:
    """Return what a page is called where that is not its number: `iv`, `A-3`."""
    length = pdfium.FPDF_GetPageLabel(document.raw, index, None, 0)
    if not 2 < length < 100:
        return ""
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDF_GetPageLabel(document.raw, index, buffer, length)
    label = buffer.raw[: length - 2].decode("utf-16-le", "replace").strip()
    return "" if label == str(index + 1) else label


def _language(document: Any) -> str:
    length = pdfium.FPDFCatalog_GetLanguage(document.raw, None, 0)
    if not 2 < length < 100:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFCatalog_GetLanguage(document.raw, buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace").strip()


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
