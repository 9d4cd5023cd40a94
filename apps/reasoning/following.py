"""An answer's events for one reader, who is looked at again once a second: may they still read what it is written from?

Whoever may no longer gets `Failed("withheld")`, or `Failed("not_found")`, within two seconds, and nothing after that. No
connection to the database is held between two looks.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.reasoning import stream
from apps.reasoning.events import Done, Event, Failed, Retrieved
from apps.reasoning.models import Answer
from apps.reasoning.withholding import WITHHELD, hidden_documents, withheld_sentence

LOOK = 1.0
"""Seconds between two looks."""

Numbered = tuple[str, Event | None]


async def follow(scope: Scope, answer_id: uuid.UUID | str, last_id: str | None) -> AsyncIterator[Numbered]:
    """Yield what `stream.tail` does, as far and as long as the scope may see it."""
    look = _Look(scope, str(answer_id))
    if last_id:
        look.remember(await stream.retrieved(answer_id))
    tail, position = stream.tail(answer_id, last_id), last_id or ""
    upcoming: asyncio.Future[Numbered] | None = None
    try:
        while True:
            if look.is_due() and (refused := await look.again()):
                yield position, refused
                return
            upcoming = upcoming or asyncio.ensure_future(anext(tail))
            await asyncio.wait({upcoming}, timeout=look.seconds_left())
            if not upcoming.done():
                continue
            try:
                position, event = upcoming.result()
            except StopAsyncIteration:
                return
            finally:
                upcoming = None
            if isinstance(event, Retrieved):
                look.remember(event)
                if refused := await look.again():
                    yield position, refused
                    return
                event = look.seen(event)
            yield position, event
            if isinstance(event, Done | Failed):
                return
    finally:
        if upcoming is not None:
            upcoming.cancel()


class _Look:
    """What the answer is written from, and whether its reader may see that."""

    def __init__(self, scope: Scope, answer_id: str) -> None:
        self._scope, self._answer_id = scope, answer_id
        self._read: set[uuid.UUID] = set()
        self._considered: set[uuid.UUID] = set()
        self._hidden: set[uuid.UUID] = set()
        self._due = 0.0

    def is_due(self) -> bool:
        return self.seconds_left() <= 0

    def seconds_left(self) -> float:
        return max(self._due - asyncio.get_running_loop().time(), 0.0)

    def remember(self, event: Retrieved | None) -> None:
        """Note what was found for the answer, and what of it the model reads."""
        candidates = event.candidates if event else []
        self._considered |= {_document(one) for one in candidates}
        self._read |= {_document(one) for one in candidates if one.get("marker") is not None}

    def seen(self, event: Retrieved) -> Retrieved:
        """Return what was found, without what may not be seen."""
        return replace(event, candidates=[one for one in event.candidates if _document(one) not in self._hidden])

    async def again(self) -> Failed | None:
        """Return why the reader may follow no longer; None where they may."""
        refused = await sync_to_async(self._look)()
        self._due = asyncio.get_running_loop().time() + LOOK
        return refused

    def _look(self) -> Failed | None:
        try:
            scope = self._scope.renewed()
            if not Answer.objects.visible_to(scope).filter(pk=self._answer_id).exists():
                return Failed(NotFound.code, NotFound().detail)
            self._hidden = hidden_documents(scope, self._considered)
            return None if self._hidden.isdisjoint(self._read) else Failed(WITHHELD, withheld_sentence())
        finally:
            if not connection.in_atomic_block:
                close_old_connections()


def _document(candidate: dict[str, Any]) -> uuid.UUID:
    return uuid.UUID(candidate["passage"]["document"]["id"])
