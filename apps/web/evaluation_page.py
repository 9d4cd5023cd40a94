"""What the pages of evaluation show: measures as dots on a line with their intervals, and the questions that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.evaluation.asking import LAST, LEGS
from apps.evaluation.comparing import Comparison, compare
from apps.evaluation.measures import MEASURES, Difference
from apps.evaluation.models import EvaluationRun

LEG_NAMES: Mapping[str, StrOrPromise] = {
    "dense": _("By meaning"),
    "keyword": _("By words"),
    "fused": _("Both together"),
    "reranked": _("Judged again"),
}
SHOWN = ("ndcg@10", "hit@1", "hit@5", "recall@20")
_LEFT, _RIGHT = 8.0, 392.0
_MOST_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Dot:
    """A mean and its interval, and where they are drawn on a line from 8 to 392."""

    leg: StrOrPromise
    value: float
    low: float
    high: float
    x: float
    x_low: float
    x_high: float
    last: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure at each leg; `bar` is where the bar stands, None without one."""

    measure: str
    dots: list[Dot]
    bar: float | None = None
    bar_value: float | None = None
    is_below: bool = False


@dataclass(frozen=True, slots=True)
class Gain:
    """What was gained at one leg by one measure."""

    leg: StrOrPromise
    difference: Difference


@dataclass(frozen=True, slots=True)
class QuestionChange:
    text: str
    before: int | None
    after: int | None
    better: bool


def charts(run: EvaluationRun) -> list[Chart]:
    """Return the charts of a finished run: what is usually looked at, and whatever has a bar."""
    bars = {bar.measure: bar.value for bar in run.golden_set.bars.all()}
    return [_chart(run, name, bars.get(name)) for name in MEASURES if name in SHOWN or name in bars]


def rows_of(run: EvaluationRun) -> list[tuple[StrOrPromise, list[Mapping[str, float]]]]:
    """Return every leg with its measures, in their order."""
    return [(LEG_NAMES[leg], [run.measures[leg][name] for name in MEASURES]) for leg in LEGS if leg in run.measures]


def worst_questions(run: EvaluationRun) -> list[dict[str, Any]]:
    """Return the questions with where each leg has what answers them, those that fared worst first."""
    rows = sorted(run.results.select_related("question"), key=lambda row: row.measures[LAST]["ndcg@10"])
    return [
        {"text": row.question.text, "places": [first_place(row.places.get(leg, [])) for leg in LEGS]}
        for row in rows[:_MOST_QUESTIONS]
    ]


def comparison_of(
    before: EvaluationRun, after: EvaluationRun
) -> tuple[Comparison, list[list[Gain]], list[QuestionChange]]:
    """Return how two runs compare, the gains by measure shown, and the questions that changed, worse ones first."""
    old = {str(row.question_id): row for row in before.results.select_related("question")}
    new = {str(row.question_id): row for row in after.results.all()}
    found = compare(
        {key: row.measures for key, row in old.items()},
        {key: row.measures for key, row in new.items()},
        leg=LAST,
    )
    gains = [[Gain(LEG_NAMES[leg], found.differences[leg][name]) for name in SHOWN] for leg in LEGS]
    changes = [
        QuestionChange(
            text=old[change.question].question.text,
            before=first_place(old[change.question].places[LAST]),
            after=first_place(new[change.question].places[LAST]),
            better=change.gain > 0,
        )
        for change in found.changes[:_MOST_QUESTIONS]
    ]
    return found, gains, changes


def first_place(places: Sequence[int | None]) -> int | None:
    return min((place for place in places if place is not None), default=None)


def _chart(run: EvaluationRun, measure: str, bar: float | None) -> Chart:
    dots = [_dot(leg, run.measures[leg][measure]) for leg in LEGS if leg in run.measures]
    reached = run.measures.get(LAST, {}).get(measure, {"value": 0.0})["value"]
    return Chart(measure, dots, None if bar is None else _at(bar), bar, bar is not None and reached < bar)


def _dot(leg: str, mean: Mapping[str, float]) -> Dot:
    value, low, high = mean["value"], mean["low"], mean["high"]
    return Dot(LEG_NAMES[leg], value, low, high, _at(value), _at(low), _at(high), leg == LAST)


def _at(value: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * value, 1)
