"""The figures of an answer, each with how it came about: the ledger that opens under a number, and the list of all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.web import wording
from apps.web.answer_cells import cell_key
from apps.web.exhibits import PageShape, Spot, place_of, source_href
from apps.web.prose import Number

Answer = Mapping[str, Any]
Passages = Mapping[int, Mapping[str, Any]]
"""Passages that were read, by marker."""

_QUIET = {"given", "unchecked"}
_HERE = "\ufdd0"  # no character: stands for the text in the partial
_CONTEXT = 48  # characters of a passage on either side of a figure in its text


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an expression; one with a `marker` is an operand that leads to its place."""

    text: str
    marker: int | None = None
    href: str = ""
    cell: str = ""
    result: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a ledger: what it is about, and what is said of that."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """How one figure came about. `source` and `verdict` are codes of the contract, `word` and `tone` what they are shown as."""

    number: int
    text: str
    source: str
    verdict: str
    word: str
    tone: str
    icon: str
    about: str
    label: str
    corrected: str
    pieces: tuple[Piece, ...]
    lines: tuple[Line, ...]
    foot: str
    claim: int | None
    markers: tuple[int, ...]

    @property
    def asked(self) -> bool:
        """Whether the figure can be asked in the text: counts and what the question itself said stay as they are."""
        return self.verdict not in _QUIET

    @property
    def calculation(self) -> str:
        """Return what was computed, without its result; empty for a figure that was not."""
        if self.source != "computed":
            return ""
        return "".join(piece.text for piece in self.pieces if not piece.result).rstrip("= ")

    @property
    def origin(self) -> str:
        """Return where it comes from, in one line."""
        return self.calculation or (self.lines[0].text if self.lines else self.foot)


def ledgers_of(answer: Answer, passages: Passages, shapes: Mapping[Spot, PageShape]) -> tuple[Ledger, ...]:
    """Return the figures of an answer in order, without counts of which no source is asked."""
    shown = [(n, f) for n, f in enumerate(answer.get("figures", []), start=1) if f["verdict"] != "unchecked"]
    return tuple(_ledger(number, figure, passages, shapes, str(answer["id"])) for number, figure in shown)


def numbers_of(answer: Answer, ledgers: Sequence[Ledger]) -> list[Number]:
    """Return the figures as they are marked in the text."""
    figures = answer.get("figures", [])
    marked = []
    for ledger in ledgers:
        if ledger.asked:
            start, end = figures[ledger.number - 1]["span"]
            before, after = _markup(ledger)
            marked.append(Number(ledger.number, start, end, before, after))
    return marked


def summary_of(ledgers: Sequence[Ledger]) -> str:
    """Return how many figures were traced, computed, set right and not found, in one line."""
    tally = Counter("corrected" if ledger.corrected else ledger.verdict for ledger in ledgers)
    sayings = [
        (tally["traced"], ngettext("%(n)s traced to its place", "%(n)s traced to their places", tally["traced"])),
        (tally["computed"], ngettext("%(n)s recomputed", "%(n)s recomputed", tally["computed"])),
        (tally["given"], ngettext("%(n)s from the question", "%(n)s from the question", tally["given"])),
        (tally["corrected"], ngettext("%(n)s corrected", "%(n)s corrected", tally["corrected"])),
        (tally["wrong"], ngettext("%(n)s wrong", "%(n)s wrong", tally["wrong"])),
    ]
    parts = [say % {"n": wording.count(n)} for n, say in sayings if n]
    missing = tally["unfound"]
    last = (
        ngettext("%(n)s without a source", "%(n)s without a source", missing) % {"n": wording.count(missing)}
        if missing
        else _("none without a source")
    )
    return ", ".join([*parts, last])


def _markup(ledger: Ledger) -> tuple[str, str]:
    """Return the markup before and after the figure's own text. The button itself is closed by whoever writes that text."""
    html = render_to_string("components/figure.html", {"figure": ledger, "text": _HERE}).strip()
    before, _text, after = html.partition(_HERE)
    return before, after.removeprefix("</button>")


def _ledger(
    number: int, figure: Mapping[str, Any], passages: Passages, shapes: Mapping[Spot, PageShape], answer: str
) -> Ledger:
    word, tone, icon = _words(figure)
    inputs = figure["inputs"]
    return Ledger(
        number=number,
        text=figure["text"],
        source=figure["source"],
        verdict=figure["verdict"],
        word=word,
        tone=tone,
        icon=icon,
        about=_about(figure),
        label=_label(figure, word),
        corrected=figure["corrected"] or "",
        pieces=tuple(_pieces(figure, passages, answer)),
        lines=(*_places(inputs, passages, shapes), *_said(figure)),
        foot=_foot(figure),
        claim=figure.get("claim"),
        markers=tuple(dict.fromkeys(i["place"]["marker"] for i in inputs if i["place"])),
    )


def _words(figure: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return word, tone and icon of a verdict."""
    if figure["corrected"]:
        return _("Corrected"), "part", "pen"
    return {
        "traced": (_("Traced"), "ok", "check"),
        "computed": (_("Recomputed"), "ok", "check"),
        "wrong": (_("Wrong"), "bad", "contra"),
        "unfound": (_("No source"), "bad", "open"),
    }.get(figure["verdict"], (_("From the question"), "", "ask"))


def _label(figure: Mapping[str, Any], word: str) -> str:
    if figure["corrected"]:
        return _("%(figure)s, wrong: it should read %(right)s") % {
            "figure": figure["text"],
            "right": figure["corrected"],
        }
    return _("%(figure)s, %(verdict)s") % {"figure": figure["text"], "verdict": word.lower()}


def _about(figure: Mapping[str, Any]) -> str:
    """Return what a traced figure is by its table: row and column."""
    place = figure["inputs"][0]["place"] if len(figure["inputs"]) == 1 else None
    if not place or "row_path" not in place:
        return ""
    return ", ".join(path[-1] for path in (place["row_path"], place["column_path"]) if path)


def _pieces(figure: Mapping[str, Any], passages: Passages, answer: str) -> list[Piece]:
    if figure["expression"]:
        return _expression(figure, passages, answer)
    if not figure["inputs"]:
        return [Piece(figure["text"])]
    source = figure["inputs"][0]
    place = source["place"]
    shown = _operand(source["text"], place, passages, answer)
    if not place or place["marker"] not in passages or "row" in place:
        return [shown]
    text, (start, end) = passages[place["marker"]]["text"], place["span"]
    before, after = text[max(start - _CONTEXT, 0) : start], text[end : end + _CONTEXT]
    return [Piece(f"“{_from_word(before)}"), shown, Piece(f"{_to_word(after)}”")]


def _from_word(text: str) -> str:
    """Return the end of a text from its last sentence or line on, else from a whole word on."""
    text = " ".join(text.split()) + (" " if text[-1:].isspace() else "")
    if len(text) < _CONTEXT - 1:
        return text
    return "… " + text.partition(" ")[2]


def _to_word(text: str) -> str:
    joined = (" " if text[:1].isspace() else "") + " ".join(text.split())
    return joined if len(joined) < _CONTEXT - 1 else joined.rpartition(" ")[0] + " …"


def _expression(figure: Mapping[str, Any], passages: Passages, answer: str) -> list[Piece]:
    """Return the expression in pieces, its operands leading to where they stand, its result last."""
    text = figure["expression"]
    body, equals, result = text.rpartition(" = ")
    limit = len(body) if equals else len(text)
    pieces, position = [], 0
    for source in sorted(figure["inputs"], key=lambda i: i["at"]):
        start, end = source["at"]
        if not position <= start < end <= limit:
            continue
        pieces += [Piece(text[position:start]), _operand(text[start:end], source["place"], passages, answer)]
        position = end
    pieces.append(Piece(text[position:limit] + equals))
    return [piece for piece in [*pieces, Piece(result, result=True)] if piece.text]


def _operand(text: str, place: Mapping[str, Any] | None, passages: Passages, answer: str) -> Piece:
    marker = place["marker"] if place else None
    if marker is None or marker not in passages:
        return Piece(text)
    href = source_href(passages[marker], answer=answer, marker=marker)
    return Piece(text, marker, href, cell_key(place) if place else "")


def _places(inputs: Sequence[Mapping[str, Any]], passages: Passages, shapes: Mapping[Spot, PageShape]) -> list[Line]:
    lines: list[Line] = []
    before = ""
    for source in inputs:
        said_there = not source["unit"] or any(char.isalpha() or char in "%£€$¥" for char in source["text"])
        term = source["text"] if said_there else f"{source['text']}\u00a0{source['unit']}"
        if source["constant"]:
            lines.append(Line(term, _("A constant of the calculation")))
            continue
        place = source["place"]
        passage = passages.get(place["marker"]) if place else None
        if place is None or passage is None:
            lines.append(Line(term, _("Stands in no passage that was read")))
            continue
        page = place_of(passage, shapes)
        where = _("the same page") if page == before else page
        before = page
        lines.append(Line(term, _where(where, place, passage)))
    return list(dict.fromkeys(lines))


def _where(page: str, place: Mapping[str, Any], passage: Mapping[str, Any]) -> str:
    values = {
        "page": page,
        "row": " › ".join(place.get("row_path") or ()),
        "column": " › ".join(place.get("column_path") or ()),
        "heading": wording.heading(passage),
    }
    if values["row"] and values["column"]:
        return _("%(page)s, row “%(row)s”, column “%(column)s”") % values
    if values["row"]:
        return _("%(page)s, row “%(row)s”") % values
    if values["column"]:
        return _("%(page)s, column “%(column)s”") % values
    return _("%(page)s, under “%(heading)s”") % values if values["heading"] else page


def _said(figure: Mapping[str, Any]) -> list[Line]:
    """Return what the model wrote where that is not what was found, in what it departs, and the exact value."""
    lines = []
    if figure["verdict"] == "wrong":
        flaws = [word for flaw in figure["flaws"] if (word := _flaw(flaw))]
        lines.append(
            Line(_("Written"), " ".join([_("The model wrote %(figure)s.") % {"figure": figure["text"]}, *flaws]))
        )
    exact = figure["exact"]
    if figure["source"] == "computed" and exact:
        shown = exact if len(exact) <= 12 else exact[:10] + "…"
        lines.append(Line(_("Exactly"), _("%(number)s, before rounding") % {"number": shown}))
    if not figure["scale_said"]:
        lines.append(Line(_("Scale"), _("No passage says in what its figures stand.")))
    return lines


def _flaw(code: str) -> str:
    return {
        "value": _("Its digits are others."),
        "scale": _("It is written in another scale."),
        "sign": _("It has the other sign."),
        "currency": _("It is in another currency."),
        "period": _("It is of another period."),
    }.get(code, "")


def _foot(figure: Mapping[str, Any]) -> str:
    if figure["verdict"] == "unfound":
        return _(
            "No passage that was read holds this figure, and no calculation over them gives it. Do not rely on it."
        )
    if figure["verdict"] == "given":
        return _("It stands in the question.")
    if figure["source"] == "computed":
        return {
            "model": _("The model proposed the calculation, the program carried it out."),
            "sentence": _("The sentence says how it is computed, the program carried it out."),
            "search": _("The program found a calculation over the passages that gives it."),
        }.get(figure["by"] or "", "")
    return ""
