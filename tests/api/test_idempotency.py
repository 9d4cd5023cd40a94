"""Writes under an idempotency key are carried out once and answered alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from apps.api.models import KeyedCall
from apps.audit.models import Record
from apps.documents.models import Collection
from tests.api.conftest import Caller
from tests.api.shapes import assert_problem
from tests.factories import owned_by

pytestmark = pytest.mark.django_db


def test_a_call_sent_twice_is_carried_out_once_and_answered_alike(ingrid: Caller) -> None:
    first = ingrid("post", "/collections", {"name": "Credit"}, Idempotency_Key="k1")
    again = ingrid("post", "/collections", {"name": "Credit"}, Idempotency_Key="k1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert Collection.objects.count() == Record.objects.filter(action="collection.created").count() == 1


def test_without_a_key_each_call_is_its_own(ingrid: Caller) -> None:
    for _ in range(2):
        ingrid("post", "/collections", {"name": "Credit"})
    assert Collection.objects.count() == 2


@pytest.mark.parametrize("other", [{"name": "Other"}, {"name": "Credit", "description": "Loans"}])
def test_a_key_belongs_to_one_call(ingrid: Caller, other: dict[str, str]) -> None:
    ingrid("post", "/collections", {"name": "Credit"}, Idempotency_Key="k1")
    assert_problem(ingrid("post", "/collections", other, Idempotency_Key="k1"), 409, "conflict")
    assert_problem(ingrid("post", "/answers", {"question": "What?"}, Idempotency_Key="k1"), 409, "conflict")


def test_a_key_belongs_to_one_person(ingrid: Caller, boris: Caller) -> None:
    for caller in (ingrid, boris):
        assert caller("post", "/collections", {"name": "Credit"}, Idempotency_Key="k1").status_code == 201
    assert Collection.objects.count() == 2


def test_a_call_that_failed_leaves_its_key_free(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)
    document = SimpleUploadedFile("empty.md", b"")
    fields = {"file": document, "collection": str(collection.pk)}
    assert_problem(ingrid.upload(fields, Idempotency_Key="k1"), 422, "empty")
    assert not KeyedCall.objects.exists()
    fields["file"] = SimpleUploadedFile("report.md", b"Net debt fell.")
    assert ingrid.upload(fields, Idempotency_Key="k1").status_code == 202


def test_an_upload_sent_twice_is_accepted_alike(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)

    def send(content: bytes) -> Any:
        fields = {"file": SimpleUploadedFile("report.md", content), "collection": str(collection.pk)}
        return ingrid.upload(fields, Idempotency_Key="k1")

    first, again = send(b"Net debt fell."), send(b"Net debt fell.")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert_problem(send(b"Net debt rose."), 409, "conflict")


def test_a_deletion_sent_twice_succeeds_twice(ingrid: Caller) -> None:
    collection = owned_by(ingrid.user)
    for _ in range(2):
        assert ingrid("delete", f"/collections/{collection.pk}", Idempotency_Key="k1").status_code == 204


def test_a_key_is_forgotten_after_a_day(ingrid: Caller) -> None:
    ingrid("post", "/collections", {"name": "Credit"}, Idempotency_Key="k1")
    KeyedCall.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert ingrid("post", "/collections", {"name": "Other"}, Idempotency_Key="k1").status_code == 201
    assert KeyedCall.objects.count() == 1


def test_a_key_has_a_length(ingrid: Caller) -> None:
    assert_problem(ingrid("post", "/collections", {"name": "Credit"}, Idempotency_Key="k" * 201), 422, "invalid")


@pytest.mark.django_db(transaction=True)
def test_the_same_call_at_the_same_moment_is_carried_out_once(ingrid: Caller) -> None:
    together = Barrier(6)

    def send(_: int) -> tuple[int, bytes]:
        caller = Caller(ingrid.user, secret=ingrid.secret)
        together.wait()
        try:
            response = caller("post", "/collections", {"name": "Credit"}, Idempotency_Key="race")
            return response.status_code, response.content
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answered = set(pool.map(send, range(6)))
    assert len(answered) == 1
    assert next(iter(answered))[0] == 201
    assert Collection.objects.count() == 1
