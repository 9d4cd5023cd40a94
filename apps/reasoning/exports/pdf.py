"""An answer as a PDF whose notes stand at the foot of the page that cites them, each leading to the page of the document."""

from collections.abc import Iterator
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, Table

from apps.reasoning.exports.markup import Block, Grid, Run, Runs
from apps.reasoning.exports.pdf_fonts import SANS, SERIF, Typesetter
from apps.reasoning.exports.pdf_pages import WIDTH, Piece, set_pages
from apps.reasoning.exports.sheet import Note, Sheet
from apps.reasoning.exports.text import note_line

_INK, _QUIET, _ALARM, _LINK, _RULE = "#1b1d21", "#5a5f66", "#a8321e", "#1f4e8c", HexColor("#c9cdd2")
_INDENT = 14


def _style(name: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    looks = {"fontName": f"{SERIF}-Regular", "textColor": HexColor(_INK), "alignment": TA_LEFT, "spaceAfter": 6}
    return ParagraphStyle(name, fontSize=size, leading=leading, **(looks | more))


_TITLE = _style("title", 18, 23, fontName=f"{SERIF}-Bold", spaceAfter=8)
_HEADINGS = [
    _style(f"heading{n}", size, size * 1.3, fontName=f"{SERIF}-Bold", spaceAfter=4)
    for n, size in enumerate((13.5, 12, 11))
]
_TEXT = _style("text", 10.5, 15.2)
_QUOTE = _style("quote", 10.5, 15.2, leftIndent=2 * _INDENT, fontName=f"{SERIF}-Italic")
_SMALL = _style("small", 8.5, 12, textColor=HexColor(_QUIET), spaceAfter=10)
_CELL = _style("cell", 9, 12, spaceAfter=0)
_HEAD = _style("head", 9, 12, fontName=f"{SERIF}-Bold", spaceAfter=0)
_NOTE = _style("note", 8, 10.6, spaceAfter=2)


def pdf_document(sheet: Sheet) -> bytes:
    """Return the answer as a PDF file."""
    setter = _Setter(Typesetter.for_text(" ".join((sheet.question, *(note.quote for note in sheet.notes)))))
    pieces = list(setter.pieces(sheet))
    notes = {note.number: setter.paragraph(_note_markup(setter, note), _NOTE) for note in sheet.notes}
    pieces += setter.closing(sheet)
    foot = sheet.closing[0] if len(sheet.closing) > 1 else ""  # the record
    return set_pages(pieces, notes, title=sheet.question, language=get_language() or "en", foot=setter.markup(foot))


class _Setter:
    """Makes pieces of blocks; the typesetter parts their text by font."""

    def __init__(self, types: Typesetter) -> None:
        self.types = types

    def pieces(self, sheet: Sheet) -> Iterator[Piece]:
        yield Piece(self.paragraph(self.markup(sheet.question), _TITLE), keeps_next=True)
        yield self._plain(" ".join(sheet.facts), _SMALL)
        for remark in sheet.remarks:
            yield Piece(self.paragraph(f"<i>{self.markup(remark)}</i>", _TEXT))
        for block in sheet.blocks:
            yield from self._table(block) if isinstance(block, Grid) else [self._block(block)]
        if sheet.conflicts:
            yield self._heading(_("Conflicting values"))
        for conflict in sheet.conflicts:
            yield Piece(self.paragraph(f"<b>{self.markup(conflict.about)}</b>", _TEXT), keeps_next=True)
            for side, number in conflict.sides:
                sign = _note_sign(number) if number else ""
                yield Piece(self.paragraph(self.markup(side) + sign, _item(1), "•"))
            if conflict.why:
                yield self._plain(conflict.why, _TEXT)
        if sheet.searched:
            yield self._heading(_("What was searched"))
        for line in sheet.searched:
            yield self._plain(line, _TEXT)

    def closing(self, sheet: Sheet) -> Iterator[Piece]:
        """Yield what is said last: the record, the address, and what this file could not show."""
        link = f"<a href={quoteattr(sheet.href)} color={quoteattr(_LINK)}>{escape(sheet.href)}</a>"
        yield Piece(self.paragraph(f"{self.markup(' '.join(sheet.closing))} {link}", _SMALL))
        if self.types.is_reader_set:
            yield self._plain(
                _("Chinese, Japanese and Korean characters are set in the fonts of your PDF reader."), _SMALL
            )
        missing = len(self.types.missing)
        if missing:
            told = ngettext(
                "%(count)s character has no letter in the fonts of this file and is shown as �; the Word file has it.",
                "%(count)s characters have no letters in the fonts of this file and are shown as �; the Word file has them.",
                missing,
            )
            yield self._plain(told % {"count": missing}, _SMALL)

    def paragraph(self, markup: str, style: ParagraphStyle, bullet: str = "") -> Paragraph:
        wrap = {"wordWrap": "CJK"} if self.types.is_reader_set else {}
        shaped = ParagraphStyle(style.name, parent=style, **wrap) if wrap else style
        return Paragraph(markup or "&#160;", shaped, bulletText=bullet or None)

    def markup(self, text: str) -> str:
        """Return text as the markup of paragraphs, each piece in a font that has its letters."""
        return "".join(map(_faced, self.types.parts(text)))

    def _plain(self, text: str, style: ParagraphStyle) -> Piece:
        return Piece(self.paragraph(self.markup(text), style))

    def _heading(self, text: str, level: int = 1) -> Piece:
        style = _HEADINGS[min(level, len(_HEADINGS)) - 1]
        return Piece(self.paragraph(self.markup(text), style), before=8, keeps_next=True)

    def _block(self, block: Block) -> Piece:
        written = self._runs(block.runs)
        if block.kind == "heading":
            style = _HEADINGS[min(block.level, len(_HEADINGS)) - 1]
            return Piece(self.paragraph(written, style), before=8, keeps_next=True)
        if block.kind == "item":
            return Piece(self.paragraph(written, _item(block.level), block.bullet))
        return Piece(self.paragraph(written, _QUOTE if block.kind == "quote" else _TEXT))

    def _runs(self, runs: Runs) -> str:
        return "".join(_note_sign(run.note) if run.note else self._run(run) for run in runs)

    def _run(self, run: Run) -> str:
        text = self.markup(run.text)
        if run.is_mark:
            return f'<font color="{_ALARM}"><b>{text}</b></font>'
        text = f'<font face="{SANS}">{text}</font>' if run.code else text
        for tag, given in (("b", run.bold), ("i", run.italic), ("strike", run.struck)):
            text = f"<{tag}>{text}</{tag}>" if given else text
        return text

    def _table(self, grid: Grid) -> Iterator[Piece]:
        """Yield a table row by row, so that each row stands on the page of its notes; its headings come again on every page."""
        columns = max((len(row) for row in grid.rows), default=0)
        if not columns:
            return
        make = partial(self._row, widths=_widths(grid, columns))
        head = grid.rows[0]
        for at, row in enumerate(grid.rows):
            again = partial(make, head, is_head=True) if at else None
            last = at == len(grid.rows) - 1
            notes = tuple(run.note for cell in row for run in cell if run.note)
            yield Piece(make(row, is_head=not at), notes=notes, again=again, keeps_next=not at, after=10 if last else 0)

    def _row(self, row: tuple[Runs, ...], *, widths: list[float], is_head: bool) -> Table:
        style = _HEAD if is_head else _CELL
        cells = [self.paragraph(self._runs(cell), style) for cell in row]
        cells += [self.paragraph("", style)] * (len(widths) - len(cells))
        line = [("LINEBELOW", (0, 0), (-1, -1), 0.8 if is_head else 0.4, _RULE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        return Table([cells], colWidths=widths, style=line, hAlign="LEFT", splitInRow=1)


def _item(level: int) -> ParagraphStyle:
    left = level * _INDENT
    bullet = {"bulletIndent": left - _INDENT, "bulletFontName": f"{SERIF}-Regular", "bulletFontSize": _TEXT.fontSize}
    return ParagraphStyle(f"item{level}", parent=_TEXT, leftIndent=left, spaceAfter=3, **bullet)


def _widths(grid: Grid, columns: int) -> list[float]:
    """Return widths by how much the columns say, none less than a third of an equal share."""
    said = [
        min(max(len("".join(run.text for run in row[at])) for row in grid.rows if at < len(row)), 60) + 6
        for at in range(columns)
    ]
    return [WIDTH * size / sum(said) for size in said]


def _faced(part: tuple[str, str]) -> str:
    text, font = part
    written = escape(text).replace("\n", "<br/>")
    return written if font == SERIF else f'<font face="{font}">{written}</font>'


def _note_sign(number: int) -> str:
    """Return the sign of a note. The space before it, which stands nowhere else, is how `pdf_pages` knows signs from figures."""
    return f'<super size="7"><a href="#note{number}" color="{_LINK}">\u00a0{number}</a></super>'


def _note_markup(setter: _Setter, note: Note) -> str:
    line = note_line(note)
    rest = setter.markup(
        f"{line[len(note.place) :]} " + _("(Number %(marker)s on the page.)") % {"marker": note.marker}
    )
    place = f"<a href={quoteattr(note.href)} color={quoteattr(_LINK)}>{setter.markup(note.place)}</a>"
    return f'<a name="note{note.number}"/><super size="6">{note.number}</super> {place}{rest}'
