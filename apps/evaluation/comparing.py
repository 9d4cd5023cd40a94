"""Comparing two configurations on the questions that both were asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.evaluation.asking import LEGS
from apps.evaluation.measures import MEASURES, Difference, Measured, difference

Results = Mapping[str, Mapping[str, Measured]]
"""By question and leg: its measures."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a question fared before and after, by one measure at one leg."""

    question: str
    before: float
    after: float

    @property
    def gain(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second gains over the first, by leg and measure, over `questions`; `changes` has the worst first."""

    questions: int
    differences: dict[str, dict[str, Difference]]
    changes: list[Change]


def compare(before: Results, after: Results, *, leg: str, measure: str = "ndcg@10") -> Comparison:
    """Compare on the questions that both have; `changes` are by one measure at one leg."""
    both = [key for key in before if key in after]
    differences = {
        each: {
            name: difference([before[key][each][name] for key in both], [after[key][each][name] for key in both])
            for name in MEASURES
        }
        for each in LEGS
    }
    changes = [Change(key, before[key][leg][measure], after[key][leg][measure]) for key in both]
    changed = sorted((change for change in changes if abs(change.gain) > 1e-9), key=lambda change: change.gain)
    return Comparison(len(both), differences, changed)
