"""Embed the same passages by the library's own `encode`, by the model in bfloat16 and by ours, in one process, in turn.

    .venv/bin/python -m bench.embedding

Prints passages a second of the clock and of processor time, then how near our vectors are to those of float32: the least
cosine and, with `TOULMIN_EVAL_DIR`, on scientific claims, the part of the ten nearest that are the same, and nDCG@10.
"""

import json
import math
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np

from apps.retrieval.embedding import PACKAGED, SentenceTransformerEmbedder
from apps.retrieval.encoders import ModelEncoder, Vectors, cores_to_use

ROUNDS = 3
WORDS = (
    "the company reported net sales of revenue million dollars increase decrease operating income segment results "
    "compared year agreement lender borrower interest cover leverage covenant notice default schedule amendment"
).split()


def main() -> None:
    import torch

    exact = SentenceTransformerEmbedder(PACKAGED, device="cpu", exact=True)
    ours = SentenceTransformerEmbedder(PACKAGED, device="cpu")
    for each in (exact, ours):
        each.warm_up()
    speed(exact._encoder._model.to(torch.bfloat16), ours)
    exact._encoder._model.to(torch.float32)
    nearness(exact, ours)


def speed(model: Any, ours: SentenceTransformerEmbedder) -> None:
    """Time each way in turn. `model` is in bfloat16."""
    draw = random.Random(7)
    texts = [" ".join(draw.choice(WORDS) for _ in range(draw.randint(100, 220))) for _ in range(256)]
    own_way = ModelEncoder(model, side_by_side=cores_to_use()[0])
    ways: dict[str, Callable[[], Any]] = {
        "encode of the library, bfloat16": lambda: model.encode(texts, batch_size=32, convert_to_numpy=True),
        "the model in bfloat16, batches side by side": lambda: own_way.encode(texts),
        "ours": lambda: ours.embed_passages(texts),
        "ours, one question": lambda: ours.embed_question("How high was net debt at the end of the year?"),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for round_ in range(ROUNDS + 1):
        for name, way in ways.items():
            clock, processor = time.perf_counter(), time.process_time()
            way()
            if round_:
                taken[name].append((time.perf_counter() - clock, time.process_time() - processor))
    cores = {}
    for name, pairs in taken.items():
        clock, processor = (statistics.median(column) for column in zip(*pairs, strict=True))
        if "question" in name:
            print(f"{name}: {clock * 1000:.1f} ms")
        else:
            cores[name] = processor
            print(f"{name}: {len(texts) / clock:.1f} passages/s, {len(texts) / processor:.1f} a second of one core")
    before, after = (cores[name] for name in list(cores)[1:])
    print(f"ours beside the model in bfloat16, by processor time: {before / after:.2f} times as fast")


def nearness(exact: SentenceTransformerEmbedder, ours: SentenceTransformerEmbedder) -> None:
    passages, questions, gold = _corpus()
    rows = {each: (each.embed_passages(passages), each.embed_passages(questions)) for each in (exact, ours)}
    cosines = np.sum(rows[exact][0] * rows[ours][0], axis=1)
    print(f"cosine to float32 over {len(passages)} passages: least {cosines.min():.4f}, mean {cosines.mean():.5f}")
    if not questions:
        return
    first, second = (nearest(*rows[each]) for each in (exact, ours))
    overlap = statistics.mean(len(set(a) & set(b)) / 10 for a, b in zip(first, second, strict=True))
    print(f"of the ten nearest to {len(questions)} questions the same: {overlap:.3f}")
    print(f"nDCG@10: float32 {ndcg(first, gold):.4f}, ours {ndcg(second, gold):.4f}")


def nearest(passages: Vectors, questions: Vectors) -> list[list[int]]:
    return [list(row[:10]) for row in np.argsort(-(questions @ passages.T), axis=1, kind="stable")]


def ndcg(found: list[list[int]], gold: list[set[int]]) -> float:
    def of(ranks: list[int]) -> float:
        return sum(1 / math.log2(rank + 2) for rank in ranks)

    return statistics.mean(
        of([rank for rank, place in enumerate(row) if place in right]) / of(list(range(min(len(right), 10))))
        for row, right in zip(found, gold, strict=True)
        if right
    )


def _corpus() -> tuple[list[str], list[str], list[set[int]]]:
    """Return passages, questions and the places of each question's passages; of made-up passages nothing is asked."""
    if "TOULMIN_EVAL_DIR" not in os.environ:
        draw = random.Random(11)
        return [" ".join(draw.choice(WORDS) for _ in range(draw.randint(40, 190))) for _ in range(512)], [], []
    folder = Path(os.environ["TOULMIN_EVAL_DIR"]) / "scifact"
    rows = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        for name in ("corpus", "queries", "qrels")
    }
    place = {row["id"]: at for at, row in enumerate(rows["corpus"])}
    right: dict[str, set[int]] = {row["id"]: set() for row in rows["queries"]}
    for row in rows["qrels"]:
        right[row["query_id"]].add(place[row["doc_id"]])
    passages = [f"{row['title']}\n{row['text']}" for row in rows["corpus"]]
    return passages, [row["question"] for row in rows["queries"]], list(right.values())


if __name__ == "__main__":
    main()
