"""`load_samples` fills one collection, once."""

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.scope import Scope
from apps.audit.actions import Action
from apps.audit.models import Record
from apps.documents.models import Collection, Document, Role
from apps.documents.services import delete_collection
from apps.ingestion.models import IngestRun
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_owner_manages_a_collection_of_four_documents_that_wait_to_be_read() -> None:
    owner = UserFactory.create(email="ada@example.org")
    call_command("load_samples", owner="Ada@example.org")
    collection = Collection.objects.visible_to(Scope.of_user(owner), Role.MANAGER).get()
    assert collection.is_sample
    assert collection.documents.count() == 4
    assert IngestRun.objects.filter(state="queued").count() == 4


def test_loading_is_recorded_in_the_name_of_the_owner() -> None:
    owner = UserFactory.create()
    call_command("load_samples", owner=owner.email)
    assert set(Record.objects.values_list("actor_id", flat=True)) == {str(owner.pk)}
    assert Record.objects.filter(action=Action.SAMPLES_LOADED).count() == 1


def test_loading_again_adds_nothing() -> None:
    owner = UserFactory.create()
    for _ in range(2):
        call_command("load_samples", owner=owner.email)
    assert Document.objects.count() == 4
    assert Record.objects.filter(action=Action.SAMPLES_LOADED).count() == 1


def test_loading_again_adds_what_is_missing() -> None:
    owner = UserFactory.create()
    call_command("load_samples", owner=owner.email)
    Document.objects.first().delete()  # type: ignore[union-attr]
    call_command("load_samples", owner=owner.email)
    assert Document.objects.count() == 4


def test_once_means_that_deleted_samples_stay_deleted() -> None:
    owner = UserFactory.create()
    call_command("load_samples", owner=owner.email)
    delete_collection(Scope.of_user(owner), Collection.objects.get())
    call_command("load_samples", owner=owner.email, once=True)
    assert not Collection.objects.exists()


def test_an_unknown_owner_is_told_what_to_do() -> None:
    with pytest.raises(CommandError, match="There is nobody with the address"):
        call_command("load_samples", owner="nobody@example.org")
