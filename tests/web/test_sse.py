"""An answer while it is made: pieces of the page, without loss or repeat."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from apps.reasoning import stream
from apps.reasoning.events import (
    AnswerDelta,
    AnswerReset,
    Done,
    Event,
    ReasoningDelta,
    Restarted,
    Retrieved,
    StatusChanged,
)
from apps.web.sse import fragments, settled_length
from tests.factories import AnswerFactory, UserFactory, answer_with_grounds

PASSAGE = {"id": str(uuid.uuid4()), "document": {"id": str(uuid.uuid4()), "title": "Report"}, "page": 3, "version": 1}
STORY: list[Event] = [
    StatusChanged("retrieving", {}),
    Retrieved([{"marker": 1, "passage": PASSAGE, "reason": "used_not_cited"}]),
    StatusChanged("retrieving", {"passages": 40, "searched": 98, "seconds": 0.4}),
    StatusChanged("reasoning", {}),
    ReasoningDelta("Passage 1 says "),
    ReasoningDelta("🎉 that debt rose."),
    AnswerDelta("Debt <b>rose</b> [1]."),
    AnswerDelta("\n\nIt is so."),
    Done("x"),
]

Shown = list[tuple[str, str, dict[str, Any]]]


async def told(events: list[Event], *, gap: float = 0.0) -> AsyncIterator[tuple[str, Event | None]]:
    for number, event in enumerate(events, start=1):
        await asyncio.sleep(gap)
        yield f"{number}-0", event


async def ending() -> dict[str, Any]:
    return {"layout": "reading", "html": "<p>done</p>"}


async def read(lines: AsyncIterator[str]) -> Shown:
    """Return id, kind and data of each event."""
    text = "".join([line async for line in lines])
    shown = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith((":", "retry")))
        if fields:
            shown.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
    return shown


class Page:
    """What stream.js makes of the events."""

    def __init__(self) -> None:
        self.trace, self.paragraphs, self.steps, self.done = "", "", "", ""

    def take(self, shown: Shown) -> "Page":
        for _, kind, data in shown:
            if kind == "trace":
                units = self.trace.encode("utf-16-le")
                fresh = data["text"].encode("utf-16-le")[max(len(units) - 2 * data["at"], 0) :]
                self.trace = (units + fresh).decode("utf-16-le")
            elif kind == "restart":
                self.trace = ""
            elif kind == "para":
                assert data["from"] <= self.paragraphs.count('class="para')
                kept = self.paragraphs.split('<div class="para')[: data["from"] + 1]
                self.paragraphs = '<div class="para'.join(kept) + data["html"]
            elif kind == "steps":
                self.steps = data["html"]
            elif kind == "reset":
                self.paragraphs = ""
            elif kind == "done":
                self.done = data["html"]
        return self


async def follow(events: list[Event], **options: Any) -> Shown:
    return await read(fragments(told(events, gap=options.pop("gap", 0.0)), ending, **options))


async def test_steps_reasoning_and_answer_arrive_and_then_the_finished_page() -> None:
    page = Page().take(await follow(STORY, gap=0.01, pause=0.005))
    assert page.trace == "Passage 1 says 🎉 that debt rose."
    assert page.paragraphs.count('class="para') == 2
    assert "40 passages in 0.4" in page.steps
    assert page.done == "<p>done</p>"


async def test_what_the_model_writes_is_escaped_and_cites_while_it_streams() -> None:
    page = Page().take(await follow(STORY, gap=0.01, pause=0.005))
    assert "&lt;b&gt;rose&lt;/b&gt;" in page.paragraphs
    assert f"/documents/{PASSAGE['document']['id']}/?page=3" in page.paragraphs
    assert 'data-marker="1"' in page.paragraphs


@pytest.mark.parametrize("seen", range(1, len(STORY)))
async def test_a_reader_who_comes_back_misses_nothing_and_sees_nothing_twice(seen: int) -> None:
    whole = Page().take(await follow(STORY, gap=0.004, pause=0.001))
    before = Page().take([e for e in await follow(STORY[:seen], gap=0.004, pause=0.001) if e[1] != "done"])
    after = await follow(STORY, seen=f"{seen}-0", gap=0.004, pause=0.001)
    page = before.take(after)
    assert (page.trace, page.paragraphs) == (whole.trace, whole.paragraphs)
    had = len("".join(e.delta for e in STORY[:seen] if isinstance(e, ReasoningDelta)).encode("utf-16-le")) // 2
    assert all(data["at"] >= had for _, kind, data in after if kind == "trace")


async def test_many_small_deltas_are_sent_together() -> None:
    deltas: list[Event] = [ReasoningDelta(f"{n} ") for n in range(500)]
    shown = await follow([StatusChanged("reasoning", {}), *deltas, Done("x")], pause=0.2)
    assert len([kind for _, kind, _ in shown if kind == "trace"]) <= 3


async def test_the_last_words_do_not_wait_for_the_next_event() -> None:
    async def slow() -> AsyncIterator[tuple[str, Event | None]]:
        yield "1-0", ReasoningDelta("one ")
        yield "2-0", ReasoningDelta("two")
        await asyncio.sleep(30)
        yield "3-0", Done("x")

    lines = fragments(slow(), ending, pause=0.05)
    seen = ""
    async with asyncio.timeout(5):
        async for line in lines:
            seen += line
            if "two" in seen:
                break
    await lines.aclose()  # type: ignore[attr-defined]
    assert "two" in seen


async def test_void_text_is_taken_back() -> None:
    events = [*STORY[:7], AnswerReset("stopped"), AnswerDelta("Quoted [1]."), Done("x")]
    page = Page().take(await follow(events, gap=0.01, pause=0.001))
    assert "rose" not in page.paragraphs
    assert "Quoted" in page.paragraphs


@pytest.mark.parametrize("seen", ["", "1-0", "4-0", "9-0"])
async def test_reasoning_of_an_endpoint_that_failed_is_taken_back(seen: str) -> None:
    events = [*STORY[:7], Restarted("model_down"), ReasoningDelta("Passage 2 "), ReasoningDelta("says so."), Done("x")]
    page = Page()
    if seen:
        page.take([e for e in await follow(events[: int(seen.partition("-")[0])], pause=0.001) if e[1] != "done"])
    page.take(await follow(events, seen=seen, gap=0.01, pause=0.001))
    assert page.trace == "Passage 2 says so."


async def test_silence_is_kept_alive_by_comments() -> None:
    async def silent() -> AsyncIterator[tuple[str, Event | None]]:
        yield "", None
        yield "1-0", Done("x")

    lines = [line async for line in fragments(silent(), ending)]
    assert any(line.startswith(":") for line in lines)


MARKDOWN = "Debt rose [1].\n\n## Why\n\nCapital [1].\n\n- one\n\n- two\n\nSo.\n\n```\na\n\nb\n```\n\nEnd. "


async def test_text_that_comes_letter_by_letter_ends_up_as_the_same_text_at_once() -> None:
    letters: list[Event] = [AnswerDelta(letter) for letter in MARKDOWN]
    slowly = Page().take(await follow([*STORY[:2], *letters, Done("x")], gap=0.0005, pause=0.0001))
    at_once = Page().take(
        await follow([*STORY[:2], AnswerDelta(MARKDOWN), AnswerDelta("."), Done("x")], gap=0.01, pause=0)
    )
    last = '<div class="para'  # the last paragraph differs by the full stop that shows the second text
    slow, quick = (re.sub(r"\s+", " ", one.paragraphs).rpartition(last)[0] for one in (slowly, at_once))
    assert slow.strip() == quick.strip()
    assert slow.count(last) == 5


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("One.\n\nTwo", "One.\n\n"),
        ("One.\n\n- a\n\n- b", ""),
        ("## Head\n\nText", ""),
        ("One.\n\n## Head\n\nText\n\nNext", "One.\n\n## Head\n\nText\n\n"),
        ("```\na\n\nb", ""),
        ("One.\n\n| a |", ""),
        ("No end", ""),
    ],
)
def test_only_what_no_further_word_can_change_is_settled(text: str, settled: str) -> None:
    assert text[: settled_length(text)] == settled


@pytest.mark.django_db(transaction=True)
class TestOverHTTP:
    @pytest.fixture(autouse=True)
    async def _given_back(self) -> AsyncIterator[None]:
        yield
        await sync_to_async(connections.close_all)()

    async def test_a_stream_ends_with_the_page_that_a_reload_gives(self) -> None:
        reader = await sync_to_async(UserFactory)()
        answer = await sync_to_async(answer_with_grounds)(reader)
        for event in (*STORY[:-1], Done(str(answer.pk))):
            await sync_to_async(stream.append)(answer.pk, event)
        client = AsyncClient()
        await client.aforce_login(reader)
        response = await client.get(f"/answers/{answer.pk}/stream")
        assert response.headers["Content-Type"] == "text/event-stream"
        shown = await read(part.decode() async for part in response.streaming_content)
        assert shown[-1][1] == "done"
        reload = (await client.get(f"/answers/{answer.pk}/")).content.decode()
        assert "Net debt was 4,120 million" in shown[-1][2]["html"]
        assert _without_tokens(shown[-1][2]["html"]) in _without_tokens(reload)

    async def test_an_answer_whose_stream_is_gone_is_shown_at_once(self) -> None:
        reader = await sync_to_async(UserFactory)()
        answer = await sync_to_async(answer_with_grounds)(reader)
        client = AsyncClient()
        await client.aforce_login(reader)
        response = await client.get(f"/answers/{answer.pk}/stream", headers={"last-event-id": "5-0"})
        shown = await read(part.decode() async for part in response.streaming_content)
        assert [kind for _, kind, _ in shown if kind == "done"] == ["done"]

    async def test_the_stream_of_somebody_elses_answer_does_not_exist(self) -> None:
        answer = await sync_to_async(AnswerFactory)()
        client = AsyncClient()
        await client.aforce_login(await sync_to_async(UserFactory)())
        assert (await client.get(f"/answers/{answer.pk}/stream")).status_code == 404

    async def test_nobody_signed_in_gets_no_stream(self) -> None:
        answer = await sync_to_async(AnswerFactory)()
        assert (await AsyncClient().get(f"/answers/{answer.pk}/stream")).status_code == 302


def _without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html).strip()
