"""Golden sets on screen: made, filled, measured, compared and made live."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.documents.models import Role
from apps.evaluation.models import EvaluationRun, GoldenSet, MadeLive
from apps.evaluation.running import carry_on
from apps.evaluation.services import set_bars, start_run
from apps.retrieval.configuration import Configuration
from tests.factories import UserFactory, grant, owned_by, scope_of
from tests.retrieval.indexing import indexed
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    made: User = UserFactory(is_administrator=True)
    return made


@pytest.fixture
def golden(manager: User) -> GoldenSet:
    """A set that was made on screen, with one question."""
    collection = owned_by(manager)
    indexed(collection, "Net debt fell to 4,120 million.", "The winter was mild.")
    visitor = SignedIn(manager)
    visitor.post(f"/collections/{collection.pk}/evaluation/", {"name": "Annual report"})
    made = GoldenSet.objects.get()
    question = {"question": "How high was net debt?", "document": "report", "page": "1"}
    assert visitor.post(f"/evaluation/sets/{made.pk}/new/", question).status_code == 303
    return made


def _measured(manager: User, golden: GoldenSet, configuration: Configuration | None = None) -> EvaluationRun:
    run = start_run(scope_of(manager), golden, configuration, here=True)
    carry_on(run.pk, seconds=60)
    run.refresh_from_db()
    return run


def _text(visitor: SignedIn, address: str) -> str:
    response = visitor.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_a_set_shows_its_questions_with_what_answers_them(manager: User, golden: GoldenSet) -> None:
    shown = _text(SignedIn(manager), f"/evaluation/sets/{golden.pk}/")
    assert "How high was net debt?" in shown
    assert "page 1" in shown
    assert "Annual report" in _text(SignedIn(manager), f"/collections/{golden.collection_id}/evaluation/")


def test_questions_go_out_and_come_back_by_file(manager: User, golden: GoldenSet) -> None:
    visitor = SignedIn(manager)
    lines = visitor.get(f"/evaluation/sets/{golden.pk}/export").content.replace(b"net debt", b"gross debt")
    lines = lines.replace(golden.questions.get().key.encode(), b"another")
    visitor.post(f"/evaluation/sets/{golden.pk}/import/", {"file": SimpleUploadedFile("q.jsonl", lines)})
    assert golden.questions.count() == 2


def test_a_measurement_shows_every_stage_and_the_questions(manager: User, golden: GoldenSet) -> None:
    set_bars(scope_of(manager), golden, {"mrr": 1.0})
    run = _measured(manager, golden)
    shown = _text(SignedIn(manager), f"/evaluation/runs/{run.pk}/")
    assert all(word in shown for word in ("By meaning", "By words", "Both together", "Judged again", "reaches the bar"))
    assert "How high was net debt?" in shown


def test_one_that_is_under_way_shows_how_far_it_is_and_is_stopped(manager: User, golden: GoldenSet) -> None:
    run = start_run(scope_of(manager), golden, here=True)
    visitor = SignedIn(manager)
    assert "0 of 1 questions asked" in _text(visitor, f"/evaluation/runs/{run.pk}/")
    visitor.post(f"/evaluation/runs/{run.pk}/stop/")
    assert "was stopped" in _text(visitor, f"/evaluation/runs/{run.pk}/")


def test_two_measurements_are_compared(manager: User, golden: GoldenSet) -> None:
    one, other = _measured(manager, golden), _measured(manager, golden, Configuration(judged=0))
    assert "Every question fares as before" in _text(SignedIn(manager), f"/evaluation/runs/{other.pk}/over/{one.pk}/")


def test_what_is_below_a_bar_goes_live_only_with_a_reason(manager: User, golden: GoldenSet) -> None:
    run, visitor = _measured(manager, golden), SignedIn(manager)
    set_bars(scope_of(manager), golden, {"hit@1": 1.0})
    run.measures["reranked"]["hit@1"]["value"] = 0.5
    run.save()
    assert visitor.post(f"/evaluation/runs/{run.pk}/live/", {"reason": " "}).status_code == 422
    assert not MadeLive.objects.exists()
    assert visitor.post(f"/evaluation/runs/{run.pk}/live/", {"reason": "The bar is old."}).status_code == 303
    assert MadeLive.objects.get().override == "The bar is old."


def test_readers_see_nothing_of_it(golden: GoldenSet) -> None:
    reader = UserFactory()
    grant(golden.collection, reader, Role.READER)
    visitor = SignedIn(reader)
    assert visitor.get(f"/evaluation/sets/{golden.pk}/").status_code == 404
    assert visitor.get(f"/collections/{golden.collection_id}/evaluation/").status_code == 403
    assert "/evaluation/" not in _text(visitor, f"/collections/{golden.collection_id}/")
