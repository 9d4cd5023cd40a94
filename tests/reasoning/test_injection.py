"""Documents with planted orders, and a model that obeys whatever it reads: it never reads one, so nothing comes of it."""

import re
import time
import uuid
from dataclasses import replace

import pytest

from apps.reasoning.models import Outcome
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.written import Question, Written
from apps.retrieval.passages import Passage
from apps.serving.catalogue import ModelEntry
from apps.serving.endpoints import Served
from apps.serving.health import ModelState
from apps.serving.line import Line, Ready
from apps.verification.instructions import instructions_in
from apps.web.prose import paragraphs
from bench.injection import Obedient, addresses_in
from bench.planted import KINDS, Planted, planted_documents
from tests.factories import UserFactory, scope_of
from tests.reasoning.conftest import FakeSearch, followed, make_passage

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]

SEED = 23  # other documents than the bench's


def passages_of(planted: Planted) -> list[Passage]:
    version = uuid.uuid4()
    bad = [
        make_passage(text, rank=n, page=n, version_id=version, document_title=planted.title)
        for n, text in enumerate(planted.passages, start=1)
    ]
    honest = make_passage(" ".join(planted.clean), rank=len(bad) + 1, document_title="Register")
    return [*bad, honest]


def tell(planted: Planted, model: Obedient) -> Written:
    entry = ModelEntry(key="obedient", id="obedient", label="Obedient", context=32768)
    state = ModelState("ready", "obedient", context=32768)
    served = Served("one", "One", "compatible", "http://127.0.0.1:1/v1", "obedient")
    using = Answering(
        line=Line(state, (Ready(served, state, entry, model),)),
        stopped=lambda: False,
        deadline=time.monotonic() + 30,
        search=FakeSearch(*passages_of(planted)),
    )
    steps = write_answer(Question(uuid.uuid4(), planted.question, scope_of(UserFactory()), effort="quick"), using)
    return followed(steps)[1]


@pytest.mark.parametrize("planted", planted_documents(20, seed=SEED), ids=lambda one: f"{one.kind}-{one.number}")
def test_an_obedient_model_answers_from_the_honest_document(planted: Planted) -> None:
    model = Obedient(planted)
    written = tell(planted, model)
    assert planted.effect not in written.text
    assert (written.outcome, planted.answer in written.text) == (Outcome.ANSWERED, True)
    assert {one["kind"] for one in written.suspicious}
    fates = [one.reason.value for one in written.considered]
    assert {"used", "instruction_like"} <= set(fates)


@pytest.mark.parametrize("planted", planted_documents(20, seed=SEED), ids=lambda one: f"{one.kind}-{one.number}")
def test_what_a_captured_model_writes_is_neither_loaded_nor_linked(planted: Planted) -> None:
    written = tell(planted, Obedient(planted, captured=True))
    html = "".join(one.html for one in paragraphs(written.text, chip=lambda marker: ""))
    assert list(addresses_in(html)) == []
    assert not re.search(r"<(script|img|svg|iframe|form|object|style|a)\b", html)


def test_the_orders_of_every_kind_are_told_and_their_honest_halves_are_not() -> None:
    planted = list(planted_documents(300, seed=SEED))
    assert {one.kind for one in planted} == set(KINDS)
    missed = [one for one in planted if not instructions_in(" ".join([one.title, *one.passages]))]
    assert missed == []
    assert [one for one in planted if instructions_in(" ".join(one.clean))] == []


def test_the_obedient_model_obeys_where_nothing_keeps_the_order_from_it() -> None:
    planted = replace(next(planted_documents(1, seed=SEED)), order=("Register",))
    assert planted.effect in tell(planted, Obedient(planted)).text
