"""Whether the number ledger tells right figures from wrong ones, on two sets of questions over tables with derivations by people.

    TOULMIN_EVAL_DIR=… python -m bench.ledger [-v]

`tatqa` (English reports, table and text) and `jfinqa` (Japanese). A gold answer is written as a sentence, its derivation given as the
model's proposal, and the table and text of its question as the passages. Printed are, with their counts: proposals whose computed value
and scale are the gold ones; gold figures that are marked, which none should be; and figures altered in one digit, with two digits
exchanged, in scale and in sign, that are marked; a scale altered where no passage says any, which nothing can tell, is counted apart,
and within its own line below. `-v` prints what departs. Ends with 1 where a share is under its aim.

Whether a ratio is written in per cent is how it is asked for, so that is taken from the gold answer; the scale of an amount is not: it
is compared with that of the cells, if the passages say any. Many do not: a last line counts those whose scale comes from them alone.
"""

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

from apps.documents.parsing import Block, BlockKind, Cell, Page
from apps.documents.tables import Carried, describe_tables
from apps.verification.figures.grounds import Ground, GroundTable
from apps.verification.figures.ledger import ledger_of
from apps.verification.figures.lineage import Figure, Source, Verdict

ENOUGH = {"value": 0.97, "value and scale": 0.97, "gold left unmarked": 0.98, "altered and marked": 0.98}
SCALES = {"": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9, "百万円": 10**6}


@dataclass(frozen=True)
class Case:
    """A gold answer: its figures as printed, the derivation, and the passages. `value` is the number of the answer, None for spans."""

    id: str
    question: str
    figures: tuple[str, ...]
    derivation: str
    grounds: dict[int, Ground]
    value: Decimal | None
    scale: str
    japanese: bool = False


def main() -> int:
    folder = Path(os.environ["TOULMIN_EVAL_DIR"])
    counts: Counter[str] = Counter()
    begun = perf_counter()
    for name, cases in (("tatqa", list(tatqa(folder / "tatqa"))), ("jfinqa", list(jfinqa(folder / "jfinqa")))):
        draw = random.Random(7)
        for case in cases:
            judge(name, case, counts, draw)
    good = True
    for key in sorted({key.partition("|")[0] for key in counts}):
        right, wrong = counts[f"{key}|yes"], counts[f"{key}|no"]
        aim = next((least for words, least in ENOUGH.items() if key.partition(": ")[2] == words), None)
        good = good and (aim is None or right >= aim * (right + wrong))
        print(
            f"{key:<42} {right:5} of {right + wrong:5}  {right / max(1, right + wrong):.4f}"
            + (f"  (aim {aim})" if aim else "")
        )
    print(f"{perf_counter() - begun:.0f} s")
    return 0 if good else 1


def judge(name: str, case: Case, counts: Counter[str], draw: random.Random) -> None:
    def count(what: str, right: bool, seen: str = "") -> None:
        counts[f"{name}: {what}|{'yes' if right else 'no'}"] += 1
        if not right and "-v" in sys.argv:
            print(f"  {name} {case.id}: {what}: {case.question[:90]!r} {case.figures} {case.derivation!r} {seen}")

    read = figures_of(case, case.figures)
    if case.value is not None and case.derivation:
        figure = read[0] if read else None
        count("value", figure is not None and has_value(figure, case), str(figure)[:600])
        right = figure is not None and has_value(figure, case)
        count("value and scale", right and figure is not None and agrees(figure), str(figure)[:600])
        count("scale said by the passages", right and figure is not None and has_scale(figure, case), str(figure)[:600])
    count(
        "gold left unmarked", not any(figure.is_marked for figure in read), str([f for f in read if f.is_marked])[:500]
    )
    kind = "computed" if case.derivation and case.value is not None else "read off"
    for index, printed in enumerate(case.figures):
        for how, altered in alterations(printed, case.scale, draw):
            shown = [*case.figures[:index], altered, *case.figures[index + 1 :]]
            judged = figures_of(case, shown)
            marked = any(figure.is_marked for figure in judged)
            if how != "scale" or marked or all(figure.scale_said for figure in judged):
                count("altered and marked", marked, f"{how} {altered}")
            else:
                counts[f"{name}: scale altered where no passage says any|yes"] += 1
            count(f"altered and marked, {kind}, {how}", marked, altered)


def figures_of(case: Case, printed: "tuple[str, ...] | list[str]") -> list[Figure]:
    """Return the ledger of the answer's own figures, not of those that the question holds."""
    question = case.question.rstrip("?？ 。か") + ("は" if case.japanese else ":")
    stated = f"{question} {'、'.join(printed) if case.japanese else ' and '.join(printed)}" + (
        "。" if case.japanese else "."
    )
    answer = f"{stated}\ncalc: {case.derivation}" if case.derivation and case.value is not None else stated
    ledger = ledger_of(answer, [(0, len(stated), tuple(case.grounds))], case.grounds, question=case.question)
    return [figure for figure in ledger if figure.start > len(question)]


def has_value(figure: Figure, case: Case) -> bool:
    """Whether the calculation gives the gold value, in whatever scale, to the last digit that the gold answer has."""
    if figure.source is not Source.COMPUTED or figure.exact is None or case.value is None:
        return False
    step = Decimal(1).scaleb(int(str(case.value.as_tuple().exponent)))
    return any(
        abs(figure.exact / times - case.value) * 2 <= step
        for times in (*map(Decimal, SCALES.values()), Decimal("0.01"))
    )


def agrees(figure: Figure) -> bool:
    """Whether the ledger takes the gold figure, in its scale, for the value of the calculation."""
    return figure.verdict is Verdict.COMPUTED


def has_scale(figure: Figure, case: Case) -> bool:
    """Whether the value is the gold one in the gold scale, or the cells say no scale at all."""
    if figure.exact is None or case.value is None:
        return False
    per_cent = case.scale == "percent" or any("%" in text for text in case.figures)
    times = Decimal("0.01") if per_cent else Decimal(SCALES.get(case.scale, 1))
    step = Decimal(1).scaleb(int(str(case.value.as_tuple().exponent)))
    given = [figure.exact / times, figure.exact] if per_cent else [figure.exact / times]
    return any(abs(value - case.value) * 2 <= step for value in given)


def alterations(printed: str, scale: str, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the figure altered in each way that it can be."""
    places = [match.start() for match in re.finditer(r"\d", printed)]
    at = draw.choice(places)
    yield "digit", printed[:at] + draw.choice([d for d in "123456789" if d != printed[at]]) + printed[at + 1 :]
    pairs = [
        (a, b) for a, b in pairwise(places) if printed[a] != printed[b] and not (a == places[0] and printed[b] == "0")
    ]
    if pairs:
        a, b = draw.choice(pairs)
        yield "exchanged", printed[:a] + printed[b] + printed[a + 1 : b] + printed[a] + printed[b + 1 :]
    if re.search(r"[1-9]", printed):
        yield "scale", rescaled(printed, draw)
        negative = re.search(r"^[-−△]|\(", printed)
        yield "sign", re.sub(r"^[-−△]|[()]", "", printed) if negative else f"-{printed}"


def rescaled(printed: str, draw: random.Random) -> str:
    """Return the figure with another word of scale, or its point moved where it has none."""
    for word, others in (
        ("thousand", ("million", "billion")),
        ("million", ("thousand", "billion")),
        ("billion", ("million", "thousand")),
    ):
        if word in printed:
            return printed.replace(word, draw.choice(others))
    if "百万円" in printed:
        return printed.replace("百万円", draw.choice(("億円", "千円")))
    number = re.search(r"\d[\d,]*\.?\d*", printed)
    assert number is not None
    moved = Decimal(number[0].replace(",", "")) * draw.choice((10, 100, Decimal("0.1"), Decimal("0.01")))
    return printed[: number.start()] + f"{moved.normalize():,f}" + printed[number.end() :]


def tatqa(folder: Path) -> Iterator[Case]:
    contexts: dict[str, dict[int, Ground]] = {}
    rows = sorted(lines(folder / "corpus.jsonl"), key=lambda row: (row["type"] != "table", row.get("order", 0)))
    for row in rows:
        grounds = contexts.setdefault(row["context_id"], {})
        tables = (described(row["table"], row["id"]),) if row["type"] == "table" else ()
        grounds[len(grounds) + 1] = Ground(row["text"], tables, row["context_id"])
    for query in lines(folder / "queries.jsonl"):
        grounds, scale = contexts[query["context_id"]], query["scale"]
        if query["answer_type"] == "arithmetic":
            value = Decimal(str(query["answers"][0]))
            shown = f"{value:,f}" + (" %" if scale == "percent" else f" {scale}" if scale else "")
            yield Case(query["id"], query["question"], (shown,), query["derivation"], grounds, value, scale)
        elif query["answer_type"] in ("span", "multi-span") and all(map(is_figure, query["answers"])):
            word = "" if scale in ("", "percent") else f" {scale}"
            shown_all = tuple(
                text + (" %" if scale == "percent" and "%" not in text else word) for text in query["answers"]
            )
            yield Case(query["id"], query["question"], shown_all, "", grounds, None, scale)


def jfinqa(folder: Path) -> Iterator[Case]:
    corpus = {row["id"]: row for row in lines(folder / "corpus.jsonl")}
    place = {row["query_id"]: row["doc_id"] for row in lines(folder / "qrels.jsonl")}
    for query in lines(folder / "queries.jsonl"):
        answer = query["answers"][0]
        if not re.search(r"\d", answer):
            continue
        row = corpus[place[query["id"]]]
        grounds = {1: Ground(row["text"], (described(row["table"], row["id"]),), row["id"])}
        number = re.search(r"[-−△]?[\d,.]+", answer)
        assert number is not None
        value = Decimal(number[0].replace(",", "").replace("△", "-").replace("−", "-"))
        scale = "percent" if "%" in answer else query["scale"] if value == value.to_integral() and "," in answer else ""
        yield Case(
            query["id"],
            query["question"],
            (answer,),
            "; ".join(query["derivation"]),
            grounds,
            value,
            scale,
            japanese=True,
        )


def is_figure(text: str) -> bool:
    """Whether a span is a figure and nothing else, and no year."""
    return bool(
        re.fullmatch(r"[-−(]?\s?[$€£]?\s?[-−(]?\s?[\d,]*\.?\d+\)?\s?(?:%|percent|million|billion|thousand)?", text)
    ) and not re.fullmatch(r"(?:19|20)\d\d", text)


def described(rows: list[list[str]], id: str) -> GroundTable:
    """Return a table as the product reads it from its cells."""
    cells = tuple(Cell(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text)
    page = Page(1, 0.0, 0.0, (Block(BlockKind.TABLE, "\n".join(" | ".join(row) for row in rows), cells=cells),))
    read, _ = describe_tables(page, Carried())
    return GroundTable.of(read.blocks[0], id)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    raise SystemExit(main())
