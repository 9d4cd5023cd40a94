"""Why not this document: each stage at which it can fall out is told from the others, and exactly."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.documents.models import Collection, Version
from apps.retrieval import keyword, nearest
from apps.retrieval.fates import Fate, fate_in_search
from apps.retrieval.within import Filters
from tests.factories import CollectionFactory, DocumentFactory, UserFactory, owned_by, scope_of
from tests.retrieval.indexing import indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def collection(person: User) -> Collection:
    return owned_by(person)


def _fate(person: User, document: uuid.UUID, **options: object) -> Fate:
    return fate_in_search(scope_of(person), "How high was net debt?", document, **options)  # type: ignore[arg-type]


def test_a_document_that_may_not_be_seen_is_one_that_does_not_exist(person: User) -> None:
    hidden = indexed(CollectionFactory(), "Net debt fell.")
    for document in (hidden.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            _fate(person, document)


def test_a_document_that_is_not_read_yet_says_so(person: User, collection: Collection) -> None:
    waiting = DocumentFactory(collection=collection, version__status="queued", version__ready_at=None)
    waiting.in_force = None
    waiting.save()
    assert (_fate(person, waiting.pk).reason, _fate(person, waiting.pk).facts) == ("not_read", {"status": "queued"})


def test_a_document_that_is_found_says_where(person: User, collection: Collection) -> None:
    document = indexed(collection, "Staff costs rose.", "Net debt was high.")
    fate = _fate(person, document.pk)
    assert (fate.reason, fate.searched) == ("found", 2)
    assert fate.passage is not None
    assert (fate.passage["rank"], fate.passage["text"]) == (1, "Net debt was high.")


def test_a_document_that_says_the_same_as_another_says_as_which(person: User, collection: Collection) -> None:
    first = indexed(collection, "Net debt was high.", title="A")
    twin = indexed(collection, "Net debt was high.", title="B")
    fates = [_fate(person, document) for document in (first.pk, twin.pk)]
    assert {(fate.reason, fate.duplicate_of) for fate in fates} == {("found", None), ("duplicate_of", 1)}


def test_a_document_too_far_down_says_how_far(person: User, collection: Collection) -> None:
    indexed(collection, *[f"Net debt of unit {n} was high." for n in range(5)])
    last = indexed(collection, "Staff costs rose.")
    fate = _fate(person, last.pk, limit=3)
    assert (fate.reason, fate.limit) == ("below_k", 3)
    assert fate.passage is not None
    assert fate.passage["rank"] == 6


def test_a_document_below_both_legs_has_its_exact_places(
    person: User, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "DEPTH", 3)
    monkeypatch.setattr(keyword, "DEPTH", 3)
    indexed(collection, *[f"Net debt of unit {n} was high." for n in range(5)])
    last = indexed(collection, "Nothing of it, but net.")
    fate = _fate(person, last.pk, limit=3)
    assert fate.reason == "below_depth"
    assert fate.passage is not None
    assert fate.passage["ranks"] == {"vector": 6, "keyword": 6, "fused": None, "rerank": None}
    assert fate.passage["scores"]["keyword"] > 0


def test_what_was_narrowed_out_is_told_from_what_was_not_in_force(person: User, collection: Collection) -> None:
    document = indexed(collection, "Net debt was high.")
    other = indexed(collection, "Net debt fell.")
    Version.objects.filter(document=document).update(effective_from=date(2024, 1, 1))
    assert _fate(person, document.pk, documents=[other.pk]).reason == "narrowed_out"
    assert _fate(person, document.pk, filters=Filters(types=("mail",))).reason == "narrowed_out"
    before = _fate(person, document.pk, filters=Filters(as_of=date(2023, 1, 1)))
    assert (before.reason, before.facts["as_of"]) == ("old_version", "2023-01-01")
    assert _fate(person, document.pk, filters=Filters(as_of=timezone.localdate() + timedelta(9))).reason == "found"
