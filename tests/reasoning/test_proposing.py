"""A model is asked into which searches a question is taken apart; its word is added, and nothing hangs on it."""

from collections.abc import Callable

import pytest

from apps.reasoning.models import Outcome
from apps.reasoning.proposing import searches_in
from inference.stub import Step, StubServer
from tests.reasoning.conftest import COVENANT, NET_DEBT, make_passage
from tests.reasoning.test_pipeline import SAID, Told, says, tell

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]

Serve = Callable[..., StubServer]
QUESTION = "Where is the head office of the guarantor of the Meridian facility?"
PLAN = "1. guarantor of the Meridian facility\n2. head office of that guarantor, by name"


def asked_deeply(server: StubServer, question: str = QUESTION, effort: str = "deep") -> Told:
    passages = [make_passage(NET_DEBT, rank=1), make_passage(COVENANT, rank=2)]
    return tell(server, *passages, question=question, effort=effort)


def planned(text: str) -> list[Step]:
    return [{"delta": {"reasoning": "Two facts."}}, {"delta": {"content": text}}]


def test_what_the_model_asks_for_is_looked_for_too(serve: Serve) -> None:
    written = asked_deeply(serve(case=[planned(PLAN), says(SAID)])).written
    assert [step["question"] for step in written.steps] == [
        QUESTION, "guarantor of the Meridian facility", "head office of that guarantor, by name",
    ]  # fmt: skip
    assert (written.outcome, written.text) == (Outcome.ANSWERED, SAID)


def test_what_a_plan_takes_is_in_the_account_and_its_prompt_in_the_record(serve: Serve) -> None:
    written = asked_deeply(serve(case=[planned(PLAN), says(SAID)])).written
    assert [prompt.name for prompt in written.prompts] == ["answer", "plan"]
    assert len(written.usage["attempts"]) == 2
    assert written.usage["prompt_tokens"] == sum(one["prompt_tokens"] for one in written.usage["attempts"])


def test_a_model_that_fails_to_plan_still_answers(serve: Serve) -> None:
    written = asked_deeply(serve(case=[[{"status": 400}], says(SAID)])).written
    assert (written.outcome, written.text, list(written.steps)) == (Outcome.ANSWERED, SAID, [])


@pytest.mark.parametrize(("question", "effort"), [(QUESTION, "standard"), ("What was net debt?", "deep")])
def test_no_plan_is_made_for_little_effort_or_for_a_lookup(serve: Serve, question: str, effort: str) -> None:
    written = asked_deeply(serve(case=[says(SAID)]), question, effort).written
    assert [prompt.name for prompt in written.prompts] == ["answer"]


@pytest.mark.parametrize(
    ("text", "searches"),
    [
        (PLAN, ["guarantor of the Meridian facility", "head office of that guarantor, by name"]),
        ("- a\n- b\n- c\n- d\n- e", ["a", "b", "c", "d"]),
        ("Schritt 1: Bürge der Fazilität\n\n**Sitz des Bürgen**", ["Bürge der Fazilität", "Sitz des Bürgen"]),
        ("ONE SEARCH", []),
        (f"{QUESTION}\nguarantor", ["guarantor"]),
        ("The question asks for several things, " * 10, []),
        ("", []),
    ],
)
def test_a_plan_is_read_however_it_is_marked(text: str, searches: list[str]) -> None:
    assert searches_in(text, QUESTION, 4) == searches
