"""The search page: what its address asks for, and each passage found with its place, what is lit in it, and why it stands there."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.template.defaultfilters import date as written
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.documents.kinds import Kind
from apps.documents.models import Collection, Document, Version
from apps.retrieval.passages import Passage, SearchResult
from apps.retrieval.within import Filters
from apps.web import parts
from apps.web.lit_words import Excerpt, excerpt_of
from apps.web.search_ranks import Stage, stages_of
from apps.web.templatetags.ui import language as language_name

_FIRST, _ALL = 15, 40
_LONGEST = 1000
_MOST_CHOSEN = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for, as far as it makes sense. `more` asks for as many passages as there may be."""

    query: str = ""
    collections: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    more: bool = False

    @classmethod
    def of(cls, asked: QueryDict) -> Self:
        kinds = asked.getlist("kind")
        return cls(
            query=asked.get("q", "").replace("\x00", "").strip()[:_LONGEST],
            collections=_ids(asked.getlist("collection")),
            documents=_ids(asked.getlist("document")),
            filters=Filters(
                as_of=_day(asked.get("as_of")),
                dated_from=_day(asked.get("from")),
                dated_to=_day(asked.get("to")),
                types=tuple(kind.value for kind in Kind if kind.value in kinds),
                languages=tuple(sorted({code for code in asked.getlist("language") if code.isalpha()}))[:_MOST_CHOSEN],
            ),
            more=bool(asked.get("more")),
        )

    @property
    def limit(self) -> int:
        return _ALL if self.more else _FIRST

    @property
    def narrows(self) -> bool:
        return bool(self._narrowing())

    @property
    def href(self) -> str:
        """Return the address that asks for the same."""
        return self._address(self._narrowing())

    @property
    def more_href(self) -> str:
        return self._address([*self._narrowing(), ("more", "1")])

    @property
    def ask_href(self) -> str:
        """Return the address at which the same words are a question to be answered."""
        within = [pair for pair in self._narrowing() if pair[0] in ("collection", "document")]
        return f"{reverse('ask')}?{urlencode([('question', self.query), *within])}"

    def without(self, name: str, value: str) -> str:
        """Return the address with one of its limits taken away."""
        return self._address([pair for pair in self._narrowing() if pair != (name, value)])

    @property
    def unbounded_href(self) -> str:
        return self._address([])

    def _address(self, narrowing: Sequence[tuple[str, str]]) -> str:
        query = [("q", self.query)] if self.query else []
        encoded = urlencode([*query, *narrowing])
        return f"{reverse('search')}?{encoded}" if encoded else reverse("search")

    def _narrowing(self) -> list[tuple[str, str]]:
        asked = self.filters
        days = [("from", asked.dated_from), ("to", asked.dated_to), ("as_of", asked.as_of)]
        return [
            *(("collection", each) for each in self.collections),
            *(("document", each) for each in self.documents),
            *(("kind", each) for each in asked.types),
            *(("language", each) for each in asked.languages),
            *((name, day.isoformat()) for name, day in days if day),
        ]


@dataclass(frozen=True, slots=True)
class Chip:
    """One limit of a search, and the address without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a search can be narrowed to."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    collections: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    languages: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found: where it is, what it says, and why it stands where it stands.

    `facts` are short and in words; `same` are other places that say the same.
    """

    passage: Passage
    href: str
    where: str
    facts: tuple[str, ...]
    excerpt: Excerpt
    stages: tuple[Stage, ...]
    same: tuple["Same", ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Another place that says what a passage says."""

    title: str
    where: str
    href: str


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a search. `by_words_only`: the question could not be compared by meaning."""

    hits: tuple[Hit, ...]
    documents: int
    searched: int
    seconds: float
    by_words_only: bool
    is_all: bool


def found_of(wanted: Wanted, result: SearchResult, language: str) -> Found:
    """Return what is shown of a result to a reader of `language`. One query."""
    versions = Version.objects.select_related("document__collection").in_bulk(
        {passage.version_id for passage in (*result.passages, *result.folded)}
    )
    kept = [passage for passage in result.passages if passage.version_id in versions]
    return Found(
        hits=tuple(_hit(wanted, passage, versions, result, language) for passage in kept),
        documents=len({passage.document_id for passage in kept}),
        searched=result.searched,
        seconds=result.seconds,
        by_words_only=bool(result.searched) and "vector" not in result.legs,
        is_all=wanted.more or len(kept) < wanted.limit,
    )


def chips_of(scope: Scope, wanted: Wanted) -> list[Chip]:
    """Return the limits of a search, each with a way to take it off. What may not be seen has no name."""
    asked = wanted.filters
    collections = dict(
        Collection.objects.visible_to(scope).filter(pk__in=wanted.collections).values_list("pk", "name")
        if wanted.collections
        else ()
    )
    documents = dict(
        Document.objects.visible_to(scope).filter(pk__in=wanted.documents).values_list("pk", "title")
        if wanted.documents
        else ()
    )
    gone = _("Not there, or not yours to read")
    chips = [
        *(
            Chip(collections.get(uuid.UUID(each), gone), wanted.without("collection", each))
            for each in wanted.collections
        ),
        *(Chip(documents.get(uuid.UUID(each), gone), wanted.without("document", each)) for each in wanted.documents),
        *(Chip(str(Kind(each).label), wanted.without("kind", each)) for each in asked.types),
        *(Chip(language_name(each), wanted.without("language", each)) for each in asked.languages),
    ]
    days = [
        ("from", asked.dated_from, _("From %(day)s")),
        ("to", asked.dated_to, _("Until %(day)s")),
        ("as_of", asked.as_of, _("As of %(day)s")),
    ]
    chips += [Chip(say % {"day": _long(day)}, wanted.without(name, day.isoformat())) for name, day, say in days if day]
    return chips


def choices_of(scope: Scope, wanted: Wanted) -> Choices:
    """Return what a search can be narrowed to, of what the scope may read."""
    collections = Collection.objects.visible_to(scope).values_list("pk", "name")
    answering = Version.objects.filter(pk__in=Document.objects.visible_to(scope).values("in_force"))
    spoken = set(answering.exclude(language="").order_by().values_list("language", flat=True).distinct())
    languages = sorted(spoken | set(wanted.filters.languages), key=language_name)
    return Choices(
        tuple(Choice(str(pk), name, str(pk) in wanted.collections) for pk, name in collections),
        tuple(Choice(kind.value, str(kind.label), kind.value in wanted.filters.types) for kind in Kind),
        tuple(Choice(code, language_name(code), code in wanted.filters.languages) for code in languages),
    )


def _hit(
    wanted: Wanted, passage: Passage, versions: Mapping[uuid.UUID, Version], result: SearchResult, language: str
) -> Hit:
    version = versions[passage.version_id]
    document = version.document
    facts = [document.collection.name, _since(version)]
    if version.number > 1 or version.pk != document.in_force_id:
        superseded = version.pk != document.in_force_id
        said = _("Version %(number)s, not the one that answers today") if superseded else _("Version %(number)s")
        facts.append(said % {"number": version.number})
    if passage.language and passage.language[:2] != language[:2]:
        facts.append(language_name(passage.language))
    excerpt = excerpt_of(_without_heading(passage), wanted.query, passage.language)
    return Hit(
        passage=passage,
        href=_href(passage),
        where=_where(passage, version),
        facts=tuple(facts),
        excerpt=excerpt,
        stages=stages_of(passage, excerpt.words, result.reranker),
        same=tuple(
            Same(other.document_title, _where(other, versions[other.version_id]), _href(other))
            for other in result.folded
            if other.duplicate_of == passage.rank and other.version_id in versions
        ),
    )


def _href(passage: Passage) -> str:
    query = urlencode(({"page": passage.page} if passage.page else {}) | {"passage": str(passage.id)})
    return f"{reverse('document', args=[passage.document_id])}?{query}"


def _where(passage: Passage, version: Version) -> str:
    """Return the name of the passage's page; empty for a document that has none."""
    return parts.named(parts.part_of(version.media_type), passage.page) if passage.page and version.paged else ""


def _since(version: Version) -> str:
    if version.effective_from:
        return _("In force from %(day)s") % {"day": _long(version.effective_from)}
    return _("Added %(day)s") % {"day": _long(timezone.localtime(version.created_at).date())}


def _without_heading(passage: Passage) -> str:
    """Return the passage as running text, without the heading that it begins with: that stands above it."""
    text = " ".join(passage.text.split())
    heading = " ".join(passage.heading.rsplit(" › ", 1)[-1].split())
    return text[len(heading) :].lstrip() or text if heading and text.startswith(heading) else text


def _long(day: date) -> str:
    return written(day, _("j F Y"))


def _ids(texts: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts[:_MOST_CHOSEN]:
        try:
            found[str(uuid.UUID(text))] = None
        except ValueError:
            continue
    return tuple(found)


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None
