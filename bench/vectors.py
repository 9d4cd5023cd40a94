"""Real vectors by the hundred thousand: the evaluation texts in short pieces, embedded once and kept in a folder.

    TOULMIN_EVAL_DIR=… .venv/bin/python -m bench.vectors FOLDER

Every text is cut into pieces of eighteen words without overlap, each with the first words of its title, in the way that passages
are embedded with their context. That gives about 200,000 different passages that somebody wrote, of eight kinds of text.
"""

import itertools
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import numpy as np

from apps.evaluation.folders import rows_of
from apps.retrieval.embedding import get_embedder
from apps.retrieval.encoders import Vectors

PASSAGES = 200_000
QUESTIONS = 200
SETS = (
    "scifact",
    "financebench",
    "cuad",
    "wice",
    "2wiki_multihop",
    "tatqa",
    "expertqa_claims",
    "squad2",
    "xquad",
    "jfinqa",
)
_WORDS, _TITLE_WORDS = 18, 8
_AT_ONCE = 4000


@dataclass(frozen=True, slots=True)
class Corpus:
    """`documents` says for each passage which text it is a piece of. Rows have length 1."""

    passages: Vectors
    documents: list[int]
    questions: Vectors


def load(folder: Path) -> Corpus:
    """Return what was embedded, and embed what is missing."""
    texts, documents = zip(*itertools.islice(_pieces(), PASSAGES), strict=True)
    passages = _embedded(list(texts), folder / "passages")
    return Corpus(passages, list(documents), _embedded(_questions(), folder / "questions"))


def _embedded(texts: list[str], folder: Path) -> Vectors:
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in range(0, len(texts), _AT_ONCE):
        path = folder / f"{start:07}.npy"
        if not path.exists():
            np.save(path, get_embedder().embed_passages(texts[start : start + _AT_ONCE]).astype(np.float16))
            print(f"{folder.name}: {start + _AT_ONCE} of {len(texts)}", flush=True)
        parts.append(np.load(path).astype(np.float32))
    rows = np.concatenate(parts)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _pieces() -> Iterator[tuple[str, int]]:
    number = 0
    for name in SETS:
        for row in _rows(name, "corpus"):
            title = " ".join(row["title"].split()[:_TITLE_WORDS])
            words = row["text"].split()
            for start in range(0, len(words), _WORDS):
                yield f"{title}\n{' '.join(words[start : start + _WORDS])}"[:400], number
            number += 1


def _questions() -> list[str]:
    """Return as many questions of each set as of every other, as far as it has them."""
    draw = random.Random(7)
    kinds = [[row["question"] for row in _rows(name, "queries")] for name in SETS if name != "wice"]
    shuffled = [draw.sample(kind, len(kind)) for kind in kinds]
    in_turn = (question for turn in itertools.zip_longest(*shuffled) for question in turn if question)
    return list(itertools.islice(in_turn, QUESTIONS))


def _rows(name: str, kind: str) -> Iterator[dict[str, str]]:
    return rows_of(Path(os.environ["TOULMIN_EVAL_DIR"]) / name / f"{kind}.jsonl")


if __name__ == "__main__":
    load(Path(sys.argv[1]))
