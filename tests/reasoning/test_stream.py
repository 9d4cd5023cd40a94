"""Readers follow an answer from any point, and miss and repeat nothing."""

import asyncio
import uuid

import pytest

from apps.reasoning import stream
from apps.reasoning.events import (
    AnswerDelta,
    AnswerReset,
    Done,
    Event,
    Failed,
    ReasoningDelta,
    Retrieved,
    StatusChanged,
)
from apps.reasoning.models import AnswerStatus
from tests.factories import AnswerFactory

EVENTS: list[Event] = [
    StatusChanged("retrieving", {}),
    ReasoningDelta("Größe ✓ "),
    AnswerDelta("Yes"),
    Done("x"),
]


def publish(answer: uuid.UUID, events: list[Event] = EVENTS) -> list[str]:
    return [stream.append(answer, event) for event in events]


async def follow(answer: object, last: str | None = None) -> list[tuple[str, Event | None]]:
    return [pair async for pair in stream.tail(str(answer), last)]


async def test_a_late_reader_gets_everything_in_order() -> None:
    answer = uuid.uuid4()
    ids = publish(answer)
    assert await follow(answer) == list(zip(ids, EVENTS, strict=True))


@pytest.mark.parametrize("seen", range(1, len(EVENTS)))
async def test_a_reader_that_comes_back_goes_on_after_the_last_one_it_saw(seen: int) -> None:
    answer = uuid.uuid4()
    ids = publish(answer)
    assert [id for id, _ in await follow(answer, ids[seen - 1])] == ids[seen:]


async def test_a_reader_that_saw_the_end_is_told_nothing_more() -> None:
    answer = uuid.uuid4()
    ids = publish(answer)
    assert await asyncio.wait_for(follow(answer, ids[-1]), 3) == []


@pytest.mark.parametrize("hostile", ["", "0", "$", "1-1 COUNT 5", "9" * 40 + "-1", "-1-0"])
async def test_an_id_that_is_none_starts_from_the_beginning(hostile: str) -> None:
    answer = uuid.uuid4()
    publish(answer)
    assert len(await follow(answer, hostile)) == len(EVENTS)


async def test_two_readers_see_the_same_while_it_is_written() -> None:
    answer = uuid.uuid4()
    ids = publish(answer, EVENTS[:1])
    readers = [asyncio.create_task(follow(answer)) for _ in range(2)]
    for event in EVENTS[1:]:
        await asyncio.sleep(0.05)
        ids.append(await asyncio.to_thread(stream.append, answer, event))
    for seen in await asyncio.gather(*readers):
        assert [pair for pair in seen if pair[0]] == list(zip(ids, EVENTS, strict=True))


async def test_silence_is_filled_with_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_HEARTBEAT", 0.1)
    answer = uuid.uuid4()
    publish(answer, EVENTS[:1])
    seen = stream.tail(str(answer), None)
    assert (await anext(seen))[1] == EVENTS[0]
    assert await anext(seen) == ("", None)
    publish(answer, EVENTS[3:])
    assert (await anext(seen))[1] == EVENTS[3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"status": AnswerStatus.DONE}, "done"),
        ({"status": AnswerStatus.CANCELLED}, "done"),
        ({"status": AnswerStatus.FAILED, "error_code": "internal", "error_detail": "Broke."}, "error"),
    ],
)
async def test_where_the_stream_is_gone_the_stored_end_is_told(
    fields: dict[str, str], end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_HEARTBEAT", 0.1)
    answer = await asyncio.to_thread(lambda: AnswerFactory(**fields))
    [(_, event)] = await asyncio.wait_for(follow(answer.pk), 5)
    assert event is not None
    assert event.name == end


@pytest.mark.django_db(transaction=True)
async def test_an_answer_that_was_deleted_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_HEARTBEAT", 0.1)
    [(_, event)] = await asyncio.wait_for(follow(uuid.uuid4()), 5)
    assert isinstance(event, Failed)


def test_what_was_streamed_can_be_put_together_again() -> None:
    answer = uuid.uuid4()
    candidate = {"rank": 1}
    publish(
        answer,
        [
            StatusChanged("reasoning", {}), Retrieved([candidate]), ReasoningDelta("a"), ReasoningDelta("b"),
            AnswerDelta("wrong"), AnswerReset("why"), AnswerDelta("ri"), AnswerDelta("ght"),
        ],
    )  # fmt: skip
    collected = stream.collect(answer)
    assert (collected.reasoning, collected.text, collected.status) == ("ab", "right", "reasoning")
    assert collected.candidates == [candidate]


def test_without_redis_the_answer_goes_on(settings: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"  # type: ignore[attr-defined]
    stream._client.cache_clear()
    try:
        assert stream.append(uuid.uuid4(), EVENTS[0]) == ""
        assert not stream.stop_requested(uuid.uuid4())
        assert stream.collect(uuid.uuid4()).text == ""
    finally:
        stream._client.cache_clear()
