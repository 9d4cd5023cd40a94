"""What hangs on the text of a Word document: footnotes, endnotes and comments, each given where it is referred to; headers and
footers, each given once."""

import re
from collections.abc import Iterator
from typing import Any

from apps.documents.parsers.archives import parse_xml
from apps.documents.parsers.word.numbers import written
from apps.documents.parsers.word.text import LEFT_OUT, W, text_of
from apps.documents.parsing import Block, BlockKind

_REFERENCES = (f"{W}footnoteReference", f"{W}endnoteReference", f"{W}commentReference")
_ONLY_NUMBERS = re.compile(
    r"\W*(?:page|seite|p\.|s\.|pagina|página|strana|sida|side|страница|第)?\W*\d*\W*(?:of|von|de|sur|di|z|av|из|页|/)?\W*\d*\W*页?\W*",
    re.IGNORECASE,
)


class Notes:
    """The notes of a document; each is given once, at its first reference, footnotes numbered in the order of theirs."""

    def __init__(self, document: Any) -> None:
        self._elements: dict[tuple[str, str], Any] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._given: set[tuple[str, str]] = set()
        self._edges: list[tuple[str, Any]] = []
        for part in sorted(document.part.package.iter_parts(), key=lambda part: _in_order(str(part.partname))):
            name = str(part.partname).rpartition("/")[2]
            if name in ("footnotes.xml", "endnotes.xml", "comments.xml"):
                kind = name.removesuffix("s.xml")
                for element in parse_xml(part.blob):
                    if element.get(f"{W}type") in (None, "normal"):
                        self._elements[kind, element.get(f"{W}id", "")] = element
            elif re.fullmatch(r"(?:header|footer)\d*\.xml", name):
                self._edges.append((name[:6], parse_xml(part.blob)))

    def mark(self, reference: Any) -> str:
        """Return what stands in the text for a reference; one with a sign of its own is followed by it."""
        if reference.get(f"{W}customMarkFollows") in ("1", "true"):
            return ""
        return f"[{self._number(_key(reference))}]"

    def hanging_on(self, element: Any) -> Iterator[Block]:
        """Yield the notes that a paragraph or a table refers to and that were not given before."""
        for reference in element.iter(*_REFERENCES):
            key = _key(reference)
            note = self._elements.get(key)
            if (
                note is None
                or key in self._given
                or any(parent.tag in LEFT_OUT for parent in reference.iterancestors())
            ):
                continue
            self._given.add(key)
            yield from self._note(key, note)

    def edges(self, kind: str) -> Iterator[Block]:
        """Yield the different headers or footers of the document, without those that are only page numbers."""
        seen: set[str] = set()
        for name, root in self._edges:
            text = "\n".join(filter(None, (text_of(paragraph, self.mark) for paragraph in root.iter(f"{W}p"))))
            if name == kind and text not in seen and not _ONLY_NUMBERS.fullmatch(text):
                seen.add(text)
                yield Block(BlockKind.TEXT, text)

    def _note(self, key: tuple[str, str], note: Any) -> Iterator[Block]:
        text = " ".join(filter(None, (text_of(paragraph, self.mark) for paragraph in note.iter(f"{W}p"))))
        if key[0] == "comment":
            author = " ".join(note.get(f"{W}author", "").split())
            yield Block(BlockKind.NOTE, f"{author}: {text}" if author and text else text)
        elif text:
            yield Block(BlockKind.FOOTNOTE, f"[{self._number(key)}] {text}")

    def _number(self, key: tuple[str, str]) -> str:
        """Return the number of a note; endnotes have small Roman ones, as Word gives them."""
        if key not in self._numbers:
            self._numbers[key] = 1 + sum(kind == key[0] for kind, _ in self._numbers)
        number = self._numbers[key]
        return written(number, "lowerRoman") if key[0] == "endnote" else str(number)


def _key(reference: Any) -> tuple[str, str]:
    return reference.tag.removeprefix(W).removesuffix("Reference"), reference.get(f"{W}id", "")


def _in_order(name: str) -> tuple[str, int]:
    number = re.search(r"(\d+)\.xml$", name)
    return re.sub(r"\d+", "", name), int(number[1]) if number else 0
