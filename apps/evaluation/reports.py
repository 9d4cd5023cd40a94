"""What a measurement says, for people at a terminal and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from apps.core.errors import Invalid
from apps.evaluation.asking import LAST, LEGS
from apps.evaluation.comparing import Comparison
from apps.evaluation.measures import MEASURES, Measured, summary
from apps.retrieval.configuration import Configuration

_MOST_CHANGED = 10
_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Report:
    """Search as one configuration ran it on one set: the measures of each question, by leg."""

    name: str
    configuration: Configuration
    index: str
    reranker: str
    results: Mapping[str, Mapping[str, Measured]]
    questions: Mapping[str, str]
    seconds: float

    @property
    def means(self) -> dict[str, dict[str, dict[str, float]]]:
        return summary(list(self.results.values()))

    def as_json(self) -> dict[str, Any]:
        return {
            "set": self.name,
            "configuration": self.configuration.as_json(),
            "index": self.index,
            "reranker": self.reranker,
            "seconds": round(self.seconds, 4),
            "measures": self.means,
            "results": self.results,
            "questions": self.questions,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the report that `as_json` gave."""
        try:
            configuration = Configuration.of(kept["configuration"])
            return cls(
                kept["set"],
                configuration,
                kept["index"],
                kept["reranker"],
                kept["results"],
                kept["questions"],
                kept["seconds"],
            )
        except (KeyError, TypeError) as error:
            raise Invalid("This file is not what evaluate --json wrote of one configuration.") from error

    def table(self) -> str:
        """Return the measures by leg, with the interval of each under it."""
        head = f"{self.name}: {len(self.results)} questions, {self.configuration}, index {self.index}, " + (
            f"judged by {self.reranker}, " if self.reranker else ""
        )
        lines = [
            f"{head}a search {self.seconds * 1000:.0f} ms",
            "",
            " " * _WIDTH + "".join(f"{m:>15}" for m in MEASURES),
        ]
        for leg, means in self.means.items():
            lines.append(f"{leg:<{_WIDTH}}" + "".join(f"{means[m]['value']:>15.3f}" for m in MEASURES))
            within = (f"{means[m]['low']:.3f}–{means[m]['high']:.3f}" for m in MEASURES)
            lines.append(" " * _WIDTH + "".join(f"{text:>15}" for text in within))
        return "\n".join(lines)

    def below(self, bars: Mapping[str, float]) -> list[str]:
        """Return a sentence for each bar that the last leg does not reach."""
        reached = {name: mean["value"] for name, mean in self.means.get(LAST, {}).items()}
        return [
            f"{name} is {reached.get(name, 0):.3f}, below the bar of {bar:.3f}."
            for name, bar in bars.items()
            if reached.get(name, 0) < bar
        ]


def compared(before: Report, after: Report, comparison: Comparison) -> str:
    """Return what the second configuration gains, by leg, and the questions that changed most."""
    lines = [
        f"{after.configuration} against {before.configuration}, on {comparison.questions} questions; * is certain at 95 %",
        "",
        " " * _WIDTH + "".join(f"{m:>15}" for m in MEASURES),
    ]
    for leg in LEGS:
        found = comparison.differences[leg]
        lines.append(
            f"{leg:<{_WIDTH}}"
            + "".join(f"{found[m].mean.value:>+14.3f}{'*' if found[m].is_certain else ' '}" for m in MEASURES)
        )
        within = (f"{found[m].mean.low:+.3f}…{found[m].mean.high:+.3f}" for m in MEASURES)
        lines.append(" " * _WIDTH + "".join(f"{text:>15}" for text in within))
        lines.append(" " * _WIDTH + "".join(f"{f'{found[m].wins} won {found[m].losses} lost':>15}" for m in MEASURES))
    worst = [change for change in comparison.changes if change.gain < 0][:_MOST_CHANGED]
    best = [change for change in reversed(comparison.changes) if change.gain > 0][:_MOST_CHANGED]
    for title, changes in (("Lost most (ndcg@10)", worst), ("Gained most", best)):
        lines += ["", title] + [
            f"  {change.before:.3f} → {change.after:.3f}  {after.questions[change.question][:100]}"
            for change in changes
        ]
    return "\n".join(lines)
