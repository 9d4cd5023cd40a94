"""What the pages of measured answers show: measures in words with their intervals, and the questions, wrong ones first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.evaluation.answers.measures import MEASURES, MORE_IS_BETTER, gains, mean_of, parts_of, took
from apps.evaluation.answers.observing import Observed, is_refusal
from apps.evaluation.answers.reports import AnswersReport
from apps.evaluation.grading.grades import Label
from apps.evaluation.measures import Difference, Mean

NAMES: Mapping[str, StrOrPromise] = {
    "correct": _("Answered rightly"),
    "false_refusal": _("Not answered, though the documents do"),
    "false_answer": _("Answered, though the documents do not"),
    "citation_precision": _("Citations that are where the answer stands"),
    "citation_recall": _("Answers with at least one such citation"),
    "unsupported_claims": _("Checked claims that their passages do not bear out"),
    "unchecked_claims": _("Claims that could not be checked"),
    "figure_exact": _("Figures of the right answer that are stated"),
    "figures_untraced": _("Figures without a source, or wrong"),
}
_GRADES: Mapping[str, StrOrPromise] = {
    Label.CORRECT: _("Right"),
    Label.INCORRECT: _("Wrong"),
    Label.REFUSAL: _("Not answered"),
    "": _("Not graded"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A measure with how many questions it rests on; `mean` is None where it says nothing of any."""

    name: StrOrPromise
    mean: Mean | None
    questions: int
    more_is_better: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer; `tone` is that of its tag."""

    row: Observed
    grade: StrOrPromise
    tone: str


@dataclass(frozen=True, slots=True)
class Gain:
    name: StrOrPromise
    difference: Difference


def rows_of(report: AnswersReport) -> list[Row]:
    rows = list(report.rows.values())
    return [
        Row(NAMES[name], mean_of(rows, name), len(parts_of(rows, name)), name in MORE_IS_BETTER) for name in MEASURES
    ]


def took_of(report: AnswersReport) -> dict[str, Any]:
    return took(list(report.rows.values()))


def questions_of(report: AnswersReport) -> list[Answered]:
    """Return the questions, those that went wrong first."""
    found = [_answered(row) for row in report.rows.values()]
    return sorted(found, key=lambda one: ("bad", "", "ok").index(one.tone))


def gains_of(before: AnswersReport, after: AnswersReport) -> list[Gain]:
    return [Gain(NAMES[name], gain) for name, gain in gains(before.rows, after.rows).items()]


def turned(before: AnswersReport, after: AnswersReport) -> list[tuple[Answered, Answered]]:
    """Return the questions that are graded otherwise, before and after."""
    both = [key for key in before.rows if key in after.rows]
    return [
        (_answered(before.rows[key]), _answered(after.rows[key]))
        for key in both
        if before.rows[key].label != after.rows[key].label
    ]


def _answered(row: Observed) -> Answered:
    if not row.answerable:
        held = is_refusal(row)
        return Answered(row, _("Rightly not answered") if held else _("Wrongly answered"), "ok" if held else "bad")
    tone = {Label.CORRECT.value: "ok", "": ""}.get(row.label, "bad")
    return Answered(row, _GRADES[row.label], tone)
