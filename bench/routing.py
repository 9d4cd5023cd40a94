"""How well the kind of a question is told from its words, on question sets whose kind is known by how they were made.

    TOULMIN_EVAL_DIR=… .venv/bin/python -m bench.routing [--show 10]

SQuAD and XQuAD are made of lookups in one paragraph; TAT-QA and jfinqa say which of their questions are arithmetic and which
compare; in 2WikiMultihopQA a question whose evidence is about the two things that it names compares them, one whose evidence
is about something it does not name goes there in steps. Prints a table of kinds, by set and language, and microseconds.
"""

import argparse
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

_LANGUAGES = {"en", "de", "es", "zh"}
_JFINQA = {
    "numerical_reasoning": "calculation",
    "consistency_checking": "calculation",
    "temporal_reasoning": "comparison",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    group: str
    question: str
    kind: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--show", type=int, default=0, help="print this many questions of each set that were told wrongly"
    )
    parser.add_argument(
        "--half", choices=("first", "second", "both"), default="both", help="of the questions, by turns"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from apps.reasoning.routing import Kind, kind_of

    asked = list(labelled(Path(os.environ["TOULMIN_EVAL_DIR"])))
    if options.half != "both":
        asked = asked[options.half == "second" :: 2]
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    wrong: dict[str, list[str]] = defaultdict(list)
    begun = time.perf_counter()
    told = [kind_of(one.question) for one in asked]
    spent = time.perf_counter() - begun
    for one, kind in zip(asked, told, strict=True):
        table[one.group, one.kind][kind] += 1
        if kind != one.kind:
            wrong[one.group].append(f"  {one.kind} told {kind}: {one.question[:150]}")
    kinds = [kind.value for kind in Kind]
    print(f"{'set':14} {'made as':12}" + "".join(f"{kind:>13}" for kind in kinds) + "   right")
    for (group, kind), row in sorted(table.items()):
        share = row[kind] / row.total()
        print(f"{group:14} {kind:12}" + "".join(f"{row[other]:13}" for other in kinds) + f"   {share:.3f}")
    for kind in kinds:
        rows = {made: sum((row for (_, m), row in table.items() if m == made), Counter[str]()) for made in kinds}
        said = sum(row[kind] for row in rows.values())
        print(
            f"{kind:12} recall {rows[kind][kind] / max(rows[kind].total(), 1):.3f}"
            f"   precision {rows[kind][kind] / max(said, 1):.3f}   of {rows[kind].total()}"
        )
    print(f"{len(asked)} questions, {spent / len(asked) * 1e6:.0f} µs each")
    for group, lines in sorted(wrong.items()) if options.show else []:
        print(group, *lines[:: max(len(lines) // options.show, 1)][: options.show], sep="\n")


def labelled(folder: Path) -> Iterator[Labelled]:
    """Yield the questions of all sets with the kind that they were made as."""
    for row in _rows(folder / "squad2"):
        yield Labelled("squad2 en", row["question"], "lookup")
    for row in _rows(folder / "xquad"):
        if row["lang"] in _LANGUAGES:
            yield Labelled(f"xquad {row['lang']}", row["question"], "lookup")
    for row in _rows(folder / "tatqa"):
        if row["answer_type"] in {"arithmetic", "count"}:
            yield Labelled("tatqa en", row["question"], "calculation")
        elif row["req_comparison"]:
            yield Labelled("tatqa en", row["question"], "comparison")
        else:
            yield Labelled("tatqa en", row["question"], "lookup")
    for row in _rows(folder / "jfinqa"):
        yield Labelled("jfinqa ja", row["question"], _JFINQA[row["subtask"]])
    yield from _two_wiki(folder / "2wiki_multihop")


def _two_wiki(folder: Path) -> Iterator[Labelled]:
    titles = {row["id"]: row["title"].casefold() for row in _rows(folder, "corpus")}
    evidence: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder, "qrels"):
        evidence[row["query_id"]].add(titles[row["doc_id"]])
    for row in _rows(folder):
        question = row["question"].casefold()
        named = all(title in question for title in evidence[row["id"]])
        yield Labelled("2wiki en", row["question"], "comparison" if named else "multi_step")


def _rows(folder: Path, name: str = "queries") -> list[dict[str, Any]]:
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
