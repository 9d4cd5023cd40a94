"""How far a grader agrees with people: accuracy, Cohen's kappa, and what it says of each of their labels. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.evaluation.grading.grades import Label
from apps.evaluation.measures import Mean, share_of


@dataclass(frozen=True, slots=True)
class Agreement:
    """`said` has, by what a person said, how often the grader said each label."""

    said: Mapping[Label, Counter[Label]]

    @property
    def count(self) -> int:
        return sum(counts.total() for counts in self.said.values())

    @property
    def accuracy(self) -> Mean:
        return share_of(sum(counts[label] for label, counts in self.said.items()), self.count)

    @property
    def kappa(self) -> float:
        """Cohen's kappa: agreement beyond what both would have by chance with their own shares of labels; 0 without any."""
        if not self.count:
            return 0.0
        by_grader: Counter[Label] = sum(self.said.values(), Counter())
        chance = sum(counts.total() * by_grader[label] for label, counts in self.said.items()) / self.count**2
        return (self.accuracy.value - chance) / (1 - chance) if chance < 1 else 0.0

    def precision(self, label: Label) -> Mean:
        """Return how often people say a label where the grader says it."""
        return share_of(self.said.get(label, Counter())[label], sum(counts[label] for counts in self.said.values()))

    def recall(self, label: Label) -> Mean:
        """Return how often the grader says a label where people say it."""
        counts = self.said.get(label, Counter())
        return share_of(counts[label], counts.total())

    def as_json(self) -> dict[str, Any]:
        return {
            "answers": self.count,
            "accuracy": self.accuracy.as_json(),
            "kappa": round(self.kappa, 4),
            "by_label": {
                label.value: {
                    "answers": self.said.get(label, Counter()).total(),
                    "precision": self.precision(label).as_json(),
                    "recall": self.recall(label).as_json(),
                    "said": {other.value: self.said.get(label, Counter())[other] for other in Label},
                }
                for label in Label
            },
        }

    def table(self, name: str) -> str:
        """Return it for people at a terminal."""
        accuracy = self.accuracy
        lines = [
            (
                f"{name}: {self.count} answers graded by people, agrees on {accuracy.value:.3f} "
                f"({accuracy.low:.3f}–{accuracy.high:.3f}), kappa {self.kappa:.3f}"
            )
        ]
        for label in Label:
            counts = self.said.get(label, Counter())
            said = ", ".join(f"{other.value} {counts[other]}" for other in Label)
            lines.append(
                f"  {label.value:<10}{counts.total():>5} by people; the grader says {said}; "
                f"precision {self.precision(label).value:.3f}, recall {self.recall(label).value:.3f}"
            )
        return "\n".join(lines)


def agreement_of(pairs: Iterable[tuple[Label, Label]]) -> Agreement:
    """Return the agreement over pairs of what a person said and what the grader said."""
    said: dict[Label, Counter[Label]] = {label: Counter() for label in Label}
    for person, grader in pairs:
        said[person][grader] += 1
    return Agreement(said)
