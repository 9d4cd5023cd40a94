"""Whether the nearest passages are found whatever of all may be read, and what that costs.

    TOULMIN_EVAL_DIR=… python -m standalone.testbed -- python -m bench.filtered FOLDER

200,000 real vectors (see `bench.vectors`, which keeps them in FOLDER) and 400 questions. Permitted is a share of the documents,
drawn by chance, or, to be as unkind as permissions can be, the topics farthest from each question. For each share: the part of
the true ten and hundred nearest that is found, of the worst question too, how many rows come back, and p50 and p95 of the leg, of
comparing everything, and of a walk through the graph that never gives up. Times are of the processor, in the database, since others
may use the machine; those by the clock stand beside the first.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np
import numpy.typing as npt
from django.core.management import call_command
from django.db import connection, transaction

from apps.retrieval import nearest as leg
from apps.retrieval.encoders import Vectors
from apps.retrieval.graph import drop_graph, graph_bytes, make_graph, vectors_in
from apps.retrieval.models import IndexedPassage
from apps.retrieval.nearest import DEPTH, MOST_CANDIDATES, by_comparing, by_graph, nearest
from apps.retrieval.within import Within
from bench.filling import fill, generation_for, make_accesses
from bench.vectors import Corpus, load

TOPICS = 40
SHARES = (0.001, 0.01, 0.05, 0.1, 0.5, 1.0)
FAR_SHARES = (0.05, 0.1, 0.2, 0.5)
TIMED = 40
_TIE = 1e-5
"""What sums of halves leave uncertain."""

Hits = list[tuple[int, float]]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Permissions:
    """The access of each passage, and which accesses a share stands for."""

    of_passage: Numbers
    by_topic: list[list[int]]
    by_share: dict[float, list[int]]


@dataclass(frozen=True, slots=True)
class Cell:
    """What was seen of one share, one figure a question: parts found, milliseconds."""

    found_10: list[float]
    found_100: list[float]
    processor: list[float]
    clock: list[float]


def main(folder: Path) -> None:
    call_command("migrate", verbosity=0)
    corpus = load(folder)
    generation = generation_for(corpus.passages.shape[1])
    permissions, topics = share_out(corpus)
    drop_graph(generation)
    seconds = fill(generation, corpus.passages, corpus.documents, permissions.of_passage.tolist())
    built = time.monotonic()
    make_graph(generation)
    built = time.monotonic() - built
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {IndexedPassage._meta.db_table}")
    print(
        f"{len(corpus.passages)} passages: written in {seconds:.0f} s, graph in {built:.0f} s, {graph_bytes(generation) >> 20} MB"
    )
    rows = IndexedPassage.objects.order_by("number").values_list("number", flat=True)
    numbers = np.fromiter(rows.iterator(), dtype=np.int64)
    questions = halves(corpus.questions)
    bench = Bench(generation, halves(corpus.passages), numbers, permissions.of_passage)
    for share in SHARES:
        bench.show(f"{share:.1%}", questions, lambda _, share=share: permissions.by_share[share])  # type: ignore[misc]
    nearness = questions @ topics.T
    sizes = np.array([np.isin(permissions.of_passage, accesses).mean() for accesses in permissions.by_topic])
    for share in FAR_SHARES:
        far = [farthest(row, sizes, share) for row in nearness]
        bench.show(
            f"{share:.0%}, far",
            corpus.questions,
            lambda at, far=far: [a for t in far[at] for a in permissions.by_topic[t]],  # type: ignore[misc]
        )


class Bench:
    """Asks the database, and compares with what numpy finds in the same vectors."""

    def __init__(self, generation: Any, vectors: Vectors, numbers: Numbers, accesses: Numbers) -> None:
        self._generation, self._vectors, self._accesses = generation, vectors, accesses
        self._numbers = numbers
        self._place = {int(number): at for at, number in enumerate(numbers)}

    def show(self, name: str, questions: Vectors, permitted: Callable[[int], list[int]]) -> None:
        ways: dict[str, Callable[[Within, Vectors, int], Hits]] = {
            "leg": nearest,
            "comparing": lambda within, vector, _: by_comparing(within, vector),
            "graph": self._tireless,
        }
        cells = {way: Cell([], [], [], []) for way in ways}
        short = dict.fromkeys(ways, 0)
        sizes = []
        for at, question in enumerate(questions):
            accesses = permitted(at)
            mask = np.flatnonzero(np.isin(self._accesses, accesses))
            truth = np.sort(self._vectors[mask] @ question)[::-1][:DEPTH]
            sizes.append(len(mask))
            for way, search in ways.items():
                if way != "leg" and at >= TIMED:
                    continue
                within = Within(self._generation, tuple(accesses))
                hits, processor, clock = timed(partial(search, within, question, len(mask)))
                scores = np.array([self._vectors[self._place[number]] @ question for number, _ in hits])
                cells[way].found_10.append(part(scores, truth[:10]))
                cells[way].found_100.append(part(scores, truth))
                cells[way].processor.append(processor)
                cells[way].clock.append(clock)
                short[way] += len(hits) < min(DEPTH, len(mask))
        self._print(name, int(np.median(sizes)), cells, short)

    def _tireless(self, within: Within, vector: Vectors, size: int) -> Hits:
        """Walk the graph until there are enough."""
        candidates = min(max(200 * vectors_in(self._generation) // size, 400), MOST_CANDIDATES)
        with connection.cursor() as cursor:
            cursor.execute("SELECT '[1]'::halfvec")
            cursor.execute("SET LOCAL hnsw.max_scan_tuples = 1000000; SET LOCAL hnsw.scan_mem_multiplier = 64")
        with patch.object(leg, "ITERATIVE", "relaxed_order"):
            return by_graph(within, vector, candidates)

    def _print(self, name: str, size: int, cells: dict[str, Cell], short: dict[str, int]) -> None:
        right = [p95(cells[way].processor) for way in ("comparing", "graph") if np.mean(cells[way].found_10) >= 0.99]
        for way, cell in cells.items():
            against = f", {p95(cell.processor) / min(right):.2f} of the better" if way == "leg" else ""
            print(
                f"{name:>10} {size:7} {way:9} @10 {np.mean(cell.found_10):.4f} worst {min(cell.found_10):.2f}  "
                f"@100 {np.mean(cell.found_100):.4f} worst {min(cell.found_100):.2f}  short {short[way]}  "
                f"processor p50 {np.median(cell.processor):.1f} p95 {p95(cell.processor):.1f} ms  "
                f"clock p50 {np.median(cell.clock):.1f} p95 {p95(cell.clock):.1f} ms{against}",
                flush=True,
            )


def share_out(corpus: Corpus) -> tuple[Permissions, Vectors]:
    """Give each document a topic and one of six draws, and so an access; return these and the middle of each topic."""
    documents = np.array(corpus.documents)
    count = documents.max() + 1
    means = np.zeros((count, corpus.passages.shape[1]), dtype=np.float32)
    np.add.at(means, documents, corpus.passages)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)  # some have no passage
    draw = np.random.default_rng(7)
    topics, topic = middles(means, draw)
    drawn = np.searchsorted(SHARES, draw.random(count), side="left").clip(max=len(SHARES) - 1)
    ids = np.array(make_accesses(TOPICS * len(SHARES))).reshape(TOPICS, len(SHARES))
    by_share = {share: ids[:, : at + 1].ravel().tolist() for at, share in enumerate(SHARES)}
    return Permissions(ids[topic, drawn][documents], ids.tolist(), by_share), topics


def middles(means: Vectors, draw: np.random.Generator) -> tuple[Vectors, Numbers]:
    """Return the middles of `TOPICS` topics, by k-means, and the topic of each document."""
    middle = means[draw.choice(len(means), TOPICS, replace=False)]
    for _ in range(10):
        nearest_one = (means @ middle.T).argmax(axis=1)
        sums = np.stack([means[nearest_one == topic].sum(axis=0) for topic in range(TOPICS)])
        middle = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return middle, (means @ middle.T).argmax(axis=1)


def farthest(nearness: Vectors, sizes: Vectors, share: float) -> list[int]:
    """Return the topics farthest from a question that together are as large as the share."""
    order = np.argsort(nearness)
    enough = int(np.searchsorted(np.cumsum(sizes[order]), share)) + 1
    return [int(topic) for topic in order[:enough]]


def halves(vectors: Vectors) -> Vectors:
    """Return vectors as PostgreSQL keeps them."""
    return vectors.astype(np.float16).astype(np.float32)


def part(scores: Vectors, truth: Vectors) -> float:
    """Return which part of the truly nearest was found; equally near ones are as good."""
    return min(float((scores >= truth[-1] - _TIE).sum()) / len(truth), 1.0)


def timed(search: Callable[[], Hits]) -> tuple[Hits, float, float]:
    """Return what a search found, and the milliseconds of the database's processor and of the clock that it took."""
    with transaction.atomic():
        clock, processor = time.perf_counter(), _processor()
        hits = search()
        return hits, (_processor() - processor) / 1e6, (time.perf_counter() - clock) * 1e3


def p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95))


def _processor() -> int:
    """Return the nanoseconds of processor time that this connection's server process has used."""
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
