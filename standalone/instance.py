"""One installation on one data folder: where its things are, who uses it now, and what its parts are told.

Two locks guard a folder. Whoever runs the embedded servers holds `owner`; whoever uses somebody else's holds `users` shared,
and an owner that only ran for one command waits for them before it stops the servers.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from standalone.postgres import Postgres
from standalone.settings import read_settings
from standalone.valkey import Valkey

LOG_LIMIT = 10 * 1024 * 1024


class Taken(Exception):
    """Another process uses the data folder; the message says which."""


class Instance:
    """Paths, locks, servers and the environment of the parts."""

    def __init__(self) -> None:
        self.env, self.standalone = read_settings()
        self.data = self.env.data_dir.expanduser().resolve()
        self.run_folder = self.data / "run"
        self.logs = self.data / "logs"
        self._environment_file = self.run_folder / "environment.json"
        given = os.environ.get
        self.postgres = (
            None if given("TOULMIN_DATABASE_URL") else Postgres(self.data / "postgres", log=self.log_of("postgres"))
        )
        self.valkey = (
            None
            if given("TOULMIN_REDIS_URL")
            else Valkey(self.data / "valkey", log=self.log_of("valkey"), port=self.standalone.redis_port)
        )

    def make_folders(self) -> None:
        """Make the data folder and what every part expects in it; from here on new files are their owner's alone."""
        os.umask(0o077)
        for folder in (self.data, self.run_folder, self.logs):
            folder.mkdir(parents=True, exist_ok=True)

    def log_of(self, part: str) -> Path:
        return self.logs / f"{part}.log"

    def open_log(self, part: str) -> int:
        """Return a descriptor that appends to a part's log; a log that has grown long is set aside first."""
        path = self.log_of(part)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > LOG_LIMIT:
                path.replace(path.with_suffix(".log.1"))
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @contextlib.contextmanager
    def owned(self, who: str, *, patience: float = 0) -> Iterator[None]:
        """Hold the folder. Raises Taken if somebody else still does after `patience` seconds."""
        with (self.run_folder / "owner").open("a+") as lock:
            if not _acquire(lock.fileno(), patience):
                raise Taken(_first_line(self.run_folder / "owner"))
            lock.seek(0)
            lock.truncate()
            lock.write(f"{who}, process {os.getpid()}\n")
            lock.flush()
            try:
                yield
            finally:
                lock.truncate(0)

    def join_users(self, environment: dict[str, str]) -> bool:
        """Tell the owner that its servers are in use until this process ends, whatever program it becomes.

        Returns False if the owner stopped offering them meanwhile.
        """
        descriptor = os.open(self.run_folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if self.published() == environment:
            os.set_inheritable(descriptor, True)
            return True
        os.close(descriptor)
        return False

    def wait_for_users(self) -> None:
        """Return when no other process uses the servers any more."""
        with (self.run_folder / "users").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

    def start_servers(self) -> None:
        """Start the embedded servers that no setting replaces."""
        if self.postgres is not None:
            self.postgres.start()
            self.postgres.create_database("toulmin")
        if self.valkey is not None:
            self.valkey.start()

    def stop_servers(self) -> None:
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.stop()

    def environment(self, **more: str) -> dict[str, str]:
        """Return what parts are told about this instance, beside what the operator set."""
        told = {"TOULMIN_DATA_DIR": str(self.data)}
        if self.postgres is not None:
            told["TOULMIN_DATABASE_URL"] = self.postgres.url()
        if self.valkey is not None:
            told["TOULMIN_REDIS_URL"] = self.valkey.url()
        return told | more

    def publish(self, environment: dict[str, str]) -> None:
        """Let other commands join: the servers run and the database is up to date."""
        part = self._environment_file.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(environment, file)
        part.replace(self._environment_file)

    def withdraw(self) -> None:
        self._environment_file.unlink(missing_ok=True)

    def published(self) -> dict[str, str] | None:
        """Return the environment of whoever owns the folder now, or None before it is ready."""
        try:
            return dict(json.loads(self._environment_file.read_text()))
        except (FileNotFoundError, ValueError):
            return None


def part_environment(told: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of a part."""
    return os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"} | told


def _acquire(descriptor: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _first_line(path: Path) -> str:
    try:
        return path.read_text().strip() or "another process"
    except FileNotFoundError:
        return "another process"
