"""The launcher tells what it does, brings a dead server back, and leaves nothing behind. The server here is a small fake."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from inference.environment import _fingerprint
from inference.hardware import detect
from standalone.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
MODEL = "smollm2-135m-demonstration"
SERVER = """
    import http.server, pathlib, subprocess, sys
    port = next(int(word.partition("=")[2]) for word in sys.argv if word.startswith("--port="))
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    pathlib.Path(PIDS).write_text(f"{__import__('os').getpid()} {helper.pid}")

    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

    http.server.HTTPServer(("127.0.0.1", port), Health).serve_forever()
"""


class Service:
    """A launcher on a fake environment, with weights at hand."""

    def __init__(self, folder: Path) -> None:
        self.state_file, self.pids_file = folder / "state.json", folder / "pids"
        (folder / "weights" / MODEL).mkdir(parents=True)
        (folder / "weights" / MODEL / "config.json").write_text("{}")
        (folder / "env" / "bin").mkdir(parents=True)
        (folder / "env" / "toulmin-installed").write_text(_fingerprint(detect().kind))
        (folder / "server.py").write_text(f"PIDS = {str(self.pids_file)!r}\n{textwrap.dedent(SERVER)}")
        python = folder / "env" / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} {folder / "server.py"} "$@"\n')
        python.chmod(0o755)
        self.folder = folder

    def launch(self, **environment: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "inference.launch",
            "--port",
            str(free_port()),
            "--state",
            str(self.state_file),
        ]
        command += ["--weights", str(self.folder / "weights"), "--env", str(self.folder / "env")]
        return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TOULMIN_MODEL": MODEL} | environment)

    def state(self) -> dict[str, str]:
        return dict(json.loads(self.state_file.read_text())) if self.state_file.exists() else {"state": ""}

    def pids(self) -> list[int]:
        return [int(word) for word in self.pids_file.read_text().split()]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def launcher(service: Service) -> Iterator[subprocess.Popen[bytes]]:
    process = service.launch()
    _until(lambda: service.state()["state"] == "ready")
    yield process
    process.kill()
    process.wait()


def _until(true: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_says_which_model_answers(service: Service, launcher: subprocess.Popen[bytes]) -> None:
    state = service.state()
    assert state["model"] == MODEL
    assert state["label"] == "SmolLM2 135M (demonstration)"
    assert state["detail"] == "SmolLM2 135M (demonstration) answers."
    assert state["since"].endswith("+00:00")


def test_a_server_that_dies_comes_back(service: Service, launcher: subprocess.Popen[bytes]) -> None:
    server, helper = service.pids()
    os.kill(server, signal.SIGKILL)
    _until(lambda: service.state()["state"] == "starting")
    _until(lambda: service.pids()[0] != server and service.state()["state"] == "ready")
    assert not _is_alive(helper)


def test_stopping_it_stops_the_server_and_its_helpers(service: Service, launcher: subprocess.Popen[bytes]) -> None:
    launcher.terminate()
    assert launcher.wait(20) == 0
    assert not any(_is_alive(pid) for pid in service.pids())
    assert service.state()["state"] == "stopped"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children of their parent's death")
def test_the_server_dies_with_a_launcher_that_is_killed(service: Service, launcher: subprocess.Popen[bytes]) -> None:
    launcher.kill()
    launcher.wait()
    _until(lambda: not _is_alive(service.pids()[0]))
    os.kill(service.pids()[1], signal.SIGKILL)  # the fake does not look after its helper, as vLLM does


def test_what_cannot_be_done_is_said_in_a_sentence(service: Service) -> None:
    process = service.launch(TOULMIN_MODEL="gpt-9")
    try:
        _until(lambda: service.state()["state"] == "failed")
        assert service.state()["detail"].startswith("TOULMIN_MODEL names gpt-9, which the catalogue does not hold.")
        assert process.poll() is None, "it goes on trying"
    finally:
        process.terminate()
        assert process.wait(20) == 0
