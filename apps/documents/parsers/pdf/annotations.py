"""What was added to a page: the fields of a form with what was filled in, and the notes of those who read it."""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2.raw as pdfium

from apps.core.geometry import Box
from apps.documents.layout import Word
from apps.documents.parsers.pdf.display import ToDisplay
from apps.documents.parsing import BlockKind

_TYPED = (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)
_TICKED = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
_SILENT = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_WIDGET)
_TICKS = ("☒", "☐")
_MOST = 5000
_LABEL_REACH = 240.0
_LABEL_GAP = 18.0
_LONGEST_LABEL = 120
"""Points: how far left of a field its label may begin, and how much white is between its words at most; and letters."""

Added = tuple[BlockKind, str, Box]


def added_to(document: Any, page: Any, to_display: ToDisplay, words: Sequence[Word]) -> list[Added]:
    """Return the kind, text and box, in points, of every filled field, tick box and note of a page."""
    found: list[Added] = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            found += _read(document.formenv, annotation, to_display, words)
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _read(form: Any, annotation: Any, to_display: ToDisplay, words: Sequence[Word]) -> Iterator[Added]:
    rect = pdfium.FS_RECTF()
    if (
        not pdfium.FPDFAnnot_GetRect(annotation, rect)
        or pdfium.FPDFAnnot_GetFlags(annotation) & pdfium.FPDF_ANNOT_FLAG_HIDDEN
    ):
        return
    box = to_display.box(rect.left, rect.bottom, rect.right, rect.top)
    subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
    if subtype == pdfium.FPDF_ANNOT_WIDGET and form is not None:
        value = _value(form, annotation)
        label = _field_text(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation) if value else ""
        if value and not label:
            label = _label_near(box, words, behind=value[0] in _TICKS)
        if value and (label or value != _TICKS[1]):
            yield BlockKind.FIELD, f"{label.rstrip(': ')}: {value}" if label else value, box
    elif subtype not in _SILENT:
        contents, author = _own_text(annotation, b"Contents"), _own_text(annotation, b"T")
        if contents:
            yield BlockKind.NOTE, f"{author}: {contents}" if author else contents, box


def _value(form: Any, annotation: Any) -> str:
    """Return what was filled in; a tick box says whether it is ticked, a choice between several only which one is."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _TYPED:
        return _field_text(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    if kind not in _TICKED:
        return ""
    ticked = bool(pdfium.FPDFAnnot_IsChecked(form, annotation))
    if kind == pdfium.FPDF_FORMFIELD_CHECKBOX:
        return _TICKS[0] if ticked else _TICKS[1]
    return (
        f"{_TICKS[0]} {_field_text(pdfium.FPDFAnnot_GetFormFieldExportValue, form, annotation)}".strip()
        if ticked
        else ""
    )


def _field_text(ask: Any, form: Any, annotation: Any) -> str:
    length = ask(form, annotation, None, 0)
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    ask(form, annotation, buffer, length)
    return _decoded(buffer, length)


def _own_text(annotation: Any, key: bytes) -> str:
    length = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, length)
    return _decoded(buffer, length)


def _decoded(buffer: Any, length: int) -> str:
    return " ".join(bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace").split())


def _label_near(box: Box, words: Sequence[Word], *, behind: bool) -> str:
    """Return the text left of a field on its line, else the one right above it; that of a tick box may stand `behind` it."""
    x0, y0, x1, y1 = box
    line = [word for word in words if y0 < (word.y0 + word.y1) / 2 < y1]
    before = sorted((word for word in line if x0 - _LABEL_REACH < word.x0 and word.x1 <= x0 + 2), key=lambda w: -w.x1)
    after = sorted((word for word in line if x1 - 2 <= word.x0 and word.x1 < x1 + _LABEL_REACH), key=lambda w: w.x0)
    label = _near([(word, word.x0 - x1) for word in after]) if behind else []
    label = label or _near([(word, x0 - word.x1) for word in before])[::-1]
    if not label:
        above = [word for word in words if word.x0 < x1 and x0 < word.x1 and 0 <= y0 - word.y1 < 1.5 * word.size]
        label = sorted(above, key=lambda word: word.x0)
    text = " ".join(word.text for word in label)
    return text[:_LONGEST_LABEL] if behind else text[-_LONGEST_LABEL:]


def _near(words: Sequence[tuple[Word, float]]) -> list[Word]:
    """Return the words, given with their distances from the field, up to the first wide gap."""
    label: list[Word] = []
    reached = 0.0
    for word, distance in words:
        if distance - reached > _LABEL_GAP:
            break
        label.append(word)
        reached = distance + word.x1 - word.x0
    return label
