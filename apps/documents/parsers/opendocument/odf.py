"""What documents of the OpenDocument family have in common: names, words in paragraphs, and what the file says of itself."""

from typing import Any

from apps.documents.parsers.archives import Package
from apps.documents.parsers.ooxml import Properties, language_code

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE = f"{{{_NAMES}office:1.0}}"
TABLE = f"{{{_NAMES}table:1.0}}"
TEXT = f"{{{_NAMES}text:1.0}}"
STYLE = f"{{{_NAMES}style:1.0}}"
DRAW = f"{{{_NAMES}drawing:1.0}}"
PRESENTATION = f"{{{_NAMES}presentation:1.0}}"
META = f"{{{_NAMES}meta:1.0}}"
SVG = f"{{{_NAMES}svg-compatible:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"

_OF_SELF = (
    (f"{META}initial-creator", "author"),
    (f"{DC}creator", "last_modified_by"),
    (f"{DC}subject", "subject"),
    (f"{META}keyword", "keywords"),
    (f"{DC}description", "description"),
    (f"{META}creation-date", "created"),
    (f"{DC}date", "modified"),
)
_NOT_SPOKEN = frozenset(
    {
        f"{OFFICE}annotation", f"{TEXT}note", f"{TEXT}tracked-changes", f"{TEXT}ruby-text", f"{DRAW}frame",
        f"{DRAW}custom-shape", f"{DRAW}text-box", f"{DRAW}g", f"{SVG}title", f"{SVG}desc",
    }
)  # fmt: skip
_LONGEST_PROPERTY = 500
_DEEPEST = 60


def odf_properties(package: Package) -> Properties:
    """Return what the file says of itself."""
    root = package.tree("meta.xml")
    if root is None:
        return Properties()
    found: dict[str, str] = {}
    for element in root.iter():
        text = " ".join((element.text or "").split())[:_LONGEST_PROPERTY] if isinstance(element.tag, str) else ""
        if text:
            found[element.tag] = f"{found[element.tag]}, {text}" if element.tag in found else text
    metadata = tuple((name, found[tag]) for tag, name in _OF_SELF if tag in found)
    return Properties(found.get(f"{DC}title", ""), language_code(found.get(f"{DC}language", "")), metadata)


def spoken(element: Any, depth: int = 0) -> str:
    """Return the words of a paragraph, without notes, comments, pronunciations and what floats beside it."""
    parts = [element.text or ""]
    for item in element:
        if item.tag in _NOT_SPOKEN or not isinstance(item.tag, str):
            pass
        elif item.tag == f"{TEXT}s":
            parts.append(" ")
        elif item.tag == f"{TEXT}tab":
            parts.append("\t")
        elif item.tag == f"{TEXT}line-break":
            parts.append("\n")
        elif depth < _DEEPEST:
            parts.append(spoken(item, depth + 1))
        parts.append(item.tail or "")
    return "".join(parts)


def whole_number(text: str | None, default: int) -> int:
    """Return the number in an attribute; `default` for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default
