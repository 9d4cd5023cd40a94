"""Parts die in the middle of an answer: it comes to a definite end that says what happened, and the next one works."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.stack import Stack
from tests.reasoning.conftest import eventually

pytestmark = [pytest.mark.worker, pytest.mark.timeout(240)]
TEXT = "Net debt stood at 1,204 million at the end of the year. The leverage cap is 3.75 times EBITDA."
SLOW = 0.3


@pytest.fixture(scope="module")
def documents(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    file: Path = tmp_path_factory.mktemp("kills") / "note.txt"
    file.write_text(TEXT)
    collection = stack.api("POST", "/collections", json={"name": "Kills"}).json()
    with file.open("rb") as content:
        added = stack.api("POST", "/documents", files={"file": content}, data={"collection": collection["id"]}).json()
    stack.wait_for(f"/documents/{added['id']}", values=("ready",), seconds=90)


@pytest.fixture
def slow(stack: Stack) -> Iterator[None]:
    """The model takes its time, so that there is a middle."""
    before, stack.model.delay = stack.model.delay, SLOW
    yield
    stack.model.delay = before


def ask(stack: Stack) -> str:
    answer = stack.api("POST", "/answers", json={"question": "What was net debt at the end of the year?"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(stack: Stack, answer: str, seconds: float = 60) -> dict[str, Any]:
    return stack.wait_for(f"/answers/{answer}", values=("done", "failed", "cancelled"), seconds=seconds)


def reasoning(stack: Stack, answer: str) -> None:
    stack.wait_for(f"/answers/{answer}", values=("reasoning",), seconds=30)
    time.sleep(4 * SLOW)


def whole(stack: Stack) -> None:
    """Ask once more and see it answered."""
    stack.model.delay = 0.0
    answer = ended(stack, ask(stack))
    assert (answer["status"], answer["outcome"]) == ("done", "answered"), answer["notice"]
    assert answer["citations"][0]["quote_found"]


@pytest.mark.usefixtures("documents", "slow")
def test_the_worker_is_killed(stack: Stack) -> None:
    answer = ask(stack)
    reasoning(stack, answer)
    stack.restart("answers")
    end = ended(stack, answer)
    assert (end["status"], end["error"]["code"]) == ("failed", "interrupted")
    assert end["error"]["detail"].startswith("The worker that was writing this answer stopped.")
    assert end["reasoning"]["text"]
    assert end["record"]["sequence"]
    whole(stack)


@pytest.mark.usefixtures("documents", "slow")
def test_the_web_server_is_killed(stack: Stack) -> None:
    answer = ask(stack)
    reasoning(stack, answer)
    stack.restart("web")
    stack.model.delay = 0.0
    assert eventually(lambda: _is_up(stack), seconds=60)
    end = ended(stack, answer)
    assert (end["status"], end["outcome"]) == ("done", "answered")
    whole(stack)


def _is_up(stack: Stack) -> bool:
    try:
        return stack.api("GET", "/me").is_success
    except httpx.HTTPError:
        return False


@pytest.mark.usefixtures("documents")
def test_the_model_dies(stack: Stack) -> None:
    name = stack.model.models[0]
    stack.model.scripts[name] = [
        [{"delta": {"reasoning": "Passage 1 says so."}}, {"delta": {"content": "Net debt"}}, {"disconnect": True}]
    ]
    try:
        end = ended(stack, ask(stack))
    finally:
        del stack.model.scripts[name]
    assert (end["status"], end["outcome"], end["notice"]["code"]) == ("done", "extracted", "model_disconnected")
    assert end["notice"]["detail"].startswith("No model wrote this")
    assert "1,204 million" in end["text"]
    assert end["reasoning"]["text"] == "Passage 1 says so."
    whole(stack)
