"""How well it is told from the passages found whether a question can be answered at all, before a model has read them.

    TOULMIN_EVAL_DIR=… .venv/bin/python -m standalone.testbed -- .venv/bin/python -m bench.absence [--most 900]

Questions of SQuAD 2.0 are searched over all paragraphs, those about contracts in the contract that they name. Weights are fitted,
and thresholds are chosen, on one half of the questions; everything printed is of the other half, or says that it is not.
SQuAD's questions without an answer were written so that the paragraph seems to have one.
"""

import argparse
import os
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import django
import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import Version
from apps.documents.services import create_collection
from apps.evaluation.folders import rows_of
from apps.reasoning.answerability import NEAR, WEAK, Evidence, evidence_of
from apps.retrieval.search import search
from bench.retrieval import load_texts

_SIGNS = ("nearest", "together", "anywhere", "score")
_FALSE_ALARMS = 0.10  # of the questions of the first half that a threshold tells wrongly


@dataclass(frozen=True, slots=True)
class Asked:
    answerable: bool
    evidence: Evidence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=900, help="questions of each set, chosen by a seed")
    most = parser.parse_args().most
    call_command("migrate", verbosity=0)
    user = User.objects.filter(email="bench@example.org").first() or User.objects.create_user("bench@example.org")
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    halves = {}
    for name in ("squad2", "cuad"):
        asked = list(ask(Scope.of_user(user), folder / name, most))
        halves[name] = asked[::2], asked[1::2]
    first = [one for chosen, _ in halves.values() for one in chosen]
    print("weights by the first halves", np.round(fitted(first), 2))
    for name, (chosen, _) in halves.items():
        scores = {kind: [one.evidence.score for one in chosen if one.answerable is kind] for kind in (True, False)}
        weak, near = np.quantile(scores[True], _FALSE_ALARMS), np.quantile(scores[False], 1 - _FALSE_ALARMS)
        print(f"{name}: thresholds by the first half {weak:.2f} and {near:.2f}, shipped {WEAK:.2f} and {NEAR:.2f}")
    for name, (_, second) in halves.items():
        figures = "  ".join(f"{sign} {area_under_curve(second, sign):.3f}" for sign in _SIGNS)
        print(f"{name}: {len(second)} questions, area under the curve: {figures}")
        for said in ("is_weak", "comes_near"):
            share = {
                kind: [getattr(one.evidence, said) for one in second if one.answerable is kind]
                for kind in (True, False)
            }
            print(f"  {said}: {np.mean(share[True]):.3f} of the answerable, {np.mean(share[False]):.3f} of the others")


def ask(scope: Scope, folder: Path, most: int) -> list[Asked]:
    """Load a set and return what the passages found promise for its questions."""
    collection = create_collection(scope, name=folder.name)
    load_texts(scope, collection, folder)
    documents = defaultdict(list)
    for pk, name in Version.objects.filter(document__collection=collection).values_list("document_id", "filename"):
        documents[name.split(":")[0]].append(pk)
    rows = list(rows_of(folder / "queries.jsonl"))
    random.Random(7).shuffle(rows)
    asked, begun, spent = [], time.perf_counter(), 0.0
    for row in rows[:most]:
        within = documents[row["doc"]] if "doc" in row else []
        found = search(scope, row["question"], collections=[collection.pk], documents=within, limit=12)
        before = time.perf_counter()
        asked.append(Asked(row["answerable"], evidence_of(row["question"], found.passages)))
        spent += time.perf_counter() - before
    each = len(asked) / 1000
    print(
        f"{folder.name}: a search {(time.perf_counter() - begun - spent) / each:.0f} ms, judging {spent / each:.1f} ms"
    )
    return asked


def area_under_curve(asked: list[Asked], sign: str) -> float:
    """Return how often a question with an answer has more of a sign than one without; a draw counts half."""
    values = {
        kind: np.array([getattr(one.evidence, sign) for one in asked if one.answerable is kind])
        for kind in (True, False)
    }
    more = values[True][:, None] > values[False][None, :]
    same = values[True][:, None] == values[False][None, :]
    return float((more + 0.5 * same).mean())


def fitted(asked: list[Asked]) -> NDArray[np.float64]:
    """Return the weights of the signs and the bias by logistic regression, by Newton's method with a slight pull to zero."""
    rows = np.array([[*(getattr(one.evidence, sign) for sign in _SIGNS[:3]), 1.0] for one in asked])
    wanted = np.array([float(one.answerable) for one in asked])
    weights = np.zeros(rows.shape[1])
    for _ in range(40):
        told = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (told - wanted) + 0.01 * weights
        bend = (rows * (told * (1 - told))[:, None]).T @ rows + 0.01 * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return weights


if __name__ == "__main__":
    main()
