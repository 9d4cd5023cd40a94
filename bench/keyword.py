"""The leg by words alone: how well it finds, beside other people's BM25 on the same files, and what it costs at scale.

    python -m standalone.testbed -- python -m bench.keyword [scifact squad2 xquad …]
    python -m standalone.testbed -- python -m bench.keyword --passages 200000

Reads `$TOULMIN_EVAL_DIR`. Each row of a corpus is one passage, its title the context; nothing is embedded. With `--passages`, that
many are made of sentences drawn from all corpora: the first are written a batch at a time, as readings write them, the rest are
copies of those.
"""

import argparse
import os
import random
import statistics
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from apps.documents.models import Access, Collection, Document, Status, Version
from apps.evaluation.folders import rows_of
from apps.retrieval.index import live_generation
from apps.retrieval.keyword import by_words
from apps.retrieval.models import IndexedPassage, IndexGeneration
from apps.retrieval.passages import Chunk
from apps.retrieval.rows import Row, add_rows
from apps.retrieval.within import Within
from bench.measures import mean_of_each, measures

ANCHORS = {
    "scifact": "nDCG@10 0.680, R@10 0.803, R@100 0.922",
    "financebench": "hit@1 0.143, hit@5 0.214, hit@10 0.238, R@100 0.623",
    "cuad": "nDCG@10 0.608, hit@1 0.367, hit@5 0.772, R@10 0.869",
    "squad2": "nDCG@10 0.881, hit@1 0.802, hit@5 0.929",
    "tatqa": "nDCG@10 0.573, hit@10 0.799",
    "2wiki_multihop": "R@10 0.686",
    "jfinqa": "hit@1 0.805, hit@10 0.986",
    "xquad": "nDCG@10 en 0.968 ar 0.911 de 0.930 el 0.912 es 0.961 hi 0.840 ro 0.934 ru 0.895 th 0.915 tr 0.909 vi 0.967 zh 0.972",
}
"""What the folder's README says of BM25 (k1 0.9, b 0.4, English stop words, Porter2) on the same files."""

LANGUAGES = {"jfinqa": "ja"}
BATCH = 128
_NO_VECTOR = np.zeros(8, dtype=np.float32)

WRITTEN = 12_800
_ONCE_MORE = f"""
INSERT INTO {IndexedPassage._meta.db_table} (id, generation_id, access_id, collection_id, document_id, version_id, in_force, pending,
    created_at, embedded_hash, ordinal, boxes, lines, heading, context, text, language, embedding, terms)
SELECT gen_random_uuid(), generation_id, access_id, collection_id, document_id, version_id, true, false,
    now(), embedded_hash, ordinal, boxes, lines, heading, context, text, language, embedding, terms
FROM {IndexedPassage._meta.db_table} ORDER BY number LIMIT %s
"""  # noqa: S608

Run = dict[str, list[str]]
Relevant = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="*", default=[])
    parser.add_argument("--passages", type=int, default=0)
    given = parser.parse_args()
    call_command("migrate", verbosity=0)
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    if given.passages:
        measure_scale(folder, given.passages)
        return
    for name in given.sets or list(ANCHORS):
        measure_quality(name, folder / name)


def measure_quality(name: str, folder: Path) -> None:
    corpus, questions, relevant = list(rows_of(folder / "corpus.jsonl")), _answerable(folder), _relevant(folder)
    language = LANGUAGES.get(name, "en")
    by_language: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in corpus:
        by_language[row.get("lang", language)].append(row)
    for lang, rows in by_language.items():
        shelf, names = load(f"{name} {lang}", rows, lang)
        asked = [each for each in questions if each.get("lang", language) == lang and each["id"] in relevant]
        run, seconds = answer(shelf, {lang: len(rows)}, asked, names)
        took = 1000 * statistics.median(seconds)
        print(f"{name} {lang}: {scores(run, relevant)}  ({len(run)} questions, {took:.1f} ms)", flush=True)
    print(f"{name}, others: {ANCHORS[name]}", flush=True)


def load(name: str, rows: Sequence[dict[str, Any]], language: str) -> tuple[Within, dict[int, str]]:
    """Write a corpus into a collection of its own; return what to search, and the id of the row by the number of its passage."""
    within, version = shelf(name, language)
    ids: dict[uuid.UUID, str] = {}
    for start in range(0, len(rows), BATCH):
        chunks = {
            uuid.uuid4(): Chunk(start + place, row["text"], row.get("title") or "", language=language)
            for place, row in enumerate(rows[start : start + BATCH])
        }
        ids |= dict(zip(chunks, (row["id"] for row in rows[start : start + BATCH]), strict=True))
        write(within, version, chunks)
    numbers = IndexedPassage.objects.filter(version=version).values_list("number", "pk")
    return within, {number: ids[key] for number, key in numbers}


def shelf(name: str, language: str) -> tuple[Within, Version]:
    collection = Collection.objects.create(name=f"{name} {uuid.uuid4()}")
    document = Document.objects.create(collection=collection, title=name)
    version = Version.objects.create(
        document=document, filename=name, bytes=0, language=language, status=Status.READY, sha256="0" * 64
    )
    document.in_force = version
    document.save(update_fields=["in_force"])
    generation = live_generation() or IndexGeneration.objects.create(
        number=1, embedder="none", dimensions=8, chunker_version=1, state=IndexGeneration.State.LIVE
    )
    return Within(generation, (Access.objects.open_in(collection.pk).pk,)), version


def write(within: Within, version: Version, chunks: dict[uuid.UUID, Chunk]) -> None:
    rows = [Row(key, chunk, b"") for key, chunk in chunks.items()]
    with transaction.atomic():
        add_rows(rows, {b"": _NO_VECTOR}, version, within.generation, version.document, in_force=True, pending=False)


def answer(
    within: Within, languages: dict[str, int], questions: Iterable[dict[str, Any]], names: dict[int, str]
) -> tuple[Run, list[float]]:
    run, seconds = {}, []
    for each in questions:
        started = time.perf_counter()
        hits = by_words(within, each["question"], languages)
        seconds.append(time.perf_counter() - started)
        run[each["id"]] = [names[number] for number, _ in hits]
    return run, seconds


def scores(run: Run, relevant: Relevant) -> str:
    """Return the means of all measures on a line."""
    return mean_of_each([measures(found, relevant[key]) for key, found in run.items()])


def measure_scale(folder: Path, passages: int) -> None:
    questions = [each for name in ("scifact", "squad2", "cuad", "tatqa") for each in _answerable(folder / name)]
    random.seed(4)
    random.shuffle(questions)
    within, version = shelf("scale", "en")
    texts, distinct = invented(folder), min(passages, WRITTEN)
    spent = 0.0
    for written in range(0, distinct, BATCH):
        chunks = {uuid.uuid4(): Chunk(written + n, next(texts), "Of some words", language="en") for n in range(BATCH)}
        begun = time.monotonic()
        write(within, version, chunks)
        spent += time.monotonic() - begun
    print(f"written at {distinct / spent:.0f} passages/s", flush=True)
    with connection.cursor() as cursor:
        while IndexedPassage.objects.count() < passages:
            cursor.execute(_ONCE_MORE, [WRITTEN])
            print(f"{IndexedPassage.objects.count()} passages", file=sys.stderr, flush=True)
        cursor.execute("VACUUM ANALYZE retrieval_posting")
        cursor.execute("SELECT pg_total_relation_size('retrieval_posting'), count(*) FROM retrieval_posting")
        size, rows = cursor.fetchone()
    there = IndexedPassage.objects.count()
    print(f"{there} passages; postings {size / there:.0f} bytes and {rows / there:.2f} rows a passage", flush=True)
    for _ in range(2):
        _, seconds = answer(within, {"en": there}, questions[:300], defaultdict(str))
        middle, late = np.percentile(seconds, [50, 95])
        print(
            f"leg: p50 {1000 * middle:.1f} ms, p95 {1000 * late:.1f} ms, most {1000 * max(seconds):.1f} ms", flush=True
        )


def invented(folder: Path) -> Iterator[str]:
    """Yield texts of the length of passages, of sentences drawn from all English corpora."""
    sentences = [
        sentence
        for name in ("scifact", "cuad", "squad2", "2wiki_multihop")
        for row in rows_of(folder / name / "corpus.jsonl")
        for sentence in row["text"].split(". ")
        if 20 < len(sentence) < 400
    ]
    while True:
        yield ". ".join(random.sample(sentences, 6))


def _answerable(folder: Path) -> list[dict[str, Any]]:
    return [row for row in rows_of(folder / "queries.jsonl") if row.get("answerable", True)]


def _relevant(folder: Path) -> Relevant:
    relevant: Relevant = defaultdict(dict)
    for row in rows_of(folder / "qrels.jsonl"):
        if row["score"] > 0:
            relevant[row["query_id"]][row["doc_id"]] = row["score"]
    return relevant


if __name__ == "__main__":
    main()
