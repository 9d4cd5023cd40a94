"""The words of a Word document's paragraphs: what is shown, with the marks of its notes, equations and ticked boxes."""

import re
from collections.abc import Callable
from typing import Any

from apps.documents.parsers.equations import equation_text

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

LEFT_OUT = frozenset(
    {
        f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", f"{W}tcPr", f"{W}txbxContent", f"{W}instrText", f"{W}sdtPr",
        f"{W}rt", FALLBACK,
    }
)  # fmt: skip
"""What a reader does not see, or what is read elsewhere."""

_SYMBOLS = {
    "F0FE": "☒", "F078": "☒", "F0FD": "☒", "F052": "☑", "F0A8": "☐", "F06F": "☐", "F0FC": "✓", "F0FB": "✗",
    "F0B7": "•", "F0A7": "▪", "F0E0": "→", "F0E8": "➔", "F0B3": "≥", "F0A3": "≤", "F0B1": "±", "F0B4": "×", "F0B0": "°",
    "F061": "α", "F062": "β", "F067": "γ", "F064": "δ", "F06D": "μ", "F070": "π", "F073": "σ", "F057": "Ω", "F044": "Δ",
}  # fmt: skip
"""What the signs of symbol fonts look like, those that documents use."""

Mark = Callable[[Any], str]
"""Returns what stands in the text for a reference to a note."""


def text_of(element: Any, mark: Mark) -> str:
    """Return what a paragraph shows: runs, links and inserted text, tabs and breaks, without what its text boxes hold."""
    parts: list[str] = []
    _gather(element, parts, mark)
    text = "".join(parts).replace("\u00a0", " ").replace("\u00ad", "")
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _gather(element: Any, parts: list[str], mark: Mark) -> None:
    for child in element:
        tag = child.tag
        if tag in LEFT_OUT or _is_unseen(child):
            continue
        if tag == f"{W}t":
            parts.append(child.text or "")
        elif tag in (f"{W}tab", f"{W}ptab"):
            parts.append("\t")
        elif tag in (f"{W}br", f"{W}cr"):
            parts.append("\n")
        elif tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif tag == f"{W}sym":
            parts.append(_symbol(child))
        elif tag == f"{W}ffData":
            parts.append(_form_value(child))
        elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            parts.append(mark(child))
        elif tag == f"{_MATH}oMath":
            parts.append(f" {equation_text(child)} ")
        else:
            _gather(child, parts, mark)


def _is_unseen(element: Any) -> bool:
    """Whether a run is hidden, or a content control still shows what it asks for."""
    if element.tag == f"{W}r":
        hidden = element.find(f"{W}rPr/{W}vanish")
        return hidden is not None and hidden.get(f"{W}val", "1") not in ("0", "false")
    return element.tag == f"{W}sdt" and element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def _symbol(element: Any) -> str:
    code = element.get(f"{W}char", "").upper()
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    number = int(code, 16) if re.fullmatch(r"[0-9A-F]{1,5}", code) else 0
    return chr(number) if 0x20 <= number < 0xE000 and not 0xD800 <= number < 0xE000 else ""


def _form_value(data: Any) -> str:
    """Return the state of an old form field: a box that is ticked or not, the entry that was chosen."""
    box = data.find(f"{W}checkBox")
    if box is not None:
        state = box.find(f"{W}checked") if box.find(f"{W}checked") is not None else box.find(f"{W}default")
        return "☒" if state is not None and state.get(f"{W}val", "1") not in ("0", "false") else "☐"
    choices = data.find(f"{W}ddList")
    if choices is None:
        return ""
    entries = [entry.get(f"{W}val", "") for entry in choices.findall(f"{W}listEntry")]
    chosen = choices.find(f"{W}result")
    number = chosen.get(f"{W}val", "0") if chosen is not None else "0"
    return entries[int(number)] if number.isdigit() and int(number) < len(entries) else ""
