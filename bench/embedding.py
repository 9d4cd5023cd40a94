"""Embed the same passages by the library's own `encode` and by ours, in one process, in turn; prints passages a second.

.venv/bin/python -m bench.embedding
"""

import os
import random
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np

from apps.retrieval.embedding import PACKAGED, SentenceTransformerEmbedder

ROUNDS = 3
WORDS = (
    "the company reported net sales of revenue million dollars increase decrease operating income segment results "
    "compared year agreement lender borrower interest cover leverage covenant notice default schedule amendment"
).split()


def main() -> None:
    import torch

    draw = random.Random(7)
    texts = [" ".join(draw.choice(WORDS) for _ in range(draw.randint(40, 190))) for _ in range(256)]
    ours = SentenceTransformerEmbedder(PACKAGED, device="cpu")
    ours.warm_up()
    few = torch.get_num_threads()

    def library(threads: int) -> np.ndarray[Any, Any]:
        torch.set_num_threads(threads)
        rows = ours._model.encode(texts, batch_size=32, normalize_embeddings=True, convert_to_numpy=True)
        torch.set_num_threads(few)
        return rows.astype(np.float32)

    ways: dict[str, Callable[[], Any]] = {
        f"encode, {os.cpu_count()} threads a batch": lambda: library(os.cpu_count() or 1),
        "encode, 1 thread": lambda: library(1),
        "ours, batches side by side": lambda: ours.embed_passages(texts),
    }
    same = np.sum(ways["encode, 1 thread"]() * ways["ours, batches side by side"](), axis=1)
    print(f"least cosine between the two: {same.min():.4f}")
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    for name, taken in seconds.items():
        print(f"{name}: {len(texts) / sorted(taken)[ROUNDS // 2]:.1f} passages/s (median of {ROUNDS})")


if __name__ == "__main__":
    main()
