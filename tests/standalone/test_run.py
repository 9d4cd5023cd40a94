"""The whole, as a person starts it: page, command beside it, kill, second start, Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from standalone.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.worker, pytest.mark.timeout(400)]


class Installation:
    """A data folder and a port, and what is started on them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self.log = folder / "run.log"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TOULMIN_")}
        self.environment |= {
            "TOULMIN_DATA_DIR": str(self.data),
            "TOULMIN_PORT": str(self.port),
            "TOULMIN_MODEL": "none",
            "TOULMIN_SAMPLES": "false",
        }

    def run(self) -> subprocess.Popen[bytes]:
        """Start it and return when the page answers."""
        self.log.unlink(missing_ok=True)
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "standalone.run"], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )
        _until(lambda: "Ready after" in self.said() or process.poll() is not None, 150)
        assert process.poll() is None, self.said()
        return process

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "standalone.manage", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def answers(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=10) as response:
            return bool(json.load(response)["status"] == "ok")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("run"))
    yield installation
    for process in _processes_of(installation.data):
        process.kill()


def _processes_of(data: Path) -> list[psutil.Process]:
    """Return every living process that was told of this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            told = process.environ().get("TOULMIN_DATA_DIR") == str(data) or str(data) in " ".join(process.cmdline())
            if told and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def _readable_by_others(data: Path) -> list[Path]:
    """Return what somebody else on this machine could list or read; what lies deeper is behind these folders."""
    return [path for path in [data, *data.iterdir()] if path.stat().st_mode & 0o066]


def _until(true: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_command_works_before_the_first_start(installation: Installation) -> None:
    said = installation.manage(
        "bootstrap", "--email", "first@example.org", "--password", "a long enough one", "--token"
    )
    assert len(said.split()[-1]) > 20
    assert _processes_of(installation.data) == []


def test_it_runs_survives_a_kill_and_stops(installation: Installation) -> None:
    process = installation.run()
    assert installation.answers()
    assert "password" not in installation.said(), "somebody was there already"
    assert installation.manage("shell", "-v0", "-c", "print('beside')").split()[-1] == "beside"

    refused = subprocess.run(
        [sys.executable, "-m", "standalone.run"],
        cwd=ROOT,
        env=installation.environment | {"TOULMIN_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert re.search(rf"in use by bin/run, process {process.pid}", refused.stderr)

    process.kill()
    process.wait()
    _until(lambda: not _processes_of(installation.data), 30)

    process = installation.run()
    assert installation.answers()
    assert _readable_by_others(installation.data) == []
    process.send_signal(signal.SIGINT)
    assert process.wait(40) == 0
    assert _processes_of(installation.data) == []
    assert installation.said().splitlines()[-1] == "Stopped."
