"""Rich Text (RTF): words in their encodings, paragraphs, headings, lists, tables, notes. Embedded objects are ignored.

A group is never read by recursion, so that no depth of them exhausts anything.
"""

import re
from dataclasses import dataclass, replace

from apps.documents.parsers.flow import flowing
from apps.documents.parsers.rtf.tables import Row, table_blocks
from apps.documents.parsers.rtf.words import Event, Into, Words
from apps.documents.parsers.text import tidy
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source, Unreadable

_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|nadpis|rubrik)\s*([1-9])", re.IGNORECASE)
_ENDS = frozenset({"par", "sect", "page", "column"})
_NOTES = {Into.FOOTNOTE: BlockKind.FOOTNOTE, Into.NOTE: BlockKind.NOTE}
_STATED = {Into.AUTHOR: "author", Into.SUBJECT: "subject", Into.KEYWORDS: "keywords"}
_BODY_TEXT = 9


@dataclass(frozen=True, slots=True)
class Rtf:
    """A text as read, and what it says of itself."""

    blocks: tuple[Block, ...]
    title: str = ""
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Paragraph:
    level: int = 0
    style: int = 0
    entry: bool = False
    in_table: bool = False


class RtfParser:
    """A letter or contract as word processors exchange them."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        data = source.path.read_bytes()
        if b"{\\rtf" not in data[:1024]:
            raise Unreadable(
                "This file is not rich text, or it is cut off. Save it again from the program that made it and send that.",
                code="damaged",
            )
        read = read_rtf(data)
        return replace(flowing(read.blocks, title=read.title), metadata=read.metadata)


def read_rtf(data: bytes) -> Rtf:
    """Return what a rich text says."""
    reader = _Reader()
    for event in Words().events(data):
        reader.take(event)
    return reader.finish()


class _Reader:
    """Makes blocks of events."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._paragraph = _Paragraph()
        self._outer: list[_Paragraph] = []
        self._texts: dict[Into, list[str]] = {into: [] for into in Into}
        self._cell: list[str] = []
        self._row = Row()
        self._rows: list[Row] = []
        self._entries: list[str] = []
        self._notes: list[Block] = []
        self._margins: dict[str, None] = {}
        self._levels: dict[int, int] = {}
        self._defined = (0, 0)
        self._merged = [False, False]
        self._footnotes = 0
        self._made: dict[str, int] = {}

    def take(self, event: Event) -> None:
        match event.kind:
            case "text":
                self._texts[event.into].append(event.text)
            case "open":
                self._outer.append(self._paragraph)
            case "close":
                self._close(event.into)
            case "control" if event.into is Into.BODY:
                self._control(event.text, event.number)
            case "control":
                self._aside(event)

    def finish(self) -> Rtf:
        """Return all that was read, running heads and feet last and each once."""
        self._end_paragraph()
        self._end_table()
        self._end_list()
        self._blocks += self._notes
        self._blocks += [Block(BlockKind.TEXT, text) for text in self._margins]
        metadata = [(name, self._said(into)) for into, name in _STATED.items()]
        if {"yr", "mo", "dy"} <= self._made.keys():
            metadata.append(("date", "{yr:04}-{mo:02}-{dy:02}".format(**self._made)))
        return Rtf(
            tuple(self._blocks), self._said(Into.TITLE), tuple((name, value) for name, value in metadata if value)
        )

    def _said(self, into: Into) -> str:
        text = re.sub(r"\s+", " ", tidy("".join(self._texts[into]))).strip()
        self._texts[into].clear()
        return text

    def _close(self, into: Into) -> None:
        if into is Into.STYLES and self._texts[into]:
            self._define_style(self._said(into))
        elif into is Into.FONTS:
            self._texts[into].clear()
        if self._outer:
            self._paragraph = self._outer.pop()

    def _define_style(self, name: str) -> None:
        number, level = self._defined
        named = _HEADING.match(name)
        if named:
            level = int(named[1])
        elif name.lower().rstrip(";") == "title":
            level = 1
        self._levels[number] = level
        self._defined = (0, 0)

    def _aside(self, event: Event) -> None:
        """Control words in a note, in the list of styles, in what the file says of itself."""
        if event.into in _NOTES and event.text == ("footnote" if event.into is Into.FOOTNOTE else "annotation"):
            self._begin_note()
        elif event.into is Into.STYLES and event.text == "s":
            self._defined = (event.number or 0, self._defined[1])
        elif event.into is Into.STYLES and event.text == "outlinelevel":
            self._defined = (self._defined[0], ((event.number or 0) + 1) % (_BODY_TEXT + 1))
        elif event.into is Into.MADE and event.number is not None:
            self._made[event.text] = event.number
        elif event.text == "chftn":
            self._texts[event.into].append(str(self._footnotes))
        elif event.text in _ENDS | {"line", "cell"}:
            if event.into is Into.MARGIN:
                self._end_margin()
            self._texts[event.into].append(" ")

    def _begin_note(self) -> None:
        self._end_notes()

    def _end_notes(self) -> None:
        for into, kind in _NOTES.items():
            text = self._said(into)
            if text:
                self._notes.append(Block(kind, text))

    def _end_margin(self) -> None:
        text = self._said(Into.MARGIN)
        if text and not text.isdigit():
            self._margins[text] = None

    def _control(self, word: str, number: int | None) -> None:
        if word in _ENDS:
            self._end_paragraph()
        elif word == "line":
            self._texts[Into.BODY].append("\n")
        elif word == "pard":
            self._paragraph = _Paragraph()
        elif word == "intbl":
            self._paragraph = replace(self._paragraph, in_table=True)
        elif word == "s":
            self._paragraph = replace(self._paragraph, style=number or 0)
        elif word == "outlinelevel":
            self._paragraph = replace(self._paragraph, level=((number or 0) + 1) % (_BODY_TEXT + 1))
        elif word in ("listtext", "pntext"):
            self._paragraph = replace(self._paragraph, entry=True)
            self._outer[-1:] = [replace(self._outer[-1], entry=True)] if self._outer else []
        elif word == "chftn":
            self._footnotes += 1
            self._texts[Into.BODY].append(str(self._footnotes))
        else:
            self._table_control(word, number)

    def _table_control(self, word: str, number: int | None) -> None:
        if word == "trowd":
            self._row.edges, self._row.from_above, self._row.from_beside = [], [], []
            self._row.header, self._merged = False, [False, False]
        elif word == "trhdr":
            self._row.header = True
        elif word == "clvmrg":
            self._merged[0] = True
        elif word == "clmrg":
            self._merged[1] = True
        elif word == "cellx":
            self._row.edges.append(number or 0)
            self._row.from_above.append(self._merged[0])
            self._row.from_beside.append(self._merged[1])
            self._merged = [False, False]
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()
        elif word in ("nestcell", "nestrow"):
            self._texts[Into.BODY].append(" ")

    def _end_cell(self) -> None:
        self._cell.append(self._said(Into.BODY))
        self._row.texts.append(" ".join(filter(None, self._cell)))
        self._cell = []

    def _end_row(self) -> None:
        """The shape of a row may be told before its cells or after them, and holds for the next one if that tells none."""
        if any(self._row.texts):
            self._end_list()
            self._rows.append(self._row)
        row = self._row
        self._row = Row(edges=row.edges, from_above=row.from_above, from_beside=row.from_beside, header=row.header)

    def _end_paragraph(self) -> None:
        if self._paragraph.in_table:
            self._cell.append(self._said(Into.BODY))
            return
        lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in tidy("".join(self._texts[Into.BODY])).split("\n"))
        text = "\n".join(line for line in lines if line)
        self._texts[Into.BODY].clear()
        entry, self._paragraph = self._paragraph.entry, replace(self._paragraph, entry=False)
        if not text:
            return
        self._end_table()
        level = self._paragraph.level or self._levels.get(self._paragraph.style, 0)
        if entry and not level:
            self._entries.append(text)
            return
        self._end_list()
        self._blocks.append(Block(BlockKind.HEADING if level else BlockKind.TEXT, text, level=level))
        self._end_notes()
        self._blocks += self._notes
        self._notes.clear()

    def _end_list(self) -> None:
        if self._entries:
            self._blocks.append(Block(BlockKind.LIST, "\n".join(self._entries)))
            self._entries = []

    def _end_table(self) -> None:
        loose = " ".join(filter(None, (*self._row.texts, *self._cell)))
        self._row.texts, self._cell = [], []
        if self._rows:
            self._blocks += table_blocks(self._rows)
            self._rows = []
        if loose:
            self._blocks.append(Block(BlockKind.TEXT, loose))
