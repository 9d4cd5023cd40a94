"""Files inside a PDF: those that belong to the document, and those pinned to a place on a page."""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from apps.documents.parsing import Attached, Unreadable

_MOST = 1000
_MOST_PAGES = 100  # loading a page for its annotations costs a tenth of reading it
_MOST_ANNOTATIONS = 2000
_LONGEST_NAME = 4096


def attached_to(document: Any) -> tuple[Attached, ...]:
    """Return the files in a PDF; their names are what the PDF says, not safe to write anywhere."""
    return tuple(
        Attached(_name(handle) or f"attachment-{number}", bytes=_size(handle))
        for number, handle in enumerate(_handles(document), start=1)
    )


def attached_bytes(document: Any, number: int) -> bytes:
    """Return the bytes of a file in a PDF by its place in the list."""
    handle = next((handle for place, handle in enumerate(_handles(document)) if place == number), None)
    size = _size(handle) if handle is not None else 0
    if not size:
        raise Unreadable("This attachment is empty or damaged, so it cannot be taken out of the PDF.", code="damaged")
    content, written = (ctypes.c_char * size)(), ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(handle, content, size, written):
        raise Unreadable("This attachment is damaged, so it cannot be taken out of the PDF.", code="damaged")
    return bytes(memoryview(content)[: min(size, written.value)])


def _handles(document: Any) -> Iterator[Any]:
    count = min(max(pdfium.FPDFDoc_GetAttachmentCount(document), 0), _MOST)
    for number in range(count):
        handle = pdfium.FPDFDoc_GetAttachment(document, number)
        if handle:
            yield handle
    yield from _pinned(document, _MOST - count)


def _pinned(document: Any, most: int) -> Iterator[Any]:
    found = 0
    for index in range(min(len(document), _MOST_PAGES)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            continue
        try:
            for place in range(min(max(pdfium.FPDFPage_GetAnnotCount(page), 0), _MOST_ANNOTATIONS)):
                annotation = pdfium.FPDFPage_GetAnnot(page, place)
                if not annotation:
                    continue
                try:
                    if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_FILEATTACHMENT and found < most:
                        handle = pdfium.FPDFAnnot_GetFileAttachment(annotation)
                        if handle:
                            found += 1
                            yield handle
                finally:
                    pdfium.FPDFPage_CloseAnnot(annotation)
        finally:
            page.close()


def _name(handle: Any) -> str:
    size = pdfium.FPDFAttachment_GetName(handle, None, 0)
    if not 2 < size <= _LONGEST_NAME:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAttachment_GetName(handle, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").strip()


def _size(handle: Any) -> int:
    size = ctypes.c_ulong()
    return int(size.value) if pdfium.FPDFAttachment_GetFile(handle, None, 0, size) else 0
