"""Who asks when a shell measures, and which golden set and collection are meant."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.core.errors import Invalid
from apps.documents.models import Collection
from apps.documents.services import create_collection
from apps.evaluation.models import GoldenSet


@contextmanager
def asker(email: str) -> Iterator[Scope]:
    """Yield the scope of a person, or of one who is made for this, can sign in by no means, and is removed after."""
    if email:
        yield Scope.of_user(person(email))
        return
    user = User.objects.create_user(f"evaluation-{secrets.token_hex(6)}@localhost.invalid", name="Evaluation")
    try:
        yield Scope.of_user(user)
    finally:
        user.delete()


def person(email: str) -> User:
    """Return who asks. Raises `Invalid` unless they can sign in."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise Invalid("Say with --as who asks, by e-mail address; the person must be able to sign in.")
    return user


def golden_set(scope: Scope, name: str) -> GoldenSet:
    """Return a golden set by its name or id. Raises `Invalid` unless exactly one is meant."""
    wanted = Q(name__iexact=name)
    with suppress(ValueError):
        wanted |= Q(pk=UUID(name))
    found = list(GoldenSet.objects.visible_to(scope).filter(wanted).select_related("collection")[:2])
    if len(found) != 1:
        sets = "two golden sets" if found else "no golden set"
        raise Invalid(f"There are {sets} “{name}” in the collections that this person manages.")
    return found[0]


def collection_for(scope: Scope, name: str, *, again: bool) -> Collection:
    """Return a new collection for the texts of a folder; with `again` the one of this name that was kept before, if there is one."""
    title = f"Evaluation of {name}"
    kept = Collection.objects.filter(name=title, created_by=scope.user_id).order_by("created_at").first()
    return kept if again and kept is not None else create_collection(scope, name=title)
