"""A BERT-like encoder written as an OpenVINO graph, from token ids to a vector of length 1.

OpenVINO multiplies in 8-bit integers where weights are given as integers with a scale for each group; the rest is computed in
whatever precision the graph is compiled for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Node = Any

GROUP = 128
"""So many neighbouring numbers share a scale."""

_HIDDEN = -1e4  # added to the score of what is padding
_LARGEST = 127


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights alone do not tell; `first_position` is where a model's positions begin."""

    layers: int
    heads: int
    size: int
    epsilon: float
    first_position: int = 0


def build(weights: Mapping[str, Floats], shape: Shape, *, cls: bool) -> Any:
    """Return the model: ids and mask in, each (texts, tokens), vectors out. `cls`: the first token speaks for the text."""
    return _Builder(weights, shape).model(cls=cls)


class _Builder:
    def __init__(self, weights: Mapping[str, Floats], shape: Shape) -> None:
        from openvino import opset13

        self.op = opset13
        self.weights = weights
        self.shape = shape

    def model(self, *, cls: bool) -> Any:
        from openvino import Model

        ids = self.op.parameter([-1, -1], np.int32, "ids")
        mask = self.op.parameter([-1, -1], np.float32, "mask")
        hidden = self.op.multiply(
            self.op.subtract(self.floats(1), self.op.unsqueeze(mask, self.whole(1, 2))), self.floats(_HIDDEN)
        )
        tokens = self.embedded(ids)
        for layer in range(self.shape.layers):
            tokens = self.layer(tokens, hidden, f"encoder.layer.{layer}.")
        pooled = self.first(tokens) if cls else self.mean(tokens, mask)
        return Model([self.op.normalize_l2(pooled, self.whole(1), 1e-12, "add")], [ids, mask], "encoder")

    def embedded(self, ids: Node) -> Node:
        words = self.weights["embeddings.word_embeddings.weight"]
        same_type = self.weights["embeddings.token_type_embeddings.weight"][0]
        places = self.weights["embeddings.position_embeddings.weight"][self.shape.first_position :]
        length = self.op.gather(self.op.shape_of(ids), self.whole(1), self.whole(0))
        place = self.op.slice(self.floats(places + same_type), self.whole(0), length, self.whole(1), self.whole(0))
        found = self.op.gather(self.floats(words), ids, self.whole(0))
        return self.normed(self.op.add(found, place), "embeddings.LayerNorm")

    def layer(self, tokens: Node, hidden: Node, path: str) -> Node:
        asks = self.heads(self.linear(tokens, path + "attention.self.query"))
        keys = self.heads(self.linear(tokens, path + "attention.self.key"))
        tells = self.heads(self.linear(tokens, path + "attention.self.value", rounded=False))
        mixed = self.op.transpose(
            self.op.scaled_dot_product_attention(asks, keys, tells, hidden), self.whole(0, 2, 1, 3)
        )
        attended = self.linear(
            self.op.reshape(mixed, self.whole(0, 0, self.shape.size), True), path + "attention.output.dense"
        )
        tokens = self.normed(self.op.add(attended, tokens), path + "attention.output.LayerNorm")
        inner = self.op.gelu(self.linear(tokens, path + "intermediate.dense"), "erf")
        return self.normed(self.op.add(self.linear(inner, path + "output.dense"), tokens), path + "output.LayerNorm")

    def linear(self, tokens: Node, name: str, *, rounded: bool = True) -> Node:
        weight = self.weights[name + ".weight"]
        factor = self.rounded(weight) if rounded else self.floats(weight)
        return self.op.add(self.op.matmul(tokens, factor, False, True), self.floats(self.weights[name + ".bias"]))

    def rounded(self, weight: Floats) -> Node:
        rows, columns = weight.shape
        groups = weight.reshape(rows, columns // GROUP, GROUP)
        scale = np.maximum(np.abs(groups).max(axis=2, keepdims=True), np.finfo(np.float32).tiny) / _LARGEST
        whole = np.rint(groups / scale).astype(np.int8)
        scaled = self.op.multiply(self.op.convert(self.op.constant(whole), "f32"), self.floats(scale))
        return self.op.reshape(scaled, self.whole(rows, columns), False)

    def heads(self, tokens: Node) -> Node:
        size = self.shape.size // self.shape.heads
        return self.op.transpose(
            self.op.reshape(tokens, self.whole(0, 0, self.shape.heads, size), True), self.whole(0, 2, 1, 3)
        )

    def normed(self, tokens: Node, name: str) -> Node:
        even = self.op.mvn(tokens, self.whole(-1), True, self.shape.epsilon, "inside_sqrt")
        scaled = self.op.multiply(even, self.floats(self.weights[name + ".weight"]))
        return self.op.add(scaled, self.floats(self.weights[name + ".bias"]))

    def mean(self, tokens: Node, mask: Node) -> Node:
        counted = self.op.unsqueeze(mask, self.whole(2))
        total = self.op.reduce_sum(self.op.multiply(tokens, counted), self.whole(1))
        return self.op.divide(total, self.op.reduce_sum(counted, self.whole(1)))

    def first(self, tokens: Node) -> Node:
        return self.op.gather(tokens, self.op.constant(np.int64(0)), self.op.constant(np.int64(1)))

    def floats(self, values: Any) -> Node:
        return self.op.constant(np.ascontiguousarray(values, dtype=np.float32))

    def whole(self, *values: int) -> Node:
        return self.op.constant(np.array(values, dtype=np.int64))
