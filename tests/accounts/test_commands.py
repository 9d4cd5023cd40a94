"""Setting up without a browser: what the commands print is what scripts read."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from apps.accounts.models import ApiToken, User
from apps.audit.models import Record
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def _run(*arguments: str) -> str:
    printed = StringIO()
    call_command(*arguments, stdout=printed)
    return printed.getvalue()


def _scopes_of(secret: str) -> list[str]:
    response = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 200, response.content
    scopes: list[str] = response.json()["scopes"]
    return scopes


class TestBootstrap:
    def test_it_makes_an_administrator_whose_token_is_the_last_word(self) -> None:
        printed = _run("bootstrap", "--email", "admin@example.org", "--password", PASSWORD, "--token")
        user = User.objects.get()
        assert (user.is_administrator, user.is_auditor, user.check_password(PASSWORD)) == (True, True, True)
        assert PASSWORD not in printed
        assert _scopes_of(printed.split()[-1]) == ["administer", "ask", "audit", "contribute", "manage", "read"]

    def test_a_password_that_is_made_up_is_printed(self) -> None:
        made = _run("bootstrap", "--email", "admin@example.org").split()[-1]
        assert User.objects.get().check_password(made)

    def test_again_it_keeps_the_person_sets_the_password_and_prints_a_fresh_token(self) -> None:
        arguments = ("bootstrap", "--email", "admin@example.org", "--token")
        first = _run(*arguments, "--password", PASSWORD).split()[-1]
        second = _run(*arguments, "--password", "another long harbour").split()[-1]
        assert first != second
        assert User.objects.get().check_password("another long harbour")
        assert _scopes_of(first) == _scopes_of(second)

    def test_without_a_password_the_one_that_is_there_stays(self) -> None:
        _run("bootstrap", "--email", "admin@example.org", "--password", PASSWORD)
        printed = _run("bootstrap", "--email", "ADMIN@example.org")
        assert "Password" not in printed
        assert User.objects.get().check_password(PASSWORD)

    def test_a_member_of_staff_becomes_administrator(self) -> None:
        UserFactory(email="ingrid@example.org", name="Ingrid Falk", is_active=False)
        _run("bootstrap", "--email", "ingrid@example.org")
        user = User.objects.get()
        assert (user.name, user.is_administrator, user.is_auditor, user.is_active) == ("Ingrid Falk", True, True, True)

    @pytest.mark.parametrize(
        ("email", "password", "words"),
        [("nobody", PASSWORD, "not an e-mail address"), ("a@example.org", "short", "too short")],
    )
    def test_what_cannot_be_used_is_said_in_a_sentence(self, email: str, password: str, words: str) -> None:
        with pytest.raises(CommandError, match=words):
            _run("bootstrap", "--email", email, "--password", password)
        assert not User.objects.exists()

    def test_it_is_recorded_as_the_systems_own_doing(self) -> None:
        _run("bootstrap", "--email", "admin@example.org", "--token")
        found = Record.objects.order_by("sequence").values_list("action", "actor_type")
        assert list(found) == [("user.created", "system"), ("token.issued", "system")]


class TestPeople:
    def test_a_person_is_added_with_the_password_given_or_one_made_up(self) -> None:
        assert PASSWORD not in _run("create_user", "--email", "a@example.org", "--password", PASSWORD)
        made = _run("create_user", "--email", "b@example.org").split()[-1]
        _run("create_user", "--email", "c@example.org", "--no-password", "--auditor")
        first, second, third = User.objects.all()
        assert first.check_password(PASSWORD)
        assert second.check_password(made)
        assert (third.has_usable_password(), third.is_auditor, third.is_administrator) == (False, True, False)

    def test_an_address_that_is_taken_is_refused(self) -> None:
        UserFactory(email="a@example.org")
        with pytest.raises(CommandError, match="already a person"):
            _run("create_user", "--email", "A@example.org")


class TestTokens:
    def test_a_token_may_all_that_its_person_may(self) -> None:
        UserFactory(email="a@example.org")
        secret = _run("create_token", "--email", "a@example.org").split()[-1]
        assert _scopes_of(secret) == ["ask", "contribute", "manage", "read"]

    def test_a_token_is_narrowed_by_scope_and_time(self) -> None:
        UserFactory(email="a@example.org")
        arguments = ("create_token", "--email", "a@example.org", "--days", "30")
        secret = _run(*arguments, "--scope", "read", "ask").split()[-1]
        assert _scopes_of(secret) == ["ask", "read"]
        assert _scopes_of(_run(*arguments, "--scope", "read", "--scope", "ask").split()[-1]) == ["ask", "read"]
        assert all(token.expires_at for token in ApiToken.objects.all())

    def test_nobody_and_nothing_are_refused(self) -> None:
        with pytest.raises(CommandError, match="nobody with the address"):
            _run("create_token", "--email", "a@example.org")
        UserFactory(email="a@example.org")
        with pytest.raises(CommandError, match="does not hold: audit"):
            _run("create_token", "--email", "a@example.org", "--scope", "audit")
        with pytest.raises(CommandError, match="invalid choice"):
            _run("create_token", "--email", "a@example.org", "--scope", "everything")


class TestVerifyAudit:
    def test_a_whole_chain_is_said_to_be_whole(self) -> None:
        assert "no records" in _run("verify_audit")
        _run("bootstrap", "--email", "admin@example.org", "--token")
        assert "The chain is whole: records 1 to 3, 3 in all" in _run("verify_audit")
        assert "records 2 to 3, 2 in all" in _run("verify_audit", "--from", "2", "--to", "3")
        assert "no records" in _run("verify_audit", "--to", "2000-01-01")

    def test_a_broken_one_ends_with_status_1_and_says_where(self) -> None:
        _run("bootstrap", "--email", "admin@example.org", "--token")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER USER")
            cursor.execute("UPDATE audit_record SET subject_label = 'x' WHERE sequence = 2")
            cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER USER")
        with pytest.raises(CommandError, match=r"does not hold at record 2.*subject_label") as ended:
            _run("verify_audit")
        assert ended.value.returncode == 1

    def test_a_part_that_cannot_be_understood_is_refused(self) -> None:
        with pytest.raises(CommandError, match="neither a date nor a time"):
            _run("verify_audit", "--from", "yesterday")
