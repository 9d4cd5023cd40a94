"""Whether the database can hold an index: earlier releases of pgvector lose parts of a graph when rows are removed."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection
from django.utils.translation import gettext as _

LEAST_PGVECTOR = (0, 8, 4)


def pgvector_version() -> str:
    """Return the version of the extension in this database, or of the one it would get; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(installed_version, default_version) FROM pg_available_extensions WHERE name = 'vector'"
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def pgvector_problem(version: str) -> str:
    """Return a sentence that says why an index cannot be trusted with this version; empty where it can."""
    least = ".".join(map(str, LEAST_PGVECTOR))
    if not version:
        return _("PostgreSQL has no pgvector. Install version %s or newer.") % least
    if tuple(int(part) for part in version.split(".") if part.isdigit()) < LEAST_PGVECTOR:
        return _(
            "This is pgvector %(version)s, which can damage the index. Install version %(least)s or newer, run "
            "ALTER EXTENSION vector UPDATE, and have the index built anew: bin/manage index build."
        ) % {"version": version, "least": least}
    return ""


@register(Tags.database)
def check_pgvector(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Stop a migration of a database whose pgvector damages what it indexes."""
    problem = pgvector_problem(pgvector_version()) if databases else ""
    return [Error(problem, id="retrieval.E001")] if problem else []
