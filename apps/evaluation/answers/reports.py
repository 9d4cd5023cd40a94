"""What a run of answers says, for people at a terminal and for programs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.evaluation.answers.keeping import How, Kept
from apps.evaluation.answers.measures import MEASURES, MORE_IS_BETTER, gains, mean_of, parts_of, took
from apps.evaluation.answers.observing import Observed

_MOST_SHOWN = 10
_WIDTH = 20


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """A run: its rows by question. `judging` is what the judge took, by currency; `stopped` says why the run is not whole."""

    how: How
    rows: Mapping[str, Observed]
    failed: Mapping[str, str] = field(default_factory=dict)
    judging: Mapping[str, str] = field(default_factory=dict)
    stopped: str = ""

    @classmethod
    def of(cls, kept: Kept, *, judging: Mapping[str, str] | None = None, stopped: str = "") -> "AnswersReport":
        failed = {key: row.error for key, row in kept.rows.items() if row.error}
        return cls(kept.how, kept.whole, failed, judging or {}, stopped)

    def as_json(self) -> dict[str, Any]:
        rows = list(self.rows.values())
        return {
            **self.how.as_json(),
            "questions": len(rows),
            "models": dict(Counter(row.model for row in rows)),
            "measures": {
                name: mean.as_json() | {"questions": len(parts_of(rows, name))}
                for name in MEASURES
                if (mean := mean_of(rows, name))
            },
            "took": took(rows),
            "judging": dict(self.judging),
            "failed": dict(self.failed),
            "stopped": self.stopped,
            "rows": {key: row.as_json() for key, row in self.rows.items()},
        }

    def table(self) -> str:
        """Return each measure with its interval and how many questions it rests on, and what the answers took."""
        rows = list(self.rows.values())
        models = ", ".join(name or "no model" for name in dict.fromkeys(row.model for row in rows))
        judge = f", judged by {self.how.judge} where words decide" if self.how.judge else ", graded without a model"
        lines = [f"{self.how.name}: {len(rows)} questions answered by {models}, effort {self.how.effort}{judge}", ""]
        for name in MEASURES:
            mean = mean_of(rows, name)
            if mean is None:
                lines.append(f"{name:<{_WIDTH}}      –   nothing to measure")
                continue
            better = "more" if name in MORE_IS_BETTER else "less"
            within = f"{mean.low:.3f}–{mean.high:.3f}"
            count = len(parts_of(rows, name))
            lines.append(f"{name:<{_WIDTH}}{mean.value:>7.3f}   {within}   {count} questions, {better} is better")
        return "\n".join([*lines, "", *self._took(rows)])

    def _took(self, rows: Sequence[Observed]) -> list[str]:
        used = took(rows)
        lines = [
            f"{name}: median {_plain(used[key]['median'])} s, p95 {_plain(used[key]['p95'])} s"
            for key, name in (("seconds", "an answer"), ("first_token", "its first word"))
        ]
        spent = ", ".join(f"{amount} {currency}" for currency, amount in used["spent"].items()) or "no price is known"
        lines.append(f"tokens {used['tokens']}, spent on answers: {spent}")
        if self.judging:
            judging = ", ".join(f"{amount} {currency}" for currency, amount in self.judging.items())
            lines.append(f"spent on judging: {judging}")
        if self.failed:
            reasons = ", ".join(f"{count} × {code}" for code, count in Counter(self.failed.values()).most_common())
            lines.append(f"{len(self.failed)} questions got no answer and are in no figure above: {reasons}")
        return lines + ([f"Stopped: {self.stopped}"] if self.stopped else [])

    def below(self, bars: Mapping[str, float]) -> list[str]:
        """Return a sentence for each bar that is not reached; where less is better, for each that is gone over."""
        found = []
        for name, bar in bars.items():
            mean = mean_of(list(self.rows.values()), name)
            if mean is None:
                found.append(f"{name} could not be measured, so its bar of {bar:.3f} is not reached.")
            elif name in MORE_IS_BETTER and mean.value < bar:
                found.append(f"{name} is {mean.value:.3f}, below the bar of {bar:.3f}.")
            elif name not in MORE_IS_BETTER and mean.value > bar:
                found.append(f"{name} is {mean.value:.3f}, above the bar of {bar:.3f}.")
        return found


def compared(before: AnswersReport, after: AnswersReport) -> str:
    """Return what the second run gains, and the questions that turned right or wrong."""
    both = before.rows.keys() & after.rows.keys()
    lines = [f"Second against first, on {len(both)} questions of both; * is certain at 95 %", ""]
    for name, gain in gains(before.rows, after.rows).items():
        mean = gain.mean
        star = "*" if gain.is_certain else " "
        within = f"{mean.low:+.3f}…{mean.high:+.3f}"
        lines.append(f"{name:<{_WIDTH}}{mean.value:>+7.3f}{star}  {within}   {gain.wins} up, {gain.losses} down")
    turned = [key for key in before.rows if key in both and before.rows[key].label != after.rows[key].label]
    if turned:
        lines += ["", f"Graded otherwise ({len(turned)})"]
        lines += [
            f"  {before.rows[key].label} → {after.rows[key].label}  {after.rows[key].question[:100]}"
            for key in turned[:_MOST_SHOWN]
        ]
    return "\n".join(lines)


def compared_json(before: AnswersReport, after: AnswersReport) -> dict[str, Any]:
    differences = {name: gain.as_json() for name, gain in gains(before.rows, after.rows).items()}
    return {"before": before.as_json(), "after": after.as_json(), "differences": differences}


def _plain(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f}"
