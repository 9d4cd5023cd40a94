"""The environment is made again exactly when what it should hold has changed."""

import json
from pathlib import Path

import pytest

from standalone import install
from standalone.install import EXTRAS, ensure, requirements


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """An environment in an empty folder; what is installed into it is listed, not fetched."""
    calls: list[list[str]] = []
    venv = tmp_path / ".venv"
    monkeypatch.setattr(install, "VENV", venv)
    monkeypatch.setattr(install, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(install, "STAMP", venv / "toulmin-installed.json")

    def make() -> None:
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / "bin" / "python").touch()

    monkeypatch.setattr(install, "_make_environment", make)
    monkeypatch.setattr(install, "_install", calls.append)
    monkeypatch.setattr(install, "_make_importable", lambda: None)
    return calls


def test_it_is_made_once(made: list[list[str]]) -> None:
    ensure("standalone")
    ensure("standalone")
    assert made == [requirements(EXTRAS["standalone"])]


def test_more_is_added_and_what_is_there_is_kept(made: list[list[str]]) -> None:
    ensure("standalone")
    ensure("dev")
    ensure("standalone")
    assert made == [requirements(EXTRAS["standalone"]), requirements(EXTRAS["dev"])]


def test_it_is_renewed_when_a_version_changes(made: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    ensure("dev")
    monkeypatch.setattr(install, "_fingerprint", lambda: "other versions")
    ensure("standalone")
    assert made == [requirements(EXTRAS["dev"])] * 2


def test_an_installation_that_broke_off_is_finished_next_time(
    made: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: list[str]) -> None:
        raise install.SetupFailed("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(install, "_install", fail)
        with pytest.raises(install.SetupFailed):
            ensure("standalone")
    ensure("standalone")
    assert len(made) == 1
    assert json.loads(install.STAMP.read_text())["extras"] == ["standalone"]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("ERROR: Could not find a version that satisfies the requirement django", "Check the network and pip's index"),
        ("error: subprocess-exited-with-error", "Mend that, then start again."),
    ],
)
def test_a_failure_says_what_to_do(log: str, words: str) -> None:
    assert words in install._explanation(log)
