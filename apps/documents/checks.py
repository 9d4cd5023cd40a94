"""What Django's system check says of documents: `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

from apps.documents.walls import WALLED, gaps


@register(Tags.database)
def check_wall(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Say what of the second wall is missing, once there are documents to guard."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s), to_regproc('toulmin_accesses')", [next(iter(WALLED))])
        documents, raised = cursor.fetchone()
        missing = gaps(cursor) if documents and raised else []
        unraised = documents and not raised
    if not missing and not unraised:
        return []
    return [
        Warning(
            "PostgreSQL does not guard documents by itself: " + (", ".join(missing) or "there is no wall") + ".",
            hint="Run “manage.py migrate”, and if it stays so “manage.py raise_wall”; docs/security.md says who may.",
            id="documents.W001",
        )
    ]
