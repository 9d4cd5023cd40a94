"""Search over REST: ranked passages with their places, within what the caller may read, and recorded."""

from datetime import date
from typing import Any

import pytest

from apps.accounts.scope import Permission
from apps.api.routers import search as router
from apps.audit import log
from apps.audit.models import Record
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem
from tests.factories import DocumentFactory, IndexedPassageFactory, grant, owned_by

pytestmark = pytest.mark.django_db


def test_passages_come_with_place_and_scores(ingrid: Caller) -> None:
    document = DocumentFactory(collection=owned_by(ingrid.user), title="Annual report")
    passage = IndexedPassageFactory(document=document)
    body = ingrid("post", "/search", {"query": "net debt"}).json()
    [found] = body["items"]
    assert (found["id"], found["document"]) == (str(passage.pk), {"id": str(document.pk), "title": "Annual report"})
    assert (found["page"], found["boxes"], found["rank"]) == (1, [[0.1, 0.2, 0.9, 0.25]], 1)
    assert set(found["scores"]) == {"vector", "keyword", "fused", "rerank"}
    assert body["index_generation"]
    assert body["took_ms"] >= 0
    assert "legs" not in body


def test_what_is_not_ones_own_is_not_found(ingrid: Caller, boris: Caller) -> None:
    passage = IndexedPassageFactory(document=DocumentFactory(collection=owned_by(ingrid.user)))
    assert boris("post", "/search", {"query": "net debt"}).json()["items"] == []
    narrowed = {"query": "net debt", "collections": [str(passage.collection_id)]}
    assert boris("post", "/search", narrowed).json()["items"] == []
    grant(passage.collection, boris.user)
    assert len(boris("post", "/search", narrowed).json()["items"]) == 1


def test_a_search_can_be_narrowed_limited_and_explained(ingrid: Caller) -> None:
    mine = owned_by(ingrid.user)
    first, second = DocumentFactory(collection=mine), DocumentFactory(collection=mine)
    for document in (first, second, second):
        IndexedPassageFactory(document=document)
    body = ingrid("post", "/search", {"query": "net debt", "documents": [str(second.pk)], "explain": True}).json()
    assert {found["document"]["id"] for found in body["items"]} == {str(second.pk)}
    assert body["searched"] == 2
    assert "keyword" in body["legs"]
    assert len(ingrid("post", "/search", {"query": "net debt", "limit": 1}).json()["items"]) == 1


def test_a_search_reads_the_versions_of_a_day_and_keeps_to_kinds_and_dates(ingrid: Caller) -> None:
    document = DocumentFactory(collection=owned_by(ingrid.user), version__effective_from=date(2024, 1, 1))
    IndexedPassageFactory(document=document)

    def found(**filters: Any) -> int:
        return len(ingrid("post", "/search", {"query": "net debt", **filters}).json()["items"])

    assert found(as_of="2024-01-01", types=["pdf"], dated_from="2024-01-01", languages=["en"]) == 1
    assert found(as_of="2023-12-31") == 0
    assert found(types=["mail"]) == 0
    assert found(dated_to="2023-12-31") == 0
    assert found(languages=["de"]) == 0
    sealed = log.read_body(Record.objects.filter(action="search.run").latest("sequence"))["data"]
    assert sealed["languages"] == ["de"]


def test_a_search_is_recorded_with_what_it_showed(ingrid: Caller) -> None:
    passage = IndexedPassageFactory(document=DocumentFactory(collection=owned_by(ingrid.user)))
    ingrid("post", "/search", {"query": "net debt"})
    entry = Record.objects.get(action="search.run")
    assert entry.documents == [str(passage.document_id)]
    sealed = log.read_body(entry)["data"]
    assert (sealed["query"], sealed["passages"]) == ("net debt", [str(passage.pk)])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "debt", "limit": 0}, "limit"),
        ({"query": "debt", "limit": 1000}, "limit"),
        ({"query": "debt", "documents": ["x"]}, "documents.0"),
        ({"query": "debt", "top_k": 3}, "top_k"),
    ],
)
def test_a_bad_search_is_refused_by_field(ingrid: Caller, body: dict[str, object], field: str) -> None:
    assert list(assert_problem(ingrid("post", "/search", body), 422, "invalid")["errors"]) == [field]


def test_searching_needs_the_permission_to_read_and_is_limited(ingrid: Caller, settings: object) -> None:
    assert_problem(Caller(ingrid.user, Permission.ASK)("post", "/search", {"query": "debt"}), 403, "not_allowed")
    settings.ENV = router.settings.ENV.model_copy(update={"api_searches_per_minute": 1})  # type: ignore[attr-defined]
    assert ingrid("post", "/search", {"query": "debt"}).status_code == 200
    assert_problem(ingrid("post", "/search", {"query": "debt"}), 429, "too_many")
