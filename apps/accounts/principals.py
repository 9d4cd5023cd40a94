"""Principals: the people and groups to whom something is granted or narrowed."""

from apps.accounts.models import Group, User


def principal_of(who: User | Group) -> dict[str, str]:
    """Return a person or a group as records and the interface name one."""
    return {"type": "user" if isinstance(who, User) else "group", "id": str(who.pk), "label": str(who)}
