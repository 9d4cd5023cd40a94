"""PDFium's functions for hot loops: handles and places in memory as plain integers, so that a call costs half as much.

Nothing is checked here. A handle is the address of an open page or text; an address is of memory large enough.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium

_ADDRESS, _INT, _DOUBLE = ctypes.c_void_p, ctypes.c_int, ctypes.c_double


def address(handle: Any) -> int:
    """Return where an object of PDFium or a ctypes value is."""
    return ctypes.cast(handle, _ADDRESS).value or 0


def _plain(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    return ctypes.PYFUNCTYPE(result, *arguments)(address(getattr(pdfium, name)))


text_of = _plain("FPDFText_GetText", _INT, _ADDRESS, _INT, _INT, _ADDRESS)
code_of = _plain("FPDFText_GetUnicode", ctypes.c_uint, _ADDRESS, _INT)
char_box = _plain("FPDFText_GetCharBox", _INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS)
char_origin = _plain("FPDFText_GetCharOrigin", _INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS)
char_matrix = _plain("FPDFText_GetMatrix", _INT, _ADDRESS, _INT, _ADDRESS)
char_size = _plain("FPDFText_GetFontSize", _DOUBLE, _ADDRESS, _INT)
char_object = _plain("FPDFText_GetTextObject", _ADDRESS, _ADDRESS, _INT)
font_of = _plain("FPDFTextObj_GetFont", _ADDRESS, _ADDRESS)
page_object = _plain("FPDFPage_GetObject", _ADDRESS, _ADDRESS, _INT)
object_kind = _plain("FPDFPageObj_GetType", _INT, _ADDRESS)
