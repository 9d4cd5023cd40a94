"""Where passages that were read give different values for the same thing, and which of them the answer follows."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.scope import Scope
from apps.documents.models import Version
from apps.documents.walls import reading
from apps.retrieval.passages import Passage
from apps.verification.conflicts import Witness, conflict_objects, conflicts_among
from apps.verification.figures.grounds import Ground


def conflicts_of(
    scope: Scope, passages: Mapping[int, Passage], grounds: Mapping[int, Ground], answer: str
) -> list[dict[str, Any]]:
    """Return the conflicts among the passages that were read, by marker, as the REST contract shows them. At most one query."""
    versions = {passage.version_id for passage in passages.values()}
    if len(versions) < 2:
        return []
    with reading(scope):
        dates = dict(Version.objects.filter(pk__in=versions).values_list("pk", "effective_from"))
    witnesses = {
        marker: Witness(
            ground=grounds[marker],
            document=str(passage.document_id),
            title=passage.document_title,
            heading=passage.heading,
            version=passage.version,
            dated=dates.get(passage.version_id),
        )
        for marker, passage in passages.items()
    }
    return conflict_objects(conflicts_among(witnesses, answer))
