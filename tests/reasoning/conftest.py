"""Passages, a model server that replays scripts, and a search that returns what a test puts in."""

import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar

import pytest
from django.core.cache import cache

from apps.reasoning.events import AnswerDelta, AnswerReset, Event
from apps.retrieval.passages import Passage, PassageLine, Scores, SearchResult
from apps.serving.catalogue import ModelEntry
from apps.serving.client import OpenAICompatible
from apps.serving.endpoints import Served, entry_of
from apps.serving.health import ModelState
from apps.serving.line import Ready
from inference.stub import Script, StubServer

Made = TypeVar("Made")

NET_DEBT = "Net debt stood at £1,204 million at 31 March 2025, against £1,087 million a year earlier."
COVENANT = "The Borrower shall ensure that Leverage does not exceed 3.75:1 on each test date."
PENSION = "The pension scheme closed to new members in 2011."


def make_passage(text: str = NET_DEBT, **changes: Any) -> Passage:
    """Return a passage on page 84 whose printed lines are the lines of its text, one tenth of the page each."""
    lines, at = [], 0
    for number, line in enumerate(text.split("\n")):
        lines.append(PassageLine(at, at + len(line), (0.1, 0.1 * number, 0.9, 0.1 * number + 0.08)))
        at += len(line) + 1
    fields: dict[str, Any] = {
        "id": uuid.uuid4(),
        "document_id": uuid.uuid4(),
        "document_title": "Annual Report 2025",
        "collection_id": uuid.uuid4(),
        "version_id": uuid.uuid4(),
        "version": 1,
        "text": text,
        "page": 84,
        "boxes": tuple(line.box for line in lines),
        "lines": tuple(lines),
        "heading": "Note 19",
        "language": "en",
        "scores": Scores(vector=0.8, keyword=2.0, fused=0.03),
        "rank": 1,
    }
    return Passage(**fields | changes)


def followed(steps: Generator[Event, None, Made]) -> tuple[list[Event], Made]:
    """Return all events of something in the making, and what came of it."""
    events: list[Event] = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


def text_shown(events: Iterable[Event]) -> str:
    """Return the words of an answer as a reader of its events holds them at the end."""
    text = ""
    for event in events:
        if isinstance(event, AnswerDelta):
            text += event.delta
        elif isinstance(event, AnswerReset):
            text = ""
    return text


def found(*passages: Passage, searched: int = 40) -> SearchResult:
    """Return what a search found, best first."""
    return SearchResult(passages, ("vector", "keyword"), "1:test", searched, 0.01)


class FakeSearch:
    """Returns the passages it was made with, whatever is asked; keeps what was asked."""

    def __init__(self, *passages: Passage, searched: int = 40) -> None:
        self.result = found(*passages, searched=searched)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, scope: Any, question: str, **options: Any) -> SearchResult:
        self.asked.append({"scope": scope, "question": question, **options})
        return self.result


R1 = ModelEntry(
    key="r1",
    id="deepseek-ai/R1",
    label="R1",
    context=32768,
    system_prompt="fold_into_user",
    think_prefix="template",
    temperature=0.6,
    top_p=0.95,
)
PLAIN = ModelEntry(key="plain", id="plain", label="Plain", context=32768, temperature=0.6, top_p=0.95)


def ready_at(
    server: StubServer, model: str = "script:case", *, id: str = "one", name: str = "First", silence: float = 5.0
) -> Ready:
    """Return an endpoint that can be asked: a server, by one of its models."""
    endpoint = Served(id, name, "compatible", server.url, model)
    state = ModelState("ready", model, endpoint=server.url, context=server.context, endpoint_id=id)
    return Ready(endpoint, state, entry_of(endpoint, model), OpenAICompatible(server.url, silence=silence, attempts=1))


@pytest.fixture
def serve() -> Iterator[Callable[..., StubServer]]:
    """Return a function that starts a server; `serve(name=script)` replays a script for the model `script:name`."""
    running: list[StubServer] = []

    def start(*, options: dict[str, Any] | None = None, **scripts: Script) -> StubServer:
        server = StubServer(scripts=scripts, **options or {})
        server.__enter__()
        running.append(server)
        return server

    yield start
    for server in running:
        server.__exit__()


@pytest.fixture
def clean_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def eventually(true: Callable[[], bool], *, seconds: float = 5.0) -> bool:
    """Return whether something becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False
