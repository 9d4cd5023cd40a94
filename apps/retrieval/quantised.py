"""An encoder that computes in 8-bit integers: about twice as fast as bfloat16 on a processor with VNNI, and as good.

Weights and what is multiplied with them are rounded in groups of 128, each group with its own scale; what a token tells the
others (the “value” of attention), where rounding hurts most, is not rounded. Before it is used it is compared with the
model itself.
"""

import importlib.util
import sys
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.retrieval.encoders import Vectors, batches_of_like_length, cores_to_use, processor_flags, run_side_by_side
from apps.retrieval.quantised_graph import GROUP, Shape, build

# OpenVINO, which others import too, would tell its makers over the network that it was imported.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # None: may not be imported

LEAST_COSINE = 0.99
_BATCH = 4  # what four passages need on their way through a layer stays in the cache of a core
_ROUND_TO = 16  # lengths are padded to multiples, since what is compiled for each shape is kept
_POOLING = {"mean", "cls"}
_PROBES = [
    "Net debt fell to 4,120 million at the end of the year.",
    "How many days of notice does the lender have to give?",
    "Die Gesellschaft hat im Geschäftsjahr 2023 Rückstellungen von 12,5 Mio. Euro gebildet.",
    "Note 7 › Leases\nRight-of-use assets 1,204 1,377\nLease liabilities, current 212 240\n" * 4,
    "The agreement ends when either party gives written notice of at least ninety days, unless it was ended before. "
    * 8,
]


class QuantisedEncoder:
    """A BERT-like sentence-transformers model, compiled by OpenVINO."""

    def __init__(self, model: Any) -> None:
        import openvino

        transformer, pooling = model[0], model[1]
        self._tokenizer = _tokenizer_of(model)
        self._dimensions = int(model.get_embedding_dimension())
        self._side_by_side, threads = cores_to_use()
        graph = build(
            {name: value.float().numpy() for name, value in transformer.auto_model.state_dict().items()},
            shape_of(transformer.auto_model.config),
            cls=pooling.pooling_mode == "cls",
        )
        exact = "bf16" if processor_flags() & {"avx512_bf16"} else "f32"
        compiled = openvino.Core().compile_model(
            graph,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": exact,
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
                "NUM_STREAMS": self._side_by_side,
                "INFERENCE_NUM_THREADS": self._side_by_side * threads,
                "ENABLE_CPU_PINNING": False,  # another process would be pinned to the same cores
            },
        )
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self._side_by_side):
            self._requests.put(compiled.create_infer_request())

    def encode(self, texts: list[str]) -> Vectors:
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)

        def compute(places: list[int]) -> None:
            vectors[places] = self._infer(*_padded([ids[place] for place in places]))

        run_side_by_side(compute, batches_of_like_length(ids, _BATCH), self._side_by_side)
        return vectors

    def _infer(self, ids: npt.NDArray[np.int32], mask: npt.NDArray[np.float32]) -> Vectors:
        request = self._requests.get()
        try:
            rows: Vectors = next(iter(request.infer({0: ids, 1: mask}).values())).copy()
        finally:
            self._requests.put(request)
        return rows


def processor_quantises() -> bool:
    """Whether it multiplies 8-bit integers fast. With AMX it multiplies whole matrices of bfloat16: the model's own way."""
    flags = processor_flags()
    return "avx512_vnni" in flags and "amx_bf16" not in flags and importlib.util.find_spec("openvino") is not None


def can_be_quantised(model: Any) -> bool:
    """Whether this processor gains by it, and the model is built the way that `build` knows."""
    if not processor_quantises():
        return False
    parts = [type(part).__name__ for part in model]
    if parts not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    config = model[0].auto_model.config
    return (
        config.model_type in {"bert", "roberta", "xlm-roberta"}
        and config.hidden_act == "gelu"
        and getattr(config, "position_embedding_type", "absolute") in {None, "absolute"}
        and config.hidden_size % GROUP == config.intermediate_size % GROUP == 0
        and model[1].pooling_mode in _POOLING
        and getattr(model.tokenizer, "backend_tokenizer", None) is not None
    )


def least_cosine(encoder: QuantisedEncoder, model: Any) -> float:
    """Return how near the encoder's vectors are to the model's own, for the text where they differ most."""
    exact = model.encode(_PROBES, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
    return float(np.sum(encoder.encode(_PROBES) * exact, axis=1).min())


def shape_of(config: Any) -> Shape:
    offset = 0 if config.model_type == "bert" else config.pad_token_id + 1
    return Shape(
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        size=config.hidden_size,
        epsilon=config.layer_norm_eps,
        first_position=offset,
    )


def _tokenizer_of(model: Any) -> Any:
    """Return a tokenizer of our own, never changed, which several threads may use."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.enable_truncation(model.max_seq_length)
    tokenizer.no_padding()
    return tokenizer


def _padded(rows: list[list[int]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    length = -(-max(map(len, rows)) // _ROUND_TO) * _ROUND_TO
    ids = np.zeros((len(rows), length), dtype=np.int32)
    mask = np.zeros((len(rows), length), dtype=np.float32)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return ids, mask
