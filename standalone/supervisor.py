"""Keep a handful of children running: start them, start them again when they die, stop them all in order.

Children die with this process even when it is killed: the kernel tells them (see `standalone.processes`).
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standalone.processes import stop_with_parent

_STEADY = 60.0  # seconds after which a part counts as having run well
_LONGEST_PAUSE = 30.0
_TRIES = 3  # of a chore


@dataclass(frozen=True, slots=True)
class Part:
    """What to run; `title` is what people call it. Stopping sends `signals` in turn, `patience` seconds apart, then kills."""

    name: str
    title: str
    command: Sequence[str]
    signals: Sequence[signal.Signals] = (signal.SIGTERM,)
    orphaned: signal.Signals = signal.SIGTERM  # what the kernel sends when the supervisor is killed
    patience: float = 5.0
    once: bool = False  # a chore: done when it ends well, given up after a few failures


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """The children of this process. Everything is called from the main thread: the kernel binds children to the thread
    that started them."""

    environment: Mapping[str, str]
    folder: Path
    open_log: Callable[[str], int]
    say: Callable[[str], None]
    _running: dict[str, _Running] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def start(self, part: Part) -> None:
        """Start a part and keep it running from now on."""
        running = self._running[part.name] = _Running(part)
        self._launch(running)

    def is_done(self, name: str) -> bool:
        """Return whether a chore has ended well."""
        return name in self._done

    def process_of(self, name: str) -> subprocess.Popen[bytes] | None:
        """Return the process that a part runs in now."""
        running = self._running.get(name)
        return running.process if running else None

    def tend(self) -> None:
        """Look after everything once: note who died, start whose pause is over."""
        now = time.monotonic()
        for running in list(self._running.values()):
            if running.process is None:
                if now >= running.due:
                    self._launch(running)
            elif (status := running.process.poll()) is not None:
                self._note_end(running, status, now)

    def stop(self, *, at_once: Callable[[], bool] = lambda: False) -> None:
        """Stop all children together; `at_once` is asked meanwhile and cuts the patience short."""
        begun = time.monotonic()
        rounds: dict[str, int] = dict.fromkeys(self._running, 0)
        alive = [running for running in self._running.values() if running.process is not None]
        while alive:
            for running in alive:
                self._press(running, rounds, time.monotonic() - begun, at_once())
            time.sleep(0.05)
            alive = [running for running in alive if running.process and running.process.poll() is None]
        for running in self._running.values():
            if running.process is not None:
                _kill_session(running.process)
        self._running.clear()

    def _press(self, running: _Running, rounds: dict[str, int], waited: float, at_once: bool) -> None:
        """Send the next signal when its time has come."""
        part, process = running.part, running.process
        turn = rounds[part.name]
        if process is None or (waited < turn * part.patience and not at_once):
            return
        rounds[part.name] += 1
        if at_once or turn >= len(part.signals):
            _kill_session(process)
        else:
            process.send_signal(part.signals[turn])

    def _launch(self, running: _Running) -> None:
        log = self.open_log(running.part.name)
        try:
            running.process = subprocess.Popen(
                list(running.part.command),
                env=dict(self.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=stop_with_parent(running.part.orphaned),
            )
        finally:
            os.close(log)
        running.started = time.monotonic()

    def _note_end(self, running: _Running, status: int, now: float) -> None:
        part, process = running.part, running.process
        if process is not None:
            _kill_session(process)
        running.process = None
        running.failures = 1 if now - running.started > _STEADY else running.failures + 1
        if part.once and (status == 0 or running.failures >= _TRIES):
            del self._running[part.name]
            if status == 0:
                self._done.add(part.name)
            else:
                self.say(f"The {part.title} stopped ({_cause(status)}) and is given up until the next start.")
            return
        pause = min(_LONGEST_PAUSE, 2.0 ** (running.failures - 1) - 1)
        running.due = now + pause
        when = "is started again" if pause < 1 else f"is started again in {pause:.0f} s"
        self.say(f"The {part.title} stopped ({_cause(status)}) and {when}.")


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    """End whatever a child left in its session, and the child."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.poll()


def _cause(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    return f"signal {signal.Signals(-status).name}"
