"""Whether verdicts on claims agree with people's, and whether what is changed in a claim is noticed.

    TOULMIN_EVAL_DIR=… DJANGO_SETTINGS_MODULE=config.settings python -m standalone.testbed -- python -m bench.verifier [--vectors] [-v]

`wice`, `expertqa_claims`, `scifact`: claims with the passages that they cite, judged by people. For each: F1 of “not supported”, balanced
accuracy, beside calling everything supported, and beside the best cut on the share of words in common, chosen with the answers known. The
weights of the verdict were fitted on one half of the first two sets and on the training part of the third: figures are of the other
halves. `wice` has the words that are not supported too: F1 of those. Then a figure, date or name is changed by code in claims that people
call supported; printed is how many are marked, and how many unchanged claims are. `--vectors` adds the packaged embedder; `-v` prints
what departs. Ends with 1 where a share is under its aim.
"""

import json
import os
import random
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import django

ENOUGH_CAUGHT, MOST_FALSE = 0.98, 0.02
ALTERED = 500
PASSAGE = 1300
VERBOSE = "-v" in sys.argv


@dataclass(frozen=True)
class Read:
    text: str
    heading: str = ""
    document_title: str = ""


@dataclass(frozen=True)
class Case:
    """A claim, the passages that it cites and what people say: `supported`, and for one set `contradicted`."""

    set: str
    id: str
    text: str
    passages: tuple[Read, ...]
    supported: bool
    contradicted: bool = False
    start: int = 0
    evidence: tuple[str, ...] = ()

    @property
    def end(self) -> int:
        return len(self.text)

    @property
    def markers(self) -> tuple[int, ...]:
        return tuple(range(1, len(self.passages) + 1))

    @property
    def is_held_out(self) -> bool:
        """Whether it had no part in fitting."""
        return self.set == "scifact" or zlib.crc32(self.id.encode()) % 2 == 1


def main() -> int:
    django.setup()
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    cases = list(cases_of(folder))
    begun = perf_counter()
    findings = dict(zip(cases, map(judged, cases), strict=True))
    print(f"{len(cases)} claims judged, {(perf_counter() - begun) / len(cases) * 1000:.1f} ms each")
    for name in ("wice", "expertqa_claims", "scifact"):
        agreement(name, [case for case in cases if case.set == name and case.is_held_out], findings)
    labels([case for case in cases if case.set == "scifact"], findings)
    spans(folder / "wice")
    return 0 if alterations(cases, findings, folder) else 1


def judged(case: Case) -> Any:
    from apps.verification.verdicts import judge_claims

    return judge_claims([case], dict(enumerate(case.passages, 1)), {}, embedder())[0]


def embedder() -> Any:
    if "--vectors" not in sys.argv:
        return None
    from apps.retrieval.embedding import PACKAGED, get_embedder

    return get_embedder(PACKAGED).embed_passages


def cases_of(folder: Path) -> Iterator[Case]:
    for name in ("wice", "expertqa_claims", "scifact"):
        corpus = {row["id"]: row for row in lines(folder / name / "corpus.jsonl")}
        claims = {row["id"]: row["question"] for row in lines(folder / name / "queries.jsonl")}
        cited: dict[str, list[dict[str, Any]]] = {}
        for row in lines(folder / name / "qrels.jsonl"):
            if row.get("label") != "Missing":
                cited.setdefault(row["query_id"] + (f"/{row['doc_id']}" if name == "scifact" else ""), []).append(row)
        for key, rows in cited.items():
            label = rows[0].get("label", "")
            passages = tuple(
                Read(corpus[row["doc_id"]]["text"], document_title=corpus[row["doc_id"]]["title"]) for row in rows
            )
            text = re.sub(r"\s*\[\d+\]", "", claims[rows[0]["query_id"]]).strip()
            yield Case(
                name,
                key,
                text,
                passages,
                label in ("supported", "Complete", "SUPPORT"),
                label == "CONTRADICT",
                evidence=tuple(row.get("evidence_text", "") for row in rows),
            )


def agreement(name: str, cases: Sequence[Case], findings: dict[Case, Any]) -> None:
    short = [not case.supported for case in cases]
    verdicts = [findings[case].verdict != "supported" for case in cases]
    shares = [-in_common(case) for case in cases]
    cut = max(sorted(set(shares)), key=lambda at: f1([share > at for share in shares], short))
    balanced_cut = max(sorted(set(shares)), key=lambda at: balanced([share > at for share in shares], short))
    print(f"\n{name}: {len(cases)} claims held out, {sum(short)} not supported")
    for what, said in (
        ("this", verdicts),
        ("all supported", [False] * len(cases)),
        ("none supported", [True] * len(cases)),
        ("words in common, best cut for F1", [share > cut for share in shares]),
        ("words in common, best cut for balance", [share > balanced_cut for share in shares]),
    ):
        print(f"  {what:<40} F1 of not supported {f1(said, short):.3f}  balanced accuracy {balanced(said, short):.3f}")
    print("  verdicts:", dict(Counter(findings[case].verdict.value for case in cases)))


def in_common(case: Case) -> float:
    words = set(re.findall(r"\w+", case.text.casefold()))
    there = set(re.findall(r"\w+", " ".join(passage.text for passage in case.passages).casefold()))
    return len(words & there) / max(1, len(words))


def labels(cases: Sequence[Case], findings: dict[Case, Any]) -> None:
    """Print the three labels of scifact beside the verdicts."""
    table = Counter(
        (
            "SUPPORT" if case.supported else "CONTRADICT" if case.contradicted else "NOT ENOUGH",
            findings[case].verdict.value,
        )
        for case in cases
    )
    print(
        "  labels:", ", ".join(f"{label} called {verdict} {count}" for (label, verdict), count in sorted(table.items()))
    )


def spans(folder: Path) -> None:
    """Print the F1 of single words that are not supported."""
    from apps.verification.verdicts import judge_claims

    corpus = {row["id"]: row for row in lines(folder / "corpus.jsonl")}
    counts: dict[str, Counter[str]] = {}
    for row in lines(folder / "non_supported_spans.jsonl"):
        passage = Read(corpus[row["doc_id"]]["text"])
        case = Case("wice", row["id"], row["claim"], (passage,), False)
        finding = judge_claims([case], {1: passage}, {}, embedder())[0]
        there = set(re.findall(r"\w+", passage.text.casefold()))
        at = 0
        for token, gold in zip(row["claim_tokens"], row["non_supported"], strict=True):
            at = max(row["claim"].find(token, at), at)
            says = {
                "this": any(start < at + len(token) and at < end for start, end in finding.unsupported),
                "all of them": True,
                "words that are not in the passage": token.isalnum() and token.casefold() not in there,
            }
            for how, marked in says.items():
                counts.setdefault(how, Counter())[f"{marked}{gold}"] += 1
            at += len(token)
    print("\nwice: single words not supported")
    for how, count in counts.items():
        print(
            f"  {how:<40} F1 {2 * count['TrueTrue'] / max(1, 2 * count['TrueTrue'] + count['TrueFalse'] + count['FalseTrue']):.3f}"
        )


def alterations(cases: Sequence[Case], findings: dict[Case, Any], folder: Path) -> bool:
    """Change one thing in supported claims, and print what is noticed of it: `as told` are claims that people call supported, `as named`
    those of them whose every figure, date and name stands in the passages in just those letters, `as written` sentences of passages,
    told with dates, figures and names in another notation."""
    supported = [close_up(case) for case in cases if case.supported]
    written = list(written_of(folder))
    good = True
    for what, chosen, aimed in (
        ("as told", supported, False),
        ("as named", [case for case in supported if not unnamed(case)], True),
        ("as written", written, True),
    ):
        caught, false = altered(what, chosen)
        print(
            f"  caught {caught:.4f} (aim {ENOUGH_CAUGHT}), unchanged but marked {false:.4f} (aim {MOST_FALSE} at most)"
        )
        good = good and (not aimed or (caught >= ENOUGH_CAUGHT and false <= MOST_FALSE))
    return good


def altered(what: str, supported: list[Case]) -> tuple[float, float]:
    """Return the shares of changes that are noticed and of unchanged claims that are marked."""
    draw = random.Random(11)
    draw.shuffle(supported)
    common = {word for case in supported for passage in case.passages for word in re.findall(r"\b[a-z]+", passage.text)}
    pool = sorted({name for case in supported for name in names_of(case) if common.isdisjoint(name.casefold().split())})
    counts: Counter[str] = Counter()
    touched: dict[Case, Any] = {}
    for case in supported:
        for kind, text in altered_of(case, pool, draw):
            if sum(count for key, count in counts.items() if key.startswith("caught")) >= ALTERED:
                break
            touched[case] = judged(case)
            finding = judged(replace(case, text=text))
            counts[f"caught|{kind}|{'yes' if finding.mismatches else 'no'}"] += 1
            counts[f"not supported|{kind}|{'yes' if finding.verdict != 'supported' else 'no'}"] += 1
            if VERBOSE and not finding.mismatches:
                print(f"  not caught: {what} {kind} {case.set} {case.text!r} -> {text!r}")
    for case, finding in touched.items():
        counts[f"false|{case.set}|{'yes' if finding.mismatches else 'no'}"] += 1
        if VERBOSE and finding.mismatches:
            print(
                f"  false alarm: {what} {case.set} {case.text!r} {[(m.kind.value, m.text, m.instead) for m in finding.mismatches]}"
            )
    print(f"\none thing changed in supported claims, {what}")
    for key in sorted({key.rpartition("|")[0] for key in counts}):
        print(f"  {key:<40} {counts[f'{key}|yes']:4} of {counts[f'{key}|yes'] + counts[f'{key}|no']}")
    return total(counts, "caught"), total(counts, "false")


def close_up(case: Case) -> Case:
    """Return a claim about a long page as one that cites passages of it, as long as the product's, which hold the evidence."""
    if case.set != "wice":
        return case
    page = case.passages[0]
    starts = [page.text.find(line) for line in case.evidence[0].split("\n") if line]
    cut = sorted({start // PASSAGE for start in starts if start >= 0})
    read = [
        Read(
            page.text[max(0, at * PASSAGE - 200) : (at + 1) * PASSAGE + 200],
            document_title=page.text[:200].split("\n")[0],
        )
        for at in cut
    ]
    return replace(case, passages=tuple(read))


def unnamed(case: Case) -> list[str]:
    """Return the figures and words with capitals, but for the first of the sentence, that the passages do not have in these letters."""
    there = " ".join(f"{passage.document_title} {passage.text}" for passage in case.passages)
    words = re.findall(r"(?<!^)(?<![.!?:\"“(-] )(?<![.!?:\"“(-])(?<!\w)(?:[A-Z][\w’'-]*|\d[\d.,]*)", case.text)
    return [
        word for word in (each.rstrip(".,'’-") for each in words) if not re.search(rf"(?<!\w){re.escape(word)}", there)
    ]


def written_of(folder: Path) -> Iterator[Case]:
    """Yield sentences of passages of other sets as claims, retold."""
    from apps.verification.sentences import sentences

    draw = random.Random(5)
    for name in ("squad2", "cuad", "tatqa", "2wiki_multihop"):
        rows = [row for row in lines(folder / name / "corpus.jsonl") if row.get("type") != "table"]
        for row in draw.sample(rows, min(200, len(rows))):
            ranges = [span for span in sentences(row["text"]) if 60 < span[1] - span[0] < 300]
            ranges = [
                (start, end) for start, end in ranges if row["text"][start].isalpha() and row["text"][end - 1] == "."
            ]
            if ranges:
                start, end = draw.choice(ranges)
                claim = retold(" ".join(row["text"][start:end].split()))
                yield Case(name, f"{row['id']}", claim, (Read(row["text"], document_title=row["title"]),), True)


def retold(text: str) -> str:
    """Return a sentence with its dates the other way round, its figures without or with commas and doctors added to its names."""
    text = re.sub(rf"\b({MONTHS}) (\d{{1,2}}), (\d{{4}})", r"\2 \1 \3", text)
    text = re.sub(r"(?<![\w.,])(\d{1,3}),(\d{3})(?![\w,])", r"\1\2", text)
    text = re.sub(r"\$(\d+)\.(\d) billion", r"$\1,\g<2>00 million", text)
    return re.sub(r"(?<=[a-z] )([A-Z])[a-z]{2,} ([A-Z][a-z]{3,})(?= (?:was|is|said|had|has)\b)", r"\1. \2", text)


def total(counts: Counter[str], what: str) -> float:
    yes = sum(count for key, count in counts.items() if key.startswith(f"{what}|") and key.endswith("|yes"))
    both = sum(count for key, count in counts.items() if key.startswith(f"{what}|"))
    return yes / max(1, both)


NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w]|[.,]\d)")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = re.compile(rf"(?<!\w)(?:(?P<day>\d{{1,2}}) (?P<month>{MONTHS})|(?P<month2>{MONTHS}) (?P<day2>\d{{1,2}}))(?!\w)")
YEAR = re.compile(r"(?<![\w.,-])(?:19|20)\d\d(?![\w]|[.,]\d)")
NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-zà-ÿ]{3,} )?[A-Z][a-zà-ÿ]{3,}(?=[ .,;’'])")


def altered_of(case: Case, pool: Sequence[str], draw: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the claim with a figure, a year and a name changed that the passages hold as written."""
    there = " ".join(passage.text for passage in case.passages)
    days = [match for match in DAY.finditer(case.text) if match[0] in there]
    if days:
        match = draw.choice(days)
        other = draw.choice([month for month in MONTHS.split("|") if month not in match[0]])
        yield "day", swapped(case.text, match, re.sub(MONTHS, other, match[0]))
    years = [match for match in YEAR.finditer(case.text) if match[0] in there]
    if years:
        match = draw.choice(years)
        others = [year for step in (-3, -2, -1, 1, 2, 3) if (year := str(int(match[0]) + step)) not in case.text]
        yield "date", swapped(case.text, match, draw.choice(others))
    numbers = [
        match
        for match in NUMBER.finditer(case.text)
        if not YEAR.fullmatch(match[0])
        and not any(day.start() <= match.start() < day.end() for day in DAY.finditer(case.text))
        and re.search(rf"(?<![\w.,]){re.escape(match[0])}(?!\w|[.,]\d)", there)
    ]
    if numbers:
        match = draw.choice(numbers)
        at = draw.choice([place for place, char in enumerate(match[0]) if char.isdigit()])
        other = draw.choice([digit for digit in "123456789" if digit != match[0][at]])
        yield "number", swapped(case.text, match, match[0][:at] + other + match[0][at + 1 :])
    found = [match for match in NAME.finditer(case.text) if match[0] in there and not re.search(MONTHS, match[0])]
    if found:
        match = draw.choice(found)
        others = [
            name
            for name in pool
            if name.casefold() not in there.casefold() and len(name.split()) == len(match[0].split())
        ]
        yield "name", swapped(case.text, match, draw.choice(others))


def names_of(case: Case) -> list[str]:
    return NAME.findall(case.text)


def swapped(text: str, match: re.Match[str], by: str) -> str:
    return text[: match.start()] + by + text[match.end() :]


def f1(said: Sequence[bool], gold: Sequence[bool]) -> float:
    both = sum(a and b for a, b in zip(said, gold, strict=True))
    return 2 * both / max(1, sum(said) + sum(gold))


def balanced(said: Sequence[bool], gold: Sequence[bool]) -> float:
    positive = sum(a and b for a, b in zip(said, gold, strict=True)) / max(1, sum(gold))
    negative = sum(not a and not b for a, b in zip(said, gold, strict=True)) / max(1, len(gold) - sum(gold))
    return (positive + negative) / 2


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    raise SystemExit(main())
