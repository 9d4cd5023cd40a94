"""Every change to golden sets, their runs, and to what is live: check, change, record, in one transaction."""

from apps.evaluation.services.answers import cancel_answers_run, continue_answers_run, start_answers_run
from apps.evaluation.services.gate import make_live
from apps.evaluation.services.runs import cancel_run, start_run
from apps.evaluation.services.sets import (
    NewQuestion,
    add_questions,
    create_set,
    delete_question,
    delete_set,
    set_bars,
)

__all__ = [
    "NewQuestion",
    "add_questions",
    "cancel_answers_run",
    "cancel_run",
    "continue_answers_run",
    "create_set",
    "delete_question",
    "delete_set",
    "make_live",
    "set_bars",
    "start_answers_run",
    "start_run",
]
