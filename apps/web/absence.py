"""The certificate of absence: what was searched and how, what came nearest, and what could not be read.

Made from the Answer object and the shapes of the nearest pages. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.web import wording
from apps.web.exhibits import Cited, Exhibit, PageShape, Spot, exhibits, place_of, source_href


@dataclass(frozen=True, slots=True)
class Miss:
    """A passage that came near: its place, how near, its words, why it does not answer, and a crop of its page where there is one."""

    title: str
    href: str
    score: str
    text: str
    why: str
    exhibit: Exhibit


@dataclass(frozen=True, slots=True)
class Unread:
    """A document, or pages of one, that could not be searched."""

    document: Mapping[str, Any]
    pages: str
    why: str


@dataclass(frozen=True, slots=True)
class AbsencePage:
    lead: str
    facts: tuple[tuple[str, str, str], ...]
    queries: tuple[tuple[str, str], ...]
    misses: tuple[Miss, ...]
    unread: tuple[Unread, ...]
    generation: str


def absence_page(answer: Mapping[str, Any], shapes: Mapping[Spot, PageShape]) -> AbsencePage:
    """Return what the page of an answer with the outcome “not in the documents” shows."""
    certificate = answer["absence"] or {}
    searched = certificate.get("searched") or {}
    return AbsencePage(
        lead=_lead(searched),
        facts=_facts(searched),
        queries=tuple((q["text"], _legs(q.get("legs") or [])) for q in certificate.get("queries") or []),
        misses=tuple(_miss(passage, shapes) for passage in certificate.get("nearest") or []),
        unread=tuple(_unread(entry) for entry in certificate.get("unreadable") or []),
        generation=str(searched.get("index_generation") or ""),
    )


def _lead(searched: Mapping[str, Any]) -> str:
    documents, pages = searched.get("documents") or 0, searched.get("pages") or 0
    if not documents:
        return _("There was no document to search. Add one, or ask for access to a collection.")
    nothing = _("Nothing in the %(count)s documents that were searched answers the question.") % {
        "count": wording.count(documents)
    }
    if documents == 1:
        nothing = _("Nothing in the one document that was searched answers the question.")
    unread = pages - (searched.get("pages_read") or 0)
    if unread:
        caution = _(
            "That is not evidence against what was asked: %(unread)s of the %(all)s pages could not be read well."
        )
        return f"{nothing} {caution % {'unread': wording.count(unread), 'all': wording.count(pages)}}"
    return f"{nothing} {_('That is not evidence against what was asked; it is only not written here.')}"


def _facts(searched: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return label, figure and what follows it."""
    return (
        (
            _("Documents"),
            wording.count(searched.get("documents_read") or 0),
            _("of %(all)s you may read here") % {"all": wording.count(searched.get("documents") or 0)},
        ),
        (
            _("Pages"),
            wording.count(searched.get("pages_read") or 0),
            _("of %(all)s read well") % {"all": wording.count(searched.get("pages") or 0)},
        ),
        (_("Passages"), wording.count(searched.get("passages") or 0), _("searched")),
    )


def _legs(legs: list[str]) -> str:
    words = {"vector": _("by meaning"), "keyword": _("by words")}
    return _(" and ").join(words.get(leg, leg) for leg in legs)


def _miss(passage: Mapping[str, Any], shapes: Mapping[Spot, PageShape]) -> Miss:
    cited = Cited({"marker": 0, "quote": "", "quote_found": False, "boxes": []}, passage, None, "")
    exhibit = exhibits([cited], shapes, crop=True)[0]
    score = (passage.get("scores") or {}).get("vector")
    text = " ".join(passage["text"].split())
    return Miss(
        title=place_of(passage, shapes),
        href=source_href(passage),
        score=wording.decimal(score, 2) if score is not None else "",
        text=text if len(text) <= 220 else text[:220].rsplit(" ", 1)[0] + " …",
        why=str(passage.get("why") or ""),
        exhibit=exhibit,
    )


def _unread(entry: Mapping[str, Any]) -> Unread:
    pages = ", ".join(str(number) for number in entry.get("pages") or []) or _("all")
    words = {
        "low_parse_confidence": _("Read badly or not at all; a reader sees more here than the search does"),
        "queued": _("Waiting to be read"),
        "parsing": _("Still being read"),
        "embedding": _("Still being indexed"),
        "cancelled": _("Its reading was stopped"),
        "unread": _("Not read"),
    }
    return Unread(entry["document"], pages, entry.get("detail") or words.get(entry["code"], _("Could not be read")))
