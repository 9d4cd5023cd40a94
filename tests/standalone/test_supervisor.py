"""Children are kept running, are stopped in order, and never outlive their supervisor."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standalone.supervisor import Part, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    def open_log(name: str) -> int:
        return os.open(tmp_path / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    supervisor = Supervisor(dict(os.environ), tmp_path, open_log, said.append)
    yield supervisor
    supervisor.stop(at_once=lambda: True)


def _until(true: Callable[[], object], supervisor: Supervisor | None = None, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        if supervisor:
            supervisor.tend()
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def _pid(supervisor: Supervisor, name: str) -> int:
    process = supervisor.process_of(name)
    assert process is not None
    return process.pid


def test_a_part_that_dies_is_started_again_and_that_is_said(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(Part("web", "web server", SLEEPER))
    first = _pid(supervisor, "web")
    os.kill(first, signal.SIGKILL)
    _until(lambda: said, supervisor)
    _until(lambda: supervisor.process_of("web"), supervisor)
    assert _pid(supervisor, "web") != first
    assert said == ["The web server stopped (signal SIGKILL) and is started again."]


def test_a_part_that_dies_at_once_is_started_again_after_growing_pauses(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(Part("web", "web server", [sys.executable, "-c", "raise SystemExit(3)"]))
    _until(lambda: len(said) == 3, supervisor)
    assert said == [
        "The web server stopped (status 3) and is started again.",
        "The web server stopped (status 3) and is started again in 1 s.",
        "The web server stopped (status 3) and is started again in 3 s.",
    ]


def test_a_chore_is_done_once(supervisor: Supervisor, tmp_path: Path, said: list[str]) -> None:
    chore = f"open({str(tmp_path / 'count')!r}, 'a').write('x')"
    supervisor.start(Part("samples", "loading", [sys.executable, "-c", chore], once=True))
    _until(lambda: supervisor.is_done("samples"), supervisor)
    for _ in range(10):
        supervisor.tend()
    assert (tmp_path / "count").read_text() == "x"
    assert said == []


def test_a_chore_that_fails_is_given_up(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(Part("samples", "loading", [sys.executable, "-c", "raise SystemExit(1)"], once=True))
    _until(lambda: len(said) == 3, supervisor)
    assert said[-1] == "The loading stopped (status 1) and is given up until the next start."
    assert not supervisor.is_done("samples")


def test_what_a_dead_part_left_behind_is_ended_before_it_is_started_again(
    supervisor: Supervisor, tmp_path: Path, said: list[str]
) -> None:
    grandchild = tmp_path / "grandchild"
    program = f"""
        import pathlib, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        pathlib.Path({str(grandchild)!r}).write_text(str(child.pid))
        time.sleep(60)
    """
    supervisor.start(Part("worker", "worker", [sys.executable, "-c", textwrap.dedent(program)]))
    _until(lambda: grandchild.exists() and grandchild.read_text())
    left = int(grandchild.read_text())
    os.kill(_pid(supervisor, "worker"), signal.SIGKILL)
    _until(lambda: said, supervisor)
    _until(lambda: not _is_alive(left))


def test_a_part_that_will_not_stop_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    supervisor.start(Part("web", "web server", [sys.executable, "-c", deaf], patience=0.3))
    process = supervisor.process_of("web")
    _until((tmp_path / "web").read_text)
    supervisor.stop()
    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_signals_are_sent_in_turn(supervisor: Supervisor, tmp_path: Path) -> None:
    program = """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: print("term", flush=True))
        signal.signal(signal.SIGQUIT, lambda *_: sys.exit(7))
        print("up", flush=True)
        while True:
            time.sleep(0.05)
    """
    part = Part(
        "worker",
        "worker",
        [sys.executable, "-c", textwrap.dedent(program)],
        signals=(signal.SIGTERM, signal.SIGQUIT),
        patience=0.5,
    )
    supervisor.start(part)
    process = supervisor.process_of("worker")
    _until((tmp_path / "worker").read_text)
    supervisor.stop()
    assert (tmp_path / "worker").read_text().split() == ["up", "term"]
    assert process is not None
    assert process.returncode == 7


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children of their parent's death")
def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = f"""
        import os, sys, time
        from pathlib import Path
        from standalone.supervisor import Part, Supervisor
        supervisor = Supervisor(dict(os.environ), Path("."), lambda name: os.open(os.devnull, os.O_WRONLY), print)
        supervisor.start(Part("web", "web server", {SLEEPER!r}))
        Path({str(tmp_path / "pid")!r}).write_text(str(supervisor.process_of("web").pid))
        time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    _until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    child = int((tmp_path / "pid").read_text())
    assert _is_alive(child)
    parent.kill()
    parent.wait()
    _until(lambda: not _is_alive(child))
