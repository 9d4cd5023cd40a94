"""An answer while it is made, as server-sent events whose data are fragments of the page.

Fragments come from the same partials as the page. At most five times a second whatever is new is sent; the id of an event
is the id of the last event of the stream in it, so a reader who comes back with it loses nothing and sees nothing twice. The
database is asked at the opening and at the end, never between.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string

from apps.reasoning import events
from apps.reasoning.events import Done, Event, Failed
from apps.web.answer_page import streamed_paragraphs
from apps.web.answer_steps import running_steps

PAUSE = 0.2
"""Seconds between two flushes."""

Message = tuple[str, dict[str, Any]]
"""A kind of fragment (steps, restart, trace, para, reset, done) and its data."""

Tail = AsyncIterator[tuple[str, Event | None]]
Ending = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class LivePage:
    """What a reader's page shows of an answer so far, and what it has yet to be sent. Pure."""

    status: str = "queued"
    passages: dict[int, dict[str, Any]] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    text: str = ""
    ended: bool = False
    _reasoning: list[str] = field(default_factory=list)
    _reasoning_sent: int = 0
    _shown: list[str] = field(default_factory=list)
    _settled: int = 0
    _settled_shown: int = 0
    _steps_new: bool = True
    _text_new: bool = False
    _reset: bool = False
    _restarted: bool = False

    def absorb(self, event: Event) -> None:
        """Take in one event of the answer."""
        match event:
            case events.StatusChanged(status, figures):
                self.status, self._steps_new = status, True
                if figures:
                    self.figures[status] = figures
            case events.Retrieved(candidates):
                self.passages = {c["marker"]: c["passage"] for c in candidates if c.get("marker")}
            case events.ReasoningDelta(delta):
                self._reasoning.append(delta)
            case events.AnswerDelta(delta):
                self.text += delta
                self._text_new = True
            case events.AnswerReset():
                self.text, self._shown, self._reset, self._text_new = "", [], True, False
                self._settled = self._settled_shown = 0
            case events.Restarted():
                self._reasoning, self._reasoning_sent, self._restarted = [], 0, True
            case Done() | Failed():
                self.ended = True
            case _:
                pass

    def take(self) -> list[Message]:
        """Return what is new since the last call."""
        found: list[Message] = []
        if self._steps_new:
            steps = running_steps(self.status, self.figures)
            found.append(("steps", {"html": render_to_string("components/steps.html", {"steps": steps})}))
        if self._restarted:
            found.append(("restart", {}))
        if self._reasoning:
            text = "".join(self._reasoning)
            found.append(("trace", {"at": self._reasoning_sent, "text": text}))
            # Counted as a browser counts, in UTF-16 units.
            self._reasoning_sent += len(text.encode("utf-16-le")) // 2
        if self._reset:
            found.append(("reset", {}))
        if self._text_new:
            found += self._new_paragraphs()
        self._steps_new = self._text_new = self._reset = self._restarted = False
        self._reasoning = []
        return found

    def _new_paragraphs(self) -> list[Message]:
        """Return the paragraphs from the first that changed on; those before it stay as they are on the page.

        What no further word can change is rendered once, so that a long answer costs no more than its last paragraph.
        """
        now = self._shown[: self._settled_shown]
        settled = settled_length(self.text, self._settled)
        if settled > self._settled:
            now = now + self._render(self.text[self._settled : settled], first=not now)
            self._settled, self._settled_shown = settled, len(now)
        now = now + self._render(self.text[self._settled :], first=not now)
        same = 0
        while same < min(len(now), len(self._shown)) and now[same] == self._shown[same]:
            same += 1
        changed = same < len(now) or same < len(self._shown)
        self._shown = now
        return [("para", {"from": same, "html": "".join(now[same:])})] if changed else []

    def _render(self, text: str, *, first: bool) -> list[str]:
        return streamed_paragraphs(text, self.passages, lead=first)


_NEW_BLOCK = re.compile(r"\n[ \t]*\n(?=[^\s>|*+\-\d`~])")
_HEADING = re.compile(r"#{1,6}[ \t].*")


def settled_length(text: str, known: int = 0) -> int:
    """Return how much of an unfinished Markdown text is certain: up to the last blank line after which a new block begins.

    Nothing inside a fence is, nor a heading without its paragraph. `known` is an earlier result for the same text.
    """
    settled = known
    for found in _NEW_BLOCK.finditer(text, known):
        before = text[settled : found.start()]
        last_line = before.rpartition("\n")[2]
        if not _HEADING.fullmatch(last_line.strip()) and text.count("```", 0, found.start()) % 2 == 0:
            settled = found.end()
    return settled


async def fragments(tail: Tail, ending: Ending, *, seen: str = "", pause: float = PAUSE) -> AsyncIterator[str]:
    """Yield the lines of the event stream. `tail` begins at the answer's beginning; what a reader who has `seen` an id
    already shows is taken in and not sent. `ending` renders the finished page."""
    page, position = LivePage(), ""
    behind = bool(seen)
    yield "retry: 1500\n\n"
    if not behind:
        for line in _flush(page, ""):
            yield line
    async for batch in _batches(tail, pause):
        if not batch:
            yield ": still here\n\n"
        for event_id, event in batch:
            if behind and _number(event_id) > _number(seen):
                page.take()
                behind = False
            position = event_id
            page.absorb(event)
        if not behind and not page.ended:
            for line in _flush(page, position):
                yield line
        if page.ended:
            break
    yield _message("done", await ending(), position)


async def _batches(tail: Tail, pause: float) -> AsyncIterator[list[tuple[str, Event]]]:
    """Yield what came since the last batch, at least `pause` seconds apart; an empty list for a heartbeat."""
    clock = asyncio.get_running_loop().time
    batch: list[tuple[str, Event]] = []
    upcoming: asyncio.Future[tuple[str, Event | None]] | None = None
    due = clock()
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(tail))
            await asyncio.wait({upcoming}, timeout=max(due - clock(), 0) if batch else None)
            if upcoming.done():
                event_id, event = upcoming.result()
                upcoming = None
                if event is None:
                    yield []
                    continue
                batch.append((event_id, event))
                if clock() < due and not isinstance(event, Done | Failed):
                    continue
            yield batch
            batch, due = [], clock() + pause
    except StopAsyncIteration:
        if batch:
            yield batch
    finally:
        if upcoming is not None:
            upcoming.cancel()


def _flush(page: LivePage, position: str) -> list[str]:
    found = page.take()
    return [_message(kind, data, position if at == len(found) - 1 else "") for at, (kind, data) in enumerate(found)]


def _message(kind: str, data: dict[str, Any], event_id: str = "") -> str:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _number(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return (int(milliseconds), int(sequence or 0)) if milliseconds.isdigit() else (0, 0)
