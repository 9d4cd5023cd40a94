"""How well search finds: real corpora through the real pipeline, ranked by each leg and by both.

    python -m standalone.testbed -- python -m bench.retrieval [scifact] [financebench]

Reads `$TOULMIN_EVAL_DIR`: `corpus.jsonl`, `queries.jsonl`, `qrels.jsonl`, and `pdfs/` for financebench, whose unit is the page.
"""

import json
import math
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document, Status, Version
from apps.documents.parsing import Block, BlockKind, Page, Parsed
from apps.documents.services import create_collection
from apps.ingestion.models import IngestRun
from apps.ingestion.services import upload_document
from apps.ingestion.tasks import ingest_version
from apps.retrieval.chunking import chunk
from apps.retrieval.embedding import Vectors, get_embedder
from apps.retrieval.index import PassageWriter, embedded_text, open_generation
from apps.retrieval.passages import Passage
from apps.retrieval.search import search

DEPTH = 200
LEGS: dict[str, Callable[[Passage], float | None]] = {
    "keyword": lambda passage: passage.scores.keyword,
    "vector": lambda passage: passage.scores.vector,
    "fused": lambda passage: passage.scores.fused,
}


def main(names: list[str]) -> None:
    call_command("migrate", verbosity=0)
    user = User.objects.filter(email="bench@example.org").first() or User.objects.create_user("bench@example.org")
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    for name in names or ["scifact", "financebench"]:
        scope = Scope.of_user(user)
        collection = Collection.objects.filter(name=name).first()
        if collection is None:
            collection = create_collection(scope, name=name)
            started = time.monotonic()
            LOADERS[name](scope, collection, folder / name)
            print(f"{name}: loaded in {time.monotonic() - started:.0f} s", flush=True)
        evaluate(scope, collection, folder / name, UNITS[name])


def load_texts(scope: Scope, collection: Collection, folder: Path) -> None:
    """Each row of the corpus as a document of one paragraph."""
    pending = []
    for row in _rows(folder / "corpus.jsonl"):
        document = Document.objects.create(collection=collection, title=row["title"][:300] or row["id"])
        version = Version.objects.create(
            document=document, filename=row["id"], bytes=0, language="en", status=Status.READY, sha256="0" * 64
        )
        document.in_force = version
        document.save(update_fields=["in_force"])
        block = Block(BlockKind.TEXT, row["text"], span=(0, len(row["text"])))
        pending.append((version, chunk(Parsed(False, (Page(1, 0, 0, (block,)),)), title=row["title"])))
    known = Known(embedded_text(each) for _, chunks in pending for each in chunks)
    for version, chunks in pending:
        writer = PassageWriter(version, open_generation(known))
        batch = writer.prepare(chunks)
        vectors = dict(zip(batch.texts, known.embed_passages(list(batch.texts.values())), strict=True))
        writer.write(batch, vectors, version.document)


class Known:
    """Vectors computed beforehand, in full batches, since each of these documents has only one or two passages."""

    def __init__(self, texts: Iterable[str]) -> None:
        embedder = get_embedder()
        self.name, self.dimensions = embedder.name, embedder.dimensions
        ordered = sorted(set(texts), key=len)
        self.vectors = dict(zip(ordered, embedder.embed_passages(ordered), strict=True))

    def warm_up(self) -> None:
        """Everything is computed."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.vectors[text] for text in texts]) if texts else np.empty((0, self.dimensions))

    def embed_question(self, text: str) -> Vectors:
        return get_embedder().embed_question(text)


def load_files(scope: Scope, collection: Collection, folder: Path) -> None:
    """Each PDF as somebody would upload it."""
    for path in sorted((folder / "pdfs").glob("*.pdf")):
        document, _ = upload_document(scope, collection, [path.read_bytes()], filename=path.name)
        run = IngestRun.objects.get(version=document.latest_id)
        ingest_version(str(run.pk))
        run.refresh_from_db()
        version = run.version
        print(
            f"  {path.name}: {version.status}, {version.page_count} pages, {version.passage_count} passages, {run.seconds}"
        )


def evaluate(
    scope: Scope, collection: Collection, folder: Path, unit: Callable[[Passage, dict[Any, str]], str]
) -> None:
    """Print each leg's figures with the 95 % interval of nDCG@10 by bootstrap, and the time of a search."""
    relevant: dict[str, set[str]] = {}
    for row in _rows(folder / "qrels.jsonl"):
        relevant.setdefault(row["query_id"], set()).add(row["doc_id"])
    files = dict(Version.objects.filter(document__collection=collection).values_list("document_id", "filename"))
    queries = [row for row in _rows(folder / "queries.jsonl") if row["id"] in relevant]
    scores: dict[str, list[dict[str, float]]] = {leg: [] for leg in LEGS}
    seconds, searched = [], 0
    for query in queries:
        found = search(scope, query["question"], collections=[collection.pk], limit=DEPTH)
        seconds.append(found.seconds)
        searched = found.searched
        for leg, score in LEGS.items():
            ranked = sorted((p for p in found.passages if score(p) is not None), key=lambda p: -(score(p) or 0))
            units = list(dict.fromkeys(unit(passage, files) for passage in ranked))
            scores[leg].append(_measures(units, relevant[query["id"]]))
    print(f"{collection.name}: {len(queries)} questions, {searched} passages, {_times(seconds)}")
    for leg, rows in scores.items():
        means = {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}
        low, high = _interval([row["nDCG@10"] for row in rows])
        print(
            f"  {leg:8}", "  ".join(f"{name} {value:.3f}" for name, value in means.items()), f" [{low:.3f}, {high:.3f}]"
        )


def _measures(units: list[str], relevant: set[str]) -> dict[str, float]:
    gain = sum(1 / math.log2(rank + 2) for rank, unit in enumerate(units[:10]) if unit in relevant)
    best = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(relevant))))
    hits = {f"hit@{k}": float(bool(relevant & set(units[:k]))) for k in (1, 5, 10)}
    recall = {f"R@{k}": len(relevant & set(units[:k])) / len(relevant) for k in (10, 100)}
    return {"nDCG@10": gain / best} | hits | recall


def _interval(values: list[float]) -> tuple[float, float]:
    draw = random.Random(7)
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(1000))
    return means[25], means[975]


def _times(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return (
        f"search p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, p95 {ordered[len(ordered) * 95 // 100] * 1000:.0f} ms"
    )


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with path.open() as file:
        for line in file:
            yield json.loads(line)


LOADERS = {"scifact": load_texts, "financebench": load_files}
UNITS: dict[str, Callable[[Passage, dict[Any, str]], str]] = {
    "scifact": lambda passage, files: files[passage.document_id],
    "financebench": lambda passage, files: f"{files[passage.document_id].removesuffix('.pdf')}#p{passage.page}",
}

if __name__ == "__main__":
    main(sys.argv[1:])
