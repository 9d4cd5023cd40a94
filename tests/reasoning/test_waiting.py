"""Where all endpoints are busy a question waits in its row: first come, first served, in no worker's way, told its place."""

import multiprocessing
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.reasoning import services, stream, sweeping, tasks, waiting, writing
from apps.reasoning.events import StatusChanged
from apps.reasoning.models import Answer, AnswerStatus, Outcome
from apps.reasoning.objects import answer_object, answer_objects
from apps.serving import slots
from apps.serving.endpoints import endpoints_in_order
from apps.serving.slots import Slot, in_use
from inference.stub import Step, StubServer
from tests.factories import scope_of
from tests.reasoning.conftest import FakeSearch, eventually
from tests.reasoning.test_writing import asked, asker, library, model, no_broker, rung, says

__all__ = ["asker", "library", "model", "no_broker", "rung"]

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60), pytest.mark.usefixtures("clean_cache", "no_broker")]

Model = Callable[..., StubServer]


@pytest.fixture
def one_at_once(model: Model, settings: Any) -> Callable[..., StubServer]:
    """Return a function that makes the endpoint one that writes so many answers at once."""

    def start(*replies: list[Step], most: int = 1) -> StubServer:
        server = model(*replies)
        settings.ENV = settings.ENV.model_copy(update={"llm_at_once": most})
        return server

    return start


def busy(most: int = 1) -> list[Slot]:
    """Return the slots of others who write already."""
    held = [Slot() for _ in range(most)]
    assert all(slot.take(endpoints_in_order()) for slot in held)
    return held


def status(answer: Answer) -> str:
    answer.refresh_from_db()
    return answer.status


def places_told(answer: Answer) -> list[int]:
    entries: Any = stream._client().xrange(stream._key(answer.pk))
    told = [event for _, event in stream._read([("", entries)]) if isinstance(event, StatusChanged)]
    return [event.figures["place"] for event in told if event.status == "queued"]


def test_a_question_that_finds_all_busy_waits_and_is_told_its_place(
    asker: User, library: FakeSearch, one_at_once: Model
) -> None:
    server = one_at_once(says())
    [other] = busy()
    first, second = asked(asker), asked(asker)
    for answer in (first, second, second):
        tasks.write_answer(str(answer.pk))
    assert (status(first), status(second)) == (AnswerStatus.QUEUED, AnswerStatus.QUEUED)
    assert server.requests == []
    assert (places_told(first), places_told(second)) == ([1], [2])
    other.release()
    tasks.write_answer(str(first.pk))
    assert status(first) == AnswerStatus.DONE


def test_whoever_came_first_goes_first(asker: User, library: FakeSearch, one_at_once: Model) -> None:
    one_at_once(says())
    first, second = asked(asker), asked(asker)
    tasks.write_answer(str(second.pk))
    assert status(second) == AnswerStatus.QUEUED
    tasks.write_answer(str(first.pk))
    tasks.write_answer(str(second.pk))
    assert (status(first), status(second)) == (AnswerStatus.DONE, AnswerStatus.DONE)


def test_the_end_of_an_answer_rings_for_the_next(
    asker: User, library: FakeSearch, one_at_once: Model, rung: list[str]
) -> None:
    one_at_once(says())
    first, second, _third = asked(asker), asked(asker), asked(asker)
    tasks.write_answer(str(first.pk))
    assert rung == [str(second.pk)]


def test_an_endpoint_without_a_limit_makes_nobody_wait(
    asker: User, library: FakeSearch, model: Model, rung: list[str]
) -> None:
    model(says())
    busy(20)
    answer, later = asked(asker), asked(asker)
    tasks.write_answer(str(later.pk))
    tasks.write_answer(str(answer.pk))
    assert (status(answer), status(later)) == (AnswerStatus.DONE, AnswerStatus.DONE)
    assert rung == []


def test_the_line_moves_on_and_says_so(asker: User, library: FakeSearch, one_at_once: Model) -> None:
    one_at_once(says())
    busy()
    line = [asked(asker) for _ in range(3)]
    for answer in line:
        tasks.write_answer(str(answer.pk))
    services.cancel_answer(scope_of(asker), line[0])
    tasks.sweep_answers()
    tasks.sweep_answers()
    assert [places_told(answer) for answer in line] == [[1], [2, 1], [3, 2]]


def test_the_place_is_shown_by_the_interface_in_one_query(
    asker: User, library: FakeSearch, one_at_once: Model, django_assert_max_num_queries: Any
) -> None:
    one_at_once(says())
    first, second = asked(asker), asked(asker)
    assert answer_object(scope_of(asker), second)["place"] == 2
    assert waiting.places_of([first, second]) == {first.pk: 1, second.pk: 2}
    tasks.write_answer(str(first.pk))
    first.refresh_from_db()
    assert [value["place"] for value in answer_objects(scope_of(asker), [first, second])] == [None, 1]
    with django_assert_max_num_queries(0):
        assert waiting.places_of([first]) == {}


def test_where_the_endpoint_dies_all_those_in_line_come_to_an_end(
    asker: User, library: FakeSearch, one_at_once: Model, rung: list[str]
) -> None:
    server = one_at_once(says())
    busy()
    line = [asked(asker) for _ in range(3)]
    tasks.write_answer(str(line[0].pk))
    server.__exit__()
    cache.clear()
    rung.append(str(line[0].pk))
    while rung:
        tasks.write_answer(rung.pop())
    assert [status(answer) for answer in line] == [AnswerStatus.DONE] * 3
    assert {answer.outcome for answer in Answer.objects.all()} == {Outcome.EXTRACTED}


@pytest.mark.django_db(transaction=True)
def test_the_slot_is_kept_while_the_model_is_silent_and_free_afterwards(
    asker: User, library: FakeSearch, one_at_once: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RENEWED_EVERY", 0.1)
    monkeypatch.setattr(slots, "LEASE", 0.4)
    one_at_once([{"delta": {"reasoning": "Hm."}}, {"sleep": 1.5}, *says()])
    first, second = asked(asker), asked(asker)
    worker = threading.Thread(target=_in_thread, args=(str(first.pk),))
    worker.start()
    assert eventually(lambda: status(first) == AnswerStatus.REASONING)
    time.sleep(0.6)
    tasks.write_answer(str(second.pk))
    assert status(second) == AnswerStatus.QUEUED
    worker.join(10)
    assert set(in_use(endpoints_in_order()).values()) == {0}


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_frees_its_slot_and_the_next_is_written(
    asker: User, library: FakeSearch, one_at_once: Model, monkeypatch: pytest.MonkeyPatch, rung: list[str]
) -> None:
    monkeypatch.setattr(slots, "LEASE", 1.0)
    server = one_at_once([{"delta": {"reasoning": "Hm."}}, {"sleep": 60}], says())
    first, second = asked(asker), asked(asker)
    connection.close()
    worker = multiprocessing.get_context("fork").Process(target=_in_thread, args=(str(first.pk),))
    worker.start()
    assert eventually(lambda: bool(server.requests))
    worker.kill()
    worker.join(5)
    tasks.write_answer(str(second.pk))
    assert status(second) == AnswerStatus.QUEUED
    time.sleep(1.1)
    Answer.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep_answers()
    assert (status(first), first.error_code) == (AnswerStatus.FAILED, "interrupted")
    assert str(second.pk) in rung
    tasks.write_answer(str(second.pk))
    assert status(second) == AnswerStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_exceed_the_limit_and_all_are_answered(
    asker: User, library: FakeSearch, one_at_once: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = one_at_once([{"sleep": 0.05}, *says()], most=3)
    answers = [asked(asker) for _ in range(12)]
    rings: list[str] = [str(answer.pk) for answer in answers]
    monkeypatch.setattr(tasks.write_answer, "delay", rings.append)
    most = 0

    def work() -> None:
        nonlocal most
        until = time.monotonic() + 30
        while time.monotonic() < until and Answer.objects.filter(finished_at=None).exists():
            try:
                answer_id = rings.pop(0)
            except IndexError:
                time.sleep(0.01)
                continue
            tasks.write_answer(answer_id)
            most = max(most, server.active)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(40)
    assert Answer.objects.filter(status=AnswerStatus.DONE, outcome=Outcome.ANSWERED).count() == 12
    assert most <= 3
    assert waiting.next_in_line() == []
    assert set(in_use(endpoints_in_order()).values()) == {0}


def test_a_ring_for_an_answer_that_is_being_written_frees_nothing(
    asker: User, library: FakeSearch, one_at_once: Model
) -> None:
    one_at_once(says())
    [holder] = busy()
    tasks.write_answer(str(uuid.uuid4()))
    assert set(in_use(endpoints_in_order()).values()) == {1}
    holder.release()
    assert sweeping.waiting_unheard() == []


def _in_thread(answer_id: str) -> None:
    try:
        tasks.write_answer(answer_id)
    finally:
        connection.close()
