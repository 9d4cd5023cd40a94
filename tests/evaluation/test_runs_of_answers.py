"""Answers measured on a golden set: put a few at a time, observed as they come, stopped and gone on with."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotFound
from apps.evaluation.answers.running import carry_on, report_of
from apps.evaluation.grounds import Ground
from apps.evaluation.models import AnswersRun, GoldenSet
from apps.evaluation.services import (
    NewQuestion,
    add_questions,
    cancel_answers_run,
    continue_answers_run,
    create_set,
    start_answers_run,
)
from apps.reasoning import tasks
from apps.reasoning.models import Answer
from apps.usage.models import Budget, Principal
from inference.stub import StubServer
from tests.factories import UserFactory, owned_by, scope_of
from tests.retrieval.indexing import indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(tasks.write_answer, "delay", told.append)
    return told


@pytest.fixture
def manager() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def golden(manager: User, rung: list[str], settings: Any) -> Iterator[GoldenSet]:
    collection = owned_by(manager)
    document = indexed(collection, "Net debt fell to 4,120 million.", "Staff costs rose in Oslo.")
    scope = scope_of(manager)
    made = create_set(scope, collection, name="Annual report")
    questions = [
        NewQuestion("How high was net debt?", [Ground(str(document.pk), 1)], "debt", ["4,120 million"]),
        NewQuestion("Why did staff costs rise?", [Ground(str(document.pk), 2)], "staff", ["Hiring"]),
        NewQuestion("Zzyzx qwerty?", key="nothing"),
    ]
    add_questions(scope, made, questions)
    cache.clear()
    with StubServer() as server:
        settings.ENV = settings.ENV.model_copy(update={"llm_base_url": server.url})
        yield made
    cache.clear()


def _come_again(run: AnswersRun) -> bool:
    """Have a worker look, some seconds later."""
    AnswersRun.objects.filter(pk=run.pk).update(look_at=timezone.now() - timedelta(seconds=1))
    return carry_on(run.pk)


def _answer_all() -> None:
    for pk in Answer.objects.filter(status="queued").values_list("pk", flat=True):
        tasks.write_answer(str(pk))


def _carried_out(run: AnswersRun) -> AnswersRun:
    while _come_again(run):
        _answer_all()
    run.refresh_from_db()
    return run


def test_every_question_is_put_and_what_came_is_observed(manager: User, golden: GoldenSet) -> None:
    run = _carried_out(start_answers_run(scope_of(manager), golden, effort="quick"))
    assert run.state == AnswersRun.State.DONE
    rows = report_of(run).rows
    assert {key: row.label for key, row in rows.items()} == {
        "debt": "correct",
        "staff": "incorrect",
        "nothing": "refusal",
    }
    assert rows["debt"].right >= 1
    assert Answer.objects.filter(effort="quick", asker=manager).count() == 3
    assert Record.objects.filter(action="evaluation.answers_started").count() == 1


def test_two_are_put_at_a_time_and_of_many_who_look_one_comes_again(manager: User, golden: GoldenSet) -> None:
    run = start_answers_run(scope_of(manager), golden, effort="standard")
    assert carry_on(run.pk)
    assert Answer.objects.count() == 2
    assert not carry_on(run.pk)
    assert _come_again(run)
    assert Answer.objects.count() == 2


def test_one_that_was_stopped_puts_no_more_and_goes_on_where_it_was(manager: User, golden: GoldenSet) -> None:
    scope = scope_of(manager)
    run = start_answers_run(scope, golden, effort="standard")
    carry_on(run.pk)
    cancel_answers_run(scope, run)
    assert not _come_again(run)
    with_all = _carried_out(continue_answers_run(scope, run))
    assert with_all.state == AnswersRun.State.DONE
    assert Answer.objects.count() == 3


def test_where_a_budget_is_spent_it_says_so_and_goes_on_later(manager: User, golden: GoldenSet) -> None:
    budget = Budget.objects.create(
        principal=Principal.ORGANISATION, period="month", limit=Decimal(1), currency="", hard=True
    )
    run = _carried_out(start_answers_run(scope_of(manager), golden, effort="standard"))
    assert run.state == AnswersRun.State.FAILED
    assert "tokens" in run.error
    budget.delete()
    assert _carried_out(continue_answers_run(scope_of(manager), run)).state == AnswersRun.State.DONE


def test_where_nobody_answers_it_ends_after_three_and_asks_those_again(
    manager: User, golden: GoldenSet, settings: Any
) -> None:
    here = settings.ENV
    settings.ENV = here.model_copy(update={"llm_base_url": ""})
    run = _carried_out(start_answers_run(scope_of(manager), golden, effort="standard"))
    assert run.state == AnswersRun.State.FAILED
    assert not report_of(run).rows
    settings.ENV = here
    assert len(report_of(_carried_out(continue_answers_run(scope_of(manager), run))).rows) == 3


def test_one_at_a_time_of_questions_that_there_are_by_managers(manager: User, golden: GoldenSet) -> None:
    scope = scope_of(manager)
    with pytest.raises(Invalid):
        start_answers_run(scope, golden, effort="boundless")
    with pytest.raises(Invalid):
        start_answers_run(scope, create_set(scope, golden.collection, name="Empty"), effort="quick")
    run = start_answers_run(scope, golden, effort="quick")
    with pytest.raises(Conflict):
        start_answers_run(scope, golden, effort="quick")
    with pytest.raises(NotFound):
        cancel_answers_run(scope_of(UserFactory()), run)
