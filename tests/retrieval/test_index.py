"""Indexing again is free, what vanished goes, and a generation belongs to one embedder."""

import pytest
from django.db import connection

from apps.core.errors import Unavailable
from apps.documents.models import Document
from apps.retrieval.index import hide_reading, live_generation, open_generation, put_in_force, remove_version
from apps.retrieval.models import IndexedPassage, IndexGeneration
from tests.factories import DocumentFactory, VersionFactory
from tests.fakes import FakeEmbedder
from tests.retrieval.documents import paged, text
from tests.retrieval.indexing import index_parsed

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Document:
    made: Document = DocumentFactory(title="Annual report 2024")
    return made


def _keys(document: Document) -> list[str]:
    rows = IndexedPassage.objects.filter(document=document).order_by("ordinal")
    return [str(key) for key in rows.values_list("pk", flat=True)]


def _in_force(document: Document) -> list[str]:
    return [row.text for row in IndexedPassage.objects.filter(document=document, in_force=True)]


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
    index_parsed(document, parsed, embedder)
    assert _keys(document) == before
    assert embedder.embedded == []


def test_only_what_is_new_is_embedded_and_what_vanished_goes(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")], [text("Rent rose.")]))
    kept, gone = _keys(document)
    embedder = FakeEmbedder()
    parsed = paged([text("Net debt fell.")], [text("Wages rose.")])
    index_parsed(document, parsed, embedder)
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


def test_the_same_text_is_embedded_once_wherever_it_stands() -> None:
    pages = paged([text("Net debt fell.")], [text("Rent rose.")])
    index_parsed(DocumentFactory(title="Report"), pages)
    embedder = FakeEmbedder()
    copy: Document = DocumentFactory(title="Report")
    assert index_parsed(copy, pages, embedder) == 2
    assert embedder.embedded == []
    vectors: dict[str, set[tuple[float, ...]]] = {}
    for row in IndexedPassage.objects.all():
        vectors.setdefault(row.text, set()).add(tuple(row.embedding))
    assert {words: len(different) for words, different in vectors.items()} == {"Net debt fell.": 1, "Rent rose.": 1}


def test_earlier_versions_keep_their_passages_and_one_version_is_searched(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")]))
    first = document.latest
    document.latest = VersionFactory(document=document, number=2)
    document.save()
    index_parsed(document, paged([text("Net debt rose.")]))
    assert first is not None
    assert _in_force(document) == ["Net debt fell."]
    put_in_force(document.pk, document.latest.pk)
    assert _in_force(document) == ["Net debt rose."]
    assert IndexedPassage.objects.filter(version=first).exists()


def test_what_is_pending_is_not_put_in_force(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.")]))
    assert document.latest is not None
    hide_reading(document.latest)
    put_in_force(document.pk, document.latest.pk)
    assert _in_force(document) == []


def test_a_passage_says_what_was_read_last(document: Document) -> None:
    index_parsed(document, paged([text("Net debt fell.", top=0.1)]))
    index_parsed(document, paged([text("Net debt fell.", top=0.4)]))
    (row,) = IndexedPassage.objects.filter(document=document)
    assert row.boxes[0][1] == 0.4


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
