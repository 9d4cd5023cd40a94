"""Make the application's Python environment, `.venv`, and renew it when what it holds has changed.

Run by any Python from 3.11 on, with nothing but its standard library: `python standalone/install.py [standalone|dev]`.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "toulmin-installed.json"
LOG = VENV / "install.log"
EXTRAS = {"standalone": ("standalone",), "dev": ("standalone", "dev")}
_NEEDED_GB = 3.0


class SetupFailed(Exception):
    """The environment could not be made; the message says what happened and what to do."""


def main(arguments: list[str]) -> int:
    purpose = arguments[0] if arguments else "standalone"
    if purpose not in EXTRAS:
        print(f"There is no set of packages named {purpose}: choose standalone or dev.", file=sys.stderr)
        return 2
    try:
        ensure(purpose)
    except SetupFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def ensure(purpose: str) -> None:
    """Return once the environment holds the packages of `purpose`; instant when it does already. Raises SetupFailed."""
    wanted = requirements(EXTRAS[purpose])
    if _is_current(wanted):
        return
    with _alone():
        if _is_current(wanted):
            return
        installed = _installed_extras()
        extras = tuple(dict.fromkeys([*EXTRAS[purpose], *(extra for extra in installed if extra in EXTRAS["dev"])]))
        _make_environment()
        _install(requirements(extras))
        _make_importable()
        stamp = {"fingerprint": _fingerprint(), "extras": extras, "requirements": requirements(extras)}
        STAMP.write_text(json.dumps(stamp, indent=1))


def requirements(extras: tuple[str, ...]) -> list[str]:
    """Return what pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], *(name for extra in extras for name in project["optional-dependencies"][extra])]


def _is_current(wanted: list[str]) -> bool:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return PYTHON.exists() and stamp["fingerprint"] == _fingerprint() and set(wanted) <= set(stamp["requirements"])


def _fingerprint() -> str:
    """Return what stands for the exact versions, the Python they were built for, and the place, which scripts name."""
    pins = (ROOT / "constraints.txt").read_bytes()
    return hashlib.sha256(pins + repr((sys.version_info[:3], str(VENV))).encode()).hexdigest()


def _installed_extras() -> list[str]:
    with contextlib.suppress(OSError, ValueError):
        return list(json.loads(STAMP.read_text())["extras"])
    return []


def _make_environment() -> None:
    if _has_pip():
        return
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if free_gb < _NEEDED_GB:
        raise SetupFailed(
            f"The packages need about {_NEEDED_GB:.0f} GB of disk, and {free_gb:.1f} GB are free in {ROOT}. "
            "Make room, then start again."
        )
    _say("Making the Python environment.")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode == 0 and _has_pip():
        return
    # Some distributions ship Python without ensurepip. A pip beside that Python can still put one into the environment.
    commands = (
        [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)],
        [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"],
    )
    if any(subprocess.run(command, capture_output=True, check=False).returncode for command in commands):
        raise SetupFailed(
            f"{sys.executable} cannot make a virtual environment: {_last_line(made.stdout + made.stderr)}\n"
            "Install Python's venv module (on Debian and Ubuntu the package python3-venv), then start again."
        )


def _has_pip() -> bool:
    if not PYTHON.exists():
        return False
    probe = "import pip, sys; print(*sys.version_info[:3])"
    done = subprocess.run([str(PYTHON), "-c", probe], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.split() == [str(part) for part in sys.version_info[:3]]


def _install(wanted: list[str]) -> None:
    _say("Installing packages. This happens once and takes a few minutes.")
    started = time.monotonic()
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    with LOG.open("w") as log:
        pip = subprocess.Popen(
            [*command, "-c", str(ROOT / "constraints.txt"), *wanted],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        with _progress() as show:
            for line in pip.stdout or ():
                log.write(line)
                show(line)
    if pip.wait():
        raise SetupFailed(_explanation(LOG.read_text(errors="replace")))
    _say(f"Packages are installed ({time.monotonic() - started:.0f} s).")


def _make_importable() -> None:
    """Let this environment's Python import the project from wherever it is started."""
    probe = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([str(PYTHON), "-I", "-c", probe], capture_output=True, text=True, check=True)
    (Path(done.stdout.strip()) / "toulmin.pth").write_text(f"{ROOT}\n")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Give a function that turns pip's lines into few words: in place on a terminal, now and then elsewhere."""
    terminal = sys.stderr.isatty()
    last = time.monotonic()

    def show(line: str) -> None:
        nonlocal last
        words = line.split()
        if not words or words[0] not in {"Collecting", "Downloading", "Installing"}:
            return
        said = "Unpacking everything" if words[0] == "Installing" else f"{words[0]} {words[1]}"
        if terminal:
            print(f"\r\033[K  {said[:70]}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - last > 20:
            last = time.monotonic()
            _say(f"  {said}")

    yield show
    if terminal:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _explanation(log: str) -> str:
    if "No space left on device" in log:
        return "The disk is full. Make room, then start again."
    if "Connection" in log or "Temporary failure in name resolution" in log or "Could not find a version" in log:
        advice = "Check the network and pip's index (PIP_INDEX_URL, pip.conf), then start again."
    else:
        advice = "Mend that, then start again."
    tail = "\n".join(f"  {line}" for line in log.strip().splitlines()[-8:])
    return f"pip could not install the packages:\n{tail}\n{advice} The whole of what it said is in {LOG}."


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one installation run at a time; others wait for it."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another command is installing packages; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason given")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
