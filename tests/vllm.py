"""A real vLLM on the packaged weights, for the suites marked `vllm`; started once, by the launcher that production uses."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.environment import is_installed
from inference.hardware import detect
from standalone.processes import stop, stop_with_parent
from standalone.valkey import free_port

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-inference"
MODEL = "smollm2-135m-demonstration"
_LIMIT = 420.0  # seconds until it must answer, the conversion of the weights included


@pytest.fixture(scope="session")
def vllm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the base address, ending in /v1, of a vLLM that serves `MODEL`."""
    if not is_installed(ENVIRONMENT, detect().kind):
        if os.environ.get("CI"):
            pytest.fail("vLLM's environment is missing; bin/test makes it.")
        pytest.skip("vLLM's environment is missing: run bin/test without arguments.")
    folder, port = tmp_path_factory.mktemp("vllm"), free_port()
    log, state = folder / "launch.log", folder / "state.json"
    with log.open("wb") as output:
        launcher = subprocess.Popen(
            [
                *(sys.executable, "-m", "inference.launch", "--port", str(port), "--state", str(state)),
                *("--weights", str(ENVIRONMENT / "weights"), "--env", str(ENVIRONMENT)),
            ],
            cwd=ROOT,
            env=os.environ | {"TOULMIN_MODEL": MODEL},
            stdout=output,
            stderr=output,
            preexec_fn=stop_with_parent(),
        )
    try:
        _wait_until_ready(launcher, state, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        stop(launcher, patience=30)


def _wait_until_ready(launcher: subprocess.Popen[bytes], state: Path, log: Path) -> None:
    deadline = time.monotonic() + _LIMIT
    while time.monotonic() < deadline and launcher.poll() is None:
        said = json.loads(state.read_text())["state"] if state.exists() else ""
        if said == "ready":
            return
        if said == "failed":
            break
        time.sleep(0.5)
    pytest.fail(f"vLLM did not become ready:\n{log.read_text(errors='replace')[-4000:]}")
