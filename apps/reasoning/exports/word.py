"""An answer as a Word document with real footnotes, written part by part: no template, no macro, nothing fetched when it is opened."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.reasoning.exports.markup import Block, Grid, Run, Runs
from apps.reasoning.exports.sheet import Note, Sheet
from apps.reasoning.exports.text import note_line
from apps.reasoning.exports.word_parts import (
    CONTENT_TYPES,
    DOCUMENT,
    FOOTNOTES,
    PACKAGE_LINKS,
    PROPERTIES,
    SETTINGS,
    STYLES,
    links_part,
)

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_STYLES = {"text": "BodyText", "quote": "Quote", "code": "Code", "item": "ListItem"}
_INDENT, _HANGING = 340, 300  # twentieths of a point by which an item lies deeper, and its sign stands before it


def word_document(sheet: Sheet) -> bytes:
    """Return the answer as a DOCX file."""
    body = _Body()
    text = "".join(_paragraphs(sheet, body))
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": PACKAGE_LINKS,
        "docProps/core.xml": PROPERTIES.format(
            title=_clean(sheet.question), at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        ),
        "word/document.xml": DOCUMENT.format(body=text),
        "word/footnotes.xml": FOOTNOTES.format(notes="".join(map(_footnote, sheet.notes))),
        "word/settings.xml": SETTINGS,
        "word/styles.xml": STYLES.format(language=get_language() or "en"),
        "word/_rels/document.xml.rels": links_part({"answer": sheet.href}, with_parts=True),
        "word/_rels/footnotes.xml.rels": links_part({f"note{note.number}": note.href for note in sheet.notes}),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


class _Body:
    """Writes runs, and knows which notes were made already: a second citation of one refers to the first."""

    def __init__(self) -> None:
        self.made: set[int] = set()

    def runs(self, runs: Runs) -> str:
        return "".join(self.note(run.note) if run.note else _run(run) for run in runs)

    def note(self, number: int) -> str:
        if number in self.made:
            shown = f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>{number}</w:t></w:r>'
            return f'<w:fldSimple w:instr=" NOTEREF _Note{number} \\f \\h ">{shown}</w:fldSimple>'
        self.made.add(number)
        return (
            f'<w:bookmarkStart w:id="{number}" w:name="_Note{number}"/>'
            f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{number}"/></w:r>'
            f'<w:bookmarkEnd w:id="{number}"/>'
        )


def _paragraphs(sheet: Sheet, body: _Body) -> Iterator[str]:
    yield _paragraph("Title", _text(sheet.question), sheet.question)
    yield _paragraph("Facts", _text(" ".join(sheet.facts)))
    for remark in sheet.remarks:
        yield _paragraph("Remark", _text(remark))
    for block in sheet.blocks:
        yield _table(block, body) if isinstance(block, Grid) else _block(block, body)
    if sheet.conflicts:
        yield _paragraph("Heading1", _text(_("Conflicting values")))
    for conflict in sheet.conflicts:
        yield _paragraph("BodyText", _text(conflict.about, "<w:b/>"))
        for side, number in conflict.sides:
            yield _paragraph("ListItem", _text(f"•\t{side}") + (body.note(number) if number else ""), side, _item(1))
        if conflict.why:
            yield _paragraph("BodyText", _text(conflict.why))
    if sheet.searched:
        yield _paragraph("Heading1", _text(_("What was searched")))
    for line in sheet.searched:
        yield _paragraph("BodyText", _text(line), line)
    yield _paragraph("Record", _text(" ".join(sheet.closing) + " ") + _link("answer", sheet.href))


def _block(block: Block, body: _Body) -> str:
    said = "".join(run.text for run in block.runs)
    runs = body.runs(block.runs)
    if block.kind == "heading":
        return _paragraph(f"Heading{min(block.level, 3)}", runs, said)
    if block.kind == "item":
        return _paragraph("ListItem", _text(f"{block.bullet}\t") + runs, said, _item(block.level))
    return _paragraph(_STYLES[block.kind], runs, said)


def _item(level: int) -> str:
    return f'<w:ind w:left="{level * _INDENT}" w:hanging="{_HANGING}"/>'


def _table(grid: Grid, body: _Body) -> str:
    columns = max((len(row) for row in grid.rows), default=0)
    if not columns:
        return ""
    rows = "".join(_row(row, body, is_head=at == 0, columns=columns) for at, row in enumerate(grid.rows))
    widths = f"<w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid>"
    looks = '<w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="5000" w:type="pct"/></w:tblPr>'
    return f"<w:tbl>{looks}{widths}{rows}</w:tbl>" + _paragraph("BodyText", "")


def _row(row: Iterable[Runs], body: _Body, *, is_head: bool, columns: int) -> str:
    cells = [*row]
    cells += [()] * (columns - len(cells))
    looks = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if is_head else "<w:trPr><w:cantSplit/></w:trPr>"
    style = "CellHead" if is_head else "Cell"
    written = (
        f"<w:tc>{_paragraph(style, body.runs(cell), ''.join(run.text for run in cell))}</w:tc>" for cell in cells
    )
    return f"<w:tr>{looks}{''.join(written)}</w:tr>"


def _footnote(note: Note) -> str:
    sign = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
    line = note_line(note)
    said = _text(line[len(note.place) :] + " ") + _text(_("(Number %(marker)s on the page.)") % {"marker": note.marker})
    link = _link(f"note{note.number}", note.place)
    paragraph = _paragraph("FootnoteText", f"{sign}{_text(' ')}{link}{said}", line)
    return f'<w:footnote w:id="{note.number}">{paragraph}</w:footnote>'


def _paragraph(style: str, runs: str, said: str = "", layout: str = "") -> str:
    """Return a paragraph; one that is read from right to left is set so."""
    first = next((char for char in said if char.isalpha()), "")
    bidi = "<w:bidi/>" if _RIGHT_TO_LEFT.match(first) else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{bidi}{layout}</w:pPr>{runs}</w:p>'


def _run(run: Run) -> str:
    if run.is_mark:
        return _text(run.text, '<w:rStyle w:val="Mark"/>')
    looks = ('<w:rStyle w:val="CodeText"/>' if run.code else "") + ("<w:b/>" if run.bold else "")
    return _text(run.text, looks + ("<w:i/>" if run.italic else "") + ("<w:strike/>" if run.struck else ""))


def _text(text: str, looks: str = "") -> str:
    """Return runs of text; line ends and tabs are kept."""
    looks += "<w:rtl/>" if _RIGHT_TO_LEFT.search(text) else ""
    parts = [
        f'<w:t xml:space="preserve">{_clean(part)}</w:t>'
        if part not in "\n\t"
        else "<w:br/>"
        if part == "\n"
        else "<w:tab/>"
        for part in re.split("([\n\t])", text)
        if part
    ]
    return f"<w:r>{f'<w:rPr>{looks}</w:rPr>' if looks else ''}{''.join(parts)}</w:r>" if parts else ""


def _link(name: str, text: str) -> str:
    run = _text(text, '<w:rStyle w:val="Hyperlink"/>')
    return f"<w:hyperlink r:id={quoteattr(name)}>{run}</w:hyperlink>"


def _clean(text: str) -> str:
    """Return text as XML may hold it."""
    return escape(_CONTROL.sub("\ufffd", text))
