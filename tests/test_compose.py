"""The Compose file is valid, hides its secrets, and says the same as the code beside it."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from config.env import ROOT, Env
from tests.docs_tables import variable_name

FIXED_IN_THE_IMAGE = {"data_dir", "port", "bind"}
NOT_FOR_CONTAINERS = {"debug", "model_state_file"}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"web", "worker-ingestion", "worker-answers", "beat", "setup", "secrets"}


def test_the_file_follows_the_specification() -> None:
    schema = json.loads((ROOT / "tests" / "files" / "compose-spec.json").read_text(encoding="utf-8"))
    fastjsonschema.compile(schema)(COMPOSE)


def test_the_client_understands_the_file_where_there_is_one() -> None:
    has_compose = shutil.which("docker") and _docker("compose", "version").returncode == 0
    if not has_compose:
        pytest.skip("no docker compose on this machine")
    done = _docker("compose", "--profile", "gpu", "--profile", "cpu", "config", "--quiet")
    assert done.returncode == 0, done.stderr


def test_services_depend_on_services_that_exist_and_can_reach_the_state_asked_for() -> None:
    for name, service in SERVICES.items():
        for other, wanted in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if wanted["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"], other


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_and_network_is_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        assert volume.split(":")[0] in COMPOSE["volumes"]
    assert set(SERVICES[name].get("networks", [])) <= set(COMPOSE["networks"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    image = re.sub(r"\$\{\w+:-(.+)\}", r"\1", SERVICES[name]["image"])
    assert re.fullmatch(r".+:v?\d+\.\d+\.\d+[\w.-]*", image), image


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_or_ends(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert ("test" in check) != (name in {"setup", "secrets"})


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_have_no_rights_that_they_do_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_what_reads_documents_cannot_reach_out() -> None:
    assert SERVICES["worker-ingestion"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_nothing_is_published_but_the_web_server_and_that_to_this_host_only() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["${TOULMIN_PUBLISH:-127.0.0.1:8000}:8000"]}


def test_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|TOKEN", variable):
                assert value is None or str(value).startswith("/secrets/"), variable


def test_every_setting_of_the_application_reaches_it() -> None:
    passed = set(SERVICES["web"]["environment"])
    wanted = set(Env.model_fields) - FIXED_IN_THE_IMAGE - NOT_FOR_CONTAINERS
    assert {variable_name(name) for name in wanted} <= passed
    assert not {variable_name(name) for name in FIXED_IN_THE_IMAGE} & passed


def test_commands_are_parts_that_the_entry_point_knows() -> None:
    parts = set(re.findall(r"^  ([a-z-]+)\)$", (ROOT / "deploy" / "entrypoint.sh").read_text(), re.MULTILINE))
    assert {SERVICES[name]["command"][0] for name in OURS} == parts


def test_both_queues_have_a_worker() -> None:
    from config.celery import app

    queues = {route["queue"] for route in app.conf.task_routes.values()}
    assert {f"worker-{queue}" for queue in queues} <= set(SERVICES)


@pytest.mark.parametrize("name", ["model-gpu", "model-cpu"])
def test_the_model_that_is_served_is_in_the_catalogue(name: str) -> None:
    catalogue = tomllib.loads((ROOT / "inference" / "models.toml").read_text(encoding="utf-8"))["models"]
    arguments = "\n".join(SERVICES[name]["command"])
    model, revision = (re.search(rf"--{part}=\$\{{\w+:-(.+)\}}", arguments) for part in ("model", "revision"))
    assert model is not None
    assert revision is not None
    assert (model[1], revision[1]) in {(entry["id"], entry["revision"]) for entry in catalogue.values()}


def test_the_broker_is_told_to_keep_what_it_is_given(tmp_path: Path) -> None:
    _make_secrets(tmp_path)
    text = (tmp_path / "redis" / "redis.conf").read_text()
    assert "appendonly yes" in text
    assert "maxmemory-policy noeviction" in text


def test_secrets_are_made_once(tmp_path: Path) -> None:
    _make_secrets(tmp_path)
    first = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    _make_secrets(tmp_path)
    assert first == {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(first) == 6


def test_secrets_fit_together(tmp_path: Path) -> None:
    _make_secrets(tmp_path)
    database, broker = ((tmp_path / "app" / f"TOULMIN_{name}_URL").read_text() for name in ("DATABASE", "REDIS"))
    assert f":{(tmp_path / 'postgres' / 'password').read_text()}@postgres:" in database
    assert f":{(tmp_path / 'redis' / 'password').read_text()}@redis:" in broker
    assert (tmp_path / "redis" / "password").read_text() in (tmp_path / "redis" / "redis.conf").read_text()


def test_the_entry_point_reads_secrets_from_files_unless_they_are_given(tmp_path: Path) -> None:
    _make_secrets(tmp_path)
    script = (ROOT / "deploy" / "entrypoint.sh").read_text().replace("/secrets/app", str(tmp_path / "app"))
    script = script.replace("exec python", "exec env #")
    environment = {"PATH": "/usr/bin:/bin", "TOULMIN_REDIS_URL": "redis://elsewhere/0"}
    done = subprocess.run(
        ["sh", "-c", script, "sh", "check"], env=environment, capture_output=True, text=True, check=True
    )
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert seen["TOULMIN_REDIS_URL"] == "redis://elsewhere/0"
    assert seen["TOULMIN_DATABASE_URL"] == (tmp_path / "app" / "TOULMIN_DATABASE_URL").read_text()


def _make_secrets(folder: Path) -> None:
    subprocess.run([sys.executable, ROOT / "deploy" / "make_secrets.py", str(folder)], check=True, capture_output=True)


def _docker(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
