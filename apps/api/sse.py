"""Server-sent events: an answer's or a document's, numbered so that a reader who lost the line goes on where it broke.

Once a second the database is asked whether the reader may still read; it is not for an event of an answer, and no connection is
held between.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja.responses import NinjaJSONEncoder
from redis.exceptions import RedisError

from apps.accounts.scope import Scope
from apps.api.documents import shown
from apps.api.errors import problem_body, status_of
from apps.api.schemas import answers as wire
from apps.core.errors import NotFound, ToulminError, Unavailable
from apps.documents.models import Document
from apps.reasoning.events import Claimed, Conflicted, Done, Event, Failed, Figured
from apps.reasoning.following import follow
from apps.reasoning.models import Answer
from apps.reasoning.objects import answer_object
from apps.reasoning.withholding import WITHHELD

_POLL = 1.0
_ENDED_BY = {NotFound.code: 404, WITHHELD: 403}
_SILENCE = 10.0
BEAT = ": still here\n\n"


def event_stream(chunks: AsyncIterator[str]) -> StreamingHttpResponse:
    """Return the response that sends `chunks` as they come, through proxies that would rather collect them."""
    return StreamingHttpResponse(
        _without_a_connection(chunks),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def frame(name: str, data: Any, id: str = "") -> str:
    """Return one event as it goes over the wire."""
    text = json.dumps(data, cls=NinjaJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return (f"id: {id}\n" if id else "") + f"event: {name}\ndata: {text}\n\n"


async def answer_events(request: HttpRequest, scope: Scope, pk: uuid.UUID | str, last: str) -> AsyncIterator[str]:
    """Yield the events of an answer after `last`, to its end. `done` carries the whole Answer, `error` a Problem.

    It ends with an error where the reader may see no longer what the answer is written from.
    """
    try:
        async for id, event in follow(scope, pk, last or None):
            yield BEAT if event is None else frame(event.name, await _data_of(request, scope, event), id)
    except ToulminError as error:
        yield _error(request, error)
    except RedisError:
        yield _error(request, Unavailable(_("The stream was interrupted. Ask for the answer itself in a moment.")))


async def document_events(request: HttpRequest, scope: Scope, pk: uuid.UUID) -> AsyncIterator[str]:
    """Yield the Document whenever its reading has moved on, as `progress`, and at the end as `done`."""
    number, quiet, before = 0, 0.0, None
    while True:
        try:
            now, finished = await _read(_document, scope, pk)
        except ToulminError as error:
            yield _error(request, error)
            return
        if now != before or finished:
            number, quiet, before = number + 1, 0.0, now
            yield frame("done" if finished else "progress", now, str(number))
        elif quiet >= _SILENCE:
            quiet = 0.0
            yield BEAT
        if finished:
            return
        await asyncio.sleep(_POLL)
        quiet += _POLL


async def _data_of(request: HttpRequest, scope: Scope, event: Event) -> Any:
    match event:
        case Done(answer):
            return await _read(_answer, scope, answer)
        case Failed(code, detail):
            return problem_body(request, _ENDED_BY.get(code, 503), code, detail)
        case Claimed(shown_as) | Figured(shown_as) | Conflicted(shown_as):
            return shown_as
        case _:
            return asdict(event)


def _answer(scope: Scope, pk: str) -> dict[str, Any]:
    """Return the Answer as it is fetched, to the byte."""
    scope = scope.renewed()
    value = answer_object(scope, Answer.objects.get_visible(scope, pk))
    return wire.Answer.model_validate(value).model_dump(exclude_unset=True)


def _document(scope: Scope, pk: uuid.UUID) -> tuple[dict[str, Any], bool]:
    scope = scope.renewed()
    document = Document.objects.get_visible(scope, pk)
    return shown(scope, document), document.latest is None or not document.latest.is_unfinished


async def _without_a_connection(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield the chunks, having given back the connection that opened them: Django would keep it until their end."""
    await sync_to_async(_give_back)()
    async for chunk in chunks:
        yield chunk


async def _read(load: Callable[[Scope, Any], Any], scope: Scope, pk: object) -> Any:
    """Return what `load` finds, and give the connection back: a stream may be open for hours."""

    def loaded() -> Any:
        try:
            return load(scope, pk)
        finally:
            _give_back()

    return await sync_to_async(loaded)()


def _give_back() -> None:
    if not connection.in_atomic_block:
        close_old_connections()


def _error(request: HttpRequest, error: ToulminError) -> str:
    return frame("error", problem_body(request, status_of(error), error.code, error.detail))
