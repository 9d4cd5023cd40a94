"""Having the model answer a judged set turn by turn, and judge: by a number, and beside other answers where there are some."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.evaluation.judging.calls import Caller
from apps.evaluation.judging.judge import Pair, compare, score
from apps.evaluation.judging.reports import JudgedReport, JudgedRow
from apps.evaluation.judging.sets import Judged
from apps.evaluation.lines import add_line, begin_lines
from apps.serving.llm import ModelError
from apps.usage.budgets import BudgetExceeded

KIND = "judged"
_FAILURES_IN_A_ROW = 3

Others = Mapping[str, tuple[str, ...]]
"""Somebody else's answers by question, turn by turn."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How a set is judged. `against` names the other answers."""

    name: str
    judge: str
    against: str = ""


@dataclass(slots=True)
class _Run:
    how: Judging
    others: Others
    caller: Caller
    matter: str
    path: Path | None
    rows: dict[str, JudgedRow] = field(default_factory=dict)

    def say(self, words: str) -> str:
        return self.caller.say([("user", words)], matter=self.matter).text


def run_judged(
    caller: Caller,
    questions: Sequence[Judged],
    how: Judging,
    *,
    others: Others | None = None,
    results: Path | None = None,
    matter: str = "",
    most: Decimal | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> JudgedReport:
    """Return the report over all questions, those in `results` among them. `most` is what may be spent, in any one currency.

    It ends early, and says so, where a budget or `most` is spent, or three questions in a row found no model.
    """
    run = _Run(how, others or {}, caller, matter, results)
    for line in begin_lines(results, KIND, asdict(how)) if results is not None else ():
        row = JudgedRow.from_json(line)
        run.rows[row.key] = row
    stopped, in_a_row = "", 0
    for number, question in enumerate(questions, start=1):
        if question.key in run.rows:
            continue
        if most is not None and any(spent >= most for spent in caller.spent.values()):
            stopped = f"{most} are spent."
            break
        try:
            row = _judge(run, question)
        except BudgetExceeded as error:
            stopped = error.detail
            break
        except ModelError as error:
            in_a_row += 1
            if in_a_row == _FAILURES_IN_A_ROW:
                stopped = f"{in_a_row} questions in a row got no answer. {error.detail}"
                break
            continue
        in_a_row = 0
        run.rows[question.key] = row
        if results is not None:
            add_line(results, row.as_json())
        say(f"{number} of {len(questions)} questions judged")
    rows = [run.rows[question.key] for question in questions if question.key in run.rows]
    spent = {currency: f"{amount:f}" for currency, amount in caller.spent.items()}
    return JudgedReport(how.name, how.judge, how.against, rows, len(questions), spent, stopped)


def _judge(run: _Run, question: Judged) -> JudgedRow:
    """Return one question answered and judged. The reasoning of a turn is not handed on to the next."""
    said: list[tuple[str, str]] = []
    answers: list[str] = []
    scores: list[int | None] = []
    pairs: list[dict[str, Any] | None] = []
    theirs = run.others.get(question.key, ())
    for number, (turn, reference) in enumerate(zip(question.turns, question.references, strict=True)):
        said.append(("user", turn))
        answer = run.caller.say(said, matter=run.matter).text
        answers.append(answer)
        so_far = [f"{role}: {words}" for role, words in said]
        verdict = score(run.say, rubric=question.rubric, turns=so_far, reference=reference, answer=answer)
        scores.append(verdict.score if verdict else None)
        if number < len(theirs):
            pair = compare(
                run.say,
                rubric=question.rubric,
                turns=so_far,
                reference=reference,
                first=answer,
                second=theirs[number],
            )
            pairs.append(_pair_json(pair))
        said.append(("assistant", answer))
    return JudgedRow(question.key, question.category, answers, scores, pairs)


def _pair_json(pair: Pair) -> dict[str, Any]:
    return {"better": pair.better, "straight": pair.straight, "swapped": pair.swapped}
