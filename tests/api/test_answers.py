"""Asking over REST: the Answer, its events, stopping and judging it."""

import json
import uuid
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scope import Permission
from apps.api.routers import answers
from apps.audit.models import Record
from apps.reasoning import stream
from apps.reasoning.events import AnswerDelta, Claimed, Done, Failed, ReasoningDelta, Retrieved, StatusChanged
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.objects import answer_object
from tests.api.conftest import Caller
from tests.api.events import read_events
from tests.api.shapes import assert_problem, items
from tests.factories import AnswerFactory, DocumentFactory, answer_with_grounds, owned_by, scope_of

pytestmark = pytest.mark.django_db


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _running(caller: Caller) -> Answer:
    return AnswerFactory(asker=caller.user, status=AnswerStatus.REASONING, finished_at=None, text="", outcome="")


def test_a_question_is_taken_and_waits_for_its_answer(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)
    asked = ingrid(
        "post", "/answers", {"question": "What is net debt?", "collections": [str(collection.pk)], "effort": "quick"}
    )
    assert asked.status_code == 202, asked.content
    body = asked.json()
    assert (body["question"], body["status"], body["effort"]) == ("What is net debt?", "queued", "quick")
    assert body["collections"] == [str(collection.pk)]
    assert Record.objects.get(action="question.asked").answer == body["id"]
    assert ingrid.get(f"/answers/{body['id']}").json() == body


def test_the_answer_is_the_very_object_that_the_browser_shows(ingrid: Caller) -> None:
    answer = answer_with_grounds(ingrid.user)
    assert ingrid.get(f"/answers/{answer.pk}").json() == _as_json(answer_object(scope_of(ingrid.user), answer))


def test_only_ones_own_answers_are_listed_newest_first(ingrid: Caller, boris: Caller) -> None:
    AnswerFactory(asker=boris.user)
    first, second = answer_with_grounds(ingrid.user), answer_with_grounds(ingrid.user, question="And equity?")
    rows = items(ingrid.get("/answers"))
    assert [row["id"] for row in rows] == [str(second.pk), str(first.pk)]
    assert rows[1] == _as_json(answer_object(scope_of(ingrid.user), first))
    assert [row["id"] for row in items(ingrid.get("/answers", q="equity"))] == [str(second.pk)]
    assert items(ingrid.get("/answers", status="failed")) == []


def test_listing_costs_the_same_however_many_there_are(ingrid: Caller) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            ingrid.get("/answers")
        return len(seen)

    answer_with_grounds(ingrid.user)
    ingrid.get("/answers")
    few = queries()
    for _ in range(3):
        answer_with_grounds(ingrid.user)
    assert queries() == few


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("get", "/events", None),
        ("post", "/cancel", None),
        ("post", "/feedback", {"rating": "up"}),
        ("delete", "/feedback", None),
        ("get", "/export?format=pdf", None),
    ],
)
def test_somebody_elses_answer_is_not_there(
    ingrid: Caller, boris: Caller, method: str, path: str, body: object
) -> None:
    answer = answer_with_grounds(boris.user)
    assert_problem(ingrid(method, f"/answers/{answer.pk}{path}", body), 404, "not_found")
    assert_problem(ingrid(method, f"/answers/{uuid.uuid4()}{path}", body), 404, "not_found")


def test_a_collection_that_is_not_ones_own_cannot_be_asked(ingrid: Caller, boris: Caller) -> None:
    hidden = owned_by(boris.user)
    for body in ({"collections": [str(hidden.pk)]}, {"documents": [str(DocumentFactory(collection=hidden).pk)]}):
        assert_problem(ingrid("post", "/answers", {"question": "What?"} | body), 404, "not_found")
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": "   "}, "question"),
        ({"question": "x" * 5000}, "question"),
        ({"question": "What?", "effort": "heroic"}, "effort"),
        ({"question": "What?", "collections": ["x"]}, "collections.0"),
        ({"question": "What?", "temperature": 2}, "temperature"),
    ],
)
def test_a_bad_question_is_refused_by_field(ingrid: Caller, body: dict[str, Any], field: str) -> None:
    assert list(assert_problem(ingrid("post", "/answers", body), 422, "invalid")["errors"]) == [field]


def test_a_token_for_reading_asks_nothing(ingrid: Caller) -> None:
    reader = Caller(ingrid.user, Permission.READ)
    assert_problem(reader("post", "/answers", {"question": "What?"}), 403, "not_allowed")
    assert_problem(reader.get("/answers"), 403, "not_allowed")


def test_questions_are_limited_by_the_minute(ingrid: Caller, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"api_answers_per_minute": 2})
    for _ in range(2):
        assert ingrid("post", "/answers", {"question": "What?"}).status_code == 202
    refused = ingrid("post", "/answers", {"question": "What?"})
    assert_problem(refused, 429, "too_many")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert Answer.objects.count() == 2


class TestEvents:
    def _write(self, answer: Answer) -> list[str]:
        """Append what a worker appends, and finish the row; returns the ids."""
        written = [
            StatusChanged("retrieving", {}),
            Retrieved([]),
            ReasoningDelta("First, "),
            ReasoningDelta("net debt."),
            AnswerDelta("Net debt was 4,120 million [1]."),
            Claimed({"ordinal": 1, "text": "Net debt was 4,120 million [1].", "markers": [1]}),
            Done(str(answer.pk)),
        ]
        ids = [stream.append(answer.pk, event) for event in written]
        Answer.objects.filter(pk=answer.pk).update(status=AnswerStatus.DONE, text="Net debt was 4,120 million [1].")
        return ids

    def test_each_event_has_its_name_its_number_and_its_data(self, ingrid: Caller) -> None:
        answer = _running(ingrid)
        ids = self._write(answer)
        events = read_events(ingrid.get(f"/answers/{answer.pk}/events"))
        assert [event.name for event in events] == ["status", "retrieved", "reasoning", "answer", "claim", "done"]
        assert [event.id for event in events] == [*ids[:2], *ids[3:]]
        assert events[2].data == {"delta": "First, net debt."}  # words that wait together come together
        assert events[4].data["markers"] == [1]
        assert events[-1].data == _as_json(answer_object(scope_of(ingrid.user), Answer.objects.get(pk=answer.pk)))

    @pytest.mark.parametrize("seen", range(7))
    def test_a_reader_that_comes_back_loses_nothing_and_sees_nothing_twice(self, ingrid: Caller, seen: int) -> None:
        answer = _running(ingrid)
        ids = self._write(answer)
        rest = read_events(ingrid("get", f"/answers/{answer.pk}/events", Last_Event_ID=ids[seen]))
        thought = "".join(event.data["delta"] for event in rest if event.name == "reasoning")
        assert thought == {0: "First, net debt.", 1: "First, net debt.", 2: "net debt."}.get(seen, "")
        others = [at for at in range(seen + 1, len(ids)) if at not in {2, 3}]
        assert [event.id for event in rest if event.name != "reasoning"] == [ids[at] for at in others]

    def test_a_stream_that_is_over_and_gone_ends_at_once_with_the_answer(self, ingrid: Caller) -> None:
        answer = answer_with_grounds(ingrid.user)
        [event] = read_events(ingrid.get(f"/answers/{answer.pk}/events"))
        assert event.name == "done"
        assert event.data["id"] == str(answer.pk)
        assert event.data["citations"][0]["quote_found"] is True

    def test_a_failure_is_told_as_a_problem(self, ingrid: Caller) -> None:
        answer = _running(ingrid)
        stream.append(answer.pk, Failed("model_silent", "The model fell silent. Ask again."))
        [event] = read_events(ingrid.get(f"/answers/{answer.pk}/events"))
        assert event.name == "error"
        assert set(event.data) == {"type", "title", "status", "code", "detail", "request_id"}
        assert (event.data["code"], event.data["detail"]) == ("model_silent", "The model fell silent. Ask again.")

    def test_asking_may_be_answered_with_the_events_at_once(
        self, ingrid: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask = answers.services.ask

        def answered(*args: Any, **kwargs: Any) -> Answer:
            answer = ask(*args, **kwargs)
            self._write(answer)
            return answer

        monkeypatch.setattr(answers.services, "ask", answered)
        events = read_events(ingrid("post", "/answers", {"question": "What is net debt?", "stream": True}))
        assert events[0].name == "status"
        assert events[-1].data["question"] == "What is net debt?"

    def test_a_streamed_question_sent_twice_is_asked_once(self, ingrid: Caller) -> None:
        body = {"question": "What is net debt?", "stream": True}
        first = ingrid("post", "/answers", body, Idempotency_Key="k1")
        self._write(Answer.objects.get())
        again = ingrid("post", "/answers", body, Idempotency_Key="k1")
        assert [e.id for e in read_events(first)] == [e.id for e in read_events(again)]
        assert Answer.objects.count() == 1


def test_an_answer_that_waits_is_stopped(ingrid: Caller) -> None:
    asked = ingrid("post", "/answers", {"question": "What?"}).json()
    stopped = ingrid("post", f"/answers/{asked['id']}/cancel")
    assert (stopped.status_code, stopped.json()["status"]) == (202, "cancelled")
    assert Record.objects.filter(action="answer.cancelled", answer=asked["id"]).exists()


def test_an_answer_and_a_claim_are_judged(ingrid: Caller) -> None:
    answer = answer_with_grounds(ingrid.user)
    path = f"/answers/{answer.pk}/feedback"
    assert ingrid("post", path, {"rating": "up"}).json() == {"rating": "up", "comment": "", "claim": None}
    claim = {"rating": "down", "comment": "The year is wrong.", "claim": 1}
    given = ingrid("post", path, claim)
    assert (given.status_code, given.json()) == (201, claim)
    assert {f["rating"] for f in ingrid.get(f"/answers/{answer.pk}").json()["feedback"]} == {"up", "down"}
    assert_problem(ingrid("post", path, {"rating": "down", "claim": 99}), 404, "not_found")
    assert_problem(ingrid("post", path, {"rating": "so-so"}), 422, "invalid")


def test_feedback_is_taken_back(ingrid: Caller) -> None:
    answer = answer_with_grounds(ingrid.user)
    path = f"/answers/{answer.pk}/feedback"
    ingrid("post", path, {"rating": "up"})
    ingrid("post", path, {"rating": "down", "claim": 1})
    assert ingrid("delete", f"{path}?claim=1").status_code == 204
    assert [f["claim"] for f in ingrid.get(f"/answers/{answer.pk}").json()["feedback"]] == [None]
    assert ingrid("delete", path).status_code == 204
    assert ingrid("delete", path).status_code == 204
    assert Record.objects.filter(action="feedback.withdrawn").count() == 2


@pytest.mark.parametrize(("format", "begins"), [("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF-"), ("txt", b"How")])
def test_an_answer_is_exported(ingrid: Caller, format: str, begins: bytes) -> None:
    answer = answer_with_grounds(ingrid.user)
    response = ingrid.get(f"/answers/{answer.pk}/export", format=format)
    assert response.content.startswith(begins)
    assert response["Content-Disposition"].endswith(f'.{format}"')
    assert_problem(ingrid.get(f"/answers/{answer.pk}/export", format="odt"), 422, "invalid")


def test_the_models_are_listed(ingrid: Caller) -> None:
    assert ingrid.get("/models").json() == {"items": [], "next": None}


def test_what_an_answer_has_beyond_the_described_is_not_lost_over_rest(ingrid: Caller) -> None:
    answer = answer_with_grounds(ingrid.user)
    answer.usage |= {"a figure of tomorrow": 7, "seconds": {"total": 1.0, "a step of tomorrow": 0.5}}
    answer.model |= {"engine": "vllm 0.33", "a trait of tomorrow": True}
    answer.save()
    assert ingrid.get(f"/answers/{answer.pk}").json() == _as_json(answer_object(scope_of(ingrid.user), answer))


def test_a_conversation_is_listed_in_the_order_in_which_it_was_held(ingrid: Caller) -> None:
    first = ingrid("post", "/answers", {"question": "What was net debt in 2022?"}).json()
    follow_up = {"question": "and in 2021?", "conversation": first["conversation"]}
    second = ingrid("post", "/answers", follow_up).json()
    ingrid("post", "/answers", {"question": "Who audits it?"})
    listed = items(ingrid.get("/answers", conversation=first["conversation"]))
    assert [row["id"] for row in listed] == [first["id"], second["id"]]
    assert first["conversation"] == first["id"] == second["conversation"]
