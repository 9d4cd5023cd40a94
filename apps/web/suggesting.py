"""What fields suggest while somebody types: people and groups to those who grant, documents to those who read them."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import ngettext

from apps.accounts.models import ApiToken, Group, User
from apps.accounts.scope import Permission, Scope
from apps.documents.models import Collection, Document, Role

_MOST = 8
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Option:
    """`value` is what the field then holds; `id` is empty where the value says it all."""

    value: str
    label: str
    detail: str = ""
    id: str = ""


def may_look_up_people(scope: Scope) -> bool:
    """Whether the scope grants: an administrator, or the manager of a collection."""
    return scope.may(Permission.ADMINISTER) or Collection.objects.visible_to(scope, Role.MANAGER).exists()


def people(words: str, *, groups: bool) -> list[Option]:
    """Return the people, and groups if wanted, whose name or address begins so or has a word that does."""
    words = words.strip()
    if len(words) < _LEAST_LETTERS:
        return []
    named = Q(name__istartswith=words) | Q(name__icontains=f" {words}") | Q(email__istartswith=words)
    found = [Option(user.email, str(user), user.email) for user in User.objects.filter(named, is_active=True)[:_MOST]]
    if groups:
        called = Q(name__istartswith=words) | Q(name__icontains=f" {words}")
        rows = Group.objects.filter(called).prefetch_related("members")[:_MOST]
        found = [*(_group(group) for group in rows), *found][:_MOST]
    return found


def holders(words: str) -> list[Option]:
    """Return the people, groups and tokens that are called so."""
    words = words.strip()
    if len(words) < _LEAST_LETTERS:
        return []
    tokens = ApiToken.objects.usable().filter(name__icontains=words).select_related("user")[:_MOST]
    return [*people(words, groups=True), *(Option(str(one), str(one), str(one.user)) for one in tokens)][:_MOST]


def documents(scope: Scope, words: str) -> list[Option]:
    """Return the documents that the scope may read whose title or file is called so."""
    words = words.strip()
    if len(words) < _LEAST_LETTERS:
        return []
    named = Q(title__icontains=words) | Q(latest__filename__icontains=words)
    rows = Document.objects.visible_to(scope).filter(named).select_related("collection").order_by("title", "pk")[:_MOST]
    return [Option(row.title, row.title, row.collection.name, str(row.pk)) for row in rows]


def _group(group: Group) -> Option:
    size = len(group.members.all())
    return Option(group.name, group.name, ngettext("Group, %(n)s person", "Group, %(n)s people", size) % {"n": size})
