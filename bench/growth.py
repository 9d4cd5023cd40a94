"""How the leg by meaning grows: what passages cost to write and to keep, and how fast they are searched, by their number.

    python -m standalone.testbed -- python -m bench.growth [10000 100000 1000000]

Vectors are made up: 2,000 directions with noise around them, 384 numbers each. Passages are as wide as those of reports, and
belong to documents of ten, whose readers are 100 accesses drawn by chance. Times are of the database's processor, since others
may use the machine, and by the clock; memory to build the graph is what `TOULMIN_INDEX_MEMORY_MB` says.
"""

import os
import sys
import time
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np
from django.core.management import call_command
from django.db import connection

from apps.retrieval.encoders import Vectors
from apps.retrieval.graph import drop_graph, graph_bytes, make_graph, megabytes_to_build
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.nearest import nearest
from apps.retrieval.within import Within
from bench.filling import fill, generation_for, make_accesses
from bench.filtered import p95, timed

DIMENSIONS = 384
ACCESSES = 100
SHARES = (1.0, 0.5, 0.2, 0.1, 0.01)
QUESTIONS = 60
_AT_ONCE = 100_000
_TABLE = IndexedPassage._meta.db_table


def main(sizes: list[int]) -> None:
    call_command("migrate", verbosity=0)
    draw = np.random.default_rng(7)
    directions = unit(draw.normal(size=(2000, DIMENSIONS)))
    generation, accesses = generation_for(DIMENSIONS), make_accesses(ACCESSES)
    held = 0
    for size in sizes:
        drop_graph(generation)
        written = 0.0
        while held < size:
            count = min(_AT_ONCE, size - held)
            documents = (np.arange(held, held + count) // 10).tolist()
            readers = [accesses[int(number)] for number in draw.integers(0, ACCESSES, count // 10).repeat(10)]
            written += fill(generation, around(directions, count, draw), documents, readers)
            held += count
        show(generation, size, accesses, around(directions, QUESTIONS, draw), written)


def show(generation: IndexGeneration, size: int, accesses: list[int], questions: Vectors, written: float) -> None:
    started = time.monotonic()
    make_graph(generation)
    built = time.monotonic() - started
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {_TABLE}")
        cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [_TABLE, _TABLE])
        table, indexes = cursor.fetchone()
    graph = graph_bytes(generation)
    print(
        f"{size} passages: written in {written:.0f} s, graph in {built:.0f} s (wants {megabytes_to_build(size, DIMENSIONS)} MB); "
        f"table {table >> 20} MB, graph {graph >> 20} MB, other indexes {(indexes - graph) >> 20} MB",
        flush=True,
    )
    for share in SHARES:
        within = Within(generation, tuple(accesses[: round(share * ACCESSES)]))
        count = within.passages().count()
        taken = [timed(partial(nearest, within, question, count))[1:] for question in questions]
        processor, clock = zip(*taken, strict=True)
        print(
            f"  {share:4.0%} permitted: processor p50 {np.median(processor):.1f} p95 {p95(processor):.1f} ms, "
            f"clock p50 {np.median(clock):.1f} p95 {p95(clock):.1f} ms",
            flush=True,
        )


def around(directions: Vectors, count: int, draw: np.random.Generator) -> Vectors:
    chosen = directions[draw.integers(0, len(directions), count)]
    return unit(chosen + draw.normal(scale=0.8 / DIMENSIONS**0.5, size=chosen.shape))


def unit(rows: Vectors) -> Vectors:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000, 1_000_000])
