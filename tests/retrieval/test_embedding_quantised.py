"""Vectors computed in 8-bit integers are the model's own, or are not used."""

import sys
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from apps.retrieval import embedding
from apps.retrieval.embedding import PACKAGED, SentenceTransformerEmbedder
from apps.retrieval.encoders import ModelEncoder
from apps.retrieval.quantised import QuantisedEncoder, can_be_quantised, processor_quantises, shape_of
from apps.retrieval.quantised_graph import build

pytestmark = pytest.mark.embedding
quantising = pytest.mark.skipif(not processor_quantises(), reason="this processor computes in bfloat16 or float32")

NOUNS = ["debt", "rent", "tax", "stock", "wages", "goodwill"]
TEXTS = [
    f"In note {n} the {noun} of the group is stated at {n * 37} million. " * (1 + n % 9)
    for n in range(30)
    for noun in NOUNS
]


@pytest.fixture(scope="module")
def exact() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(PACKAGED, device="cpu", exact=True)


@pytest.fixture(scope="module")
def quick() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(PACKAGED, device="cpu")


@quantising
def test_vectors_are_those_of_float32(exact: SentenceTransformerEmbedder, quick: SentenceTransformerEmbedder) -> None:
    cosines = np.sum(exact.embed_passages(TEXTS) * quick.embed_passages(TEXTS), axis=1)
    assert isinstance(quick._encoder, QuantisedEncoder)
    assert cosines.min() > 0.998


@quantising
def test_what_is_found_is_what_float32_finds(
    exact: SentenceTransformerEmbedder, quick: SentenceTransformerEmbedder
) -> None:
    same = 0
    passages = {each: each.embed_passages(TEXTS) for each in (exact, quick)}
    questions = [f"How high is the {noun} of note {n}?" for n in range(5) for noun in NOUNS]
    for question in questions:
        first, second = (
            set(np.argsort(-(rows @ each.embed_question(question)))[:10]) for each, rows in passages.items()
        )
        same += len(first & second)
    assert same >= 9 * len(questions)


@quantising
def test_vectors_that_differ_are_not_used(monkeypatch: pytest.MonkeyPatch, exact: SentenceTransformerEmbedder) -> None:
    monkeypatch.setattr(embedding, "least_cosine", lambda encoder, model: 0.97)
    embedder = SentenceTransformerEmbedder(PACKAGED, device="cpu")
    with capture_logs() as logs:
        embedder.warm_up()
    assert isinstance(embedder._encoder, ModelEncoder)
    assert [each["cosine"] for each in logs if each["event"] == "embedding.quantised_differs"] == [0.97]
    assert np.sum(embedder.embed_passages(TEXTS[:1]) * exact.embed_passages(TEXTS[:1])) > 0.998


@quantising
def test_nobody_is_told_that_the_library_is_used(quick: SentenceTransformerEmbedder) -> None:
    quick.warm_up()
    assert sys.modules["openvino"]
    assert sys.modules["openvino_telemetry"] is None


def _transformer(kind: str) -> Any:
    import torch
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(5)
    sizes = {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 4}
    if kind == "bert":
        return BertModel(BertConfig(vocab_size=500, **sizes)).eval()
    return XLMRobertaModel(XLMRobertaConfig(vocab_size=500, type_vocab_size=1, pad_token_id=1, **sizes)).eval()


@pytest.mark.parametrize("cls", [False, True])
@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_a_graph_computes_what_its_model_computes(kind: str, cls: bool) -> None:
    import torch

    openvino = pytest.importorskip("openvino")
    model = _transformer(kind)
    ids = torch.randint(5, 500, (3, 32))
    mask = torch.ones_like(ids)
    ids[1, 20:], mask[1, 20:] = 1, 0
    with torch.inference_mode():
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
        counted = mask.unsqueeze(2)
        pooled = hidden[:, 0] if cls else (hidden * counted).sum(1) / counted.sum(1)
        expected = torch.nn.functional.normalize(pooled).numpy()
        weights = {name: value.numpy() for name, value in model.state_dict().items()}
    graph = build(weights, shape_of(model.config), cls=cls)
    compiled = openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = compiled([ids.numpy().astype(np.int32), mask.numpy().astype(np.float32)])[0]
    assert np.sum(found * expected, axis=1).min() > 0.999


@quantising
@pytest.mark.parametrize(
    ("attribute", "value"), [("model_type", "mpnet"), ("hidden_act", "relu"), ("hidden_size", 100)]
)
def test_a_model_of_another_build_is_left_to_itself(
    exact: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch, attribute: str, value: Any
) -> None:
    exact.warm_up()
    assert isinstance(exact._encoder, ModelEncoder)
    model = exact._encoder._model
    assert can_be_quantised(model)
    monkeypatch.setattr(model[0].auto_model.config, attribute, value)
    assert not can_be_quantised(model)
