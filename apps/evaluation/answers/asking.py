"""Asking a question as people do, and waiting for its answer: permissions, budgets, record and all."""

import time
import uuid
from typing import Any

from django.conf import settings

from apps.accounts.scope import Scope
from apps.core.errors import Transient
from apps.evaluation.known import Known
from apps.reasoning.objects import answer_object
from apps.reasoning.services import ask
from apps.reasoning.writing import write

_BEFORE_LOOKING_AGAIN = 0.3


def answer_to(scope: Scope, known: Known, *, collection: uuid.UUID, effort: str, matter: str = "") -> dict[str, Any]:
    """Ask one question of a collection and return its answer as the REST contract shows it.

    It is written in this process, unless a worker takes it up first. Raises what `ask` raises, `BudgetExceeded` among it.
    """
    answer = ask(
        scope,
        question=known.text,
        collections=[collection],
        documents=known.documents,
        effort=effort,
        matter=matter,
    )
    until = time.monotonic() + 2 * settings.ENV.answer_deadline
    while not answer.is_finished:
        if time.monotonic() > until:
            raise Transient("An answer was not written in time.")
        write(answer.pk)
        answer.refresh_from_db()
        if not answer.is_finished:
            time.sleep(_BEFORE_LOOKING_AGAIN)
    return answer_object(scope, answer)
