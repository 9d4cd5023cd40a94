"""Every change to people, groups and tokens: permission, change and record in one place."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import ApiToken, Group, User
from apps.accounts.scope import Permission, Scope, permissions_of
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound


def create_user(
    scope: Scope,
    *,
    email: str,
    name: str = "",
    password: str | None = None,
    administrator: bool = False,
    auditor: bool = False,
) -> User:
    """Return a new person; without a password they come through single sign-on only.

    Raises `Invalid` for an address or password that cannot be used, `Conflict` for an address that is taken.
    """
    scope.require(Permission.ADMINISTER)
    email = _checked_email(email)
    name = _checked_name(name, "name")
    if password is not None:
        _check_password(password, User(email=email, name=name))
    taken = Conflict(_("There is already a person with the address %(email)s.") % {"email": email})
    if User.objects.filter(email__iexact=email).exists():
        raise taken
    with transaction.atomic():
        try:
            with transaction.atomic():
                user = User.objects.create_user(
                    email, password, name=name, is_administrator=administrator, is_auditor=auditor
                )
        except IntegrityError:
            raise taken from None
        log.record(
            Action.USER_CREATED,
            user,
            data={"email": email, "administrator": administrator, "auditor": auditor},
            actor=scope.actor,
        )
    return user


def change_user(
    scope: Scope,
    user: User,
    *,
    name: str | None = None,
    administrator: bool | None = None,
    auditor: bool | None = None,
    active: bool | None = None,
) -> User:
    """Return the person as changed; what is not given stays. Raises `Conflict` where nobody would administer any more."""
    scope.require(Permission.ADMINISTER)
    wanted = {
        "name": None if name is None else _checked_name(name, "name"),
        "is_administrator": administrator,
        "is_auditor": auditor,
        "is_active": active,
    }
    with transaction.atomic():
        # All administrators are locked, so that two of them cannot remove each other at the same moment.
        administrators = set(
            User.objects.select_for_update().filter(is_administrator=True, is_active=True).values_list("pk", flat=True)
        )
        user = User.objects.select_for_update().get(pk=user.pk)
        changes = {
            field: value for field, value in wanted.items() if value is not None and getattr(user, field) != value
        }
        loses = changes.get("is_administrator") is False or changes.get("is_active") is False
        if loses and administrators == {user.pk}:
            raise Conflict(_("This is the last administrator. Make somebody else administrator first."))
        if not changes:
            return user
        before = {field: getattr(user, field) for field in changes}
        for field, value in changes.items():
            setattr(user, field, value)
        user.save(update_fields=list(changes))
        log.record(Action.USER_CHANGED, user, data={"from": before, "to": changes}, actor=scope.actor)
    return user


def set_password(scope: Scope, user: User, password: str) -> None:
    """Give a person a new password. Only the installation itself may, or it would be a way to act as somebody else."""
    _require_installation(scope)
    _check_password(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        log.record(Action.USER_CHANGED, user, data={"password": "set"}, actor=scope.actor)


def issue_token(
    scope: Scope,
    user: User,
    *,
    name: str,
    permissions: Sequence[Permission] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Return a new token and its secret, which is shown once; without `permissions` it may all that its person may.

    People issue their own and never with more than they hold themselves; for others only the installation does.
    """
    theirs = permissions_of(user)
    wanted = set(permissions) or theirs
    if scope.user_id != user.pk:
        _require_installation(scope)
    elif not wanted <= scope.permissions:
        raise NotAllowed(_("A token cannot carry more permissions than you hold yourself. Choose fewer."))
    name = _checked_name(name, "name", required=True, longest=100)
    if beyond := wanted - theirs:
        message = _("%(person)s does not hold: %(permissions)s.") % {
            "person": user.email,
            "permissions": ", ".join(sorted(beyond)),
        }
        raise Invalid(message, errors={"permissions": [message]})
    if expires_at is not None and expires_at <= timezone.now():
        message = _("The end of a token’s life lies in the past. Choose a later time.")
        raise Invalid(message, errors={"expires_at": [message]})
    with transaction.atomic():
        token, secret = ApiToken.make(
            user, name, permissions=sorted(p.value for p in permissions), expires_at=expires_at
        )
        token.save()
        log.record(
            Action.TOKEN_ISSUED,
            token,
            data={
                "person": str(user.pk),
                "permissions": token.permissions,
                "expires_at": expires_at.isoformat() if expires_at else None,
            },
            actor=scope.actor,
        )
    return token, secret


def revoke_token(scope: Scope, token: ApiToken) -> None:
    """End a token, one's own or, as administrator, anybody's. Ending what has ended succeeds."""
    if scope.user_id != token.user_id and not scope.may(Permission.ADMINISTER):
        raise NotFound
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if ended:
            log.record(Action.TOKEN_REVOKED, token, data={"person": str(token.user_id)}, actor=scope.actor)
    token.refresh_from_db()


def create_group(scope: Scope, *, name: str, members: Iterable[User] = ()) -> Group:
    """Return a new group with its members. Raises `Conflict` for a name that is taken."""
    scope.require(Permission.ADMINISTER)
    name = _checked_name(name, "name", required=True)
    people = sorted(members, key=lambda user: user.email)
    with transaction.atomic():
        group, made = Group.objects.get_or_create(name=name)
        if not made:
            raise Conflict(_("There is already a group named “%(name)s”.") % {"name": name})
        group.members.set(people)
        log.record(Action.GROUP_CREATED, group, data={"members": _ids(people)}, actor=scope.actor)
    return group


def change_group(
    scope: Scope, group: Group, *, name: str | None = None, members: Iterable[User] | None = None
) -> Group:
    """Return the group as changed: its name, and `members` and nobody else in it; what is not given stays.

    Raises `Conflict` for a name that is taken.
    """
    scope.require(Permission.ADMINISTER)
    name = None if name is None else _checked_name(name, "name", required=True)
    with transaction.atomic():
        group = Group.objects.select_for_update().get(pk=group.pk)
        said: dict[str, object] = {}
        if name is not None and name != group.name:
            if Group.objects.filter(name=name).exists():
                raise Conflict(_("There is already a group named “%(name)s”.") % {"name": name})
            said["name"] = [group.name, name]
            group.name = name
            group.save(update_fields=["name"])
        if members is not None:
            said |= _set_members(group, sorted(members, key=lambda user: user.email))
        if said:
            log.record(Action.GROUP_CHANGED, group, data=said, actor=scope.actor)
    return group


def _set_members(group: Group, people: list[User]) -> dict[str, object]:
    """Return who came in and who left; nothing where nobody did."""
    before = {user.pk for user in group.members.all()}
    after = {user.pk for user in people}
    if before == after:
        return {}
    group.members.set(people)
    return {"added": _texts(after - before), "removed": _texts(before - after)}


def _require_installation(scope: Scope) -> None:
    if scope.user_id is not None or not scope.may(Permission.ADMINISTER):
        raise NotAllowed(_("Nobody may act as somebody else. The person does this in their own account."))


def _checked_email(email: str) -> str:
    email = User.objects.normalize_email(email.strip()).lower()
    try:
        validate_email(email)
    except ValidationError:
        message = _("“%(email)s” is not an e-mail address.") % {"email": email}
        raise Invalid(message, errors={"email": [message]}) from None
    return email


def _checked_name(name: str, field: str, *, required: bool = False, longest: int = 150) -> str:
    name = " ".join(name.split())
    if required and not name:
        message = _("A name is needed.")
        raise Invalid(message, errors={field: [message]})
    if len(name) > longest:
        message = _("The name is too long. Use at most %(longest)s characters.") % {"longest": longest}
        raise Invalid(message, errors={field: [message]})
    return name


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), errors={"password": list(error.messages)}) from None


def _ids(people: Iterable[User]) -> list[str]:
    return _texts(user.pk for user in people)


def _texts(keys: Iterable[uuid.UUID]) -> list[str]:
    return sorted(str(key) for key in keys)
