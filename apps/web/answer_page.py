"""What the answer's page shows, made from the Answer object of the REST contract and the shapes of the cited pages.

The page can so show nothing that the interface lacks. Pure: `exhibits.pages_of` is asked before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.web import wording
from apps.web.answer_cost import Account, account_of
from apps.web.answer_parts import Fates, Health, Notice, fates_of, health_of, notices_of
from apps.web.answer_steps import Step, finished_steps
from apps.web.exhibits import Cited, Exhibit, PageShape, Place, Spot, exhibits, place_of, places
from apps.web.prose import Paragraph, Sentence, paragraphs

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """One citation in the margin: the document and page, then the heading it stands under."""

    marker: int
    href: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """A paragraph and the notes beside it: the citations that are made in it for the first time, and why claims fall short."""

    paragraph: Paragraph
    notes: tuple[Note, ...]
    flags: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class AnswerPage:
    answer: Answer
    steps: tuple[Step, ...]
    health: Health
    notices: tuple[Notice, ...]
    paragraphs: tuple[Annotated, ...]
    exhibits: tuple[Exhibit, ...]
    places: tuple[Place, ...]
    fates: Fates
    reasoning: tuple[str, ...]
    account: Account
    to_copy: str


def passages_of(answer: Answer) -> dict[str, Mapping[str, Any]]:
    """Return the passages that were considered, by id."""
    return {str(c["passage"]["id"]): c["passage"] for c in answer["candidates"]}


def shown_passages(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the passages whose pages are shown or named: those that were considered, or that came nearest where nothing answers."""
    return [*passages_of(answer).values(), *((answer["absence"] or {}).get("nearest") or [])]


def answer_page(answer: Answer, shapes: Mapping[Spot, PageShape]) -> AnswerPage:
    """Return everything the page of a finished answer shows."""
    cited = _cited(answer)
    by_marker = {one.marker: one for one in cited}
    sentences = _sentences(answer)
    plain = {m for c in answer["claims"] if c["verdict"] == "unchecked" for m in c["markers"]}
    written = paragraphs(answer["text"], chip=lambda m: _chip(by_marker.get(m), plain=m in plain), sentences=sentences)
    in_order = sorted(cited, key=_first_use(written))
    return AnswerPage(
        answer=answer,
        steps=finished_steps(answer),
        health=health_of(answer),
        notices=notices_of(answer),
        paragraphs=_annotated(written, by_marker, answer, shapes),
        exhibits=tuple(exhibits(in_order, shapes)),
        places=tuple(places(in_order, shapes)),
        fates=fates_of(answer, shapes),
        reasoning=tuple(p for p in (part.strip() for part in answer["reasoning"]["text"].split("\n\n")) if p),
        account=account_of(answer),
        to_copy=_to_copy(answer, in_order, shapes),
    )


def streamed_paragraphs(text: str, passages: Mapping[int, Mapping[str, Any]], *, lead: bool = True) -> list[str]:
    """Return the paragraphs of an answer that is still being written, as HTML; `passages` by the number in the prompt.

    `lead` says whether the text begins the answer.
    """

    def chip(marker: int) -> str:
        passage = passages.get(marker)
        return _chip(Cited({"marker": marker}, passage, None, ""), plain=True) if passage else ""

    written = [p if lead else replace(p, lead=False) for p in paragraphs(text, chip=chip)]
    return [render_to_string("components/para.html", {"para": Annotated(p, (), ())}).strip() for p in written]


def _cited(answer: Answer) -> list[Cited]:
    passages = passages_of(answer)
    first: dict[int, int] = {}
    for number, claim in enumerate(answer["claims"], start=1):
        for marker in claim["markers"]:
            first.setdefault(marker, number)
    return [
        Cited(citation, passages[str(citation["passage"])], first.get(citation["marker"]), str(answer["id"]))
        for citation in answer["citations"]
    ]


def _sentences(answer: Answer) -> list[Sentence]:
    """Return the claims with the places where they stand in the text. They are verbatim parts of it, in order."""
    found, position = [], 0
    for number, claim in enumerate(answer["claims"], start=1):
        start = answer["text"].find(claim["text"], position)
        if start < 0:
            continue
        position = start + len(claim["text"])
        chip = _verdict_chip(number, claim["verdict"]) if claim["verdict"] in _LOUD else ""
        found.append(Sentence(number, start, position, claim["verdict"], bool(claim["markers"]), chip))
    return found


_LOUD = {"partly", "unsupported", "contradicted"}


def _verdict_chip(number: int, verdict: str) -> str:
    return render_to_string("components/verdict.html", {"verdict": verdict, "href": f"#n{number}"}).strip()


def _chip(cited: Cited | None, *, plain: bool) -> str:
    if cited is None:
        return ""
    return render_to_string(
        "components/cite.html", {"marker": cited.marker, "href": cited.open_href, "plain": plain}
    ).strip()


def _first_use(written: Sequence[Paragraph]) -> Any:
    order: dict[int, int] = {}
    for paragraph in written:
        for marker in paragraph.markers:
            order.setdefault(marker, len(order))
    return lambda cited: order.get(cited.marker, len(order) + cited.marker)


def _annotated(
    written: Sequence[Paragraph],
    by_marker: Mapping[int, Cited],
    answer: Answer,
    shapes: Mapping[Spot, PageShape],
) -> tuple[Annotated, ...]:
    seen: set[int] = set()
    flagged: set[int] = set()
    made = []
    for paragraph in written:
        fresh = [m for m in paragraph.markers if m in by_marker and m not in seen]
        seen.update(fresh)
        flags = []
        for number in paragraph.sentences:
            claim = answer["claims"][number - 1]
            if claim["verdict"] in _LOUD and number not in flagged:
                flagged.add(number)
                flags.append({**claim, "number": number})
        made.append(Annotated(paragraph, tuple(_notes([by_marker[m] for m in fresh], shapes)), tuple(flags)))
    return tuple(made)


def _notes(cited: Sequence[Cited], shapes: Mapping[Spot, PageShape]) -> list[Note]:
    """Return notes; what is on the same page as the note before says only where on it."""
    notes: list[Note] = []
    before = ""
    for one in cited:
        place, heading = place_of(one.passage, shapes), wording.heading(one.passage)
        if place == before:
            notes.append(Note(one.marker, one.open_href, "", heading or _("same page")))
        else:
            notes.append(Note(one.marker, one.open_href, place, heading))
        before = place
    return notes


def _to_copy(answer: Answer, cited: Sequence[Cited], shapes: Mapping[Spot, PageShape]) -> str:
    """Return the answer as text with its sources below, and with what falls short said after the sentence."""
    text = answer["text"]
    for claim in answer["claims"]:
        if claim["verdict"] in {"unsupported", "contradicted"}:
            word = _("not supported") if claim["verdict"] == "unsupported" else _("contradicted")
            text = text.replace(claim["text"], f"{claim['text']} [{word}]", 1)
    lines = [answer["question"], "", text, ""]
    for one in sorted(cited, key=lambda c: c.marker):
        lines.append(f"[{one.marker}] {place_of(one.passage, shapes)}: “{' '.join(one.citation['quote'].split())}”")
    return "\n".join(lines).strip() + "\n"
