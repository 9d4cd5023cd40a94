"""Who reads one document and why, for whoever manages its collection."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Group, User
from apps.documents.models import Collection, Document, Grant, Role


@dataclass(frozen=True, slots=True)
class Reader:
    """A person or group that reads the collection, or was named for the document. `key` is `user:<id>` or `group:<id>`.

    `why` says by what they read it. `reaches`: whether they read the collection, without which being named gives nothing.
    """

    key: str
    name: str
    is_group: bool
    why: str
    named: bool
    reaches: bool = True


@dataclass(frozen=True, slots=True)
class Readers:
    """Managers read every document of theirs; the `choices` only what is open or names them."""

    narrowed: bool
    managers: tuple[Reader, ...]
    choices: tuple[Reader, ...]


def readers_of(document: Document) -> Readers:
    """Return who reads a document, and who else could be named."""
    grants = document.collection.grants.select_related("user", "group").prefetch_related("group__members")
    narrowed = document.access.narrowed
    named = list(document.access.readers.select_related("user", "group")) if narrowed else []
    keys = {_key(one.user, one.group) for one in named}
    managers: list[Reader] = []
    choices: list[Reader] = []
    for grant in grants:
        reader = _granted(grant, keys)
        (managers if grant.role == Role.MANAGER else choices).append(reader)
    known = {reader.key for reader in (*managers, *choices)}
    for one in named:
        if _key(one.user, one.group) not in known:
            choices.append(_only_named(document.collection, one.user, one.group))
    return Readers(narrowed, tuple(managers), tuple(choices))


def outside(collection: Collection, users: Iterable[User]) -> User | None:
    """Return the first of these people who does not read the collection; None where all do."""
    for user in users:
        if not _reads(collection, user):
            return user
    return None


def _reads(collection: Collection, user: User) -> bool:
    held = Grant.objects.filter(Q(user=user) | Q(group__members=user), collection=collection)
    return held.exists()


def _granted(grant: Grant, named: set[str]) -> Reader:
    key = _key(grant.user, grant.group)
    name = str(grant.user or grant.group)
    return Reader(key, name, grant.group is not None, _why(grant), key in named)


def _why(grant: Grant) -> str:
    role = str(Role(grant.role).label)
    if grant.group is None:
        return _("%(role)s of the collection") % {"role": role}
    size = len(grant.group.members.all())
    said = ngettext("%(role)s, group of %(n)s person", "%(role)s, group of %(n)s people", size)
    return said % {"role": role, "n": size}


def _only_named(collection: Collection, user: User | None, group: Group | None) -> Reader:
    """Return somebody who was named and holds no grant of their own: they read through a group, or no longer."""
    reaches = _reads(collection, user) if user else False
    why = (
        _("Reads the collection through a group")
        if reaches
        else _("No longer reads the collection, so not this either")
    )
    return Reader(_key(user, group), str(user or group), group is not None, why, named=True, reaches=reaches)


def _key(user: User | None, group: Group | None) -> str:
    return f"user:{user.pk}" if user else f"group:{group.pk}" if group else ""
