"""Why not this document? Of an answer: what became of it among the candidates, else where a search loses it now."""

import uuid
from dataclasses import replace

from apps.accounts.scope import Scope
from apps.documents.models import Document
from apps.reasoning.effort import limits_for
from apps.reasoning.models import Answer, CandidateReason
from apps.retrieval.fates import Fate, fate_in_search
from apps.retrieval.within import Filters

_BEST = [CandidateReason.USED, CandidateReason.USED_NOT_CITED]


def fate_of(scope: Scope, answer: Answer, document_id: uuid.UUID) -> Fate:
    """Return what became of a document's best passage. Raises `NotFound` for a document that the scope cannot see.

    Of candidates it tells what was stored when the answer was written; of any other document a search is made again, as of the
    day on which the question was asked.
    """
    document = Document.objects.get_visible(scope, document_id)
    limits = limits_for(answer.effort, context=0)
    candidates = [each for each in answer.candidates.all() if each.document_id == document.pk]
    if candidates:
        best = min(candidates, key=lambda each: (each.reason not in _BEST, each.duplicate_of is not None, each.rank))
        return Fate(
            reason=best.reason,
            stage=best.stage,
            passage=best.passage,
            searched=answer.searched,
            limit=limits.passages,
            duplicate_of=best.duplicate_of,
            marker=best.marker,
            again=False,
        )
    filters = Filters.from_json(answer.filters)
    asked = answer.steps[0]["question"] if answer.steps else answer.question
    return fate_in_search(
        scope,
        asked,
        document.pk,
        collections=answer.collections,
        documents=answer.documents,
        filters=replace(filters, as_of=filters.as_of or answer.created_at.date()),
        limit=limits.found,
    )
