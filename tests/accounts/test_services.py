"""What the services of accounts refuse, and that each change leaves its record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import ApiToken, User
from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.models import Record
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import PASSWORD, GroupFactory, UserFactory, scope_of, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return UserFactory(is_administrator=True)


def _last() -> Record:
    return Record.objects.order_by("-sequence")[0]


def test_a_new_person_is_recorded_without_their_password(administrator: User) -> None:
    user = services.create_user(scope_of(administrator), email=" New@Example.ORG ", password=PASSWORD, auditor=True)
    assert (user.email, user.is_auditor, user.is_administrator) == ("new@example.org", True, False)
    assert (_last().action, _last().actor_id) == ("user.created", str(administrator.pk))
    assert PASSWORD.encode() not in bytes(_last().body)


def test_a_person_without_a_password_cannot_sign_in_with_one(administrator: User) -> None:
    user = services.create_user(scope_of(administrator), email="new@example.org")
    assert not user.has_usable_password()


@pytest.mark.parametrize("call", ["create_user", "create_group"])
def test_only_administrators_add(call: str) -> None:
    fields = {"email": "new@example.org"} if call == "create_user" else {"name": "Credit"}
    with pytest.raises(NotAllowed):
        getattr(services, call)(scope_of(UserFactory(is_auditor=True)), **fields)
    assert not Record.objects.exists()


@pytest.mark.parametrize("password", ["short", "1qaz2wsx3edc", "newpersonexample"])
def test_weak_passwords_are_refused(administrator: User, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.create_user(scope_of(administrator), email="new.person@example.org", password=password)
    assert list(refused.value.errors) == ["password"]


def test_a_change_records_what_was_and_what_is(administrator: User) -> None:
    user = UserFactory()
    services.change_user(scope_of(administrator), user, auditor=True, name="Renamed")
    sealed = log.read_body(_last())["data"]
    assert (sealed["from"]["is_auditor"], sealed["to"]) == (False, {"is_auditor": True, "name": "Renamed"})


def test_a_change_that_changes_nothing_is_not_recorded(administrator: User) -> None:
    services.change_user(scope_of(administrator), administrator, administrator=True)
    assert not Record.objects.exists()


def test_the_last_administrator_stays_and_the_last_but_one_may_go(administrator: User) -> None:
    scope = scope_of(administrator)
    with pytest.raises(Conflict):
        services.change_user(scope, administrator, active=False)
    UserFactory(is_administrator=True)
    assert services.change_user(scope, administrator, administrator=False).is_administrator is False


def test_a_token_is_kept_as_a_hash_only() -> None:
    user = UserFactory()
    token, secret = services.issue_token(scope_of(user), user, name="script", permissions=[Permission.READ])
    assert secret.startswith("tlm_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM accounts_apitoken t")
        assert secret not in cursor.fetchone()[0]
    assert secret.encode() not in bytes(_last().body)
    assert (_last().action, token.permissions) == ("token.issued", ["read"])


def test_nobody_issues_tokens_for_somebody_else(administrator: User) -> None:
    with pytest.raises(NotAllowed):
        services.issue_token(scope_of(administrator), UserFactory(), name="theirs")
    with pytest.raises(NotAllowed):
        services.set_password(scope_of(administrator), UserFactory(), PASSWORD)


def test_a_narrowed_token_cannot_issue_a_wider_one() -> None:
    user = UserFactory()
    narrow = Scope.of_token(ApiToken.objects.get(hash=ApiToken.hash_of(token_for(user, Permission.READ))))
    with pytest.raises(NotAllowed):
        services.issue_token(narrow, user, name="wide")
    with pytest.raises(NotAllowed):
        services.issue_token(narrow, user, name="wide", permissions=[Permission.CONTRIBUTE])
    assert services.issue_token(narrow, user, name="same", permissions=[Permission.READ])


def test_a_token_carries_no_more_than_its_person_holds_and_ends_in_the_future() -> None:
    user = UserFactory()
    with pytest.raises(Invalid):
        services.issue_token(Scope.of_system(), user, name="grasping", permissions=[Permission.AUDIT])
    with pytest.raises(Invalid):
        services.issue_token(scope_of(user), user, name="late", expires_at=timezone.now() - timedelta(days=1))
    with pytest.raises(Invalid):
        services.issue_token(scope_of(user), user, name="  ")
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_once_by_its_person_or_an_administrator(administrator: User) -> None:
    user = UserFactory()
    token, _ = services.issue_token(scope_of(user), user, name="script")
    with pytest.raises(NotFound):
        services.revoke_token(scope_of(UserFactory()), token)
    services.revoke_token(scope_of(administrator), token)
    services.revoke_token(scope_of(user), token)
    assert token.revoked_at is not None
    assert Record.objects.filter(action="token.revoked").count() == 1


def test_members_come_and_go_with_a_record_of_who(administrator: User) -> None:
    stays, goes, comes = UserFactory(), UserFactory(), UserFactory()
    group = GroupFactory(members=[stays, goes])
    services.change_group(scope_of(administrator), group, members=[stays, comes])
    assert set(group.members.all()) == {stays, comes}
    assert log.read_body(_last())["data"] == {"added": [str(comes.pk)], "removed": [str(goes.pk)]}
    services.change_group(scope_of(administrator), group, members=[comes, stays])
    assert Record.objects.filter(action="group.changed").count() == 1
