"""Measures of a ranking against what is relevant, their intervals, and percentiles of times. Pure."""

import math
import random
import statistics
from collections.abc import Collection, Mapping, Sequence


def measures(ranked: Sequence[str], relevant: Collection[str]) -> dict[str, float]:
    """Return what a ranking of units, each once, is worth."""
    first = next((place for place, unit in enumerate(ranked, start=1) if unit in relevant), 0)
    gain = sum(1 / math.log2(place + 1) for place, unit in enumerate(ranked[:10], start=1) if unit in relevant)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(10, len(relevant)) + 1))
    found = {f"hit@{k}": float(0 < first <= k) for k in (1, 5, 10)}
    recall = {f"R@{k}": len(set(ranked[:k]) & set(relevant)) / len(relevant) for k in (5, 10, 20, 100)}
    everything = {"all@8": float(set(relevant) <= set(ranked[:8]))}
    return {"nDCG@10": gain / best, "MRR": 1 / first if first else 0.0} | found | recall | everything


def mean_of_each(rows: Sequence[Mapping[str, float]]) -> str:
    """Return the means of all measures on a line."""
    return "  ".join(f"{name} {statistics.fmean(row[name] for row in rows):.3f}" for name in rows[0])


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean by bootstrap."""
    draw = random.Random(7)  # the same interval at each run
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(1000))
    return means[25], means[975]


def times(seconds: Mapping[str, Sequence[float]]) -> str:
    """Return the median and the 95th percentile of each stage in milliseconds, on a line."""
    shown = []
    for stage, values in seconds.items():
        ordered = sorted(values)
        middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
        shown.append(f"{stage} {middle * 1000:.0f}/{late * 1000:.0f}")
    return ", ".join(shown)
