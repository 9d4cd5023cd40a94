"""An answer to paste: as plain text, and as HTML that keeps its tables and emphasis. Notes are numbered and stand below."""

from collections.abc import Iterator

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.reasoning.exports.markup import Block, Grid, Run, Runs
from apps.reasoning.exports.sheet import Note, Sheet


def plain_text(sheet: Sheet) -> str:
    """Return the answer as text, its notes in brackets and below."""
    parts = [sheet.question, "\n".join((*sheet.facts, *sheet.remarks))]
    parts += _joined_items(sheet.blocks)
    parts += [_plain_conflict(sheet)] if sheet.conflicts else []
    parts += ["\n".join(sheet.searched)] if sheet.searched else []
    parts += ["\n".join(_plain_note(note) for note in sheet.notes)] if sheet.notes else []
    parts.append("\n".join((*sheet.closing, sheet.href)))
    return "\n\n".join(part for part in parts if part) + "\n"


def html(sheet: Sheet) -> SafeString:
    """Return the answer as a fragment of HTML without scripts, styles or pictures; its only links lead to the pages."""
    parts = [format_html("<p><b>{}</b></p>", sheet.question)]
    parts += [_html_block(block) for block in sheet.blocks]
    parts += [format_html("<p>{}</p>", line) for line in sheet.searched]
    if sheet.notes:
        parts.append(mark_safe("<ol>" + "".join(map(_html_note, sheet.notes)) + "</ol>"))  # noqa: S308  # each is escaped
    record = " ".join(sheet.closing)
    parts.append(format_html('<p><small>{} <a href="{}">{}</a></small></p>', record, sheet.href, sheet.href))
    return mark_safe("\n".join(parts))  # noqa: S308  # each is escaped


def note_line(note: Note) -> str:
    """Return what a note says: the place, the words there, and what is to be known of them."""
    line = _("%(place)s: “%(quote)s”") % {"place": note.place, "quote": note.quote} if note.quote else note.place
    return f"{line} {note.remark}".rstrip()


def _joined_items(blocks: tuple[Block | Grid, ...]) -> Iterator[str]:
    """Yield paragraphs; items that follow one another are one of them."""
    items: list[str] = []
    for block in blocks:
        if isinstance(block, Block) and block.kind == "item":
            items.append("  " * (block.level - 1) + f"{block.bullet or ' '} {_plain(block.runs)}")
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield _plain_table(block) if isinstance(block, Grid) else _plain(block.runs)
    if items:
        yield "\n".join(items)


def _plain(runs: Runs) -> str:
    return "".join(f"\u00a0[{run.note}]" if run.note else run.text for run in runs).strip()


def _plain_table(grid: Grid) -> str:
    """Return a table with tabs between its cells, as spreadsheets take it."""
    return "\n".join("\t".join(" ".join(_plain(cell).split()) for cell in row) for row in grid.rows)


def _plain_conflict(sheet: Sheet) -> str:
    lines = [_("Conflicting values")]
    for conflict in sheet.conflicts:
        lines.append(conflict.about)
        lines += [f"- {side}" + (f" [{note}]" if note else "") for side, note in conflict.sides]
        lines += [conflict.why] if conflict.why else []
    return "\n".join(lines)


def _plain_note(note: Note) -> str:
    return f"[{note.number}] {note_line(note)}\n    {note.href}"


def _html_note(note: Note) -> str:
    return format_html('<li><a href="{}">{}</a>{}</li>', note.href, note.place, note_line(note)[len(note.place) :])


_TAGS = {"heading": "h3", "quote": "blockquote", "code": "pre"}


def _html_block(block: Block | Grid) -> SafeString:
    if isinstance(block, Grid):
        rows = "".join(_html_row(row, "td" if at else "th") for at, row in enumerate(block.rows))
        return mark_safe(f"<table>{rows}</table>")  # noqa: S308  # each run is escaped
    tag, bullet = _TAGS.get(block.kind, "p"), f"{block.bullet} " if block.bullet else ""
    return mark_safe(f"<{tag}>{bullet}{_html_runs(block.runs)}</{tag}>")  # noqa: S308  # each run is escaped


def _html_row(row: tuple[Runs, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_html_runs(cell)}</{tag}>" for cell in row) + "</tr>"


def _html_runs(runs: Runs) -> SafeString:
    return mark_safe("".join(map(_html_run, runs)))  # noqa: S308  # each is escaped


def _html_run(run: Run) -> str:
    if run.note:
        return f"<sup>{run.note}</sup>"
    text = str(escape(run.text)).replace("\n", "<br>")
    for tag, given in (("code", run.code), ("s", run.struck), ("i", run.italic or run.is_mark), ("b", run.bold)):
        text = f"<{tag}>{text}</{tag}>" if given else text
    return text
