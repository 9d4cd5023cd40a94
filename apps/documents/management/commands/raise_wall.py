"""Make the second wall around documents, where migrations could not: see docs/security.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from apps.documents.walls import ROLE, raise_wall


class Command(BaseCommand):
    """Say that the wall stands, or what a superuser of the database has to do first."""

    help = (
        "Make the role and the policies by which PostgreSQL itself gives out no document that its reader may not read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            user = cursor.fetchone()[0]
            if not raise_wall(cursor):
                raise CommandError(
                    f"The user {user} of the database may not make roles. Have a superuser run: "
                    f"CREATE ROLE {ROLE} NOLOGIN NOINHERIT NOBYPASSRLS; GRANT {ROLE} TO {user};  Then run this again."
                )
        self.stdout.write("The wall stands.")
