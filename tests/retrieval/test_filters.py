"""A search keeps to its filters in both legs: the day, dates, kinds and languages."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.documents.models import Collection, Document, Version
from apps.retrieval import nearest
from apps.retrieval.search import search
from apps.retrieval.within import Filters
from tests.factories import UserFactory, VersionFactory, owned_by, scope_of
from tests.retrieval.documents import paged, text
from tests.retrieval.indexing import index_parsed, indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def collection(person: User) -> Collection:
    return owned_by(person)


@pytest.fixture(params=["all compared", "graph"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "graph":
        monkeypatch.setattr(nearest, "EXACT_UP_TO", 0, raising=False)
        monkeypatch.setattr(nearest, "EXACT_SHARE", 0, raising=False)
    return


def _found(person: User, **filters: object) -> set[str]:
    """Return what is found of notice periods, having made sure that both legs hold the filters."""
    found = search(scope_of(person), "notice period", filters=Filters(**filters))  # type: ignore[arg-type]
    assert found.searched == len(found.passages)
    assert found.legs == ("vector", "keyword")
    return {passage.text for passage in found.passages}


def _supersede(document: Document, words: str, **fields: object) -> Version:
    """Give a document a next version that says `words`, in force unless its day has still to come."""
    before = document.in_force
    version: Version = VersionFactory(document=document, number=document.versions.count() + 1, **fields)
    document.latest = version
    if version.effective_from is None or version.effective_from <= timezone.localdate():
        document.in_force = version
        assert before is not None
        before.passages.update(in_force=False)
    document.save()
    index_parsed(document, paged([text(words)]))
    return version


@pytest.mark.usefixtures("_either_way")
def test_a_search_as_of_a_day_reads_the_versions_in_force_then(person: User, collection: Collection) -> None:
    document = indexed(collection, "The notice period is one month.")
    _supersede(document, "The notice period is two months.", effective_from=date(2024, 1, 1))
    _supersede(document, "The notice period is three months.", effective_from=date(2025, 1, 1))
    _supersede(document, "The notice period is four months.", effective_from=timezone.localdate() + timedelta(30))
    assert _found(person) == {"The notice period is three months."}
    assert _found(person, as_of=timezone.localdate()) == {"The notice period is three months."}
    assert _found(person, as_of=date(2023, 6, 1)) == {"The notice period is one month."}
    assert _found(person, as_of=date(2024, 1, 1)) == {"The notice period is two months."}
    assert _found(person, as_of=date(2024, 12, 31)) == {"The notice period is two months."}
    assert _found(person, as_of=timezone.localdate() + timedelta(30)) == {"The notice period is four months."}


def test_a_version_that_was_never_read_does_not_answer_for_its_day(person: User, collection: Collection) -> None:
    document = indexed(collection, "The notice period is one month.")
    VersionFactory(document=document, number=2, ready_at=None, status="failed", effective_from=date(2020, 1, 1))
    assert _found(person, as_of=date(2021, 1, 1)) == {"The notice period is one month."}


def test_a_document_whose_first_day_had_not_come_is_not_found(person: User, collection: Collection) -> None:
    document = indexed(collection, "The notice period is one month.")
    Version.objects.filter(document=document).update(effective_from=date(2024, 5, 1))
    assert _found(person, as_of=date(2024, 4, 30)) == set()
    assert _found(person, as_of=date(2024, 5, 1)) == {"The notice period is one month."}


def test_what_is_still_being_read_is_not_found_on_any_day(person: User, collection: Collection) -> None:
    document = indexed(collection, "The notice period is one month.")
    version = _supersede(document, "The notice period is two months.", effective_from=date(2024, 1, 1))
    version.passages.update(in_force=False, pending=True)
    assert _found(person, as_of=date(2024, 2, 1)) == set()


@pytest.mark.usefixtures("_either_way")
def test_a_search_keeps_to_dates_kinds_and_languages(person: User, collection: Collection) -> None:
    report = indexed(collection, "The notice period is in the report.")
    sheet = indexed(collection, "The notice period is in the sheet.")
    mail = indexed(collection, "The notice period is in the mail.", language="de")
    Version.objects.filter(document=report).update(effective_from=date(2023, 3, 1))
    Version.objects.filter(document=sheet).update(effective_from=date(2024, 3, 1), media_type="text/csv")
    Version.objects.filter(document=mail).update(effective_from=date(2025, 3, 1), media_type="message/rfc822")
    in_report, in_sheet, in_mail = (f"The notice period is in the {each}." for each in ("report", "sheet", "mail"))
    assert _found(person, dated_from=date(2024, 3, 1)) == {in_sheet, in_mail}
    assert _found(person, dated_to=date(2024, 3, 1)) == {in_report, in_sheet}
    assert _found(person, dated_from=date(2024, 1, 1), dated_to=date(2024, 12, 31)) == {in_sheet}
    assert _found(person, types=("sheet", "mail")) == {in_sheet, in_mail}
    assert _found(person, languages=("de",)) == {in_mail}
    assert _found(person, types=("pdf",), languages=("de",)) == set()
    assert _found(person, types=("mail",), as_of=date(2025, 4, 1)) == {in_mail}
    assert _found(person, types=("mail",), as_of=date(2025, 2, 1)) == set()


def test_filters_widen_nothing(person: User, collection: Collection) -> None:
    indexed(owned_by(UserFactory()), "The notice period is not yours.")
    indexed(collection, "The notice period is yours.")
    everything = {"as_of": date(2200, 1, 1), "dated_from": date(1900, 1, 1), "types": ("pdf",), "languages": ("en",)}
    assert _found(person, **everything) == {"The notice period is yours."}


def test_filters_are_kept_as_they_were_given() -> None:
    filters = Filters(as_of=date(2024, 2, 29), dated_to=date(2025, 1, 1), types=("pdf",), languages=("de", "en"))
    assert Filters.from_json(filters.as_json()) == filters
    assert Filters().as_json() == {}
