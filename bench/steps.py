"""What taking a question apart finds that one search does not, by rule alone: real corpora through the real search.

    TOULMIN_EVAL_DIR=… python -m standalone.testbed -- python -m bench.steps [2wiki_multihop] [squad2] … [--rounds 2] [--show]

Prints for each set, with one search and with steps, the share of questions of which every needed passage is among the first 5, 8, 12
and 24, and the recall at 8; how many questions were taken apart, how many searches that took and how long; and how many questions
gained and lost their passages among the first 8. Questions without a needed passage are left out.
"""

import argparse
import os
import statistics
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.documents.models import Collection, Version
from apps.documents.services import create_collection
from apps.reasoning.steps import Step, merged, take_steps
from apps.retrieval.passages import SearchResult
from apps.retrieval.search import search
from bench.retrieval import Query, all_queries, load_texts

_DEPTHS = (5, 8, 12, 24)
_AMONG = 8


@dataclass(slots=True)
class Tally:
    """What came of the questions of one set."""

    questions: int = 0
    apart: int = 0
    searches: int = 0
    single: Counter[int] = field(default_factory=Counter)
    stepped: Counter[int] = field(default_factory=Counter)
    recall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=["2wiki_multihop", "squad2", "tatqa", "cuad"])
    parser.add_argument("--rounds", type=int, default=2, help="searches of which each builds on the one before")
    parser.add_argument("--show", action="store_true", help="print the questions that lost their passages")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    scope = Scope.of_user(User.objects.create_user("steps@example.org"))
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    for name in options.sets:
        collection = create_collection(scope, name=name)
        load_texts(scope, collection, folder / name)
        tally = _measured(scope, collection, all_queries(folder / name)[""], options.rounds)
        _report(name, tally, show=options.show)


def _measured(scope: Scope, collection: Collection, queries: Sequence[Query], rounds: int) -> Tally:
    files = dict(Version.objects.filter(document__collection=collection).values_list("document_id", "filename"))
    tally = Tally()

    def look(words: str, documents: Sequence[uuid.UUID], limit: int) -> SearchResult:
        return search(scope, words, collections=[collection.pk], documents=documents, limit=limit)

    for query in queries:
        begun = time.monotonic()
        steps = list(take_steps(query.text, look, found=40, rounds=rounds))
        tally.seconds.append(time.monotonic() - begun)
        _count(tally, query, steps, files)
    return tally


def _count(tally: Tally, query: Query, steps: Sequence[Step], files: Mapping[uuid.UUID, str]) -> None:
    tally.questions += 1
    tally.apart += len(steps) > 1
    tally.searches += len(steps)
    had: dict[str, bool] = {}
    for label, counter, result in (
        ("single", tally.single, steps[0].result),
        ("stepped", tally.stepped, merged(steps)),
    ):
        units = list(dict.fromkeys(files[passage.document_id] for passage in result.passages))
        for depth in _DEPTHS:
            counter[depth] += query.relevant <= set(units[:depth])
        tally.recall[label].append(len(query.relevant & set(units[:_AMONG])) / len(query.relevant))
        had[label] = query.relevant <= set(units[:_AMONG])
    if had["single"] != had["stepped"]:
        (tally.lost if had["single"] else tally.gained).append(query.text)


def _report(name: str, tally: Tally, *, show: bool) -> None:
    print(
        f"{name}: {tally.questions} questions, {tally.apart} taken apart, {tally.searches / tally.questions:.2f} searches each, "
        f"{statistics.median(tally.seconds) * 1000:.0f} ms in the median; {len(tally.gained)} gained, {len(tally.lost)} lost"
    )
    for label, counter in (("single", tally.single), ("stepped", tally.stepped)):
        shares = "  ".join(f"all@{depth} {counter[depth] / tally.questions:.3f}" for depth in _DEPTHS)
        print(f"  {label:8} {shares}  R@{_AMONG} {statistics.fmean(tally.recall[label]):.3f}", flush=True)
    for text in tally.lost if show else []:
        print(f"  lost: {text}")


if __name__ == "__main__":
    main()
