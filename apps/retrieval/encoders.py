"""How a loaded model turns texts into vectors: an encoder, and the one that asks the model itself.

An encoder takes a batch; `side_by_side` of them are computed at once, one thread each, since threads that share a batch
wait for one another.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

_SIDE_BY_SIDE = 4
_BATCH = 16


class Encoder(Protocol):
    def encode(self, texts: list[str]) -> Vectors:
        """Return one row of length 1 a text, in order. May be called by several threads."""
        ...


class ModelEncoder:
    """Asks the sentence-transformers model itself: any model, any device."""

    def __init__(self, model: Any, *, side_by_side: int) -> None:
        self._model = model
        self._side_by_side = side_by_side
        self._tokenizing = threading.Lock()  # a fast tokenizer must not be used by two threads at once

    def encode(self, texts: list[str]) -> Vectors:
        vectors = np.empty((len(texts), self._model.get_embedding_dimension()), dtype=np.float32)

        def compute(places: list[int]) -> None:
            vectors[places] = self._forward([texts[place] for place in places])

        run_side_by_side(compute, batches_of_like_length(texts, _BATCH), self._side_by_side)
        return vectors

    def _forward(self, batch: list[str]) -> Vectors:
        import torch

        with torch.inference_mode():
            with self._tokenizing:
                features = self._model.preprocess(batch)
            moved = {name: value.to(self._model.device) for name, value in features.items() if torch.is_tensor(value)}
            embedded = self._model.forward({**features, **moved})["sentence_embedding"].float()
            rows: Vectors = torch.nn.functional.normalize(embedded).cpu().numpy()
        return rows


def batches_of_like_length(items: Sequence[Sequence[Any]], size: int) -> list[list[int]]:
    """Return the places of the items in batches, longest first, so that little is padded."""
    order = sorted(range(len(items)), key=lambda place: len(items[place]), reverse=True)
    return [order[start : start + size] for start in range(0, len(order), size)]


def run_side_by_side(compute: Callable[[list[int]], None], batches: list[list[int]], threads: int) -> None:
    if len(batches) < 2 or threads < 2:
        for places in batches:
            compute(places)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(compute, batches):
            pass


def cores_to_use() -> tuple[int, int]:
    """Return how many batches this process computes side by side, and how many threads each gets."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    side_by_side = min(cores, _SIDE_BY_SIDE)
    return side_by_side, max(cores // side_by_side, 1)


def processor_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), []))
