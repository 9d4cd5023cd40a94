"""Measures of a ranking, their intervals, and the comparison of two configurations question by question. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEASURES = ("ndcg@10", "mrr", "hit@1", "hit@5", "hit@10", "recall@5", "recall@20", "recall@100")
"""All of them, from 0 to 1, more is better."""

Measured = Mapping[str, float]
"""A value for each of the measures."""

_DRAWS = 2000
_MIDDLE = (2.5, 97.5)
_SEED = 7  # the same interval each time
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over questions with its 95 % interval by bootstrap."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second of two configurations gains over the first on the same questions."""

    mean: Mean
    wins: int
    losses: int

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves no doubt on which side of nothing the difference lies."""
        return self.mean.low > 0 or self.mean.high < 0

    def as_json(self) -> dict[str, Any]:
        return {**self.mean.as_json(), "wins": self.wins, "losses": self.losses, "certain": self.is_certain}


def measure(places: Sequence[int | None], grades: Sequence[float]) -> dict[str, float]:
    """Return the measures of one question: where each thing that answers it was found, from 1, and what each is worth."""
    found = sorted(place for place in places if place is not None)
    first = found[0] if found else None
    gain = sum(
        grade / math.log2(place + 1)
        for place, grade in zip(places, grades, strict=True)
        if place is not None and place <= 10
    )
    best = sum(grade / math.log2(place + 1) for place, grade in enumerate(sorted(grades, reverse=True)[:10], start=1))
    values = {"ndcg@10": min(gain / best, 1.0) if best else 0.0, "mrr": 1 / first if first else 0.0}
    values |= {f"hit@{depth}": float(first is not None and first <= depth) for depth in (1, 5, 10)}
    return values | {f"recall@{depth}": sum(place <= depth for place in found) / len(places) for depth in (5, 20, 100)}


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of values, one a question."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        return Mean(0.0, 0.0, 0.0)
    means = [array[drawn].mean() for drawn in _draws(len(array))]
    low, high = np.percentile(means, _MIDDLE)
    return Mean(float(array.mean()), float(low), float(high))


def share_of(count: float, total: float) -> Mean:
    """Return a share of so many with its 95 % interval by Wilson (JASA 22, 1927), which is honest of none and of all too."""
    if not total:
        return Mean(0.0, 0.0, 1.0)
    share, squared = count / total, _Z**2
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    off = _Z * math.sqrt(share * (1 - share) / total + squared / (4 * total**2)) / (1 + squared / total)
    return Mean(share, max(middle - off, 0.0), min(middle + off, 1.0))


def ratio_of(parts: Sequence[tuple[float, float]]) -> Mean:
    """Return how much of a whole, from the part and the whole of each question; its interval is by drawing questions."""
    array = np.asarray(parts, dtype=np.float64).reshape(-1, 2)
    if not array[:, 1].sum():
        return Mean(0.0, 0.0, 1.0)
    sums = np.asarray([array[drawn].sum(axis=0) for drawn in _draws(len(array))])
    ratios = sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], 1)
    low, high = np.percentile(ratios[sums[:, 1] > 0], _MIDDLE)
    return Mean(float(array[:, 0].sum() / array[:, 1].sum()), float(low), float(high))


def summary(rows: Sequence[Mapping[str, Measured]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the mean of each measure for each leg, of the measures of each question."""
    legs = list(rows[0]) if rows else []
    return {
        leg: {name: mean_of([row[leg][name] for row in rows if leg in row]).as_json() for name in MEASURES}
        for leg in legs
    }


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """Return what was gained, from the values of the same questions in the same order."""
    gains = [new - old for old, new in zip(before, after, strict=True)]
    return Difference(mean_of(gains), sum(gain > 1e-9 for gain in gains), sum(gain < -1e-9 for gain in gains))


def gain_of(pairs: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> Difference:
    """Return what was gained, from the part and the whole of each question before and after; questions are drawn in pairs."""
    array = np.asarray(pairs, dtype=np.float64).reshape(-1, 4)

    def gain(sums: NDArray[np.float64]) -> float:
        return float(sums[2] / sums[3] - sums[0] / sums[1])

    drawn = [gain(array[places].sum(axis=0)) for places in _draws(len(array))]
    low, high = np.percentile(drawn, _MIDDLE)
    each = [gain(row) for row in array]
    whole = Mean(gain(array.sum(axis=0)), float(low), float(high))
    return Difference(whole, sum(one > 1e-9 for one in each), sum(one < -1e-9 for one in each))


def _draws(count: int) -> Iterator[NDArray[np.int64]]:
    """Yield the questions of each resampling, by their places."""
    draw = np.random.default_rng(_SEED)
    return (draw.integers(0, count, count) for _ in range(_DRAWS))
