"""One data folder, one owner; commands that join are waited for."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone import instance as module
from standalone import parts
from standalone.instance import Instance, Taken
from standalone.run import CannotStart, _require_free
from standalone.settings import WrongSettings
from standalone.valkey import free_port


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    for name in [name for name in os.environ if name.startswith("TOULMIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOULMIN_DATA_DIR", str(tmp_path / "data"))
    instance, mask = Instance(), os.umask(0)
    instance.make_folders()
    yield instance
    os.umask(mask)


def test_a_folder_has_one_owner_who_is_named(instance: Instance) -> None:
    with (
        instance.owned("bin/run"),
        pytest.raises(Taken, match=f"bin/run, process {os.getpid()}"),
        Instance().owned("bin/manage"),
    ):
        pytest.fail("two owners")
    with Instance().owned("bin/manage"):
        pass


def test_an_owner_waits_for_commands_that_joined(instance: Instance) -> None:
    environment = {"TOULMIN_REDIS_URL": "redis://somewhere"}
    instance.publish(environment)
    assert instance.published() == environment
    assert instance.join_users(environment)
    with (instance.run_folder / "users").open("w") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_nobody_joins_an_owner_that_is_leaving(instance: Instance) -> None:
    instance.publish({"TOULMIN_REDIS_URL": "redis://somewhere"})
    instance.withdraw()
    assert instance.published() is None
    assert not instance.join_users({"TOULMIN_REDIS_URL": "redis://somewhere"})
    instance.wait_for_users()


def test_what_is_published_is_readable_by_its_owner_only(instance: Instance) -> None:
    instance.publish({"TOULMIN_REDIS_URL": "redis://:password@somewhere"})
    assert (instance.run_folder / "environment.json").stat().st_mode & 0o077 == 0


def test_servers_that_settings_name_are_not_embedded(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    assert instance.postgres is not None
    assert instance.valkey is not None
    monkeypatch.setenv("TOULMIN_DATABASE_URL", "postgresql://db.example.org/toulmin")
    monkeypatch.setenv("TOULMIN_REDIS_URL", "redis://redis.example.org/0")
    outside = Instance()
    assert outside.postgres is None
    assert outside.valkey is None
    assert outside.environment() == {"TOULMIN_DATA_DIR": str(instance.data)}


def test_no_model_is_served_where_another_endpoint_is_named(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parts.wants_model(instance)
    monkeypatch.setenv("TOULMIN_MODEL", "none")
    assert not parts.wants_model(Instance())
    monkeypatch.setenv("TOULMIN_MODEL", "")
    monkeypatch.setenv("TOULMIN_LLM_BASE_URL", "https://models.example.org/v1")
    assert not parts.wants_model(Instance())


def test_the_model_service_is_behind_a_key_of_its_own(instance: Instance) -> None:
    told, again = (parts.model_environment(instance, 8123) for _ in range(2))
    assert told["TOULMIN_LLM_BASE_URL"] == "http://127.0.0.1:8123/v1"
    assert told["TOULMIN_LLM_API_KEY"] == told["VLLM_API_KEY"]
    assert len(told["VLLM_API_KEY"]) > 20
    assert told["VLLM_API_KEY"] != again["VLLM_API_KEY"]


def test_a_long_log_is_set_aside(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_LIMIT", 10)
    instance.log_of("web").write_text("a long log line\n")
    os.close(instance.open_log("web"))
    assert instance.log_of("web").read_text() == ""
    assert instance.log_of("web").with_suffix(".log.1").read_text() == "a long log line\n"


def test_a_taken_port_is_said_with_a_way_out() -> None:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} .* TOULMIN_PORT={port + 1} bin/run"):
            _require_free("127.0.0.1", port)
    _require_free("127.0.0.1", free_port())


def test_wrong_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOULMIN_PORT", "eighty")
    monkeypatch.setenv("TOULMIN_UPLOAD_LIMIT_MB", "0")
    monkeypatch.setenv("TOULMIN_REDIS_PORT", "-1")
    with pytest.raises(WrongSettings) as caught:
        Instance()
    named = [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert named == ["TOULMIN_PORT", "TOULMIN_UPLOAD_LIMIT_MB", "TOULMIN_REDIS_PORT"]
