"""Asking the questions of a set one by one until they are answered, the money is spent, or no model can be asked any more."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial

from apps.accounts.scope import Scope
from apps.evaluation.answers.asking import answer_to
from apps.evaluation.answers.keeping import Kept
from apps.evaluation.answers.measures import took
from apps.evaluation.answers.observing import Observed, error_of, exact_grade, observed
from apps.evaluation.answers.reports import AnswersReport
from apps.evaluation.judging.calls import Caller
from apps.evaluation.judging.judge import judged_grade
from apps.evaluation.known import Known
from apps.serving.llm import ModelError
from apps.usage.budgets import BudgetExceeded

_FAILURES_IN_A_ROW = 3
_SAID_EVERY = 10


def measure_answers(
    scope: Scope,
    questions: Sequence[Known],
    kept: Kept,
    *,
    collection: uuid.UUID,
    matter: str = "",
    judge: Caller | None = None,
    most: Decimal | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> AnswersReport:
    """Return the report over all questions, those that were kept before among them. `most` is what may be spent, in any one currency.

    It ends early, and says so, where a budget or `most` is spent, or three questions in a row found no model.
    """
    stopped, in_a_row = "", 0
    left = [question for question in questions if question.key not in kept.whole]
    for number, question in enumerate(left, start=1):
        if most is not None and any(spent >= most for spent in _spent(kept, judge).values()):
            stopped = f"{most} are spent."
            break
        try:
            row = _ask(scope, question, kept.how.effort, collection, matter, judge)
        except BudgetExceeded as error:
            stopped = error.detail
            break
        kept.add(row)
        in_a_row = in_a_row + 1 if row.error else 0
        if in_a_row == _FAILURES_IN_A_ROW:
            stopped = f"{in_a_row} questions in a row got no answer ({row.error})."
            break
        if number % _SAID_EVERY == 0:
            say(f"{number} of {len(left)} questions answered")
    asked = {question.key for question in questions}
    rows = Kept(kept.how, rows={key: row for key, row in kept.rows.items() if key in asked})
    judging = {currency: f"{amount:f}" for currency, amount in (judge.spent if judge else {}).items()}
    return AnswersReport.of(rows, judging=judging, stopped=stopped)


def _ask(
    scope: Scope, question: Known, effort: str, collection: uuid.UUID, matter: str, judge: Caller | None
) -> Observed:
    answer = answer_to(scope, question, collection=collection, effort=effort, matter=matter)
    if error_of(answer) or judge is None:
        return observed(question, answer)
    exact = exact_grade(question, answer)
    if exact is None or exact.is_sure or not question.answerable:
        return observed(question, answer)
    try:
        judged = judged_grade(partial(_say, judge, matter), question.gold, answer["text"])
    except ModelError:
        judged = None  # the answer was paid for: what code says of it is kept
    return observed(question, answer, judged=judged)


def _say(judge: Caller, matter: str, words: str) -> str:
    return judge.say([("user", words)], matter=matter).text


def _spent(kept: Kept, judge: Caller | None) -> Mapping[str, Decimal]:
    spent = {currency: Decimal(amount) for currency, amount in took(list(kept.rows.values()))["spent"].items()}
    for currency, amount in (judge.spent if judge else {}).items():
        spent[currency] = spent.get(currency, Decimal(0)) + amount
    return spent
