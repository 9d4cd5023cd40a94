"""What the benches of search print of a ranking besides the product's own measures, and percentiles of times. Pure."""

import statistics
from collections.abc import Mapping, Sequence

from apps.evaluation.measures import measure


def measures(ranked: Sequence[str], grades: Mapping[str, float]) -> dict[str, float]:
    """Return what a ranking of units, each once, is worth; `grades` are of the relevant ones."""
    place = {unit: number for number, unit in enumerate(ranked, start=1)}
    places = [place.get(unit) for unit in grades]
    within = {depth: sum(at is not None and at <= depth for at in places) for depth in (8, 10)}
    return measure(places, list(grades.values())) | {
        "recall@10": within[10] / len(places),
        "all@8": float(within[8] == len(places)),
    }


def mean_of_each(rows: Sequence[Mapping[str, float]]) -> str:
    """Return the means of all measures on a line."""
    return "  ".join(f"{name} {statistics.fmean(row[name] for row in rows):.3f}" for name in rows[0])


def times(seconds: Mapping[str, Sequence[float]]) -> str:
    """Return the median and the 95th percentile of each stage in milliseconds, on a line."""
    shown = []
    for stage, values in seconds.items():
        ordered = sorted(values)
        middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
        shown.append(f"{stage} {middle * 1000:.0f}/{late * 1000:.0f}")
    return ", ".join(shown)
