"""Search: the passages that answer, best first, within what the caller may read."""

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from ninja import Router

from apps.accounts.scope import Permission
from apps.api.auth import Call
from apps.api.limits import spend
from apps.api.schemas import documents as wire
from apps.audit import log
from apps.audit.actions import Action
from apps.retrieval.passages import passage_object
from apps.retrieval.search import search as find_passages

router = Router(tags=["Search"])


@router.post("", response=wire.SearchResult, summary="Search", exclude_unset=True)
def search(request: Call, body: wire.Search) -> dict[str, Any]:
    scope = request.auth
    scope.require(Permission.READ)
    spend(scope, "search", settings.ENV.api_searches_per_minute)
    found = find_passages(
        scope,
        body.query,
        collections=body.collections,
        documents=body.documents,
        filters=body.filters,
        limit=body.limit,
    )
    with transaction.atomic():
        log.record(
            Action.SEARCHED,
            data={
                "query": body.query,
                "collections": _texts(body.collections),
                "within": _texts(body.documents),
                **body.filters.as_json(),
                "passages": [str(passage.id) for passage in found.passages],
                "index_generation": found.generation,
            },
            documents=[passage.document_id for passage in found.passages],
            actor=scope.actor,
        )
    shown: dict[str, Any] = {
        "items": [passage_object(passage) for passage in found.passages],
        "took_ms": round(found.seconds * 1000),
        "index_generation": found.generation,
    }
    if body.explain:
        shown |= {"legs": list(found.legs), "searched": found.searched}
    return shown


def _texts(ids: list[uuid.UUID]) -> list[str]:
    return [str(each) for each in ids]
