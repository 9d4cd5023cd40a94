"""Issue a token for a person without a browser."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.accounts.management.answering import in_words, person
from apps.accounts.scope import Permission, Scope
from apps.accounts.services import issue_token


class Command(BaseCommand):
    help = "Issue a token for a person. It is the last word printed and cannot be had again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="command line")
        parser.add_argument(
            "--scope",
            nargs="+",
            action="extend",
            default=[],
            choices=[permission.value for permission in Permission],
            help="What the token may do. Without it: all that the person may do.",
        )
        parser.add_argument("--days", type=int, help="Days until it expires. Without it: never.")

    @in_words
    def handle(self, *, email: str, name: str, scope: list[str], days: int | None, **_: Any) -> None:
        _token, secret = issue_token(
            Scope.of_system(),
            person(email),
            name=name,
            permissions=[Permission(each) for each in scope],
            expires_at=timezone.now() + timedelta(days=days) if days is not None else None,
        )
        self.stdout.write(f"Token, shown this once: {secret}")
