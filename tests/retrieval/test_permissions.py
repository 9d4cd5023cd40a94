"""Whatever is done, in whatever order: nobody sees, finds or counts what they may not read, and everybody what they may."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.retrieval.leaking import Leaks

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(7200)]

CHECKS = 100_000 if os.environ.get("DEEP") else 2_000

_AT_ONCE = settings(
    max_examples=15, stateful_step_count=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def _pictured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture is never drawn here: whether it may be had is what is asked."""
    monkeypatch.setattr("apps.api.routers.documents.page_png", lambda *_, **__: b"\x89PNG")


def run(machine: type[Leaks], checks: int) -> None:
    machine.checks = 0
    while machine.checks < checks:
        run_state_machine_as_test(machine, settings=_AT_ONCE)


def test_both_walls_keep_everything() -> None:
    run(Leaks, CHECKS)


class SecondWallAlone(Leaks):
    """The same where the application has forgotten every condition. What is gone, and equal bytes, are known to it alone."""

    remembers_the_gone = False


def test_the_second_wall_alone_keeps_what_is_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(rows: Any, *_: Any) -> Any:
        return rows

    monkeypatch.setattr("apps.documents.models.access.AccessQuerySet.visible_to", everything)
    run(SecondWallAlone, CHECKS // 4)
