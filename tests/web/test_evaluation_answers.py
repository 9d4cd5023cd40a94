"""Measurements of answers on screen: started, followed, stopped, read and compared."""

import uuid

import pytest

from apps.accounts.models import User
from apps.documents.models import Role
from apps.evaluation.models import AnsweredQuestion, AnswersRun, GoldenSet
from tests.factories import UserFactory, grant, owned_by
from tests.retrieval.indexing import indexed
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def golden(manager: User) -> GoldenSet:
    collection = owned_by(manager)
    indexed(collection, "Net debt fell to 4,120 million.")
    visitor = SignedIn(manager)
    visitor.post(f"/collections/{collection.pk}/evaluation/", {"name": "Annual report"})
    made = GoldenSet.objects.get()
    question = {"question": "How high was net debt?", "answer": "4,120 million", "document": "report", "page": "1"}
    assert visitor.post(f"/evaluation/sets/{made.pk}/new/", question).status_code == 303
    return made


def _observed(run: AnswersRun, label: str, text: str) -> None:
    """Have the one question of the set answered."""
    question = run.golden_set.questions.get()
    row = {
        "key": question.key,
        "question": question.text,
        "answerable": True,
        "label": label,
        "exact": {"label": label, "by": "figure", "sure": True, "why": ""},
        "judged": None,
        "text": text,
        "outcome": "answered",
        "cited": 2,
        "right": 1,
        "grounded": True,
        "figure": label == "correct",
        "claims": {"supported": 1},
        "figures": {"traced": 1},
        "seconds": 4.2,
        "first_token": 1.0,
        "tokens": 900,
        "amount": "0.002",
        "currency": "EUR",
        "model": "r1",
    }
    AnsweredQuestion.objects.create(run=run, question=question, answer=uuid.uuid4(), observed=row)
    AnswersRun.objects.filter(pk=run.pk).update(state="done")


def _text(visitor: SignedIn, address: str) -> str:
    response = visitor.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def test_the_right_answer_stands_with_its_question(manager: User, golden: GoldenSet) -> None:
    assert golden.questions.get().answers == ["4,120 million"]
    assert "4,120 million" in _text(SignedIn(manager), f"/evaluation/sets/{golden.pk}/")


def test_one_is_started_followed_stopped_and_gone_on_with(manager: User, golden: GoldenSet) -> None:
    visitor = SignedIn(manager)
    assert visitor.post(f"/evaluation/sets/{golden.pk}/answers/", {"effort": "quick"}).status_code == 303
    run = AnswersRun.objects.get()
    assert "0 of 1 questions answered." in _text(visitor, f"/evaluation/answers/{run.pk}/")
    visitor.post(f"/evaluation/answers/{run.pk}/stop/")
    assert "This measurement was stopped." in _text(visitor, f"/evaluation/answers/{run.pk}/")
    visitor.post(f"/evaluation/answers/{run.pk}/go-on/")
    run.refresh_from_db()
    assert run.is_open


def test_what_was_observed_is_shown_and_compared(manager: User, golden: GoldenSet) -> None:
    one, two = (AnswersRun.objects.create(golden_set=golden, effort=effort, total=1) for effort in ("quick", "deep"))
    _observed(one, "incorrect", "It was <b>9</b> million.")
    _observed(two, "correct", "It was 4,120 million.")
    visitor = SignedIn(manager)
    shown = _text(visitor, f"/evaluation/answers/{one.pk}/")
    assert "Answered rightly" in shown
    assert "Wrong" in shown
    assert "1/2" in shown
    assert "0.002 EUR" in shown
    assert "&lt;b&gt;9" in shown
    compared = _text(visitor, f"/evaluation/answers/{two.pk}/over/{one.pk}/")
    assert "1.000" in compared
    assert "How high was net debt?" in compared


def test_readers_see_nothing_of_it(golden: GoldenSet) -> None:
    run = AnswersRun.objects.create(golden_set=golden, effort="quick", total=1)
    reader = UserFactory()
    grant(golden.collection, reader, Role.READER)
    assert SignedIn(reader).get(f"/evaluation/answers/{run.pk}/").status_code == 404
    assert SignedIn(reader).post(f"/evaluation/sets/{golden.pk}/answers/", {"effort": "quick"}).status_code == 404
