"""What the answer's page shows, made from the Answer object of the REST contract and the shapes of the cited pages.

The page can so show nothing that the interface lacks. Pure: `exhibits.pages_of` is asked before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string

from apps.web.answer_cells import CellsOn
from apps.web.answer_claims import Card, cards_of
from apps.web.answer_cost import Account, account_of
from apps.web.answer_figures import Ledger, ledgers_of, numbers_of, summary_of
from apps.web.answer_grounds import (
    Conflict,
    Search,
    Suspect,
    Trace,
    conflicts_of,
    searches_of,
    suspects_of,
    trace_of,
)
from apps.web.answer_margin import LOUD, Annotated, Margin
from apps.web.answer_parts import Fates, Health, Notice, fates_of, health_of, notices_of
from apps.web.answer_steps import Step, finished_steps
from apps.web.exhibits import Cited, Exhibit, PageShape, Place, Spot, exhibits, places
from apps.web.prose import Paragraph, Sentence, paragraphs

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerPage:
    answer: Answer
    steps: tuple[Step, ...]
    searches: tuple[Search, ...]
    health: Health
    notices: tuple[Notice, ...]
    paragraphs: tuple[Annotated, ...]
    ledgers: tuple[Ledger, ...]
    figures: str
    cards: tuple[Card, ...]
    exhibits: tuple[Exhibit, ...]
    places: tuple[Place, ...]
    fates: Fates
    trace: Trace | None
    reasoning: tuple[str, ...]
    suspects: tuple[Suspect, ...]
    account: Account


def passages_of(answer: Answer) -> dict[str, Mapping[str, Any]]:
    """Return the passages that were considered, by id."""
    return {str(c["passage"]["id"]): c["passage"] for c in answer["candidates"]}


def shown_passages(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the passages whose pages are shown or named: those that were considered, or that came nearest where nothing answers."""
    return [*passages_of(answer).values(), *((answer["absence"] or {}).get("nearest") or [])]


def answer_page(answer: Answer, shapes: Mapping[Spot, PageShape], cells: CellsOn | None = None) -> AnswerPage:
    """Return everything the page of a finished answer shows. `cells` are where its figures' cells lie, see `answer_cells`."""
    read = {c["marker"]: c["passage"] for c in answer["candidates"] if c["marker"]}
    ledgers, conflicts = ledgers_of(answer, read, shapes), conflicts_of(answer, read, shapes)
    cited = {one.marker: one for one in [*_cited(answer), *_also_shown(answer, read, conflicts, ledgers)]}
    sentences = _sentences(answer, cited)
    plain = {m for c in answer["claims"] if c["verdict"] == "unchecked" for m in c["markers"]}
    written = paragraphs(
        answer["text"],
        chip=lambda m: _chip(cited.get(m), plain=m in plain),
        sentences=sentences,
        figures=numbers_of(answer, ledgers),
    )
    margin = Margin(answer, cited, {ledger.number: ledger for ledger in ledgers}, conflicts, shapes)
    in_order = sorted(cited.values(), key=_first_use(written))
    return AnswerPage(
        answer=answer,
        steps=finished_steps(answer),
        searches=searches_of(answer),
        health=health_of(answer),
        notices=notices_of(answer),
        paragraphs=margin.annotated(written),
        ledgers=ledgers,
        figures=summary_of(ledgers),
        cards=cards_of(answer, cited, shapes),
        exhibits=tuple(exhibits(in_order, shapes, cells=cells)),
        places=tuple(places(in_order, shapes)),
        fates=fates_of(answer, shapes),
        trace=trace_of(answer, read),
        reasoning=tuple(p for p in (part.strip() for part in answer["reasoning"]["text"].split("\n\n")) if p),
        suspects=suspects_of(answer, shapes),
        account=account_of(answer),
    )


def streamed_paragraphs(text: str, passages: Mapping[int, Mapping[str, Any]], *, lead: bool = True) -> list[str]:
    """Return the paragraphs of an answer that is still being written, as HTML; `passages` by the number in the prompt.

    `lead` says whether the text begins the answer.
    """

    def chip(marker: int) -> str:
        passage = passages.get(marker)
        return _chip(Cited({"marker": marker}, passage, None, ""), plain=True) if passage else ""

    written = [p if lead else replace(p, lead=False) for p in paragraphs(text, chip=chip)]
    return [render_to_string("components/para.html", {"para": Annotated(p)}).strip() for p in written]


def _cited(answer: Answer) -> list[Cited]:
    passages = passages_of(answer)
    first: dict[int, int] = {}
    for number, claim in enumerate(answer["claims"], start=1):
        for marker in [*claim["markers"], *claim.get("found_afterwards", [])]:
            first.setdefault(marker, number)
    return [
        Cited(citation, passages[str(citation["passage"])], first.get(citation["marker"]), str(answer["id"]))
        for citation in answer["citations"]
    ]


def _also_shown(
    answer: Answer,
    read: Mapping[int, Mapping[str, Any]],
    conflicts: Sequence[Conflict],
    ledgers: Sequence[Ledger],
) -> list[Cited]:
    """Return the passages that no sentence cites and that a conflict or a figure speaks of, as citations of the words meant."""
    known = {citation["marker"] for citation in answer["citations"]}
    quotes = {side.marker: side.quote for conflict in conflicts for side in conflict.sides}
    wanted = dict.fromkeys([*quotes, *(m for ledger in ledgers for m in ledger.markers)])
    return [
        Cited(_meant(marker, read[marker], quotes.get(marker, "")), read[marker], None, str(answer["id"]))
        for marker in wanted
        if marker not in known and marker in read
    ]


def _meant(marker: int, passage: Mapping[str, Any], quote: str) -> dict[str, Any]:
    found = bool(quote) and quote in passage["text"]
    return {"marker": marker, "quote": quote if found else "", "quote_found": found, "boxes": []}


def _sentences(answer: Answer, cited: Mapping[int, Cited]) -> list[Sentence]:
    """Return the claims with the places where they stand in the text. They are verbatim parts of it, in order."""
    found, position = [], 0
    for number, claim in enumerate(answer["claims"], start=1):
        start = answer["text"].find(claim["text"], position)
        if start < 0:
            continue
        position = start + len(claim["text"])
        short = tuple((a, b) for a, b in claim.get("unsupported", [])) if claim["verdict"] == "partly" else ()
        chips = [_chip(cited.get(m), plain=False, after=True) for m in claim.get("found_afterwards", [])]
        if claim["verdict"] in LOUD:
            chips.append(_verdict_chip(number, claim["verdict"]))
        found.append(Sentence(number, start, position, claim["verdict"], bool(claim["markers"]), "".join(chips), short))
    return found


def _verdict_chip(number: int, verdict: str) -> str:
    return render_to_string("components/verdict.html", {"verdict": verdict, "href": f"#n{number}"}).strip()


def _chip(cited: Cited | None, *, plain: bool, after: bool = False) -> str:
    if cited is None:
        return ""
    context = {"marker": cited.marker, "href": cited.open_href, "plain": plain, "after": after}
    return render_to_string("components/cite.html", context).strip()


def _first_use(written: Sequence[Paragraph]) -> Any:
    order: dict[int, int] = {}
    for paragraph in written:
        for marker in paragraph.markers:
            order.setdefault(marker, len(order))
    return lambda cited: order.get(cited.marker, len(order) + cited.marker)
