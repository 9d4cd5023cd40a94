"""Fixtures that every suite shares. Run through `bin/test`, which starts PostgreSQL and Valkey."""

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Let the test runner empty tables between tests that commit; `tests/audit` checks the trigger itself."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_record_no_truncate")
