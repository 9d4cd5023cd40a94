"""Make the first administrator, or another one, without a browser."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts.management.answering import fresh_token, in_words, made_password
from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.accounts.services import change_user, create_user, set_password


class Command(BaseCommand):
    help = (
        "Make an administrator, who is also auditor. For an address that is known, the person stays who they are, becomes "
        "both and gets the password, if one is given. A password that is made up is printed once. With --token a new "
        "token, which may all that the person may, is the last word printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", help="Without it a new person gets one that is made up, printed once.")
        parser.add_argument("--name", default="")
        parser.add_argument("--token", action="store_true", help="Issue a token and print it last.")

    @in_words
    def handle(self, *, email: str, password: str | None, name: str, token: bool, **_: Any) -> None:
        scope = Scope.of_system()
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            made = password is None
            password = password or made_password()
            user = create_user(scope, email=email, name=name, password=password, administrator=True, auditor=True)
            self.stdout.write(f"{user.email} is administrator and auditor.")
            if made:
                self.stdout.write(f"Password, shown this once: {password}")
        else:
            user = change_user(scope, user, name=name or None, administrator=True, auditor=True, active=True)
            self.stdout.write(f"{user.email} was here already and is administrator and auditor.")
            if password is not None:
                set_password(scope, user, password)
                self.stdout.write("The password is the one given.")
        if token:
            self.stdout.write(f"Token, shown this once: {fresh_token(user, 'bootstrap')}")
