"""What the commands for people share: errors as one sentence, passwords that are made up, the token as the last word."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.management.base import CommandError

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.accounts.services import issue_token
from apps.core.errors import ToulminError

Handle = TypeVar("Handle", bound=Callable[..., Any])


def in_words(handle: Handle) -> Handle:
    """Turn an expected error into the sentence that the command ends with."""

    @wraps(handle)
    def handled(*args: Any, **kwargs: Any) -> Any:
        try:
            return handle(*args, **kwargs)
        except ToulminError as error:
            raise CommandError(error.detail) from None

    return handled  # type: ignore[return-value]  # same signature, wrapped


def made_password() -> str:
    """Return a password of 120 random bits that can be typed."""
    return "-".join(secrets.token_hex(3) for _ in range(5))


def person(email: str) -> User:
    """Return whoever has this address; raises `CommandError` if nobody has."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise CommandError(f"There is nobody with the address {email}. Add them with create_user.")
    return user


def fresh_token(user: User, name: str) -> str:
    """Return the secret of a new token that may all that its person may."""
    _token, secret = issue_token(Scope.of_system(), user, name=name)
    return secret
