"""Why an answer does not rest on a document, in sentences: where on its way the document's best passage fell out."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import date as written
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from apps.documents.models import UNFINISHED, Document
from apps.retrieval.fates import Fate
from apps.web import wording
from apps.web.exhibits import source_href

_LONGEST = 280


@dataclass(frozen=True, slots=True)
class FateShown:
    """`said` is the sentence that answers; `places` are name, place and score by stage; `again`: a search was made anew."""

    title: str
    said: str
    href: str
    excerpt: str
    places: tuple[tuple[str, str, str], ...]
    again: bool


def fate_shown(document: Document, fate: Fate) -> FateShown:
    """Return what is shown of the fate of a document."""
    passage = fate.passage
    text = " ".join(passage["text"].split()) if passage else ""
    return FateShown(
        title=document.title,
        said=_sentence(fate),
        href=source_href(passage) if passage else "",
        excerpt=text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …",
        places=_places(passage) if passage else (),
        again=fate.again,
    )


def named_id(given: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the document that a form names by its id, if it does."""
    try:
        return uuid.UUID(str(given.get("document", "")))
    except ValueError:
        return None


def _sentence(fate: Fate) -> str:
    if fate.reason == "not_read":
        return _not_read(str(fate.facts.get("status", "")))
    if fate.reason == "old_version" and fate.passage is None:
        day = parse_date(str(fate.facts.get("as_of", "")))
        return _("On %(day)s no version of it was in force.") % {"day": written(day, _("j F Y")) if day else ""}
    passage = fate.passage or {}
    ranks = passage.get("ranks") or {}
    values = {
        "rank": wording.count(int(passage.get("rank") or ranks.get("fused") or 0)),
        "limit": wording.count(fate.limit),
        "searched": wording.passages(fate.searched),
        "marker": fate.marker,
        "other": fate.duplicate_of,
    }
    sentence = _SENTENCES.get(fate.reason)
    return sentence() % values if sentence else wording.reason(fate.reason)


def _not_read(status: str) -> str:
    if status in UNFINISHED:
        return _("It is still being read. Until then it is not searched.")
    if status == "without_passages":
        return _("No text in it could be read that might be searched.")
    return _("It has not been read, so nothing in it can be found. Its own page says why.")


_SENTENCES: dict[str, Callable[[], str]] = {
    "used": lambda: _("It was used: the answer cites it as %(marker)s."),
    "used_not_cited": lambda: _("The model read its best passage, as number %(marker)s, and did not cite it."),
    "rerank_cut": lambda: _("Its best passage was found, and judged less relevant than those that were read."),
    "below_k": lambda: _("Its best passage was found, at place %(rank)s of %(searched)s. The model reads fewer."),
    "below_depth": lambda: _("None of its passages was among the first of %(searched)s, by meaning or by words."),
    "duplicate_of": lambda: _("It says the same as the passage at place %(other)s, which was taken instead."),
    "old_version": lambda: _("Its passage is of a version that was no longer in force."),
    "token_budget": lambda: _("Its best passage was to be read, and there was no room left for it."),
    "low_parse_confidence": lambda: _("Its best passage is on a page that was read poorly, so it was left out."),
    "instruction_like": lambda: _("Its best passage addresses the model instead of the reader, so it was left out."),
    "narrowed_out": lambda: _("The question looked only where this document is not."),
    "found": lambda: _("A search finds it now, at place %(rank)s. When the question was asked it did not."),
}


def _places(passage: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return name, place and score of each stage that ranked the passage."""
    names = {"vector": _("Meaning"), "keyword": _("Words"), "fused": _("Together"), "rerank": _("Second look")}
    ranks, scores = passage.get("ranks") or {}, passage.get("scores") or {}
    shown = []
    for stage, name in names.items():
        rank, score = ranks.get(stage), scores.get(stage)
        if rank is None and score is None:
            continue
        place = _("place %(rank)s") % {"rank": wording.count(rank)} if rank is not None else _("not among the first")
        shown.append((name, place, "" if score is None else wording.decimal(score, 3)))
    return tuple(shown)
