"""vLLM's own Python environment: made once, shared by every instance that runs from this folder.

vLLM pins torch and much else, so it never lives in the application's environment.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.arguments import CARRIERS, requirements, unwanted
from standalone.processes import stop_with_parent

_STAMP = "toulmin-installed"
_NEEDED_GB = {"cpu": 5, "cuda": 14}


class SetupFailed(Exception):
    """Something outside stopped the work; the message says what, for people to read."""


def is_installed(folder: Path, kind: str) -> bool:
    """Return whether the environment is whole and holds what is wanted today."""
    stamp = folder / _STAMP
    return stamp.exists() and stamp.read_text() == _fingerprint(kind)


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def install(folder: Path, kind: str) -> None:
    """Make the environment unless it is there; a second caller waits for the first. Raises SetupFailed."""
    with _alone(folder):
        if is_installed(folder, kind):
            return
        free_gb = shutil.disk_usage(folder.parent).free / 1e9
        if free_gb < _NEEDED_GB[kind]:
            raise SetupFailed(
                f"The model server needs {_NEEDED_GB[kind]} GB of disk, and {free_gb:.1f} GB are free in {folder.parent}."
            )
        shutil.rmtree(folder, ignore_errors=True)
        run_patiently([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        pip = [sys.executable, "-m", "pip", "--python", str(python_of(folder)), "--disable-pip-version-check"]
        scratch = folder / "tmp"  # what an interrupted pip leaves behind goes with the folder
        scratch.mkdir()
        run_patiently([*pip, "install", "--quiet", *_pins(kind), *requirements(kind)], TMPDIR=str(scratch))
        run_patiently([*pip, "install", "--quiet", "--no-deps", *CARRIERS], TMPDIR=str(scratch))
        if unwanted(kind):
            run_patiently([*pip, "uninstall", "--quiet", "--yes", *unwanted(kind)])
        shutil.rmtree(scratch)
        (folder / _STAMP).write_text(_fingerprint(kind))


def run_patiently(command: list[str], **environment: str) -> None:
    """Run at the lowest priority, so that people do not notice. Raises SetupFailed with the last line that was said."""
    last = ""
    with subprocess.Popen(
        ["nice", "-n", "19", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | environment,
        preexec_fn=stop_with_parent(),
    ) as process:
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                last = line.strip() or last
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise SetupFailed(_shortened(last) if last else f"{command[0]} ended with status {process.returncode}.")


def _pins(kind: str) -> list[str]:
    pins = _constraints(kind)
    return ["-c", str(pins)] if pins.exists() else []


def _constraints(kind: str) -> Path:
    return Path(__file__).with_name(f"constraints-{kind}.txt")


def _fingerprint(kind: str) -> str:
    pins = _constraints(kind).read_text() if _constraints(kind).exists() else ""
    wanted = [kind, sys.version_info[:2], requirements(kind), CARRIERS, unwanted(kind), pins]
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def _shortened(line: str, limit: int = 300) -> str:
    return line if len(line) <= limit else f"{line[:limit]}…"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
