"""The margin of an answer: beside each paragraph the citations made in it for the first time, its calculations, and why claims fall short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.web import wording
from apps.web.answer_claims import ratings_of
from apps.web.answer_figures import Ledger
from apps.web.answer_grounds import Conflict
from apps.web.exhibits import Cited, PageShape, Spot, place_of
from apps.web.prose import Paragraph

LOUD = {"partly", "unsupported", "contradicted"}
"""Verdicts that say that a claim falls short."""


@dataclass(frozen=True, slots=True)
class Note:
    """One citation in the margin: the document and page, then the heading it stands under."""

    marker: int
    href: str
    title: str
    detail: str
    found_afterwards: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a claim falls short; `against` is the quote that contradicts it, `rating` what the reader thinks of the verdict."""

    number: int
    verdict: str
    why: str
    against: str = ""
    rating: str = ""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A paragraph with its margin, and the conflicts that are told after it."""

    paragraph: Paragraph
    notes: tuple[Note, ...] = ()
    flags: tuple[Flag, ...] = ()
    calculations: tuple[Ledger, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def has_margin(self) -> bool:
        return bool(self.notes or self.flags or self.calculations)


@dataclass(slots=True)
class Margin:
    """Annotates paragraphs in order; what stood in an earlier margin is not said again."""

    answer: Mapping[str, Any]
    cited: Mapping[int, Cited]
    ledgers: Mapping[int, Ledger]
    conflicts: Sequence[Conflict]
    shapes: Mapping[Spot, PageShape]

    def annotated(self, written: Sequence[Paragraph]) -> tuple[Annotated, ...]:
        """Return the paragraphs with their margins. What no paragraph leads to is told after the last."""
        seen: set[int] = set()
        told: set[int] = set()
        flagged: set[int] = set()
        made = []
        for paragraph in written:
            markers = self._markers(paragraph)
            fresh = [m for m in dict.fromkeys(markers) if m in self.cited and m not in seen]
            seen.update(fresh)
            last = paragraph is written[-1]
            conflicts = tuple(c for c in self.conflicts if c.number not in told and (last or _is_about(c, markers)))
            told.update(conflict.number for conflict in conflicts)
            flags = tuple(self._flags(n for n in paragraph.sentences if n not in flagged))
            flagged.update(flag.number for flag in flags)
            calculations = tuple(f for n in paragraph.figures if (f := self.ledgers[n]).calculation)
            made.append(Annotated(paragraph, tuple(self._notes(fresh)), flags, calculations, conflicts))
        return tuple(made)

    def _markers(self, paragraph: Paragraph) -> list[int]:
        claims = self.answer["claims"]
        found = (m for n in paragraph.sentences for m in claims[n - 1].get("found_afterwards", []))
        return [*paragraph.markers, *found]

    def _flags(self, numbers: Any) -> list[Flag]:
        ratings = ratings_of(self.answer)
        made = []
        for number in numbers:
            claim = self.answer["claims"][number - 1]
            if claim["verdict"] in LOUD:
                against = self._against(claim) if claim["verdict"] == "contradicted" else ""
                made.append(Flag(number, claim["verdict"], claim["why"], against, ratings.get(number, "")))
        return made

    def _against(self, claim: Mapping[str, Any]) -> str:
        """Return the quote that stands against a claim: that of its first citation with one, unless the reason holds it already."""
        quotes = (" ".join(self.cited[m].citation["quote"].split()) for m in claim["markers"] if m in self.cited)
        quote = next((quote for quote in quotes if quote), "")
        return "" if quote in claim["why"] else quote

    def _notes(self, markers: Sequence[int]) -> list[Note]:
        """Return notes; what is on the same page as the note before says only where on it."""
        notes: list[Note] = []
        before = ""
        for marker in markers:
            one = self.cited[marker]
            place, heading = place_of(one.passage, self.shapes), wording.heading(one.passage)
            after = bool(one.citation.get("found_afterwards"))
            title, detail = ("", heading or _("same page")) if place == before else (place, heading)
            notes.append(Note(marker, one.open_href, title, detail, after))
            before = place
        return notes


def _is_about(conflict: Conflict, markers: Sequence[int]) -> bool:
    """Whether a paragraph cites the side that the answer follows, or any where it follows none."""
    used = [side.marker for side in conflict.sides if side.used] or [side.marker for side in conflict.sides]
    return any(marker in markers for marker in used)
