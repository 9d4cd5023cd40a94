"""Add a member of staff without a browser."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts.management.answering import in_words, made_password
from apps.accounts.scope import Scope
from apps.accounts.services import create_user


class Command(BaseCommand):
    help = "Add a member of staff. A password that is made up is printed once, as the last word."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", help="Without it one is made up and printed once.")
        parser.add_argument("--name", default="")
        parser.add_argument("--administrator", action="store_true")
        parser.add_argument("--auditor", action="store_true")
        parser.add_argument("--no-password", action="store_true", help="They come through single sign-on only.")

    @in_words
    def handle(self, *, email: str, password: str | None, name: str, no_password: bool, **options: Any) -> None:
        made = password is None and not no_password
        if made:
            password = made_password()
        user = create_user(
            Scope.of_system(),
            email=email,
            name=name,
            password=password,
            administrator=options["administrator"],
            auditor=options["auditor"],
        )
        self.stdout.write(f"{user.email} is added.")
        if made:
            self.stdout.write(f"Password, shown this once: {password}")
