"""Within: what one search may look at, settled before it begins."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from django.db.models import Count, QuerySet
from django.utils import timezone

from apps.accounts.scope import Scope
from apps.documents.kinds import media_types
from apps.documents.models import Access, Version
from apps.documents.versions import counting_from, in_force_on
from apps.retrieval.index import live_generation
from apps.retrieval.models import IndexedPassage, IndexedPassageQuerySet, IndexGeneration

_DAYS = ("as_of", "dated_from", "dated_to")


@dataclass(frozen=True, slots=True)
class Filters:
    """What else a search is narrowed to; nothing by default.

    `as_of` asks for the versions in force on a day instead of today; `dated_from` and `dated_to` bound the day from which a
    version counts; `types` are `documents.kinds`, `languages` ISO 639-1 codes of passages.
    """

    as_of: date | None = None
    dated_from: date | None = None
    dated_to: date | None = None
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the filters that `as_json` gave."""
        days = {name: date.fromisoformat(kept[name]) for name in _DAYS if kept.get(name)}
        return cls(**days, types=tuple(kept.get("types", ())), languages=tuple(kept.get("languages", ())))

    def as_json(self) -> dict[str, Any]:
        """Return those that narrow, as they are kept and recorded."""
        days = {name: day.isoformat() for name in _DAYS if (day := getattr(self, name))}
        names = {"types": list(self.types), "languages": list(self.languages)}
        return days | {name: chosen for name, chosen in names.items() if chosen}

    @property
    def other_day(self) -> date | None:
        """The day whose versions are asked for, unless it is today."""
        return None if self.as_of == timezone.localdate() else self.as_of


PASSAGES_NUMBERED = f"""unnest(%(numbers)s::bigint[]) AS asked(number)
CROSS JOIN LATERAL (SELECT * FROM {IndexedPassage._meta.db_table} WHERE number = asked.number LIMIT 1) AS p"""  # noqa: S608
"""Passages by their numbers, as the `FROM` of a query that names them `p`: each is fetched by itself, whatever the planner
believes of how many passages are permitted while many are being written."""


@dataclass(frozen=True, slots=True)
class Within:
    """A generation, the permitted accesses, and the documents and filters if the search was narrowed to some.

    Nothing of a search reads passages but through `sql` or `passages`.
    """

    generation: IndexGeneration
    accesses: tuple[int, ...]
    documents: tuple[uuid.UUID, ...] = ()
    filters: Filters = field(default_factory=Filters)

    @property
    def sql(self) -> str:
        """The condition, for queries on passages named `p`. Ids are literals, so that the planner sees them."""
        conditions = ["p.generation_id = %(generation)s", "p.access_id = ANY(%(accesses)s::int[])"]
        conditions.append("NOT p.pending" if self.filters.other_day else "p.in_force")
        if self.documents:
            conditions.append("p.document_id = ANY(%(documents)s::uuid[])")
        if self.filters.languages:
            conditions.append("p.language = ANY(%(languages)s::text[])")
        versions = self._versions()
        if versions is not None:
            # Behind IS TRUE it stays a set that is made once and asked for each passage; as a join it would replace the index.
            conditions.append(f"(p.version_id IN ({_named(versions)[0]})) IS TRUE")
        return " AND ".join(conditions)

    @property
    def parameters(self) -> dict[str, Any]:
        versions = self._versions()
        return {
            "generation": self.generation.pk,
            "accesses": list(self.accesses),
            "documents": list(self.documents),
            "languages": list(self.filters.languages),
        } | ({} if versions is None else _named(versions)[1])

    def passages(self) -> IndexedPassageQuerySet:
        """Return the same passages as a queryset."""
        rows = IndexedPassage.objects.filter(generation=self.generation, access__in=self.accesses)
        rows = rows.filter(pending=False) if self.filters.other_day else rows.filter(in_force=True)
        if self.documents:
            rows = rows.filter(document__in=self.documents)
        if self.filters.languages:
            rows = rows.filter(language__in=self.filters.languages)
        versions = self._versions()
        return rows if versions is None else rows.filter(version__in=versions)

    def languages(self) -> dict[str, int]:
        """Return the languages of what may be searched, each with its number of passages."""
        counted = self.passages().order_by().values("language").annotate(n=Count("*"))
        return dict(counted.values_list("language", "n"))

    def _versions(self) -> QuerySet[Version] | None:
        """Return the versions that a filter leaves; None where no filter asks for versions."""
        asked, rows = self.filters, Version.objects.filter(document__access__in=self.accesses)
        if self.documents:
            rows = rows.filter(document__in=self.documents)
        day = asked.other_day
        if day:
            rows = Version.objects.filter(pk__in=in_force_on(rows, day).values("pk"))
        if asked.types:
            rows = rows.filter(media_type__in=[each for kind in asked.types for each in media_types(kind)])
        if asked.dated_from or asked.dated_to:
            rows = counting_from(rows, asked.dated_from, asked.dated_to)
        narrowed = day or asked.types or asked.dated_from or asked.dated_to
        return rows.order_by() if narrowed else None


def within(
    scope: Scope,
    *,
    collections: Sequence[uuid.UUID | str] = (),
    documents: Sequence[uuid.UUID | str] = (),
    filters: Filters | None = None,
    generation: int | None = None,
) -> Within | None:
    """Return what the scope may search of this; None where it may search nothing, or nothing was indexed.

    With `generation`, the number of an index, that one instead of the live one.
    """
    permitted = Access.objects.visible_to(scope)
    if collections:
        permitted = permitted.filter(collection__in=[uuid.UUID(str(c)) for c in collections])
    accesses = tuple(permitted.values_list("pk", flat=True))
    index = _index(generation) if accesses else None
    if index is None:
        return None
    return Within(index, accesses, tuple(uuid.UUID(str(d)) for d in documents), filters or Filters())


def _index(number: int | None) -> IndexGeneration | None:
    return live_generation() if number is None else IndexGeneration.objects.filter(number=number).first()


def _named(versions: QuerySet[Version]) -> tuple[str, dict[str, Any]]:
    """Return the query of these versions with parameters by name."""
    sql, values = versions.values("pk").query.sql_with_params()
    names = [f"version_{number}" for number in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))
