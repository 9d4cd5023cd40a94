"""A whole installation for journeys: migrated database, collected style sheets, web server, both workers, the clock, and a
deterministic model server. Nothing of it is in the process of the tests but the model server, whose scripts they may set.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from inference.stub import StubServer
from standalone.processes import stop, stop_with_parent, wait_until
from standalone.valkey import free_port

EMAIL = "ingrid.falk@example.org"
PASSWORD = "a long and quiet harbour"
QUESTION = "What was net debt at the end of 2024, and what leverage does the facilities agreement allow?"
_DATABASE = "journeys"
_START = 90.0


@dataclass(slots=True)
class Stack:
    """Where the installation is, who may sign in, and its parts by name."""

    url: str
    token: str
    model: StubServer
    environment: dict[str, str]
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the REST interface as the administrator."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return httpx.request(method, f"{self.url}/api/v1{path}", headers=headers, timeout=30, **options)

    def manage(self, *arguments: str) -> str:
        """Return what a management command prints."""
        return _manage(self.environment, *arguments)

    def wait_for(
        self, path: str, *, until: str = "status", values: tuple[str, ...], seconds: float = 60
    ) -> dict[str, Any]:
        """Return the object at a REST path once its field has one of the values."""
        deadline = time.monotonic() + seconds
        while True:
            found: dict[str, Any] = self.api("GET", path).json()
            if found.get(until) in values:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{path} stayed {found.get(until)!r} for {seconds:.0f} s: {found}")
            time.sleep(0.2)

    def restart(self, name: str) -> None:
        """Kill a part and start it again, as a supervisor would."""
        self.parts[name].kill()
        self.parts[name].wait()
        self.parts[name] = _start(self.environment, *_COMMANDS[name](self.environment))


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Yield a running installation on the servers of the testbed, and stop all of it afterwards."""
    environment = _environment(folder)
    _make_database()
    with ExitStack() as closing:
        model = closing.enter_context(StubServer(delay=0.01))
        environment["TOULMIN_LLM_BASE_URL"] = model.url
        _manage(environment, "migrate", "-v0")
        _manage(environment, "collectstatic", "--noinput", "-v0")
        said = _manage(
            environment, "bootstrap", "--email", EMAIL, "--password", PASSWORD, "--name", "Ingrid Falk", "--token"
        )
        stack = Stack(f"http://127.0.0.1:{environment['TOULMIN_PORT']}", said.split()[-1], model, environment)
        for name, command in _COMMANDS.items():
            stack.parts[name] = _start(environment, *command(environment))
            closing.callback(lambda name=name: stop(stack.parts[name], _STOP.get(name, signal.SIGTERM), patience=5))
        wait_until(lambda: _answers(stack.url), seconds=_START, what="The web server", process=stack.parts["web"])
        wait_until(lambda: _works(stack.url), seconds=_START, what="The workers", process=stack.parts["answers"])
        yield stack


@contextmanager
def second_web(stack: Stack, **settings: str) -> Iterator[str]:
    """Yield the address of another web server of the same installation, with other settings."""
    environment = stack.environment | settings | {"TOULMIN_PORT": str(free_port())}
    url = f"http://127.0.0.1:{environment['TOULMIN_PORT']}"
    web = _start(environment, *_COMMANDS["web"](environment))
    try:
        wait_until(lambda: _answers(url), seconds=_START, what="The second web server", process=web)
        yield url
    finally:
        stop(web, patience=5)


_COMMANDS = {
    "web": lambda env: [
        *("-m", "uvicorn", "config.asgi:application", "--port", env["TOULMIN_PORT"], "--log-level", "warning"),
        *("--lifespan", "off", "--timeout-graceful-shutdown", "1", "--no-access-log"),
    ],
    "answers": lambda _: _worker("answers", "--pool=threads", "--concurrency=4"),
    "ingestion": lambda _: _worker("ingestion", "--pool=threads", "--concurrency=2"),
    "beat": lambda env: [
        *("-m", "celery", "-A", "config", "beat", "--loglevel=WARNING", "--pidfile="),
        f"--schedule={env['TOULMIN_DATA_DIR']}/beat",
    ],
}
_STOP = {"answers": signal.SIGQUIT, "ingestion": signal.SIGQUIT}


def _worker(queue: str, *arguments: str) -> list[str]:
    return [
        *("-m", "celery", "-A", "config", "worker", f"--queues={queue}", *arguments, f"--hostname={queue}@journeys"),
        *("--loglevel=WARNING", "--without-gossip", "--without-mingle"),
    ]


def _environment(folder: Path) -> dict[str, str]:
    """Return the testbed's environment with a database, a Redis number, a port and a data folder of its own."""
    redis = urlsplit(os.environ["TOULMIN_REDIS_URL"])
    return os.environ | {
        "TOULMIN_DATA_DIR": str(folder),
        "TOULMIN_DATABASE_URL": _database_url(_DATABASE),
        "TOULMIN_REDIS_URL": urlunsplit(redis._replace(path="/1")),
        "TOULMIN_PORT": str(free_port()),
        "TOULMIN_LOG_LEVEL": "WARNING",
        "TOULMIN_LLM_PRIVATE_ADDRESSES": "127.0.0.0/8",
    }


def _database_url(name: str) -> str:
    address, question, options = os.environ["TOULMIN_DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{name}{question}{options}"


def _make_database() -> None:
    with psycopg.connect(_database_url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {_DATABASE}")


def _start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *arguments], env=environment, preexec_fn=stop_with_parent())


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _works(url: str) -> bool:
    """Return whether both workers are there and the model has been looked at."""
    try:
        parts = httpx.get(f"{url}/health/ready", timeout=10).json()["parts"]
    except httpx.HTTPError:
        return False
    return all(parts.get(name, {}).get("state") == "ok" for name in ("reading", "answers", "beat", "model"))
