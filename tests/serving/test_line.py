"""Which endpoints can be asked now, in which order, and an answer's turn at them."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.serving import circuit, health, probing
from apps.serving.endpoints import ENVIRONMENT, Served
from apps.serving.line import CountedTurn, Line, look_along
from apps.serving.llm import ModelDown
from apps.serving.models import Endpoint
from apps.serving.slots import in_use, room
from inference.stub import StubServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache"), pytest.mark.timeout(60)]

Serve = Callable[..., StubServer]


@pytest.fixture
def serve(settings: Any) -> Iterator[Serve]:
    """Return a function that starts a server, and may make it the endpoint of the environment."""
    running: list[StubServer] = []

    def start(*, environment: bool = False, **options: Any) -> StubServer:
        server = StubServer(**options)
        server.__enter__()
        running.append(server)
        if environment:
            settings.ENV = settings.ENV.model_copy(update={"llm_base_url": server.url, "llm_timeout": 5.0})
        return server

    settings.ENV = settings.ENV.model_copy(update={"llm_private_addresses": ["any"]})
    yield start
    for server in running:
        server.__exit__()


def row(name: str, server: StubServer | str, **fields: Any) -> Endpoint:
    address = server if isinstance(server, str) else server.url
    return Endpoint.objects.create(name=name, **{"kind": "vllm", "base_url": address} | fields)


def names(line: Line) -> list[str]:
    return [one.served.name for one in line.ready]


NOWHERE = "http://127.0.0.1:9/v1"


def test_the_environment_comes_first_then_rows_by_their_position(serve: Serve) -> None:
    server = serve(environment=True)
    row("Last", server, position=2)
    row("Second", server, position=1)
    row("Off", server, enabled=False)
    line = look_along()
    assert line.ready[0].served.id == ENVIRONMENT
    assert names(line)[1:] == ["Second", "Last"]
    assert line.passed == ()
    assert {one.state.name for one in line.ready} == {"stub-reasoner"}


def test_without_any_endpoint_that_is_said() -> None:
    assert look_along() == Line(health.without_endpoint())


def test_who_is_down_is_left_out_and_named(serve: Serve) -> None:
    row("Gone", NOWHERE, position=1)
    row("There", serve(), position=2)
    probing.probe()
    line = look_along()
    assert names(line) == ["There"]
    assert [(one.name, one.code) for one in line.passed] == [("Gone", "model_down")]
    assert health.model_state().endpoint_name == "There"
    assert [state.state for state in health.all_states()] == ["down", "ready"]


def test_who_failed_too_often_is_left_out(serve: Serve) -> None:
    first = row("First", serve(), position=1)
    row("Second", serve(), position=2)
    for _ in range(circuit.FAILURES):
        circuit.note_failure(str(first.pk), ModelDown("Nobody answers."))
    line = look_along()
    assert names(line) == ["Second"]
    assert [(one.name, one.code) for one in line.passed] == [("First", "circuit_open")]


def test_one_whose_secret_cannot_be_opened_keeps_nobody_from_the_next(serve: Serve) -> None:
    locked = row("Locked", serve(), position=1)
    row("Second", serve(), position=2)
    probing.probe()
    Endpoint.objects.filter(pk=locked.pk).update(auth="key", secret=b"sealed by another installation")
    line = look_along()
    assert names(line) == ["Second"]
    assert [(one.name, one.code) for one in line.passed] == [("Locked", "model_down")]


def test_when_all_failed_too_often_no_model_is_asked_and_it_counts_as_down(serve: Serve) -> None:
    only = row("Only", serve())
    for _ in range(circuit.FAILURES):
        circuit.note_failure(str(only.pk), ModelDown("Nobody answers."))
    line = look_along()
    assert (line.ready, line.state.state) == ((), "down")


def test_one_that_was_gone_and_came_back_is_asked_at_once(serve: Serve) -> None:
    served = row("Only", NOWHERE)
    probing.probe()
    assert look_along().ready == ()
    server = serve()
    Endpoint.objects.filter(pk=served.pk).update(base_url=server.url)
    assert names(look_along()) == ["Only"]


def test_a_probe_generates_one_token_at_every_endpoint(serve: Serve) -> None:
    servers = [serve(), serve(), serve(scripts={"mute": [[{"status": 500}]]}, models=["script:mute"])]
    for number, server in enumerate(servers):
        row(f"Number {number}", server, position=number)
    probing.probe()
    assert [[request["max_tokens"] for request in server.requests] for server in servers] == [[1], [1], [1]]
    assert [state.state for state in health.all_states()] == ["ready", "ready", "down"]


def test_one_that_hangs_keeps_no_other_from_being_told(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "_SILENCE", 1.0)
    row("Hangs", serve(scripts={"mute": [[{"sleep": 20}]]}, models=["script:mute"]), position=1)
    row("There", serve(), position=2)
    began = time.monotonic()
    assert probing.probe().endpoint_name == "There"
    assert time.monotonic() - began < 5
    assert [state.state for state in health.all_states()] == ["down", "ready"]


def test_an_endpoint_that_lists_nothing_is_asked_for_the_model_it_was_given(serve: Serve) -> None:
    server = serve(models=[])
    row("Silent", server, model="stub-reasoner")
    assert probing.probe().state == "ready"
    assert names(look_along()) == ["Silent"]


def test_pages_need_no_database_once_the_endpoints_were_looked_at(serve: Serve, django_assert_num_queries: Any) -> None:
    row("There", serve())
    probing.probe()
    with django_assert_num_queries(0):
        assert health.model_state().state == "ready"


def test_models_are_listed_by_endpoint(serve: Serve) -> None:
    row("One", serve(models=["a"]), position=1)
    row("Two", serve(models=["b"]), position=2)
    probing.probe()
    listed = health.list_models()
    assert [(one["id"], one["endpoint"], one["default"], one["healthy"]) for one in listed] == [
        ("a", "One", True, True),
        ("b", "Two", False, True),
    ]


class TestTurn:
    def turn(self, freed: list[int] | None = None) -> CountedTurn:
        def note() -> None:
            if freed is not None:
                freed.append(1)

        return CountedTurn(stopped=lambda: False, until=time.monotonic() + 1, freed=note)

    def test_a_busy_endpoint_sends_to_the_next_and_a_full_line_waits(self, serve: Serve) -> None:
        row("One", serve(), position=1, at_once=1)
        row("Two", serve(), position=2, at_once=1)
        line = look_along()
        turns = [self.turn() for _ in range(3)]
        first, second, third = (turn.begin(line, ahead=0) for turn in turns)
        assert first is not None
        assert second is not None
        assert third is None
        assert (names(first), names(second)) == (["One", "Two"], ["Two", "One"])
        assert [(one.name, one.code) for one in second.passed] == [("One", "busy")]

    def test_leaving_frees_the_slot_and_says_so(self, serve: Serve) -> None:
        row("One", serve(), at_once=1)
        line, freed = look_along(), list[int]()
        turn = self.turn(freed)
        begun = turn.begin(line, ahead=0)
        assert begun is not None
        assert turn.enter(begun.ready[0])
        assert room(_served(line)) == 0
        turn.leave(begun.ready[0], error=None, wrote=True)
        assert (room(_served(line)), freed) == (1, [1])
        turn.release()
        assert freed == [1]

    def test_a_turn_that_ends_without_a_word_leaves_no_trial_behind(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        only = row("One", serve())
        line = look_along()
        for _ in range(circuit.FAILURES):
            circuit.note_failure(str(only.pk), ModelDown("Nobody answers."))
        monkeypatch.setattr(circuit, "PAUSE", 0.0)
        turn = self.turn()
        turn.begin(line, ahead=0)
        assert turn.enter(line.ready[0])
        assert look_along().ready == ()
        turn.release()
        assert names(look_along()) == ["One"]
        assert in_use(_served(line)) == {str(only.pk): 0}


def _served(line: Line) -> list[Served]:
    return [one.served for one in line.ready]
