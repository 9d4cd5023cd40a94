"""How well search finds: real corpora through the real pipeline, ranked by each leg, by both, and after the second stage.

    python -m standalone.testbed -- python -m bench.retrieval [scifact] [financebench] [xquad] …

Reads `$TOULMIN_EVAL_DIR`: `corpus.jsonl`, `queries.jsonl`, `qrels.jsonl`, and `pdfs/` for financebench, whose unit is the page.
Questions without a relevant passage are left out. The time is of searches as an answer makes them.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
from apps.evaluation.asking import LEGS
from apps.evaluation.folders import rows_of
from apps.evaluation.measures import mean_of
from apps.ingestion.models import IngestRun
from apps.ingestion.services import upload_document
from apps.ingestion.tasks import ingest_version
from apps.retrieval.chunking import chunk
from apps.retrieval.embedding import Vectors, get_embedder
from apps.retrieval.index import PassageWriter, embedded_text, open_generation
from apps.retrieval.passages import Passage
from apps.retrieval.search import search
from apps.retrieval.within import Filters
from bench.measures import mean_of_each, measures, times

ANCHORS = {
    "scifact": "nDCG@10: BM25 0.680, MiniLM 0.645, RRF of both 0.718",
    "financebench": "hit@1/5/10: BM25 0.143/0.214/0.238, MiniLM 0.143/0.333/0.429, RRF of both 0.143/0.310/0.452",
    "cuad": "nDCG@10: BM25 0.608, MiniLM 0.504, RRF of both 0.622",
    "squad2": "nDCG@10: BM25 0.881, MiniLM 0.805, RRF of both 0.882",
    "tatqa": "nDCG@10: BM25 0.573, MiniLM 0.444, RRF of both 0.570",
    "2wiki_multihop": "R@10 / all in top 8: BM25 0.686/0.353, MiniLM 0.681/0.333, RRF of both 0.721/0.412",
    "xquad": "BM25 nDCG@10, one language: en 0.968 ar 0.911 de 0.930 el 0.912 es 0.961 hi 0.840 ro 0.934 ru 0.895 th 0.915 "
    "tr 0.909 vi 0.967 zh 0.972",
}
MOST_TIMED = 200


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the units that answer it; `language` narrows the search to passages in it."""

    text: str
    relevant: frozenset[str]
    language: str = ""


def main(names: list[str]) -> None:
    call_command("migrate", verbosity=0)
    user = User.objects.filter(email="bench@example.org").first() or User.objects.create_user("bench@example.org")
    scope = Scope.of_user(user)
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    for name in names or list(ANCHORS):
        collection = create_collection(scope, name=name)
        started = time.monotonic()
        (load_files if name == "financebench" else load_texts)(scope, collection, folder / name)
        print(f"{name}: loaded in {time.monotonic() - started:.0f} s. Anchors: {ANCHORS.get(name, 'none')}", flush=True)
        for label, queries in QUERIES.get(name, all_queries)(folder / name).items():
            evaluate(scope, collection, queries, f"{name} {label}".strip())


def load_texts(scope: Scope, collection: Collection, folder: Path) -> None:
    """Each row of the corpus as a document of one paragraph."""
    pending = []
    for row in rows_of(folder / "corpus.jsonl"):
        document = Document.objects.create(collection=collection, title=row["title"][:300] or row["id"])
        version = Version.objects.create(
            document=document,
            filename=row["id"],
            bytes=0,
            language=row.get("lang", "en"),
            status=Status.READY,
            sha256="0" * 64,
        )
        document.latest = document.in_force = version
        document.save(update_fields=["latest", "in_force"])
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
        print(f"  {path.name}: {version.status}, {version.page_count} pages, {version.passage_count} passages")


def all_queries(folder: Path) -> dict[str, list[Query]]:
    """Return the questions that the corpus answers, under one label."""
    relevant = _relevant(folder)
    rows = (row for row in rows_of(folder / "queries.jsonl") if row.get("answerable", True) and row["id"] in relevant)
    return {"": [Query(row["question"], frozenset(relevant[row["id"]])) for row in rows]}


def queries_by_language(folder: Path) -> dict[str, list[Query]]:
    """Return a sample of questions of each language against passages of the same, and English ones against each other."""
    relevant = _relevant(folder)
    parallel: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows_of(folder / "queries.jsonl"):
        parallel[row["parallel_id"]][row["lang"]] = row
    sample = sorted(parallel)[::4]
    languages = sorted({language for rows in parallel.values() for language in rows})
    found: dict[str, list[Query]] = {}
    for asked, searched in [(each, each) for each in languages] + [("en", each) for each in languages if each != "en"]:
        rows = [(parallel[key][asked]["question"], parallel[key][searched]["id"]) for key in sample]
        found[f"{asked} to {searched}"] = [Query(text, frozenset(relevant[key]), searched) for text, key in rows]
    return found


def evaluate(scope: Scope, collection: Collection, queries: Sequence[Query], label: str) -> None:
    """Print the figures of each stage with the 95 % interval of nDCG@10 by bootstrap, and the times of a search."""
    files = dict(Version.objects.filter(document__collection=collection).values_list("document_id", "filename"))
    scores: dict[str, list[dict[str, float]]] = {stage: [] for stage in LEGS}
    seconds: dict[str, list[float]] = defaultdict(list)
    step = max(len(queries) // MOST_TIMED, 1)
    for number, query in enumerate(queries):
        narrowed = {
            "collections": [collection.pk],
            "filters": Filters(languages=(query.language,) if query.language else ()),
        }
        found = search(scope, query.text, **narrowed, explain=True)  # type: ignore[arg-type]
        for stage, place in LEGS.items():
            ranked = sorted((p for p in found.passages if place(p) is not None), key=lambda p, at=place: at(p) or 0)  # type: ignore[misc]
            units = list(dict.fromkeys(_unit(passage, files) for passage in ranked))
            scores[stage].append(measures(units, dict.fromkeys(query.relevant, 1.0)))
        if number % step == 0:
            timed = search(scope, query.text, **narrowed)  # type: ignore[arg-type]
            for stage, took in (*timed.stages.items(), ("whole", timed.seconds)):
                seconds[stage].append(took)
    print(f"{label}: {len(queries)} questions")
    for stage, rows in scores.items():
        mean = mean_of([row["ndcg@10"] for row in rows])
        print(f"  {stage:9}{mean_of_each(rows)}  [{mean.low:.3f}, {mean.high:.3f}]")
    print(f"  ms, p50/p95: {times(seconds)}", flush=True)


def _unit(passage: Passage, files: dict[Any, str]) -> str:
    name = files[passage.document_id]
    return f"{name.removesuffix('.pdf')}#p{passage.page}" if name.endswith(".pdf") else name


def _relevant(folder: Path) -> dict[str, set[str]]:
    relevant: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(folder / "qrels.jsonl"):
        relevant[row["query_id"]].add(row["doc_id"])
    return relevant


QUERIES: dict[str, Callable[[Path], dict[str, list[Query]]]] = {"xquad": queries_by_language}

if __name__ == "__main__":
    main(sys.argv[1:])
