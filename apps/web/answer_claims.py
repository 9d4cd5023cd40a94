"""The claims of an answer one by one: verdict, what was cited word for word, and what the reader thinks of the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.web import wording
from apps.web.exhibits import Cited, PageShape, Spot, place_of
from apps.web.lit_words import excerpt_of

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a citation says, in parts, each lit or not: lit is what the claim says too."""

    marker: int
    href: str
    place: str
    parts: tuple[tuple[str, bool], ...]
    found_afterwards: bool


@dataclass(frozen=True, slots=True)
class Card:
    number: int
    text: str
    verdict: str
    word: str
    icon: str
    score: str
    why: str
    quotes: tuple[Quote, ...]
    rating: str


def ratings_of(answer: Answer) -> dict[int, str]:
    """Return what the reader thought of single claims, by their numbers."""
    return {given["claim"]: given["rating"] for given in answer.get("feedback", []) if given["claim"] is not None}


def cards_of(answer: Answer, cited: Mapping[int, Cited], shapes: Mapping[Spot, PageShape]) -> tuple[Card, ...]:
    """Return a card for every claim that was checked; none where none was."""
    claims = answer["claims"]
    if all(claim["verdict"] == "unchecked" for claim in claims):
        return ()
    ratings = ratings_of(answer)
    return tuple(
        _card(number, claim, cited, shapes, ratings.get(number, "")) for number, claim in enumerate(claims, start=1)
    )


def _card(
    number: int,
    claim: Mapping[str, Any],
    cited: Mapping[int, Cited],
    shapes: Mapping[Spot, PageShape],
    rating: str,
) -> Card:
    word, icon = _word(claim["verdict"])
    found = claim.get("found_afterwards", [])
    markers = [m for m in dict.fromkeys([*claim["markers"], *found]) if m in cited]
    score = claim["score"]
    return Card(
        number=number,
        text=claim["text"],
        verdict=claim["verdict"],
        word=word,
        icon=icon,
        score="" if score is None else _("score %(score)s") % {"score": wording.decimal(score, 2)},
        why=claim["why"],
        quotes=tuple(_quote(cited[m], claim["text"], shapes, after=m in found) for m in markers),
        rating=rating,
    )


def _word(verdict: str) -> tuple[str, str]:
    """Return the words for a verdict, and its icon."""
    return {
        "supported": (_("Supported"), "check"),
        "partly": (_("Partly supported"), "half"),
        "unsupported": (_("Not supported"), "open"),
        "contradicted": (_("Contradicted"), "contra"),
    }.get(verdict, (_("Not checked"), ""))


def _quote(one: Cited, claim: str, shapes: Mapping[Spot, PageShape], *, after: bool) -> Quote:
    quote = " ".join(one.citation["quote"].split())
    excerpt = excerpt_of(quote, claim, one.passage.get("language") or "en") if quote else None
    return Quote(one.marker, one.open_href, place_of(one.passage, shapes), excerpt.parts if excerpt else (), after)
