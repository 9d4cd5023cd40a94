"""Reading server-sent events as a client does."""

import asyncio
import json
import warnings
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync


@dataclass(frozen=True, slots=True)
class Received:
    id: str
    name: str
    data: Any


def read_events(response: Any, *, seconds: float = 20.0) -> list[Received]:
    """Return every event of a stream, which must end by itself."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    return [
        _event(block)
        for block in read_bytes(response, seconds=seconds).decode().split("\n\n")
        if block and not block.startswith(":")
    ]


def read_bytes(response: Any, *, seconds: float = 20.0) -> bytes:
    """Return the whole body of a response that is sent as it is read."""

    async def collected() -> list[bytes]:
        return [chunk async for chunk in response]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chunks = async_to_sync(lambda: asyncio.wait_for(collected(), seconds))()
    return b"".join(chunks)


def _event(block: str) -> Received:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return Received(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
