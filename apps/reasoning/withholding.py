"""What of an answer its asker may no longer see: they were given it when they could read what it rests on, and now cannot.

Where a passage that the model read is hidden, all that was written from it is withheld; a hidden passage that was only
considered is left out by itself. Nothing is deleted, so access that comes back brings the answer back.
"""

import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.documents.gone import readable
from apps.documents.models import Collection
from apps.reasoning.models import Answer

WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Documents and collections that answers name and the scope may not see now."""

    documents: frozenset[uuid.UUID] = frozenset()
    collections: frozenset[uuid.UUID] = frozenset()


def withheld_sentence() -> str:
    """Return what is said in the place of an answer."""
    return _("This answer rests on documents that you may no longer open. Ask whoever manages them for access.")


def hidden_from(scope: Scope, answers: Sequence[Answer]) -> Hidden:
    """Return what these answers, fetched with their candidates, name and the scope may not see. A constant number of queries."""
    documents = {candidate.document_id for answer in answers for candidate in answer.candidates.all()}
    documents |= {document for answer in answers for document in answer.leans_on}
    absences = [answer.absence for answer in answers if answer.absence]
    documents |= {key for absence in absences for key in _documents_in(absence)}
    named = {key for absence in absences for key in _collections_in(absence)}
    if not documents and not named:
        return Hidden()
    there = Collection.objects.visible_to(scope).filter(pk__in=named).values_list("pk", flat=True) if named else ()
    return Hidden(frozenset(documents - readable(scope, documents)), frozenset(named.difference(there)))


def hidden_documents(scope: Scope, documents: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these documents the scope may not see now."""
    asked = set(documents)
    return asked - readable(scope, asked) if asked else set()


def is_withheld(answer: Answer, hidden: Hidden) -> bool:
    """Whether something that the model read for an answer is hidden, or what an earlier answer rests on that it was told of."""
    return not hidden.documents.isdisjoint(grounds_of(answer))


def grounds_of(answer: Answer) -> set[uuid.UUID]:
    """Return the documents that an answer, fetched with its candidates, is written from."""
    return {each.document_id for each in answer.candidates.all() if each.marker is not None} | set(answer.leans_on)


def seen_steps(steps: Sequence[dict[str, Any]], ranks: Container[int]) -> list[dict[str, Any]]:
    """Return the steps of an answer as far as they name passages of these `ranks` only, and the first that names another without it:
    what was asked next may be taken from there."""
    shown = []
    for step in steps:
        passages = [rank for rank in step["passages"] if rank in ranks]
        if len(passages) == len(step["passages"]):
            shown.append(step)
            continue
        return [*shown, step | {"passages": passages, "found": len(passages)}]
    return shown


def seen_absence(absence: Mapping[str, Any] | None, hidden: Hidden) -> Mapping[str, Any] | None:
    """Return what was searched in vain, or None where it names what is hidden: its numbers would tell of it."""
    if absence is None or not hidden.documents.isdisjoint(_documents_in(absence)):
        return None
    return absence if hidden.collections.isdisjoint(_collections_in(absence)) else None


def _documents_in(absence: Mapping[str, Any]) -> Iterator[uuid.UUID]:
    for part in ("nearest", "unreadable"):
        for one in absence.get(part) or ():
            yield uuid.UUID(one["document"]["id"])


def _collections_in(absence: Mapping[str, Any]) -> Iterator[uuid.UUID]:
    for one in absence.get("collections") or ():
        yield uuid.UUID(one["id"])
