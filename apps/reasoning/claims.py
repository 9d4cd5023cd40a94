"""Split an answer into its claims: sentences, list items, and cells of tables. Pure.

A claim keeps its half-open range in the answer, so that the screen can mark it where it stands. Headings, table heads and
row labels claim nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apps.reasoning.citations import MARKER, markers_in, without_markers
from apps.verification.sentences import sentences

_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_RULE = re.compile(r"\s{0,3}(?:[-*_]\s*){3,}$")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_ITEM = re.compile(r"\s*(?:>\s*)*(?:[-*+•]|\d{1,3}[.)])\s+")
_QUOTE = re.compile(r"\s*(?:>\s*)+")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?:\\\||[^|])+")
_SAYS = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim as written, its place in the answer, and the passages it cites."""

    text: str
    start: int
    end: int
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def split_claims(answer: str) -> list[Claimed]:
    """Return the claims of an answer in order."""
    claims: list[Claimed] = []
    paragraph: tuple[int, int] | None = None
    lines = list(_lines(answer))
    at = 0
    while at < len(lines):
        line = lines[at]
        if _starts_table(lines, at):
            claims += _prose(answer, paragraph)
            paragraph = None
            at += 2
            while at < len(lines) and "|" in lines[at].text:
                claims += _row(lines[at])
                at += 1
            continue
        begin = _begin_of_prose(line)
        opens = begin is None or begin > line.start or _QUOTE.match(line.text) is not None
        if opens:
            claims += _prose(answer, paragraph)
            paragraph = None
        if begin is not None:
            paragraph = (paragraph[0] if paragraph else begin, line.end)
        at += 1
    return claims + _prose(answer, paragraph)


def quotation_claims(answer: str) -> list[Claimed]:
    """Return one claim for each line of an answer that was put together from quotations, whatever stops stand in them."""
    claims = []
    for line in _lines(answer):
        begin = _begin_of_prose(line)
        claim = None if begin is None else _claim(line.text[begin - line.start :], begin)
        if claim:
            claims.append(claim)
    return claims


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    for raw in text.split("\n"):
        yield _Line(at, at + len(raw), raw)
        at += len(raw) + 1


def _begin_of_prose(line: _Line) -> int | None:
    """Return where a line's words begin, after bullets and quote marks; None for lines that say nothing."""
    text = line.text
    if not text.strip() or _HEADING.match(text) or _RULE.match(text) or _FENCE.match(text):
        return None
    lead = _ITEM.match(text) or _QUOTE.match(text)
    return line.start + (lead.end() if lead else 0)


def _prose(answer: str, span: tuple[int, int] | None) -> list[Claimed]:
    if span is None:
        return []
    return [claim for start, end in sentences(answer, *span) if (claim := _claim(answer[start:end], start))]


def _claim(text: str, start: int, markers: tuple[int, ...] | None = None) -> Claimed | None:
    """Return the claim in a piece of the answer, or None if it holds nothing but marks."""
    if not _SAYS.search(without_markers(text)):
        return None
    return Claimed(text, start, start + len(text), tuple(markers_in(text)) if markers is None else markers)


def _starts_table(lines: list[_Line], at: int) -> bool:
    return (
        "|" in lines[at].text
        and at + 1 < len(lines)
        and "|" in lines[at + 1].text
        and _TABLE_RULE.match(lines[at + 1].text) is not None
    )


def _row(line: _Line) -> list[Claimed]:
    """Return the claims of one body row: each cell after the label. A cell with nothing but markers speaks for its row."""
    cells = [(match.start(), match.group()) for match in _CELL.finditer(line.text)]
    filled = [(start, text) for start, text in cells if text.strip()]
    of_row = tuple(
        dict.fromkeys(n for _, text in filled if not _SAYS.search(MARKER.sub("", text)) for n in markers_in(text))
    )
    label = tuple(markers_in(filled[0][1])) if filled else ()
    claims = []
    for start, text in filled[1:] or filled:
        lead = len(text) - len(text.lstrip())
        own = tuple(markers_in(text))
        claim = _claim(text.strip(), line.start + start + lead, own or of_row or label)
        if claim:
            claims.append(claim)
    return claims
