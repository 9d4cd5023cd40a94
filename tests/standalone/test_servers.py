"""The embedded servers come back from every kind of end."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from standalone.postgres import Postgres
from standalone.valkey import Valkey


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("pg") / "postgres")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def test_postgres_carries_pgvector_and_comes_back_after_a_kill(postgres: Postgres) -> None:
    postgres.create_database("toulmin")
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute("CREATE TABLE kept (value vector(2))")
    postgres.process.send_signal(signal.SIGKILL)
    postgres.process.wait()
    postgres.start()
    postgres.create_database("toulmin")
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_lock_file_that_names_another_program_is_removed(postgres: Postgres) -> None:
    postgres.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        for lock in (postgres.folder / "postmaster.pid", postgres.socket_folder / ".s.PGSQL.5432.lock"):
            lock.write_text(f"{stranger.pid}\n{postgres.folder}\n")
        postgres.start()
        assert postgres.is_running()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_postgres_waits_for_the_first_to_finish(postgres: Postgres) -> None:
    first = postgres.process
    first.send_signal(signal.SIGINT)
    second = Postgres(postgres.folder, fast=True)
    second.start()
    try:
        assert second.is_running()
    finally:
        second.stop()
        first.wait()


def test_valkey_keeps_its_address_and_what_it_was_given(valkey: Valkey) -> None:
    address = valkey.url()
    redis.Redis.from_url(address).set("kept", "yes")
    valkey.process.send_signal(signal.SIGTERM)
    valkey.process.wait()
    valkey.start()
    assert valkey.url() == address
    assert redis.Redis.from_url(address).get("kept") == b"yes"


def test_valkey_answers_nobody_without_its_password(valkey: Valkey) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port).ping()
    assert (valkey.folder / "address").stat().st_mode & 0o077 == 0
