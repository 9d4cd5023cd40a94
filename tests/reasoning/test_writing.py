"""From the question asked to the answer stored and sealed: services, worker, sweep and record, with a model over HTTP."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.scope import Permission, Scope
from apps.audit import log as audit
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from apps.documents.models import Document
from apps.reasoning import services, stream, sweeping, tasks, writing
from apps.reasoning.events import AnswerDelta, Done, Failed, ReasoningDelta, Retrieved, StatusChanged
from apps.reasoning.models import Answer, AnswerStatus, CandidateReason, Feedback, Outcome
from apps.reasoning.objects import answer_object
from apps.reasoning.selection import Considered, considered_object
from apps.serving import health, probing
from apps.serving.endpoints import ENVIRONMENT
from apps.serving.line import look_along
from inference.stub import StubServer
from tests.factories import DocumentFactory, UserFactory, answer_with_grounds, grant, owned_by, scope_of
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, FakeSearch, eventually, make_passage

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60), pytest.mark.usefixtures("clean_cache", "no_broker")]

SAID = "Net debt was £1,204 million [1]. Leverage may be 3.75 at most [2]."


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers that a worker was told of."""
    told: list[str] = []
    monkeypatch.setattr(tasks.write_answer, "delay", told.append)
    return told


@pytest.fixture
def no_broker(rung: list[str]) -> list[str]:
    return rung


@pytest.fixture
def asker() -> User:
    return UserFactory(name="Ingrid Falk")


@pytest.fixture
def library(asker: User, monkeypatch: pytest.MonkeyPatch) -> FakeSearch:
    """Passages of one document of the asker's, as search returns them whatever is asked."""
    document = DocumentFactory(collection=owned_by(asker, name="Credit file"), title="Annual Report 2025")
    place = {
        "document_id": document.pk,
        "document_title": document.title,
        "collection_id": document.collection_id,
        "version_id": document.latest.pk,
    }
    search = FakeSearch(
        make_passage(f"{PENSION} {NET_DEBT}", rank=1, **place),
        make_passage(COVENANT, rank=2, page=97, **place),
        make_passage(PENSION, rank=3, page=98, **place),
    )
    original = writing.Answering

    def with_search(**fields: Any) -> Any:
        return original(**fields, search=search)

    monkeypatch.setattr(writing, "Answering", with_search)
    return search


@pytest.fixture
def model(settings: Any) -> Iterator[Callable[..., StubServer]]:
    """Return a function that makes the configured endpoint one that replays a script."""
    running: list[StubServer] = []

    def start(*replies: Any, **options: Any) -> StubServer:
        scripts = {"case": list(replies)} if replies else {}
        names = ["script:case"] if replies else ["stub-reasoner"]
        server = StubServer(scripts=scripts, models=names, **options)
        server.__enter__()
        running.append(server)
        settings.ENV = settings.ENV.model_copy(update={"llm_base_url": server.url, "llm_timeout": 5.0})
        return server

    yield start
    for server in running:
        server.__exit__()


def says(text: str = SAID, thought: str = "Passage 1, then 2.") -> list[dict[str, Any]]:
    return [{"delta": {"reasoning": thought}}, {"delta": {"content": text}}]


def asked(asker: User, **options: Any) -> Answer:
    return services.ask(scope_of(asker), question="What was net debt, and which leverage is allowed?", **options)


def written(asker: User, **options: Any) -> Answer:
    answer = asked(asker, **options)
    tasks.write_answer(str(answer.pk))
    answer.refresh_from_db()
    return answer


# Asking


def test_a_question_is_kept_recorded_and_a_worker_told(
    asker: User, rung: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    collection = owned_by(asker)
    with django_capture_on_commit_callbacks(execute=True):
        answer = services.ask(scope_of(asker), question="  Why?\x00 ", collections=[str(collection.pk)], effort="deep")
    assert (answer.status, answer.question, answer.collections) == (AnswerStatus.QUEUED, "Why?", [collection.pk])
    record = Record.objects.get(action=Action.QUESTION_ASKED)
    assert (record.answer, record.collection) == (str(answer.pk), str(collection.pk))
    assert audit.read_body(record)["data"]["question"] == "Why?"
    assert rung == [str(answer.pk)]


@pytest.mark.parametrize("question", ["", "  \n", "x" * 4001])
def test_a_question_has_one_to_4000_characters(asker: User, question: str) -> None:
    with pytest.raises(Invalid):
        services.ask(scope_of(asker), question=question)
    assert not Answer.objects.exists()


def test_an_unknown_effort_is_invalid(asker: User) -> None:
    with pytest.raises(Invalid):
        asked(asker, effort="heroic")


@pytest.mark.parametrize("narrowed", ["collections", "documents"])
def test_what_the_asker_cannot_see_is_not_found(asker: User, narrowed: str) -> None:
    hidden = DocumentFactory()
    pk = hidden.collection_id if narrowed == "collections" else hidden.pk
    for wanted in (pk, uuid.uuid4(), "not-an-id"):
        with pytest.raises(NotFound):
            asked(asker, **{narrowed: [wanted]})
    grant(hidden.collection, asker)
    assert getattr(asked(asker, **{narrowed: [pk, str(pk)]}), narrowed) == [pk]


def test_asking_needs_the_permission(asker: User) -> None:
    scope = scope_of(asker)
    reader = Scope(scope.actor, scope.user_id, scope.group_ids, frozenset({Permission.READ}))
    with pytest.raises(NotAllowed):
        services.ask(reader, question="Why?")


def test_a_dead_broker_does_not_fail_the_question(
    asker: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(_: str) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.write_answer, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        answer = asked(asker)
    assert answer.status == AnswerStatus.QUEUED


# Writing


def test_an_answer_is_written_stored_and_sealed_in_one(asker: User, library: FakeSearch, model: Any) -> None:
    model(says())
    answer = written(asker)
    assert (answer.status, answer.outcome, answer.text) == (AnswerStatus.DONE, Outcome.ANSWERED, SAID)
    assert (answer.reasoning, answer.reasoning_source) == ("Passage 1, then 2.", "field")
    assert [c.quote for c in answer.citations.all()] == [NET_DEBT, COVENANT]
    assert [c.reason for c in answer.candidates.all()] == ["used", "used", "used_not_cited"]
    assert answer.lease_until is None
    record = Record.objects.get(action=Action.ANSWER_FINISHED)
    assert (record.sequence, record.hash) == (answer.record_sequence, answer.record_hash)
    assert audit.verify_chain().ok


def test_the_record_holds_all_that_an_auditor_needs(asker: User, library: FakeSearch, model: Any) -> None:
    model(says())
    answer = written(asker)
    record = Record.objects.get(action=Action.ANSWER_FINISHED)
    body = audit.read_body(record)
    sealed = body["data"]
    document = Document.objects.get()
    assert (body["actor_type"], body["actor_id"], body["actor_label"]) == ("user", str(asker.pk), "Ingrid Falk")
    assert record.documents == [str(document.pk)]
    assert (sealed["question"], sealed["text"], sealed["outcome"]) == (answer.question, SAID, "answered")
    assert sealed["reasoning"] == {"text": "Passage 1, then 2.", "source": "field", "cut": False}
    assert sealed["scope"]["permitted"] == [{"id": str(document.collection_id), "name": "Credit file"}]
    assert sealed["documents"][0]["sha256"] == document.latest.sha256
    assert [(c["marker"], c["reason"]) for c in sealed["candidates"]] == [
        (1, "used"),
        (2, "used"),
        (3, "used_not_cited"),
    ]
    assert all(len(c["sha256"]) == 64 and c["scores"]["fused"] for c in sealed["candidates"])
    assert NET_DEBT in sealed["prompts"][0]["messages"][-1]["content"]
    assert sealed["prompts"][0]["hash"] == answer.prompt_hash
    assert sealed["model"]["name"] == "script:case"
    assert sealed["model"]["parameters"]["max_tokens"] > 0
    assert sealed["claims"][0]["markers"] == [1]
    assert sealed["citations"][0]["quote"] == NET_DEBT
    assert sealed["usage"]["seconds"]["total"] >= 0
    assert sealed["asked_at"]
    assert sealed["finished_at"]


def test_its_events_are_in_the_stream_to_the_end(asker: User, library: FakeSearch, model: Any) -> None:
    model(says())
    answer = written(asker)
    collected = stream.collect(answer.pk)
    assert (collected.text, collected.reasoning) == (SAID, "Passage 1, then 2.")
    assert len(collected.candidates) == 3
    last = stream._client().xrevrange(stream._key(answer.pk), count=1)
    assert last[0][1]["event"] == Done.name


def test_ringing_twice_writes_once(asker: User, library: FakeSearch, model: Any) -> None:
    server = model(says())
    answer = written(asker)
    tasks.write_answer(str(answer.pk))
    tasks.write_answer(str(uuid.uuid4()))
    assert len(server.requests) == 1
    assert Record.objects.filter(action=Action.ANSWER_FINISHED).count() == 1


def test_the_deterministic_server_answers_end_to_end(asker: User, library: FakeSearch, model: Any) -> None:
    model()
    answer = written(asker)
    assert answer.outcome == Outcome.ANSWERED
    assert all(citation.quote_found for citation in answer.citations.all())
    assert answer.usage["source"]["prompt_tokens"] == "server"


def test_without_an_endpoint_the_passages_are_quoted(asker: User, library: FakeSearch) -> None:
    answer = written(asker)
    assert (answer.outcome, answer.notice_code) == (Outcome.EXTRACTED, "model_none")
    assert answer.model == {}
    assert NET_DEBT in answer.text


def test_a_dead_endpoint_leaves_the_passages_and_the_next_answer_is_whole(
    asker: User, library: FakeSearch, model: Any
) -> None:
    server = model([*says("Net debt"), {"disconnect": True}], says())
    first = written(asker)
    assert (first.outcome, first.notice_code) == (Outcome.EXTRACTED, "model_disconnected")
    assert first.reasoning == "Passage 1, then 2."
    assert written(asker).outcome == Outcome.ANSWERED
    server.__exit__()
    third = written(asker)
    assert (third.status, third.outcome) == (AnswerStatus.DONE, Outcome.EXTRACTED)


def test_a_failure_of_ours_ends_in_a_sentence_and_a_record(asker: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is on fire at /secret/path")

    monkeypatch.setattr(writing, "_run", broken)
    answer = written(asker)
    assert (answer.status, answer.error_code) == (AnswerStatus.FAILED, "internal")
    assert "secret" not in answer.error_detail
    assert Record.objects.filter(action=Action.ANSWER_FAILED, answer=str(answer.pk)).count() == 1
    assert stream._client().xrevrange(stream._key(answer.pk), count=1)[0][1]["event"] == Failed.name


def test_rights_are_those_of_the_moment_of_writing(asker: User, library: FakeSearch) -> None:
    answer = asked(asker)
    asker.is_active = False
    asker.save()
    tasks.write_answer(str(answer.pk))
    assert library.asked[0]["scope"].permissions == frozenset()


def test_a_storing_that_comes_too_late_changes_nothing(asker: User, library: FakeSearch, model: Any) -> None:
    model(says())
    answer = asked(asker)
    Answer.objects.filter(pk=answer.pk).update(status=AnswerStatus.FAILED)
    assert writing.store(answer.pk, writing._failed("x", "y")) is None
    assert not Record.objects.filter(action=Action.ANSWER_FAILED).exists()


# Stopping


def test_stopping_a_question_that_waits_ends_it(asker: User, django_capture_on_commit_callbacks: Any) -> None:
    answer = asked(asker)
    with django_capture_on_commit_callbacks(execute=True):
        services.cancel_answer(scope_of(asker), answer)
    assert (answer.status, answer.cancel_requested) == (AnswerStatus.CANCELLED, True)
    assert answer.record_sequence
    tasks.write_answer(str(answer.pk))
    answer.refresh_from_db()
    assert answer.status == AnswerStatus.CANCELLED
    assert Record.objects.get(action=Action.ANSWER_CANCELLED).answer == str(answer.pk)


@pytest.mark.django_db(transaction=True)
def test_stopping_while_it_is_written_keeps_what_there_is(asker: User, library: FakeSearch, model: Any) -> None:
    server = model([*says("Net debt was £1,204 million [1]. The"), {"sleep": 30}])
    answer = asked(asker)
    worker = threading.Thread(target=_in_thread, args=(str(answer.pk),))
    worker.start()
    assert eventually(lambda: bool(stream.collect(answer.pk).text))
    services.cancel_answer(scope_of(asker), answer)
    worker.join(5)
    assert not worker.is_alive()
    answer.refresh_from_db()
    assert (answer.status, answer.text) == (AnswerStatus.CANCELLED, "Net debt was £1,204 million [1]. The")
    assert answer.citations.count() == 1
    assert eventually(lambda: server.active == 0)
    assert Record.objects.filter(answer=str(answer.pk)).count() == 3


def _in_thread(answer_id: str) -> None:
    try:
        tasks.write_answer(answer_id)
    finally:
        connection.close()


def test_stopping_what_has_ended_changes_nothing_and_others_cannot_stop(asker: User) -> None:
    answer = answer_with_grounds(asker)
    services.cancel_answer(scope_of(asker), answer)
    assert answer.status == AnswerStatus.DONE
    assert not Record.objects.exists()
    with pytest.raises(NotFound):
        services.cancel_answer(scope_of(UserFactory()), answer)


# After a worker died


def abandoned(asker: User, **fields: Any) -> Answer:
    answer = asked(asker)
    past = timezone.now() - timedelta(seconds=1)
    Answer.objects.filter(pk=answer.pk).update(status=AnswerStatus.REASONING, lease_until=past, **fields)
    return answer


def test_an_answer_whose_worker_died_ends_with_what_was_streamed(
    asker: User, library: FakeSearch, django_capture_on_commit_callbacks: Any
) -> None:
    answer = abandoned(asker)
    read = CandidateReason.USED_NOT_CITED
    considered = [Considered(passage, passage.rank, read, marker=passage.rank) for passage in library.result.passages]
    for event in (
        StatusChanged("reasoning", {}),
        Retrieved([considered_object(one) for one in considered]),
        ReasoningDelta("Hm."),
        AnswerDelta("Net debt was £1,204 million [1]. The"),
    ):
        stream.append(answer.pk, event)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_answers()
    answer.refresh_from_db()
    assert (answer.status, answer.error_code) == (AnswerStatus.FAILED, "interrupted")
    assert answer.error_detail.startswith("The worker that was writing this answer stopped.")
    assert (answer.text, answer.reasoning) == ("Net debt was £1,204 million [1]. The", "Hm.")
    assert [citation.quote for citation in answer.citations.all()] == [NET_DEBT]
    record = Record.objects.get(action=Action.ANSWER_FAILED)
    assert audit.read_body(record)["data"]["text"] == answer.text
    assert stream._client().xrevrange(stream._key(answer.pk), count=1)[0][1]["event"] == Failed.name


def test_a_stream_that_cannot_be_understood_blocks_nobody(asker: User) -> None:
    first, second = abandoned(asker), abandoned(asker)
    stream.append(first.pk, Retrieved([{"rank": 1}]))
    assert sweeping.end_abandoned() == 2
    for answer in (first, second):
        answer.refresh_from_db()
        assert (answer.status, answer.error_code) == (AnswerStatus.FAILED, "interrupted")


def test_an_answer_that_is_being_written_is_left_alone(asker: User) -> None:
    answer = abandoned(asker)
    Answer.objects.filter(pk=answer.pk).update(lease_until=timezone.now() + timedelta(seconds=10))
    assert sweeping.end_abandoned() == 0


def test_questions_that_nobody_has_begun_are_rung_again_but_not_all_the_time(asker: User, rung: list[str]) -> None:
    late, fresh = asked(asker), asked(asker)
    Answer.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(seconds=5))
    tasks.sweep_answers()
    tasks.sweep_answers()
    assert rung == [str(late.pk)]
    assert str(fresh.pk) not in rung


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_kept_while_the_model_is_silent(
    asker: User, library: FakeSearch, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RENEWED_EVERY", 0.1)
    monkeypatch.setattr(writing, "LEASE", timedelta(seconds=1))
    model([{"delta": {"reasoning": "Hm."}}, {"sleep": 1.6}, *says()])
    answer = asked(asker)
    worker = threading.Thread(target=_in_thread, args=(str(answer.pk),))
    worker.start()
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        assert sweeping.end_abandoned() == 0
        time.sleep(0.1)
    worker.join(10)
    answer.refresh_from_db()
    assert answer.status == AnswerStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_lost_its_answer_stops(
    asker: User, library: FakeSearch, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RENEWED_EVERY", 0.1)
    model([{"delta": {"reasoning": "Hm."}}, {"sleep": 30}])
    answer = asked(asker)
    worker = threading.Thread(target=_in_thread, args=(str(answer.pk),))
    worker.start()
    assert eventually(lambda: bool(stream.collect(answer.pk).reasoning))
    Answer.objects.filter(pk=answer.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    with transaction.atomic():
        row = Answer.objects.select_for_update().get(pk=answer.pk)
        row.status = AnswerStatus.FAILED
        row.save()
    worker.join(5)
    assert not worker.is_alive()
    assert not Record.objects.filter(action=Action.ANSWER_FINISHED).exists()


# Feedback


def test_feedback_is_kept_once_for_the_answer_and_once_for_a_claim(asker: User) -> None:
    answer = answer_with_grounds(asker)
    services.give_feedback(scope_of(asker), answer, rating="up")
    services.give_feedback(scope_of(asker), answer, rating="down", comment="Wrong year.")
    services.give_feedback(scope_of(asker), answer, rating="up", claim=1)
    assert sorted(Feedback.objects.values_list("rating", "claim__ordinal"), key=str) == [("down", None), ("up", 1)]
    assert Record.objects.filter(action=Action.FEEDBACK_GIVEN).count() == 3


def test_feedback_is_checked(asker: User) -> None:
    answer = answer_with_grounds(asker)
    scope = scope_of(asker)
    with pytest.raises(Invalid):
        services.give_feedback(scope, answer, rating="meh")
    with pytest.raises(Invalid):
        services.give_feedback(scope, answer, rating="up", comment="x" * 4001)
    with pytest.raises(NotFound):
        services.give_feedback(scope, answer, rating="up", claim=7)
    with pytest.raises(NotFound):
        services.give_feedback(scope_of(UserFactory()), answer, rating="up")
    with pytest.raises(Conflict):
        services.give_feedback(scope, asked(asker), rating="up")


# The Answer object and the state of the model


def test_the_answer_object_has_every_key_of_the_contract(
    asker: User, library: FakeSearch, model: Any, django_assert_num_queries: Any
) -> None:
    model(says())
    answer = Answer.objects.get(pk=written(asker).pk)
    scope = scope_of(asker)
    with django_assert_num_queries(10):
        value = answer_object(scope, answer)
    assert {
        "id", "question", "status", "outcome", "text", "citations", "claims", "figures", "reasoning", "candidates",
        "absence", "model", "usage", "cost", "record", "created_at", "finished_at",
    } <= set(value)  # fmt: skip
    assert set(value["reasoning"]) == {"text", "source", "tokens", "cut"}
    assert {"prompt_tokens", "cached_tokens", "reasoning_tokens", "answer_tokens", "seconds"} <= set(value["usage"])
    assert {"queue", "retrieve", "first_token", "total"} <= set(value["usage"]["seconds"])
    assert {"name", "revision", "endpoint", "parameters"} <= set(value["model"])
    citation = value["citations"][0]
    assert (citation["marker"], citation["quote"], citation["quote_found"], citation["page"]) == (1, NET_DEBT, True, 84)
    assert citation["document"]["title"] == "Annual Report 2025"
    assert citation["passage"] == value["candidates"][0]["passage"]["id"]
    assert {"text", "markers", "verdict", "score", "why"} <= set(value["claims"][0])
    assert {"passage", "stage", "reason"} <= set(value["candidates"][0])
    assert {"amount", "currency", "basis"} <= set(value["cost"])


def test_an_answer_that_waits_has_the_same_keys(asker: User, library: FakeSearch, model: Any) -> None:
    model(says())
    assert set(answer_object(scope_of(asker), asked(asker))) == set(answer_object(scope_of(asker), written(asker)))


def test_the_state_is_told_from_the_cache_and_never_asks_the_model(model: Any) -> None:
    server = model(says())
    assert health.model_state().state == "starting"
    assert server.requests == []
    tasks.probe_model()
    state = health.model_state()
    assert (state.state, state.name) == ("ready", "script:case")
    assert state.first_token_seconds is not None
    assert [request["max_tokens"] for request in server.requests] == [1]
    [listed] = health.list_models()
    assert (listed["id"], listed["default"], listed["healthy"]) == ("script:case", True, True)


def test_without_redis_the_state_is_still_told(model: Any, settings: Any) -> None:
    model(says())
    nobody = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    with override_settings(CACHES=nobody):
        assert health.model_state().state == "starting"
        assert look_along().ready
        health.note_alive(ENVIRONMENT)


def test_no_endpoint_is_no_model(settings: Any) -> None:
    assert probing.probe().state == health.model_state().state == "none"
    assert health.list_models() == []


def test_a_model_that_lists_itself_and_generates_nothing_is_down_unless_it_is_busy(model: Any) -> None:
    model([{"status": 500, "headers": {"Retry-After": "0.01"}}])
    assert probing.probe().state == "down"
    health.note_alive(ENVIRONMENT)
    assert probing.probe().state == "slow"


def test_a_slow_model_is_called_slow(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "SLOW", 0.1)
    model([{"sleep": 0.3}, {"delta": {"content": "x"}}])
    assert probing.probe().state == "slow"


def test_while_the_service_prepares_its_model_that_is_said(settings: Any, tmp_path: Any) -> None:
    word = tmp_path / "state.json"
    update = {"llm_base_url": "http://127.0.0.1:9/v1", "model_state_file": word}
    settings.ENV = settings.ENV.model_copy(update=update)
    assert probing.probe().state == "down"
    word.write_text('{"state": "fetching", "model": "smollm2-135m-demonstration", "detail": "Fetching the weights."}')
    state = probing.probe()
    assert (state.state, state.detail, state.demonstration) == ("starting", "Fetching the weights.", True)
    word.write_text("{broken")
    assert probing.probe().state == "down"
