"""The measures of answers. Each question gives a part and a whole, or nothing; a measure is the sum of parts over the sum of wholes. Pure."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.evaluation.answers.observing import Observed, is_refusal
from apps.evaluation.grading.grades import Label
from apps.evaluation.measures import Difference, Mean, gain_of, ratio_of, share_of

Part = tuple[float, float]


def _correct(row: Observed) -> Part | None:
    return (float(row.label == Label.CORRECT), 1.0) if row.answerable and row.label else None


def _false_refusal(row: Observed) -> Part | None:
    return (float(is_refusal(row)), 1.0) if row.answerable else None


def _false_answer(row: Observed) -> Part | None:
    return None if row.answerable else (float(not is_refusal(row)), 1.0)


def _citation_precision(row: Observed) -> Part | None:
    return (float(row.right), float(row.cited)) if row.grounded and row.cited else None


def _citation_recall(row: Observed) -> Part | None:
    return (float(row.right > 0), 1.0) if row.grounded and row.answerable else None


def _unsupported(row: Observed) -> Part | None:
    checked = sum(count for verdict, count in row.claims.items() if verdict != "unchecked")
    bad = row.claims.get("unsupported", 0) + row.claims.get("contradicted", 0)
    return (float(bad), float(checked)) if checked else None


def _unchecked(row: Observed) -> Part | None:
    count = sum(row.claims.values())
    return (float(row.claims.get("unchecked", 0)), float(count)) if count else None


def _figure_exact(row: Observed) -> Part | None:
    return None if row.figure is None else (float(row.figure), 1.0)


def _figures_untraced(row: Observed) -> Part | None:
    bad = row.figures.get("wrong", 0) + row.figures.get("unfound", 0)
    all_ = bad + row.figures.get("traced", 0) + row.figures.get("computed", 0)
    return (float(bad), float(all_)) if all_ else None


MEASURES: Mapping[str, Callable[[Observed], Part | None]] = {
    "correct": _correct,
    "false_refusal": _false_refusal,
    "false_answer": _false_answer,
    "citation_precision": _citation_precision,
    "citation_recall": _citation_recall,
    "unsupported_claims": _unsupported,
    "unchecked_claims": _unchecked,
    "figure_exact": _figure_exact,
    "figures_untraced": _figures_untraced,
}
"""All of them, from 0 to 1. More is better for `correct`, both of citations and `figure_exact`; less for the others."""

MORE_IS_BETTER = frozenset(["correct", "citation_precision", "citation_recall", "figure_exact"])


def parts_of(rows: Sequence[Observed], measure: str) -> list[Part]:
    """Return the parts of the questions that a measure says something of."""
    return [part for row in rows if (part := MEASURES[measure](row)) is not None]


def mean_of(rows: Sequence[Observed], measure: str) -> Mean | None:
    """Return a measure with its interval, None where it says nothing of any question."""
    parts = parts_of(rows, measure)
    if not parts:
        return None
    if all(whole == 1 for _part, whole in parts):
        return share_of(sum(part for part, _whole in parts), len(parts))
    return ratio_of(parts)


def gains(before: Mapping[str, Observed], after: Mapping[str, Observed]) -> dict[str, Difference]:
    """Return what was gained, by measure, on the questions of which it says something in both."""
    found = {}
    for name, measure in MEASURES.items():
        pairs = [
            (old, new)
            for key in before.keys() & after.keys()
            if (old := measure(before[key])) is not None and (new := measure(after[key])) is not None
        ]
        if pairs:
            found[name] = gain_of(pairs)
    return found


def took(rows: Sequence[Observed]) -> dict[str, Any]:
    """Return what answers took: seconds, tokens, and money by currency, where it is known."""
    seconds = sorted(row.seconds for row in rows if row.seconds is not None)
    first = sorted(row.first_token for row in rows if row.first_token is not None)
    money: dict[str, Decimal] = {}
    for row in rows:
        if row.amount is not None and row.currency:
            money[row.currency] = money.get(row.currency, Decimal(0)) + Decimal(row.amount)
    return {
        "seconds": {"median": _middle(seconds), "p95": _late(seconds)},
        "first_token": {"median": _middle(first), "p95": _late(first)},
        "tokens": sum(row.tokens for row in rows),
        "spent": {currency: f"{amount:f}" for currency, amount in sorted(money.items())},
        "unpriced": sum(row.amount is None for row in rows),
    }


def _middle(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None


def _late(values: Sequence[float]) -> float | None:
    return round(values[min(len(values) * 95 // 100, len(values) - 1)], 3) if values else None
