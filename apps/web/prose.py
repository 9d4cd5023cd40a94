"""From what a model wrote to HTML that is safe to show: Markdown with its sentences and citations marked.

This is the one place where model text becomes markup. Raw HTML, links and images in it are not honoured, and whatever comes
out passes a sanitiser that knows only the tags and attributes below. Pure: no queries, no templates.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

# Sentences, figures and stretches that nothing bears out are marked in the source by characters that Markdown reads as
# punctuation, so that emphasis beside them still works. A number is one private character before its opening mark.
_OPEN, _CLOSE, _FIGURE, _FIGURE_END, _SHORT = (chr(0x12470 + n) for n in range(5))
_FIRST_NUMBER, _MOST = 0xE000, 6000
_RESERVED = dict.fromkeys(map(ord, (_OPEN, _CLOSE, _FIGURE, _FIGURE_END, _SHORT)), "�") | dict.fromkeys(
    range(_FIRST_NUMBER, _FIRST_NUMBER + _MOST), "�"
)
_MARKS = re.compile(f"(.)([{_OPEN}{_FIGURE}])|([{_CLOSE}{_FIGURE_END}{_SHORT}])")
_CITATION = re.compile(r"[ \t\u00a0]*\[(\d{1,4})\]")
_BLOCK_MARKUP = re.compile(r"(?:\s|[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|\|)*")

_TAGS = {
    "p", "h2", "h3", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "pre", "code", "strong",
    "em", "s", "br", "hr", "span", "a", "button",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"class", "href", "aria-label", "data-marker", "data-verdict"},
    "button": {"class", "type", "popovertarget", "aria-label", "data-source", "data-verdict"},
    "span": {"class", "id", "data-verdict", "data-cited"},
    "table": {"class"},
    "th": {"class"},
    "td": {"class"},
    "ol": {"start"},
}

Chip = Callable[[int], str]
"""Returns the HTML of a citation by its number; empty where there is no such citation."""

Cut = tuple[int, int, str]
"""A place in the text, the rank of the mark among those at one place (what closes goes before what opens), and the mark."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A claim and where it stands: the half-open range `start` to `end` of the text. `number` counts from 1. `short` are the ranges in it
    that nothing bears out."""

    number: int
    start: int
    end: int
    verdict: str
    cited: bool
    chip: str = ""
    short: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A figure that can be asked: its half-open range of the text, its number counted from 1, and the HTML before and after its text."""

    number: int
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of the answer, its heading before it, with the sentences, citations and figures in it in reading order."""

    html: SafeString
    lead: bool = False
    sentences: tuple[int, ...] = ()
    markers: tuple[int, ...] = ()
    figures: tuple[int, ...] = ()


def paragraphs(
    text: str, *, chip: Chip, sentences: Sequence[Sentence] = (), figures: Sequence[Number] = ()
) -> list[Paragraph]:
    """Return the text as paragraphs of safe HTML, `[n]` replaced by what `chip` returns, sentences and figures wrapped."""
    splice = _Splice(chip, {s.number: s for s in sentences}, {f.number: f for f in figures})
    tokens = _MARKDOWN.parse(_marked(text, sentences, figures))
    _set_heading_levels(tokens)
    found: list[Paragraph] = []
    for block in _blocks(tokens):
        splice.start_paragraph()
        for token in block:
            if token.type in {"fence", "code_block"}:
                token.content = splice.unmarked(token.content)
        html = _RENDERER.render(block, _MARKDOWN.options, {"splice": splice})
        safe = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, url_schemes=set())
        lead = not found and block[0].type == "paragraph_open" and len(block[1].content) <= 420
        found.append(
            Paragraph(
                html=_with_scrolling_tables(safe),
                lead=lead,
                sentences=tuple(splice.sentences),
                markers=tuple(splice.markers),
                figures=tuple(splice.figures),
            )
        )
    return found


def _marked(text: str, sentences: Sequence[Sentence], figures: Sequence[Number]) -> str:
    """Return the text with every sentence and figure between marks, which stand inside list bullets and heading signs."""
    clean = text.translate(_RESERVED)
    cuts: list[Cut] = []
    position = 0
    for sentence in sorted(sentences, key=lambda s: s.start)[:_MOST]:
        skipped = _BLOCK_MARKUP.match(clean, sentence.start)
        start = max(skipped.end() if skipped else sentence.start, position)
        end = min(sentence.end, len(clean))
        while following := _CITATION.match(clean, end):
            end = following.end()
        end = start + len(clean[start:end].rstrip())
        if start >= end:
            continue
        cuts += [(start, 3, chr(_FIRST_NUMBER + sentence.number) + _OPEN), (end, 2, _CLOSE)]
        for first, last in sentence.short:
            if (first := max(first, start)) < (last := min(last, end)):
                cuts += [(first, 4, _SHORT), (last, 1, _SHORT)]
        position = end
    cuts += _figure_cuts(clean, figures)
    return _cut(clean, cuts)


def _figure_cuts(text: str, figures: Sequence[Number]) -> Iterator[Cut]:
    position = 0
    for figure in sorted(figures, key=lambda f: f.start)[:_MOST]:
        escaped = text[figure.start - 1 : figure.start] == "\\"  # as in \$1,204: the sign keeps its backslash
        start = figure.start - 1 if escaped else figure.start
        if position <= start < figure.end <= len(text):
            yield start, 5, chr(_FIRST_NUMBER + figure.number) + _FIGURE
            yield figure.end, 0, _FIGURE_END
            position = figure.end


def _cut(text: str, cuts: Sequence[Cut]) -> str:
    """Return the text with the marks put in."""
    parts, position = [], 0
    for at, _rank, mark in sorted(cuts):
        parts += [text[position:at], mark]
        position = at
    return "".join([*parts, text[position:]])


_CLOSING = ("</span>", "</span>", "</button>")


@dataclass(slots=True)
class _Splice:
    """Writes the text of inline tokens: escapes it, turns citations into chips, and keeps the spans of its sentence and figure open.

    Spans are suspended before any tag and resumed in the next text, so tags always nest: level 0 is the sentence, 1 in it what nothing
    bears out, 2 in that the figure.
    """

    chip: Chip
    known: dict[int, Sentence]
    numbers: dict[int, Number]
    current: Sentence | None = None
    figure: Number | None = None
    is_short: bool = False
    open_levels: list[int] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    sentences: list[int] = field(default_factory=list)
    markers: list[int] = field(default_factory=list)
    figures: list[int] = field(default_factory=list)

    def start_paragraph(self) -> None:
        self.current, self.figure, self.is_short, self.open_levels = None, None, False, []
        self.sentences, self.markers, self.figures = [], [], []

    def write(self, content: str) -> str:
        out, position = [], 0
        for mark in _MARKS.finditer(content):
            out.append(self._piece(content[position : mark.start()]))
            out.append(self._pass(mark))
            position = mark.end()
        out.append(self._piece(content[position:]))
        return "".join(out)

    def _pass(self, mark: re.Match[str]) -> str:
        """Take in one mark and return what ends there."""
        number = ord(mark[1]) - _FIRST_NUMBER if mark[1] else 0
        match mark[2] or mark[3]:
            case char if char == _OPEN:
                out = self.suspend()
                self.current = self.known.get(number)
            case char if char == _FIGURE:
                out = self.suspend(2)
                self.figure = self.numbers.get(number)
            case char if char == _FIGURE_END:
                out = self.suspend(2) + (self.figure.after if self.figure else "")
                self.figure = None
            case char if char == _SHORT:
                out = self.suspend(1)
                self.is_short = not self.is_short
            case _:
                out = self.suspend() + (self.current.chip if self.current else "")
                self.current, self.is_short = None, False
        return out

    def unmarked(self, code: str) -> str:
        """Return code without marks. A sentence or a figure that begins or ends inside code ends before it."""
        if _MARKS.search(code):
            self.current, self.figure, self.is_short = None, None, False
        return _MARKS.sub("", code)

    def suspend(self, level: int = 0) -> str:
        """Close what is open from a level on, the innermost first."""
        closing = [_CLOSING[open_level] for open_level in reversed(self.open_levels) if open_level >= level]
        self.open_levels = [open_level for open_level in self.open_levels if open_level < level]
        return "".join(closing)

    def _piece(self, text: str) -> str:
        if not text:
            return ""
        return self._resume() + "".join(self._cited(text))

    def _cited(self, text: str) -> Iterator[str]:
        position = 0
        for citation in _CITATION.finditer(text):
            marker = int(citation[1])
            chip = self.chip(marker)
            if not chip:
                continue
            yield escape(text[position : citation.start()])
            yield chip
            position = citation.end()
            if marker not in self.markers:
                self.markers.append(marker)
        yield escape(text[position:])

    def _resume(self) -> str:
        out = []
        if self.current is not None and 0 not in self.open_levels:
            out.append(self._sentence_tag(self.current))
            self.open_levels.append(0)
        if self.current is not None and self.is_short and 1 not in self.open_levels:
            out.append('<span class="short">')
            self.open_levels.append(1)
        if self.figure is not None and 2 not in self.open_levels:
            out.append(self.figure.before)
            self.open_levels.append(2)
            if self.figure.number not in self.figures:
                self.figures.append(self.figure.number)
        return "".join(out)

    def _sentence_tag(self, sentence: Sentence) -> str:
        if sentence.number not in self.sentences:
            self.sentences.append(sentence.number)
        identity = "" if sentence.number in self.begun else format_html(' id="k{}"', sentence.number)
        self.begun.add(sentence.number)
        return format_html(
            '<span class="claim"{} data-verdict="{}" data-cited="{}">',
            identity,
            sentence.verdict,
            "yes" if sentence.cited else "no",
        )


class _Renderer(RendererHTML):
    """Markdown's own HTML, with text written by the splice."""

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: Any) -> str:  # noqa: N802  # overrides
        splice: _Splice = env["splice"]
        out = []
        for index, token in enumerate(tokens):
            if token.type == "text":
                out.append(splice.write(token.content))
            elif token.type in {"softbreak", "hardbreak"}:
                out.append(self.renderToken(tokens, index, options, env) if token.type == "hardbreak" else "\n")
            else:
                token.content = splice.unmarked(token.content)
                rule = self.rules.get(token.type)
                out.append(splice.suspend())
                out.append(rule(tokens, index, options, env) if rule else self.renderToken(tokens, index, options, env))
        out.append(splice.suspend())
        return "".join(out)


def _blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the top-level blocks; a heading goes with the block after it."""
    block: list[Token] = []
    depth = 0
    for token in tokens:
        block.append(token)
        depth += token.nesting
        if depth == 0 and token.type != "heading_close":
            yield block
            block = []
    if block:
        yield block


def _set_heading_levels(tokens: list[Token]) -> None:
    """Below the page's own h1 there are two levels, whatever the model counted from."""
    highest = min((token.tag for token in tokens if token.type == "heading_open"), default="")
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h2" if token.tag == highest else "h3"
        elif token.type == "table_open":
            token.attrSet("class", "table")
        elif token.type in {"th_open", "td_open"} and token.attrs.pop("style", "") == "text-align:right":
            token.attrSet("class", "num")


def _with_scrolling_tables(html: str) -> SafeString:
    """Return sanitised HTML with each table in a region of its own, which scrolls sideways and takes the focus."""
    label = escape(_("Table in the answer"))
    before = f'<div class="tablewrap" tabindex="0" role="region" aria-label="{label}"><table'
    return mark_safe(html.replace("<table", before).replace("</table>", "</table></div>"))  # noqa: S308  # cleaned by nh3


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_MARKDOWN.disable(["link", "image", "autolink", "reference", "html_block", "html_inline", "lheading"])
_RENDERER = _Renderer()
