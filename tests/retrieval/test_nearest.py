"""The nearest passages are found whatever of all may be read: as many as there can be, and the right ones."""

from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.documents.models import Collection, Document
from apps.retrieval import nearest as module
from apps.retrieval.embedding import Vectors
from apps.retrieval.index import open_generation
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.nearest import DEPTH, by_comparing, nearest, walks
from apps.retrieval.within import Within
from tests.factories import CollectionFactory, DocumentFactory, IndexedPassageFactory
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.django_db

NEAR, FAR = 60, 150


@pytest.fixture
def generation() -> IndexGeneration:
    return open_generation(FakeEmbedder())


@pytest.fixture
def question() -> Vectors:
    vector = np.zeros(FakeEmbedder.dimensions, dtype=np.float32)
    vector[0] = 1
    return vector


def passages(collection: Collection, generation: IndexGeneration, count: int, *, angle: float) -> Document:
    """Return a document whose passages are about as far from the question as the angle says."""
    document: Document = DocumentFactory(collection=collection)
    draw = np.random.default_rng(count)
    for _ in range(count):
        other = draw.normal(size=generation.dimensions)
        other[0] = 0
        turned = angle * draw.uniform(0.8, 1)
        vector = np.sin(turned) * other / np.linalg.norm(other)
        vector[0] = np.cos(turned)
        IndexedPassageFactory(document=document, generation=generation, embedding=vector.tolist())
    return document


@pytest.fixture
def far(generation: IndexGeneration) -> Within:
    """What is permitted is far from the question, and what is near is not permitted."""
    passages(CollectionFactory(), generation, NEAR, angle=0.2)
    document = passages(CollectionFactory(), generation, FAR, angle=1.4)
    return Within(generation, (document.access_id,))


@pytest.fixture
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what there is count as many."""
    monkeypatch.setattr(module, "EXACT_UP_TO", 0)


def statements(search: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        search()
    return [query["sql"] for query in queries if "ORDER BY distance" in query["sql"]]


def test_few_are_all_compared(far: Within, question: Vectors) -> None:
    (only,) = statements(lambda: nearest(far, question, FAR))
    assert ") + 0 AS distance" in only


def test_comparing_finds_exactly_the_nearest_with_their_cosines(far: Within, question: Vectors) -> None:
    rows = IndexedPassage.objects.filter(access__in=far.accesses).values_list("number", "embedding")
    expected = sorted(((float(np.asarray(vector)[0]), number) for number, vector in rows), reverse=True)[:DEPTH]
    found = by_comparing(far, question)
    assert [score for _, score in found] == pytest.approx([score for score, _ in expected], abs=1e-3)
    assert {number for number, _ in found[:10]} <= {number for _, number in expected[:12]}


@pytest.mark.usefixtures("_many")
def test_many_are_found_through_the_graph(generation: IndexGeneration, question: Vectors) -> None:
    hidden = passages(CollectionFactory(), generation, NEAR, angle=1.4)
    document = passages(CollectionFactory(), generation, FAR, angle=0.2)
    within = Within(generation, (document.access_id,))
    found: list[tuple[int, float]] = []
    (only,) = statements(lambda: found.extend(nearest(within, question, FAR)))
    assert ") + 0 AS distance" not in only
    assert len(found) == DEPTH
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert not {number for number, _ in found} & set(
        IndexedPassage.objects.filter(document=hidden).values_list("number", flat=True)
    )
    best = [score for _, score in by_comparing(within, question)[:10]]
    assert [score for _, score in found[:10]] == pytest.approx(best, abs=0.002)


@pytest.mark.usefixtures("_many")
def test_where_the_graph_brings_too_few_all_are_compared(
    far: Within, question: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "walks", lambda *_: [20])
    found: list[tuple[int, float]] = []
    first, second = statements(lambda: found.extend(nearest(far, question, FAR)))
    assert ") + 0 AS distance" not in first
    assert ") + 0 AS distance" in second
    assert found == by_comparing(far, question)
    assert len(found) == DEPTH


@pytest.mark.usefixtures("_many")
def test_fewer_than_asked_for_are_all_returned(generation: IndexGeneration, question: Vectors) -> None:
    passages(CollectionFactory(), generation, NEAR, angle=0.2)
    document = passages(CollectionFactory(), generation, 7, angle=1.4)
    assert len(nearest(Within(generation, (document.access_id,)), question, 7)) == 7


@pytest.mark.usefixtures("_many")
def test_how_the_graph_is_walked_is_set_for_the_transaction_alone(far: Within, question: Vectors) -> None:
    names = ["hnsw.ef_search", "hnsw.iterative_scan", "enable_sort"]
    asked = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    with transaction.atomic():
        nearest(far, question, FAR)
        with connection.cursor() as cursor:
            cursor.execute(asked)
            assert cursor.fetchone() == ("400", "off", "on")


@pytest.mark.usefixtures("_many")
def test_a_walk_with_many_candidates_is_not_begun_far_from_what_is_permitted(
    far: Within, question: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "walks", lambda *_: [20, 1000])
    monkeypatch.setattr(module, "vectors_in", lambda _: FAR + NEAR)
    _, second = statements(lambda: nearest(far, question, FAR))
    assert ") + 0 AS distance" in second


@pytest.mark.parametrize(
    ("permitted", "candidates"),
    [(200_000, [400]), (100_000, [400]), (50_000, [200, 800]), (20_000, []), (1_000, [])],
)
def test_the_smaller_the_share_the_more_candidates_until_it_is_not_worth_a_walk(
    permitted: int, candidates: list[int]
) -> None:
    assert walks(permitted, 200_000) == candidates
