"""A pgvector that damages its graphs is noticed before anything is indexed with it."""

import pytest

from apps.retrieval import checks
from apps.retrieval.checks import check_pgvector, pgvector_problem, pgvector_version

pytestmark = pytest.mark.django_db


def test_the_one_that_is_here_can_be_trusted() -> None:
    assert pgvector_problem(pgvector_version()) == ""
    assert check_pgvector(["default"]) == []


@pytest.mark.parametrize("version", ["0.8.4", "0.8.10", "0.9.0", "1.0"])
def test_later_ones_are_fine(version: str) -> None:
    assert pgvector_problem(version) == ""


@pytest.mark.parametrize("version", ["0.8.3", "0.8.1", "0.7.4", "0.8"])
def test_earlier_ones_are_refused_with_what_to_do(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "pgvector_version", lambda: version)
    (error,) = check_pgvector(["default"])
    assert f"pgvector {version}" in error.msg
    assert "ALTER EXTENSION vector UPDATE" in error.msg


def test_a_database_without_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "pgvector_version", lambda: "")
    (error,) = check_pgvector(["default"])
    assert "has no pgvector" in error.msg


def test_the_database_is_not_asked_where_no_database_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "pgvector_version", lambda: pytest.fail("It was asked."))
    assert check_pgvector(None) == []
