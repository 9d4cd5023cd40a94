"""Scope: who is asking and what they may do. Everything that reads takes one; nothing reads without it."""

import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum

from apps.accounts.models import ApiToken, User
from apps.audit.actors import SYSTEM, Actor
from apps.core.errors import NotAllowed


class Permission(StrEnum):
    """What a person or token may do at all; which collections it applies to is decided by grants."""

    READ = "read"
    ASK = "ask"
    CONTRIBUTE = "contribute"
    MANAGE = "manage"
    AUDIT = "audit"
    ADMINISTER = "administer"


_OF_EVERYBODY = frozenset({Permission.READ, Permission.ASK, Permission.CONTRIBUTE, Permission.MANAGE})


@dataclass(frozen=True, slots=True)
class Scope:
    """An actor, the person they act for, that person's groups, and the permissions left after a token's narrowing."""

    actor: Actor
    user_id: uuid.UUID | None = None
    group_ids: frozenset[uuid.UUID] = field(default=frozenset())
    permissions: frozenset[Permission] = field(default=frozenset())

    @classmethod
    def of_user(cls, user: User, *, address: str = "", request_id: str = "") -> "Scope":
        """Return the scope of a signed-in person. One query, for their groups."""
        actor = Actor("user", str(user.pk), str(user), address, request_id)
        return cls(actor, user.pk, frozenset(user.member_of.values_list("pk", flat=True)), permissions_of(user))

    @classmethod
    def of_token(cls, token: ApiToken, *, address: str = "", request_id: str = "") -> "Scope":
        """Return the scope of a token: its person's, narrowed to the permissions that the token carries."""
        person = cls.of_user(token.user)
        allowed = person.permissions
        if token.permissions:
            allowed &= {Permission(p) for p in token.permissions}
        actor = Actor("token", str(token.pk), f"{token.user}, token …{token.ending}", address, request_id)
        return cls(actor, person.user_id, person.group_ids, allowed)

    @classmethod
    def of_system(cls) -> "Scope":
        """Return the scope of the installation's own work: it administers, and sees no collection."""
        return cls(SYSTEM, permissions=frozenset({Permission.ADMINISTER}))

    def renewed(self) -> "Scope":
        """Return the scope as grants, groups and roles are now; one without permissions where its person or token has ended."""
        now: Scope | None = None
        if self.actor.type == "token":
            token = ApiToken.objects.filter(pk=self.actor.id).usable().select_related("user").first()
            now = Scope.of_token(token) if token else None
        elif self.user_id is not None:
            user = User.objects.filter(pk=self.user_id).first()
            now = Scope.of_user(user) if user else None
        return replace(now, actor=self.actor) if now else replace(self, permissions=frozenset())

    @property
    def is_system(self) -> bool:
        """Whether the installation itself acts, for nobody."""
        return self.user_id is None and Permission.ADMINISTER in self.permissions

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowed` unless the permission is in this scope."""
        if permission not in self.permissions:
            raise NotAllowed(f"This needs the permission “{permission}”, which you do not have. Ask an administrator.")


def permissions_of(user: User) -> frozenset[Permission]:
    """Return everything that a person may do, before any token narrows it."""
    if not user.is_active:
        return frozenset()
    extra = {Permission.ADMINISTER} if user.is_administrator else set()
    if user.is_auditor:
        extra.add(Permission.AUDIT)
    return _OF_EVERYBODY | extra
