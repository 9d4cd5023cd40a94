"""The chain: what is written holds, and what is changed behind its back is found."""

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit import log
from apps.audit.actions import Action
from apps.audit.actors import Actor, acting
from apps.audit.models import Record

pytestmark = pytest.mark.django_db


def _write(count: int) -> None:
    with transaction.atomic(), acting(Actor("user", "7", "Ingrid Falk", "10.0.0.1", "r-1")):
        for number in range(count):
            log.record(Action.COLLECTION_CREATED, log.Subject("collection", str(number), "Credit"), data={"n": number})


def _tamper(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER USER")


def test_records_are_numbered_without_gaps_and_verify() -> None:
    _write(5)
    found = log.verify_chain()
    assert found.ok
    assert found.checked == 5
    assert found.head.sequence == 5
    assert list(Record.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


def test_an_entry_holds_its_actor_by_value() -> None:
    _write(1)
    sealed = log.read_body(Record.objects.get())
    assert (sealed["actor_label"], sealed["address"], sealed["request_id"]) == ("Ingrid Falk", "10.0.0.1", "r-1")


@pytest.mark.parametrize(
    ("sql", "bad", "word"),
    [
        ("UPDATE audit_record SET body = body || ' '::bytea WHERE sequence = 3", 3, "contents"),
        ("UPDATE audit_record SET actor_label = 'Somebody' WHERE sequence = 3", 3, "index"),
        ("UPDATE audit_record SET occurred_at = occurred_at + interval '1 s' WHERE sequence = 2", 2, "occurred_at"),
        ("UPDATE audit_record SET documents = '[\"x\"]' WHERE sequence = 2", 2, "documents"),
        ("DELETE FROM audit_record WHERE sequence = 4", 4, "missing"),
        ("UPDATE audit_record SET hash = repeat('0', 64) WHERE sequence = 1", 1, "contents"),
        ("UPDATE audit_record SET previous_hash = repeat('1', 64) WHERE sequence = 5", 5, "follow"),
    ],
)
def test_tampering_is_found_at_its_place(sql: str, bad: int, word: str) -> None:
    _write(5)
    _tamper(sql)
    found = log.verify_chain()
    assert not found.ok
    assert found.first_bad == bad
    assert word in found.problem


def test_a_part_of_the_chain_can_be_checked() -> None:
    _write(6)
    assert log.verify_chain(start=3, end=5).checked == 3


@pytest.mark.parametrize("sql", ["UPDATE audit_record SET action = 'x'", "DELETE FROM audit_record"])
def test_postgresql_refuses_changes(sql: str) -> None:
    _write(1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_postgresql_refuses_to_empty_the_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER audit_record_no_truncate")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_record")


def test_a_record_object_cannot_be_saved_again_or_deleted() -> None:
    _write(1)
    entry = Record.objects.get()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


@pytest.mark.django_db(transaction=True)
def test_a_record_needs_the_transaction_of_its_change() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        log.record(Action.SEARCHED)
    assert not Record.objects.exists()
