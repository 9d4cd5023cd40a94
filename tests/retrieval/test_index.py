"""Indexing again is free, what vanished goes, and a generation belongs to one embedder."""

import pytest
from django.db import connection

from apps.core.errors import Unavailable
from apps.documents.models import Document
from apps.retrieval.chunking import chunk
from apps.retrieval.index import live_generation, open_generation, remove_version, replace_passages
from apps.retrieval.models import IndexedPassage, IndexGeneration
from tests.factories import DocumentFactory, VersionFactory
from tests.fakes import FakeEmbedder
from tests.retrieval.documents import paged, text
from tests.retrieval.indexing import index_parsed, unseen

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Document:
    made: Document = DocumentFactory(title="Annual report 2024")
    return made


def _keys(document: Document) -> list[str]:
    rows = IndexedPassage.objects.filter(document=document).order_by("ordinal")
    return [str(key) for key in rows.values_list("pk", flat=True)]


def test_every_chunk_becomes_a_passage_with_its_place(document: Document) -> None:
    assert index_parsed(document, paged([text("Net debt fell.")], [text("Rent rose.", "And fell.")])) == 2
    row = IndexedPassage.objects.get(document=document, page=2)
    assert row.text == "Rent rose. And fell."
    assert row.context == "Annual report 2024"
    assert (row.collection_id, row.version_id) == (document.collection_id, document.latest_id)
    assert [row.text[line["start"] : line["end"]] for line in row.lines] == ["Rent rose.", "And fell."]


def test_indexing_the_same_again_changes_nothing_and_embeds_nothing(document: Document) -> None:
    parsed = paged([text("Net debt fell.")], [text("Rent rose.")])
    index_parsed(document, parsed)
    before, embedder = _keys(document), FakeEmbedder()
    assert document.latest is not None
    replace_passages(document.latest, chunk(parsed, title=document.title), embedder, progress=unseen)
    assert _keys(document) == before
    assert embedder.embedded == []


def test_only_what_is_new_is_embedded_and_what_vanished_goes(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")], [text("Rent rose.")]))
    kept, gone = _keys(document)
    embedder = FakeEmbedder()
    parsed = paged([text("Net debt fell.")], [text("Wages rose.")])
    assert document.latest is not None
    replace_passages(document.latest, chunk(parsed, title=document.title), embedder, progress=unseen)
    assert [each.partition("\n")[2] for each in embedder.embedded] == ["Wages rose."]
    assert kept in _keys(document)
    assert gone not in _keys(document)


def test_a_passage_that_moves_within_its_page_keeps_its_id(document: Document) -> None:
    index_parsed(document, paged([], [text("Rent rose.")]))
    (before,) = _keys(document)
    index_parsed(document, paged([text("Net debt fell.")], [text("Rent rose.")]))
    assert _keys(document)[1] == before


def test_the_same_words_twice_on_a_page_are_two_passages(document: Document) -> None:
    index_parsed(document, paged([text(*["Intentionally left blank."] * 120)]))
    rows = IndexedPassage.objects.filter(document=document)
    assert rows.count() > rows.values("text").distinct().count()


def test_a_new_version_replaces_the_passages_of_the_old_one(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")]))
    document.latest = VersionFactory(document=document, number=2)
    document.save()
    index_parsed(document, paged([text("Net debt rose.")]))
    assert [row.text for row in IndexedPassage.objects.filter(document=document)] == ["Net debt rose."]


def test_a_version_can_be_taken_out(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")]))
    assert document.latest is not None
    remove_version(document.latest)
    assert not IndexedPassage.objects.filter(document=document).exists()


def test_text_with_a_zero_byte_or_half_a_surrogate_pair_is_indexed(document: Document) -> None:
    assert index_parsed(document, paged([text("Net\u00addebt fell\u2028again. ﬁnancial")])) == 1


def test_the_first_generation_is_made_on_first_use_with_its_own_graph(document: Document) -> None:
    assert live_generation() is None
    index_parsed(document, paged([text("Net debt fell.")]))
    generation = live_generation()
    assert generation is not None
    assert (generation.embedder, generation.dimensions) == ("fake", 384)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"passage_hnsw_{generation.pk.hex[:12]}"]
        )
        definition = cursor.fetchone()[0]
    assert "hnsw" in definition
    assert str(generation.pk) in definition


def test_another_embedder_may_not_write_into_a_generation(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")]))
    other = FakeEmbedder()
    other.name = "other"
    with pytest.raises(Unavailable, match="built with “fake”"):
        open_generation(other)
    assert IndexGeneration.objects.count() == 1
