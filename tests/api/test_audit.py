"""Records over REST: for auditors, who are recorded too."""

import hashlib
from typing import Any

import pytest
from django.db import connection, transaction

from apps.audit import log
from apps.audit.actions import Action
from apps.audit.actors import Actor, acting
from apps.audit.models import Record
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem, items

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(db: None) -> list[Record]:
    with transaction.atomic(), acting(Actor("user", "7", "Ingrid Falk", "10.0.0.1", "r-1")):
        return [
            log.record(
                Action.DOCUMENT_UPLOADED if number % 2 else Action.COLLECTION_CREATED,
                log.Subject("document", str(number), f"Report {number}"),
                data={"n": number},
                documents=[f"d{number}"],
                answer=f"a{number}",
            )
            for number in range(1, 7)
        ]


def _sequences(auditor: Caller, **query: Any) -> list[int]:
    found = items(auditor.get("/audit/records", **query))
    return [row["sequence"] for row in found if not row["action"].startswith("audit.")]


@pytest.mark.parametrize("path", ["/audit/records", "/audit/records/1", "/audit/verify"])
def test_only_auditors_read_records(administrator: Caller, ingrid: Caller, path: str) -> None:
    assert_problem(ingrid.get(path), 403, "not_allowed")
    assert_problem(administrator.get(path), 403, "not_allowed")


def test_records_come_newest_first(auditor: Caller, written: list[Record]) -> None:
    assert _sequences(auditor) == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"action": "document.uploaded"}, [5, 3, 1]),
        ({"actor": "7"}, [6, 5, 4, 3, 2, 1]),
        ({"actor": "falk"}, [6, 5, 4, 3, 2, 1]),
        ({"document": "d4"}, [4]),
        ({"answer": "a2"}, [2]),
        ({"q": "Report 3"}, [3]),
        ({"q": "5"}, [5]),
        ({"from": "2000-01-01", "to": "2000-12-31"}, []),
        ({"from": "2000-01-01"}, [6, 5, 4, 3, 2, 1]),
        ({"action": "document.uploaded", "document": "d4"}, []),
    ],
)
def test_records_are_filtered(
    auditor: Caller, written: list[Record], query: dict[str, str], expected: list[int]
) -> None:
    assert [n for n in _sequences(auditor, **query) if n <= 6] == expected


def test_a_record_opens_with_what_was_sealed(auditor: Caller, written: list[Record]) -> None:
    body = auditor.get("/audit/records/3").json()
    assert (body["data"], body["address"], body["request_id"]) == ({"n": 3}, "10.0.0.1", "r-1")
    sealed = bytes.fromhex(body["previous_hash"]) + body["body"].encode()
    assert hashlib.sha256(sealed).hexdigest() == body["hash"]


def test_looking_is_recorded(auditor: Caller, written: list[Record]) -> None:
    auditor.get("/audit/records", action="document.uploaded")
    auditor.get("/audit/records/3")
    auditor.get("/audit/verify")
    opened, listed = Record.objects.get(action="audit.opened"), Record.objects.get(action="audit.listed")
    assert opened.subject_id == "3"
    assert log.read_body(listed)["data"]["filters"] == {"action": "document.uploaded"}
    assert log.read_body(Record.objects.get(action="audit.verified"))["data"]["ok"] is True


def test_a_whole_chain_verifies(auditor: Caller, written: list[Record]) -> None:
    body = auditor.get("/audit/verify").json()
    assert body == {"ok": True, "checked": 6, "head": {"sequence": 6, "hash": written[-1].hash}}
    assert auditor.get("/audit/verify", **{"from": "2", "to": "4"}).json()["checked"] == 3
    assert auditor.get("/audit/verify", **{"from": "2000-01-01", "to": "2000-12-31"}).json()["checked"] == 0


def test_a_broken_chain_says_where(auditor: Caller, written: list[Record]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_record SET actor_label = 'Nobody' WHERE sequence = 4")
        cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER USER")
    body = auditor.get("/audit/verify").json()
    assert (body["ok"], body["first_bad"]) == (False, 4)
    assert "actor_label" in body["problem"]


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "2026-13-40"}, {"cursor": "?"}, {"limit": "0"}])
def test_bad_filters_are_refused(auditor: Caller, query: dict[str, str]) -> None:
    assert_problem(auditor.get("/audit/records", **query), 422, "invalid")


def test_an_unknown_record_is_not_found(auditor: Caller) -> None:
    assert_problem(auditor.get("/audit/records/9999"), 404, "not_found")
