"""What stands just before and after a passage, for reading. The passage that is shown and cited stays itself."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from apps.accounts.scope import Scope
from apps.documents.walls import reading
from apps.retrieval.models import IndexedPassage
from apps.retrieval.passages import Passage

_MOST = 240  # characters of each neighbour


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The end of the passage before and the beginning of the one after, each empty where there is none."""

    before: str = ""
    after: str = ""


def surroundings_of(scope: Scope, passages: Collection[Passage]) -> dict[uuid.UUID, Surroundings]:
    """Return what stands around each passage, by its id. A neighbour that is among the passages itself is not repeated."""
    read = {passage.id for passage in passages}
    with reading(scope):
        rows = IndexedPassage.objects.visible_to(scope).filter(pending=False)
        places = dict(rows.filter(pk__in=read).values_list("pk", "ordinal"))
        kept = [passage for passage in passages if passage.id in places]
        if not kept:
            return {}
        wanted = Q()
        for passage in kept:
            at = places[passage.id]
            wanted |= Q(version=passage.version_id, ordinal__in=[at - 1, at + 1] if at else [at + 1])
        of_same_index = rows.filter(wanted, generation__in=rows.filter(pk__in=read).values("generation"))
        texts = {
            (version, ordinal): "" if pk in read else text
            for pk, version, ordinal, text in of_same_index.values_list("pk", "version_id", "ordinal", "text")
        }
    return {
        passage.id: Surroundings(
            _end(texts.get((passage.version_id, places[passage.id] - 1), "")),
            _beginning(texts.get((passage.version_id, places[passage.id] + 1), "")),
        )
        for passage in kept
    }


def _end(text: str) -> str:
    """Return the last words of a text, from a whole word on."""
    return text if len(text) <= _MOST else text[-_MOST:].partition(" ")[2]


def _beginning(text: str) -> str:
    return text if len(text) <= _MOST else text[:_MOST].rpartition(" ")[0]
