"""What a judged set says: mean scores by turn and category, and how often the model's answers were found better than others'."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from apps.core.errors import Invalid
from apps.evaluation.measures import Mean, mean_of

_WORTH = {"first": 1.0, "tie": 0.5, "second": 0.0}


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A question with the model's answers and, turn by turn, its scores (None: the judge gave none) and how it fared beside others."""

    key: str
    category: str
    answers: Sequence[str]
    scores: Sequence[int | None]
    pairs: Sequence[Mapping[str, Any] | None]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        try:
            return cls(**line)
        except TypeError as error:
            raise Invalid("This file is not what evaluate --judged kept.") from error


@dataclass(frozen=True, slots=True)
class JudgedReport:
    """A run over a judged set. The judge is the model that answered: its scores compare its own versions, not one model with another."""

    name: str
    judge: str
    against: str
    rows: Sequence[JudgedRow]
    total: int
    spent: Mapping[str, str]
    stopped: str = ""

    @property
    def unscored(self) -> int:
        return sum(score is None for row in self.rows for score in row.scores)

    def by_turn(self) -> dict[str, Mean]:
        """Return the mean score of all turns and of each."""
        most = max((len(row.scores) for row in self.rows), default=0)
        turns = {f"turn {number + 1}": _scores(self.rows, number) for number in range(most)}
        every: list[float] = [score for row in self.rows for score in row.scores if score is not None]
        found = {"all turns": every, **turns}
        return {name: mean_of(scores) for name, scores in found.items() if scores}

    def by_category(self) -> dict[str, Mean]:
        found: dict[str, list[float]] = defaultdict(list)
        for row in self.rows:
            found[row.category or "–"] += [score for score in row.scores if score is not None]
        return {name: mean_of(scores) for name, scores in sorted(found.items()) if scores}

    def beside(self) -> dict[str, Any] | None:
        """Return the share won beside the other answers, ties as half, and how often a verdict stayed when the order was swapped."""
        pairs = [pair for row in self.rows for pair in row.pairs if pair and pair["better"] is not None]
        if not pairs:
            return None
        return {
            "won": mean_of([_WORTH[pair["better"]] for pair in pairs]).as_json(),
            "steady": round(sum(pair["straight"] == pair["swapped"] for pair in pairs) / len(pairs), 4),
            "first": sum(pair["better"] == "first" for pair in pairs),
            "tie": sum(pair["better"] == "tie" for pair in pairs),
            "second": sum(pair["better"] == "second" for pair in pairs),
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "set": self.name,
            "judge": self.judge,
            "against": self.against,
            "questions": len(self.rows),
            "of": self.total,
            "scores": {name: mean.as_json() for name, mean in self.by_turn().items()},
            "categories": {name: mean.as_json() for name, mean in self.by_category().items()},
            "unscored": self.unscored,
            "beside": self.beside(),
            "spent": dict(self.spent),
            "stopped": self.stopped,
            "rows": [row.as_json() for row in self.rows],
        }

    def table(self) -> str:
        """Return it for people at a terminal."""
        lines = [f"{self.name}: {len(self.rows)} of {self.total} questions answered and judged by {self.judge}", ""]
        for name, mean in {**self.by_turn(), **self.by_category()}.items():
            lines.append(f"{name:<24}{mean.value:>6.2f}   {mean.low:.2f}–{mean.high:.2f}")
        if self.unscored:
            lines.append(f"{self.unscored} answers got no score: the judge's reply had none.")
        if beside := self.beside():
            won = beside["won"]
            lines += [
                "",
                (
                    f"Beside {self.against}: {won['value']:.3f} ({won['low']:.3f}–{won['high']:.3f}) won, ties as half; "
                    f"{beside['first']} better, {beside['tie']} alike, {beside['second']} worse; "
                    f"{beside['steady']:.2f} of the verdicts stayed when the order was swapped"
                ),
            ]
        if self.spent:
            lines.append("spent: " + ", ".join(f"{amount} {currency}" for currency, amount in self.spent.items()))
        return "\n".join(lines + ([f"Stopped: {self.stopped}"] if self.stopped else []))


def _scores(rows: Sequence[JudgedRow], turn: int) -> list[float]:
    return [score for row in rows if turn < len(row.scores) and (score := row.scores[turn]) is not None]
