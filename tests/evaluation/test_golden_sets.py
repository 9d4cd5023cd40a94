"""Golden sets: made by managers, measured in turns, and a bar that search has to reach."""

import json
from collections.abc import Sequence

import pytest

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from apps.documents.models import Collection, Document, Role
from apps.documents.services import delete_document
from apps.evaluation.exchange import lines_of, questions_from
from apps.evaluation.grounds import Ground
from apps.evaluation.live import objections
from apps.evaluation.models import EvaluationRun, GoldenSet, MadeLive
from apps.evaluation.running import carry_on
from apps.evaluation.services import (
    NewQuestion,
    add_questions,
    cancel_run,
    create_set,
    make_live,
    set_bars,
    start_run,
)
from apps.retrieval.configuration import Configuration, live_configuration
from apps.retrieval.generations import switch
from apps.retrieval.models import IndexGeneration
from apps.retrieval.search import search
from tests.factories import UserFactory, grant, owned_by, scope_of
from tests.retrieval.indexing import indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    made: User = UserFactory(is_administrator=True)
    return made


@pytest.fixture
def scope(manager: User) -> Scope:
    return scope_of(manager)


@pytest.fixture
def collection(manager: User) -> Collection:
    return owned_by(manager)


@pytest.fixture
def document(collection: Collection) -> Document:
    return indexed(collection, "Net debt fell to 4,120 million.", "Staff costs rose in Oslo.", "The winter was mild.")


@pytest.fixture
def golden(scope: Scope, collection: Collection, document: Document) -> GoldenSet:
    made = create_set(scope, collection, name="Annual report")
    questions = [
        NewQuestion("How high was net debt?", [Ground(str(document.pk), 1)], "debt"),
        NewQuestion("Why did staff costs rise?", [Ground(str(document.pk), 2, "Staff costs rose in Oslo")], "staff"),
        NewQuestion("Who is the auditor?", key="auditor"),
    ]
    add_questions(scope, made, questions)
    made.refresh_from_db()
    return made


def _done(scope: Scope, golden: GoldenSet, configuration: Configuration | None = None) -> EvaluationRun:
    run = start_run(scope, golden, configuration, here=True)
    assert not carry_on(run.pk, seconds=60)
    run.refresh_from_db()
    assert run.state == EvaluationRun.State.DONE, run.error
    return run


def _actions() -> Sequence[str]:
    return list(Record.objects.order_by("sequence").values_list("action", flat=True))


def test_a_run_measures_each_leg_on_the_questions_that_have_grounds(scope: Scope, golden: GoldenSet) -> None:
    run = _done(scope, golden)
    assert (run.total, run.left_out, run.results.count()) == (2, 1, 2)
    assert run.measures["reranked"]["hit@1"]["value"] == 1
    assert set(run.measures) == {"dense", "keyword", "fused", "reranked"}
    assert run.configuration["generation"] == 1
    assert run.embedder == "fake"


def test_a_run_goes_on_where_it_was_left(scope: Scope, golden: GoldenSet) -> None:
    run = start_run(scope, golden, here=True)
    assert carry_on(run.pk, seconds=-1)
    assert not carry_on(run.pk, seconds=60)
    assert run.results.count() == 2


def test_a_run_that_was_stopped_asks_nothing_more(scope: Scope, golden: GoldenSet) -> None:
    run = start_run(scope, golden, here=True)
    cancel_run(scope, run)
    assert not carry_on(run.pk, seconds=60)
    run.refresh_from_db()
    assert run.state == EvaluationRun.State.CANCELLED
    assert not run.results.exists()


def test_one_run_at_a_time_measures_a_set(scope: Scope, golden: GoldenSet) -> None:
    start_run(scope, golden, here=True)
    with pytest.raises(Conflict):
        start_run(scope, golden, here=True)


def test_a_run_fails_once_whoever_started_it_no_longer_manages_the_collection(
    scope: Scope, golden: GoldenSet, manager: User
) -> None:
    run = start_run(scope, golden, here=True)
    grant(golden.collection, manager, Role.READER)
    assert not carry_on(run.pk, seconds=60)
    run.refresh_from_db()
    assert run.state == EvaluationRun.State.FAILED


def test_only_managers_know_of_a_set(golden: GoldenSet) -> None:
    reader = UserFactory()
    grant(golden.collection, reader, Role.READER)
    assert not GoldenSet.objects.visible_to(scope_of(reader)).exists()
    with pytest.raises(NotFound):
        add_questions(scope_of(reader), golden, [NewQuestion("Anything?")])
    with pytest.raises(NotAllowed):
        create_set(scope_of(reader), golden.collection, name="Mine")


def test_a_ground_is_in_the_collection_of_its_set(scope: Scope, golden: GoldenSet, manager: User) -> None:
    elsewhere = indexed(owned_by(manager), "Another text.")
    with pytest.raises(Invalid):
        add_questions(scope, golden, [NewQuestion("What else?", [Ground(str(elsewhere.pk))])])


def test_a_deleted_document_takes_its_grounds_and_quotes_with_it(
    scope: Scope, golden: GoldenSet, document: Document
) -> None:
    delete_document(scope, document)
    assert golden.questions.count() == 3
    assert not golden.questions.filter(grounds__isnull=False).exists()
    with pytest.raises(Invalid):
        start_run(scope, golden, here=True)


def test_questions_come_back_from_a_file_as_they_went_out(scope: Scope, golden: GoldenSet) -> None:
    lines = list(lines_of(golden))
    again = create_set(scope, golden.collection, name="Again")
    add_questions(scope, again, questions_from(scope, again, lines))
    assert list(lines_of(again)) == lines


def test_a_file_may_name_documents_by_title_and_page(scope: Scope, golden: GoldenSet, document: Document) -> None:
    line = json.dumps({"question": "How was winter?", "qrels": [{"doc_id": "Report#p3"}]})
    (question,) = questions_from(scope, golden, [line])
    assert question.grounds == [Ground(str(document.pk), 3)]


@pytest.mark.parametrize(
    "line", ["no json", "[]", '{"question": "x"}', '{"question": "x", "qrels": [{"doc_id": "?"}]}']
)
def test_a_line_that_cannot_be_used_is_named(scope: Scope, golden: GoldenSet, line: str) -> None:
    with pytest.raises(Invalid, match="Line 2"):
        questions_from(scope, golden, ["", line])


def test_without_bars_a_configuration_goes_live_and_searches_run_with_it(scope: Scope, golden: GoldenSet) -> None:
    make_live(scope, Configuration(judged=0))
    assert live_configuration().judged == 0
    assert search(scope, "net debt").reranker == ""
    assert _actions()[-1] == "configuration.made_live"


def test_what_was_not_measured_or_falls_below_the_bar_does_not_go_live(scope: Scope, golden: GoldenSet) -> None:
    set_bars(scope, golden, {"hit@1": 1.0})
    chosen = Configuration(judged=0)
    with pytest.raises(Conflict, match="not been measured") as caught:
        make_live(scope, chosen)
    assert caught.value.code == "below_bar"
    run = _done(scope, golden, chosen)
    make_live(scope, chosen)
    run.measures["reranked"]["hit@1"]["value"] = 0.5
    run.save()
    with pytest.raises(Conflict, match=r"0\.500; the bar is 1\.000"):
        make_live(scope, chosen)
    assert MadeLive.objects.count() == 1


def test_an_override_is_recorded_with_its_reason_and_what_was_against_it(scope: Scope, golden: GoldenSet) -> None:
    set_bars(scope, golden, {"hit@1": 1.0})
    made = make_live(scope, Configuration(words=0.9), override_reason="The bar is of last year’s reports.")
    assert made.objections
    record = Record.objects.order_by("-sequence").first()
    assert record is not None
    assert record.action == "configuration.overridden"
    assert "last year" in bytes(record.body).decode()


def test_a_changed_set_has_to_be_measured_again(scope: Scope, golden: GoldenSet) -> None:
    set_bars(scope, golden, {"hit@1": 0.5})
    _done(scope, golden)
    assert objections(live_configuration()) == []
    add_questions(scope, golden, [NewQuestion("What of Bergen?")])
    assert objections(live_configuration()) != []


def test_an_index_goes_through_the_same_gate(scope: Scope, golden: GoldenSet) -> None:
    set_bars(scope, golden, {"hit@1": 1.0})
    IndexGeneration.objects.create(number=2, embedder="other", dimensions=2, chunker_version=1, state="building")
    with pytest.raises(Conflict) as caught:
        switch(scope, 2)
    assert caught.value.code == "below_bar"


def test_only_administrators_make_a_configuration_live(golden: GoldenSet) -> None:
    with pytest.raises(NotAllowed):
        make_live(scope_of(UserFactory()), Configuration())
