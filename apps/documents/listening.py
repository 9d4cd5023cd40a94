"""Hear what a child says while it reads: line by line, for as long and as much as it may, and only what makes sense.

The child handled bytes that may be hostile, so what it says is validated and never unpickled.
One that computes long, or without saying anything, steps back, so that whatever it is at delays nobody else.
"""

import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter

from apps.documents.parsing import Unreadable
from apps.documents.wire import Message

_HEARTBEAT = 0.5
_AT_ONCE = 1 << 20
_LONGEST_LINE = 32 << 20
_ORDINARY_SILENCE = 0.5
"""The processor seconds that a reader takes to start, or for a page; recognising a scan takes longer, and may."""
_NICENESS = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_Step = TypeVar("_Step")
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def decode(line: bytes) -> Message:
    """Return the message in a line; raises `ValueError` for anything else."""
    return _MESSAGE.validate_json(line)


def lines(child: subprocess.Popen[bytes], *, most: int, ordinary: float) -> Iterator[bytes]:
    """Yield whole lines as they come, and an empty one for each half second of silence. Raises `Unreadable` after `most` bytes.

    After `ordinary` seconds of computing, or a while of it in silence, the child steps back.
    """
    assert child.stdout is not None  # noqa: S101  # it was opened as a pipe
    received, rest, pace = 0, bytearray(), _Pace(child, ordinary)
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            is_heard = bool(selector.select(_HEARTBEAT))
            pace.watch(is_heard=is_heard)
            if not is_heard:
                yield b""
                continue
            data = os.read(child.stdout.fileno(), _AT_ONCE)
            if not data:
                return
            received += len(data)
            if received > most or len(rest) > _LONGEST_LINE:
                raise _too_much_text()
            *whole, last = data.split(b"\n")
            for part in whole:
                yield bytes(rest + part)
                rest.clear()
            rest += last


def within(seconds: float, steps: Iterator[_Step]) -> Iterator[_Step]:
    """Yield the steps; raises `Unreadable` once they have taken so long. What the caller does meanwhile takes none of it."""
    left = seconds
    while True:
        begun = time.monotonic()
        try:
            step = next(steps)
        except StopIteration:
            return
        left -= time.monotonic() - begun
        if left <= 0:
            raise _too_slow(seconds)
        yield step


class _Pace:
    """Leaves a child that computes long what others leave of the processors, with all its threads and for good."""

    def __init__(self, child: subprocess.Popen[bytes], ordinary: float) -> None:
        self._child, self._ordinary = child, ordinary
        self._heard_at = 0.0
        self._is_back = False

    def watch(self, *, is_heard: bool) -> None:
        if self._is_back:
            return
        used = _processor_seconds(self._child)
        if used > min(self._heard_at + _ORDINARY_SILENCE, self._ordinary):
            self._is_back = True
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PGRP, self._child.pid, _NICENESS)
        elif is_heard:
            self._heard_at = used


def _processor_seconds(child: subprocess.Popen[bytes]) -> float:
    """Return what the child has computed until now; nothing where the system does not tell."""
    try:
        after_name = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


def _too_slow(seconds: float) -> Unreadable:
    return Unreadable(
        f"Reading this document took longer than {seconds:.0f} seconds and was stopped. "
        "Split it into smaller parts and send those.",
        code="too_slow",
    )


def _too_much_text() -> Unreadable:
    return Unreadable(
        "This document holds more text than one document may. Split it into smaller parts and send those.",
        code="too_much_text",
    )
