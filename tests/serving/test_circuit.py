"""An endpoint that fails again and again is left alone, then tried with one answer; nothing is ever stuck."""

from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from apps.serving import circuit
from apps.serving.circuit import FAILURES, PAUSE, TRIAL, WINDOW, Circuit
from apps.serving.faults import Fault
from apps.serving.llm import ModelDown, ModelRefused

DOWN = ModelDown("Nobody answers.")


def opened(at: float = 0.0) -> Circuit:
    state = Circuit()
    for _ in range(FAILURES):
        state = state.failed(at)
    return state


def test_it_opens_after_so_many_failures_and_not_before() -> None:
    state = Circuit()
    for _ in range(FAILURES - 1):
        state = state.failed(1.0)
        assert state.admits(1.0)
    assert not state.failed(1.0).admits(1.0)


def test_failures_far_apart_do_not_open_it() -> None:
    state = Circuit()
    for number in range(10):
        state = state.failed(number * WINDOW)
    assert state.admits(10 * WINDOW)


def test_a_success_forgives_what_was_before() -> None:
    state = Circuit().failed(1.0).failed(1.0).succeeded().failed(1.0)
    assert state.admits(1.0)


def test_after_the_pause_one_answer_may_try() -> None:
    state = opened()
    assert not state.admits(PAUSE - 1)
    assert state.admits(PAUSE)
    trying = state.entered(PAUSE)
    assert not trying.admits(PAUSE + 1)
    assert trying.succeeded().admits(PAUSE + 1)
    assert not trying.failed(PAUSE + 1).admits(2 * PAUSE)
    assert trying.failed(PAUSE + 1).admits(2 * PAUSE + 1)


def test_a_trial_whose_worker_died_keeps_nobody_out_for_ever() -> None:
    assert opened().entered(PAUSE).admits(PAUSE + TRIAL)


def test_answers_that_were_under_way_do_not_make_the_pause_longer() -> None:
    assert opened(0.0).failed(PAUSE - 1).admits(PAUSE)


@given(st.lists(st.tuples(st.sampled_from(["enter", "fail", "succeed", "die"]), st.floats(0, 300))))
def test_whatever_happens_it_admits_again_in_the_end(story: list[tuple[str, float]]) -> None:
    state, now = Circuit(), 0.0
    for what, later in story:
        now += later
        if what == "enter" and state.admits(now):
            state = state.entered(now)
        elif what == "fail":
            state = state.failed(now)
        elif what == "succeed":
            state = state.succeeded()
    assert state.admits(now + max(PAUSE, TRIAL))


@pytest.mark.usefixtures("clean_cache")
class TestKept:
    """In Redis, where all workers see it."""

    def test_failures_open_it_for_all_and_a_success_closes_it(self) -> None:
        for _ in range(FAILURES):
            assert circuit.enter("one")
            circuit.note_failure("one", DOWN)
        assert not circuit.enter("one")
        assert not circuit.is_admitting("one")
        assert circuit.enter("two")
        circuit.note_success("one")
        assert circuit.enter("one")

    def test_after_the_pause_only_one_is_let_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(FAILURES):
            circuit.note_failure("one", DOWN)
        monkeypatch.setattr(circuit, "PAUSE", 0.0)
        assert circuit.is_admitting("one")
        assert [circuit.enter("one") for _ in range(3)] == [True, False, False]
        circuit.leave("one")
        assert circuit.enter("one")

    def test_a_refused_request_is_not_held_against_the_endpoint_but_a_refused_key_is(self) -> None:
        for _ in range(FAILURES):
            circuit.note_failure("one", ModelRefused("Too long.", fault=Fault.FIELD))
            circuit.note_failure("two", ModelRefused("Who are you?", fault=Fault.KEY))
        assert circuit.enter("one")
        assert not circuit.enter("two")


def test_without_redis_everybody_is_let_in(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        circuit._client.cache_clear()
        circuit.note_failure("one", DOWN)
        assert circuit.enter("one")
        assert circuit.is_admitting("one")
    circuit._client.cache_clear()
