"""What an exported answer says, whatever the kind of file: the question, the answer in blocks, its notes, what it rests on and its
record. Made from the Answer object of the REST contract. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.reasoning.exports.links import Links
from apps.reasoning.exports.markup import Block, Grid, Insert, Run, blocks_of, runs_of
from apps.reasoning.models import Effort, Outcome
from apps.verification.figures.proposals import calculation_lines

_CITATIONS = re.compile(r"(?:[ \t\u00a0]*\[\d{1,4}\])*")
_MARKER = re.compile(r"\[(\d{1,4})\]")
_FALLS_SHORT = {"partly", "unsupported", "contradicted"}

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """One citation. `number` counts notes from 1 in the order in which the answer cites them, `marker` is the number it has on the page."""

    number: int
    marker: int
    place: str
    quote: str
    remark: str
    href: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more values for the same thing: what it is about, and each side in a line with the number of its note, 0 for none."""

    about: str
    sides: tuple[tuple[str, int], ...]
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    question: str
    facts: tuple[str, ...]
    remarks: tuple[str, ...]
    blocks: tuple[Block | Grid, ...]
    notes: tuple[Note, ...]
    conflicts: tuple[Conflict, ...]
    searched: tuple[str, ...]
    closing: tuple[str, ...]
    href: str


def sheet_of(answer: Object, links: Links) -> Sheet:
    """Return what a file says of a finished answer."""
    notes = _notes(answer, links)
    numbers = {note.marker: note.number for note in notes}
    blocks = blocks_of(
        answer["text"],
        notes=numbers,
        inserts=[*_verdicts(answer, numbers), *_corrections(answer)],
        cuts=calculation_lines(answer["text"]),
    )
    return Sheet(
        question=answer["question"],
        facts=tuple(_facts(answer)),
        remarks=tuple(_remarks(answer)),
        blocks=(*blocks, *_further(blocks, notes)),
        notes=notes,
        conflicts=tuple(_conflicts(answer, numbers)),
        searched=tuple(_searched(answer)),
        closing=tuple(_closing(answer)),
        href=links.answer(),
    )


def verdict_word(verdict: str) -> str:
    """Return what is said in the text of a claim that falls short."""
    return {
        "partly": _("partly supported"),
        "unsupported": _("not supported"),
        "contradicted": _("contradicted"),
    }.get(verdict, "")


def place_of(passage: Object) -> str:
    """Return where a passage stands: document and page."""
    title = str(passage["document"]["title"])
    if not passage.get("page"):
        return title
    return _("%(title)s, p. %(page)s") % {"title": title, "page": passage["page"]}


def _notes(answer: Object, links: Links) -> tuple[Note, ...]:
    """Return the citations in the order in which the answer makes them, those it does not itself make last."""
    passages = {str(each["passage"]["id"]): each["passage"] for each in answer["candidates"]}
    by_marker = {each["marker"]: each for each in answer["citations"] if str(each["passage"]) in passages}
    afterwards = {marker for claim in answer["claims"] for marker in claim.get("found_afterwards", ())}
    used = [int(found) for found in _MARKER.findall(answer["text"])]
    order = [marker for marker in dict.fromkeys([*used, *sorted(by_marker)]) if marker in by_marker]
    return tuple(
        Note(
            number=number,
            marker=marker,
            place=place_of(passages[str(by_marker[marker]["passage"])]),
            quote=" ".join(by_marker[marker]["quote"].split()),
            remark=_note_remark(by_marker[marker], is_afterwards=marker in afterwards and marker not in used),
            href=links.citation(passages[str(by_marker[marker]["passage"])], marker),
        )
        for number, marker in enumerate(order, start=1)
    )


def _further(blocks: Sequence[Block | Grid], notes: Sequence[Note]) -> Iterator[Block]:
    """Yield a paragraph that names the notes to which no word of the answer leads, so that none is lost."""
    said = {run.note for block in blocks for run in runs_of(block)}
    rest = [note for note in notes if note.number not in said]
    if rest:
        yield Block("text", (Run(_("Also cited:")), *(Run(str(note.number), note=note.number) for note in rest)))


def _note_remark(citation: Object, *, is_afterwards: bool) -> str:
    if not citation["quote_found"]:
        return _("These words were not found in the passage as they stand here.")
    return _("Found afterwards; the answer did not cite it.") if is_afterwards else ""


def _facts(answer: Object) -> Iterator[str]:
    yield _("Asked %(when)s.") % {"when": _moment(answer["created_at"])}
    if answer["model"] and answer["model"].get("name"):
        values = {"model": answer["model"]["name"], "effort": str(Effort(answer["effort"]).label).lower()}
        yield _("Answered by %(model)s, effort %(effort)s.") % values
    if answer["outcome"]:
        yield _("Outcome: %(outcome)s.") % {"outcome": str(Outcome(answer["outcome"]).label).lower()}


def _remarks(answer: Object) -> Iterator[str]:
    """Yield what a reader must know of the answer as a whole."""
    for told in (answer["notice"], answer["error"]):
        if told:
            yield told["detail"]
    verdicts = [claim["verdict"] for claim in answer["claims"]]
    short = sum(verdict in _FALLS_SHORT for verdict in verdicts)
    if short:
        yield _("%(short)s of %(count)s claims are not fully supported by the passages; each is marked.") % {
            "short": short,
            "count": len(verdicts),
        }
    if "unchecked" in verdicts:
        yield _("%(unchecked)s of %(count)s claims were not checked against the passages.") % {
            "unchecked": verdicts.count("unchecked"),
            "count": len(verdicts),
        }


def _verdicts(answer: Object, numbers: Mapping[int, int]) -> Iterator[Insert]:
    """Yield after each claim the notes that were found afterwards, then its verdict where it falls short."""
    for claim in answer["claims"]:
        at = claim["end"]
        following = _CITATIONS.match(answer["text"], at)
        at = following.end() if following else at
        for marker in claim.get("found_afterwards", ()):
            if marker in numbers:
                yield Insert(at, marker=marker)
        if word := verdict_word(claim["verdict"]):
            yield Insert(at, word)


def _corrections(answer: Object) -> Iterator[Insert]:
    """Yield after each figure that is wrong how it should read, and after one without a source that it has none."""
    for figure in answer["figures"]:
        if figure["verdict"] == "wrong" and figure["corrected"]:
            yield Insert(figure["span"][1], _("should read %(figure)s") % {"figure": figure["corrected"]})
        elif figure["verdict"] == "wrong":
            yield Insert(figure["span"][1], _("wrong figure"))
        elif figure["verdict"] == "unfound":
            yield Insert(figure["span"][1], _("no source found"))


def _conflicts(answer: Object, numbers: Mapping[int, int]) -> Iterator[Conflict]:
    for conflict in answer.get("conflicts") or ():
        named = (conflict.get("entity"), conflict.get("attribute"), conflict.get("period"))
        sides = tuple((_side(side), numbers.get(side.get("marker"), 0)) for side in conflict["sides"])
        yield Conflict(", ".join(str(part) for part in named if part), sides, str(conflict.get("why") or ""))


def _side(side: Object) -> str:
    said = f"{side['value']}: “{' '.join(str(side.get('quote') or '').split())}”"
    return _("%(side)s (followed by the answer)") % {"side": said} if side.get("used") else said


def _searched(answer: Object) -> Iterator[str]:
    """Yield what was searched in vain, where the documents do not answer."""
    absence = answer["absence"]
    if not absence:
        return
    counts = absence["searched"]
    yield _("Searched %(passages)s passages of %(documents)s documents, %(pages)s pages.") % {
        "passages": counts["passages"],
        "documents": counts["documents_read"],
        "pages": counts["pages_read"],
    }
    for query in absence["queries"]:
        yield _("Searched for: %(query)s") % {"query": query["text"]}
    if absence["collections"]:
        yield _("Collections: %(names)s") % {"names": _listed(each["name"] for each in absence["collections"])}
    if absence["unreadable"]:
        yield _("Not or poorly read: %(names)s") % {"names": _listed(map(_unreadable, absence["unreadable"]))}
    if absence["nearest"]:
        yield _("Came nearest: %(places)s") % {"places": _listed(map(place_of, absence["nearest"]))}


def _unreadable(entry: Object) -> str:
    title = str(entry["document"]["title"])
    pages = ", ".join(str(page) for page in entry["pages"])
    return _("%(title)s, p. %(page)s") % {"title": title, "page": pages} if pages else title


def _listed(names: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(names))


def _closing(answer: Object) -> Iterator[str]:
    if answer["record"]:
        yield _("Sealed as record %(sequence)s.") % {"sequence": answer["record"]["sequence"]}
        yield _("SHA-256: %(hash)s") % {"hash": answer["record"]["hash"]}
    yield _("Quotes are in the words of the documents. A model wrote the answer; open the pages before you rely on it.")


def _moment(text: str) -> str:
    moment = parse_datetime(text)
    return f"{date_format(moment, 'j F Y, H:i')} UTC" if moment else text
