"""Deterministic stand-ins, held to the same contracts as the real things."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from apps.retrieval.embedding import Vectors


class FakeEmbedder:
    """Hashes words and their first letters into a vector: texts that share words are near, the same in every process."""

    name = "fake"
    dimensions = 384

    def __init__(self, model: str = "") -> None:
        """Be the one that tests take for the configured model, or, for a model called `fake-…`, another."""
        self.embedded: list[str] = []
        if model.startswith("fake-"):
            self.name, self.dimensions = model, 256

    def warm_up(self) -> None:
        """There is nothing to load."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self.dimensions), np.float32)

    def embed_question(self, text: str) -> Vectors:
        return self._vector(text)

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimensions, 1e-3, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[_bucket(word, self.dimensions)] += 1.0
            vector[_bucket(word[:4] + "…", self.dimensions)] += 0.5
        normed: Vectors = vector / np.linalg.norm(vector)
        return normed


def _bucket(text: str, size: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % size
