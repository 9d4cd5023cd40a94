"""From a parsed document to the passages that are searched: pure, and nothing of the document is lost.

A chunk follows the structure: blocks under one heading are packed together up to what the embedder's window holds, a block
that fits is kept whole, a longer one is cut at rows, list lines or sentence ends. A chunk never crosses a page, and what was
above it (title, headings; in a table its columns and the section of its first row) travels along as context.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.core.geometry import Box, union
from apps.documents.layout.hyphens import SOFT_HYPHEN
from apps.documents.parsing import Block, BlockKind, Line, Page, Parsed
from apps.retrieval.contexts import SEPARATOR, TablePart, context_of, is_table, plain
from apps.retrieval.line_parts import part_of_line
from apps.retrieval.passages import Chunk, PassageLine
from apps.retrieval.tokens import estimate

CHUNKER_VERSION = 2
"""Raised whenever the same document may be cut differently than before."""

TEXT_TOKENS = 190  # with its context inside the 256 word pieces of the smallest embedder's window
OTHER_TEXT_TOKENS = 150  # for languages whose word pieces the estimate counts too low

_ROW_WISE = {BlockKind.TABLE, BlockKind.LIST}
_LEADING = {BlockKind.HEADING, BlockKind.CAPTION}
_LEADING_TOKENS = 60
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)\]]*\s+|(?<=[。！？；])(?!$)")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Run:
    """A block as one text with the place of each line in it, and what stands above it."""

    block: Block
    text: str
    lines: tuple[PassageLine, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Slice:
    """A half-open range of a run."""

    run: _Run
    start: int
    end: int
    tokens: int

    @property
    def text(self) -> str:
        return self.run.text[self.start : self.end]

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.end == len(self.run.text)


class Chunker:
    """Cuts a document page by page: the headings of the pages before stand above what follows."""

    def __init__(self, *, title: str, language: str, paged: bool) -> None:
        self._title, self._language, self._paged = title, language, paged
        self._limit = TEXT_TOKENS if language in {"", "en"} else OTHER_TEXT_TOKENS
        self._path: tuple[tuple[int, str], ...] = ()
        self._count = 0

    def cut(self, page: Page) -> list[Chunk]:
        """Return the chunks of the next page, or of the next part of one."""
        runs = []
        label = (
            (page.label,) if page.label and not page.width else ()
        )  # a sheet's name, but not a number printed on a page
        for block in page.blocks:
            if not block.text.strip():
                continue
            if block.kind is BlockKind.HEADING:
                self._path = _descend(self._path, block)
            runs.append(_run(block, (*label, *(text for _, text in self._path))))
        place = page if self._paged else None
        chunks = [
            _chunk(group, self._count + number, place, self._title, self._language)
            for number, group in enumerate(_packed(runs, self._limit))
        ]
        self._count += len(chunks)
        return chunks


def chunk(parsed: Parsed, *, title: str) -> list[Chunk]:
    """Return the document's chunks in reading order."""
    chunker = Chunker(title=title, language=parsed.language, paged=parsed.paged)
    return [piece for page in parsed.pages for piece in chunker.cut(page)]


def _descend(path: tuple[tuple[int, str], ...], heading: Block) -> tuple[tuple[int, str], ...]:
    level = heading.level or 1
    above = tuple(item for item in path if item[0] < level)
    return (*above, (level, plain(heading.text)))


def _run(block: Block, path: tuple[str, ...]) -> _Run:
    text = block.text
    lines: tuple[PassageLine, ...] = ()
    if block.lines:
        lines = tuple(_placed(block))
        joint = "\n" if block.kind in _ROW_WISE else " "
        text = "".join(line.text + _joint(line, joint) for line in block.lines[:-1]) + block.lines[-1].text
    return _Run(block, text, lines, path)


def _placed(block: Block) -> Iterator[PassageLine]:
    start = 0
    for line in block.lines:
        yield PassageLine(start, start + len(line.text), line.box)
        start += len(line.text) + len(_joint(line, " "))


def _joint(line: Line, usual: str) -> str:
    """Return what stands between a line and the next: nothing where a word was only parted."""
    return "" if line.text.endswith(SOFT_HYPHEN) else usual


def _packed(runs: Sequence[_Run], limit: int) -> list[list[_Slice]]:
    """Return the page's runs in groups of about `limit` tokens at most, each group to become a chunk."""
    groups: list[list[_Slice]] = []
    current: list[_Slice] = []
    for run in runs:
        pieces = list(_pieces(run, limit))
        total, used = _tokens(pieces), _tokens(current)
        opens = run.block.kind is BlockKind.HEADING and used >= limit // 3
        keeps_whole = total <= limit < used + total and used >= limit // 4
        if opens or keeps_whole:
            current = _closed(groups, current)
        for piece in pieces:
            if _tokens(current) + piece.tokens > limit:
                current = _closed(groups, current)
            current.append(piece)
    if groups and _tokens(current) < limit // 10:  # a page number or a running foot is no passage
        groups[-1].extend(current)
    elif current:
        groups.append(current)
    return [_merged(group) for group in groups]


def _closed(groups: list[list[_Slice]], current: list[_Slice]) -> list[_Slice]:
    """Add the group, and return what the next begins with: headings and titles belong to what follows them."""
    end = len(current)
    while end and current[end - 1].run.block.kind in _LEADING and current[end - 1].is_whole:
        end -= 1
    if _tokens(current[end:]) > _LEADING_TOKENS:
        end = len(current)
    if end:
        groups.append(current[:end])
    return current[end:]


def _tokens(pieces: Sequence[_Slice]) -> int:
    return sum(piece.tokens for piece in pieces)


def _pieces(run: _Run, limit: int) -> Iterator[_Slice]:
    """Yield the run in pieces of at most `limit` tokens that may stand in different chunks."""
    whole = estimate(run.text)
    if whole <= limit // 4:
        yield _Slice(run, 0, len(run.text), whole)
        return
    if run.block.kind in _ROW_WISE:
        ends = [match.end() for match in re.finditer("\n", run.text)]
    else:
        ends = [match.end() for match in _SENTENCE_END.finditer(run.text)]
    start = 0
    for end in [*ends, len(run.text)]:
        if end > start:
            yield from _short(run, start, end, limit)
        start = end


def _short(run: _Run, start: int, end: int, limit: int) -> Iterator[_Slice]:
    """Yield a range cut at white space, or anywhere if there is none, until every part is short enough."""
    tokens = estimate(run.text[start:end])
    if tokens <= limit:
        yield _Slice(run, start, end, tokens)
        return
    middle = (start + end) // 2
    space = _SPACE.search(run.text, middle, end)
    cut = space.end() if space and space.end() < end else middle
    yield from _short(run, start, cut, limit)
    yield from _short(run, cut, end, limit)


def _merged(group: list[_Slice]) -> list[_Slice]:
    """Return the group with neighbouring slices of one run made one."""
    merged: list[_Slice] = []
    for piece in group:
        last = merged[-1] if merged else None
        if last is not None and last.run is piece.run and last.end == piece.start:
            merged[-1] = _Slice(piece.run, last.start, piece.end, last.tokens + piece.tokens)
        else:
            merged.append(piece)
    return merged


def _chunk(group: list[_Slice], ordinal: int, page: Page | None, title: str, language: str) -> Chunk:
    texts: list[str] = []
    lines: list[PassageLine] = []
    boxes: list[Box] = []
    offset = 0
    for piece in group:
        text = piece.text.strip()
        start = piece.start + len(piece.text) - len(piece.text.lstrip())
        placed = list(_within(piece.run, start, start + len(text), offset))
        lines += placed
        boxes += _boxes(piece, placed)
        texts.append(text)
        offset += len(text) + 1
    body = next((piece for piece in group if piece.run.block.kind is not BlockKind.HEADING), group[-1])
    heading = SEPARATOR.join(body.run.path)
    return Chunk(
        ordinal=ordinal,
        text="\n".join(texts),
        context=context_of(title, body.run.path, _table_part(group), "\n".join(texts)),
        page=page.number if page else None,
        boxes=tuple(boxes),
        lines=tuple(lines),
        span=_span(group),
        heading=heading,
        language=language,
    )


def _table_part(group: Sequence[_Slice]) -> TablePart | None:
    """Return the largest part of a table in the group, by which the group is then found."""
    parts = [piece for piece in group if is_table(piece.run.block)]
    if not parts:
        return None
    largest = max(parts, key=lambda piece: piece.tokens)
    return TablePart(largest.run.block, largest.run.text, largest.start)


def _within(run: _Run, start: int, end: int, offset: int) -> Iterator[PassageLine]:
    """Yield the run's lines that reach into `start..end`, cut to it, as places in a text where `start` stands at `offset`."""
    for line in run.lines:
        first, last = max(line.start, start), min(line.end, end)
        if first < last:
            printed = run.text[line.start : line.end]
            box = line.box
            if run.block.kind is not BlockKind.TABLE:  # whose rows may be several printed lines
                box = part_of_line(box, printed, first - line.start, last - line.start)
            yield PassageLine(first - start + offset, last - start + offset, box)


def _boxes(piece: _Slice, placed: list[PassageLine]) -> tuple[Box, ...]:
    """Return the box of the block, or those of a part of it: a line that is cut has its own, whole lines share one."""
    if not placed or (piece.is_whole and piece.run.block.boxes):
        return piece.run.block.boxes
    printed = {line.box for line in piece.run.lines}
    boxes: list[Box] = []
    whole: list[Box] = []
    for line in placed:
        if line.box in printed:
            whole.append(line.box)
            continue
        boxes += [union(whole), line.box] if whole else [line.box]
        whole = []
    return (*boxes, union(whole)) if whole else tuple(boxes)


def _span(group: list[_Slice]) -> tuple[int, int] | None:
    """Return the group's range in the document's text; a part of a block is placed exactly where text and span agree."""
    spans = []
    for piece in group:
        span = piece.run.block.span
        if span is None:
            continue
        exact = span[1] - span[0] == len(piece.run.text)
        spans.append((span[0] + piece.start, span[0] + piece.end) if exact else span)
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None
