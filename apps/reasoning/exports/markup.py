"""From an answer's Markdown to blocks of runs, with its citations as notes and what falls short said in words. Pure.

Raw HTML, links and images are not honoured: what a model wrote as markup stays text, and no address of its making is in any file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

# An insert is one private character between two that Markdown reads as punctuation, so that emphasis beside it still works.
_EDGE, _FIRST, _MOST = "\U00012470", 0xE000, 6000
_RESERVED = {ord(_EDGE): "�"} | dict.fromkeys(range(_FIRST, _FIRST + _MOST), "�")
_SPLIT = re.compile(f"[ \t\u00a0]*\\[(\\d{{1,4}})\\]|{_EDGE}([{chr(_FIRST)}-{chr(_FIRST + _MOST - 1)}]){_EDGE}")

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_MARKDOWN.disable(["link", "image", "autolink", "reference", "html_block", "html_inline", "lheading"])


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one kind; or, where `note` is set, the sign of that note; or, where `is_mark`, our own word on what stands before it."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    struck: bool = False
    note: int = 0
    is_mark: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `kind` is text, heading, item, quote or code; `level` that of a heading or how deep an item lies; `bullet` its sign."""

    kind: str
    runs: Runs
    level: int = 0
    bullet: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, its first row the headings."""

    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True, slots=True)
class Insert:
    """Words that are put into the text at a position, as ours and not the model's."""

    at: int
    text: str = ""
    marker: int = 0


def blocks_of(
    text: str, *, notes: Mapping[int, int], inserts: Sequence[Insert] = (), cuts: Sequence[tuple[int, int]] = ()
) -> list[Block | Grid]:
    """Return the blocks of an answer. `notes` gives the number of a note by its marker; any other `[n]` stays as it was written.

    `cuts` are half-open ranges of the text that are left out.
    """
    kept = sorted(inserts, key=lambda each: each.at)[:_MOST]
    tokens = _MARKDOWN.parse(_spliced(text, kept, cuts))
    return list(_read(tokens, _Writer(notes, kept)))


def runs_of(block: Block | Grid) -> Iterator[Run]:
    """Yield the runs of a block, those of a table by row."""
    if isinstance(block, Block):
        yield from block.runs
    else:
        yield from (run for row in block.rows for cell in row for run in cell)


def _spliced(text: str, inserts: Sequence[Insert], cuts: Sequence[tuple[int, int]]) -> str:
    """Return the text with one reserved character where each insert belongs, and without what is cut."""
    clean = text.translate(_RESERVED)
    parts, position = [], 0
    for number, insert in enumerate(inserts):
        at = max(insert.at, position)
        parts += [_without(clean, position, at, cuts), f"{_EDGE}{chr(_FIRST + number)}{_EDGE}"]
        position = at
    return "".join([*parts, _without(clean, position, len(clean), cuts)])


def _without(text: str, start: int, end: int, cuts: Sequence[tuple[int, int]]) -> str:
    kept, position = [], start
    for first, last in cuts:
        if first < end and last > position:
            kept.append(text[position : max(first, position)])
            position = min(last, end)
    return "".join([*kept, text[position:end]])


@dataclass(frozen=True, slots=True)
class _Writer:
    """Makes runs of text: notes for markers, our words for reserved characters."""

    notes: Mapping[int, int]
    inserts: Sequence[Insert]

    def runs(self, content: str, form: Run) -> Iterator[Run]:
        position = 0
        for found in _SPLIT.finditer(content):
            made = self._noted(int(found[1]), form) if found[1] else self._inserted(ord(found[2]) - _FIRST, form)
            if made is None:
                continue  # no such citation: it stays as it was written
            if content[position : found.start()]:
                yield replace(form, text=content[position : found.start()])
            yield made
            position = found.end()
        if content[position:]:
            yield replace(form, text=content[position:])

    def _noted(self, marker: int, form: Run) -> Run | None:
        number = self.notes.get(marker)
        return replace(form, text=str(number), note=number) if number else None

    def _inserted(self, number: int, form: Run) -> Run | None:
        insert = self.inserts[number]
        if insert.marker:
            return self._noted(insert.marker, form)
        return Run(f" [{insert.text}]", is_mark=True)


def _read(tokens: Sequence[Token], writer: _Writer) -> Iterator[Block | Grid]:
    """Yield blocks in reading order; items and quotes are paragraphs of their own, however deep they lie."""
    lists: list[int | None] = []  # the number of the next item of each list that is open; None for bullets
    rows: list[list[Runs]] = []
    quotes, heading, bullet = 0, 0, ""
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(int(token.attrGet("start") or 1) if token.tag == "ol" else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1]
            bullet = "•" if number is None else f"{number}."
            lists[-1] = None if number is None else number + 1
        elif token.type in {"blockquote_open", "blockquote_close"}:
            quotes += token.nesting
        elif token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield Grid(tuple(map(tuple, rows)))
            rows = []
        elif token.type in {"fence", "code_block"}:
            yield Block("code", tuple(writer.runs(token.content.rstrip("\n"), Run("", code=True))))
        elif token.type == "inline":
            runs = tuple(_inline(token.children or [], writer))
            if rows:
                rows[-1].append(runs)
            elif heading:
                yield Block("heading", runs, level=heading)
            elif lists:
                yield Block("item", runs, level=len(lists), bullet=bullet)
            else:
                yield Block("quote" if quotes else "text", runs)
            heading, bullet = 0, ""


def _inline(tokens: Sequence[Token], writer: _Writer) -> Iterator[Run]:
    form = Run("")
    for token in tokens:
        if token.type in {"strong_open", "strong_close"}:
            form = replace(form, bold=token.nesting > 0)
        elif token.type in {"em_open", "em_close"}:
            form = replace(form, italic=token.nesting > 0)
        elif token.type in {"s_open", "s_close"}:
            form = replace(form, struck=token.nesting > 0)
        elif token.type == "code_inline":
            yield from writer.runs(token.content, replace(form, code=True))
        elif token.type == "softbreak":
            yield replace(form, text=" ")
        elif token.type == "hardbreak":
            yield replace(form, text="\n")
        else:
            yield from writer.runs(token.content, form)
