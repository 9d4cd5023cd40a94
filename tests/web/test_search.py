"""The search page: what it finds, lights and explains, how its address keeps in step, and what the record says of it."""

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit import log
from apps.audit.models import Record
from apps.web.search_record import record_rested
from tests.factories import CollectionFactory, DocumentFactory, IndexedPassageFactory, owned_by
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page(visitor: SignedIn, address: str) -> str:
    response = visitor.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_without_words_it_says_what_it_does(visitor: SignedIn) -> None:
    html = page(visitor, "/search/")
    assert "Results come as you type" in html
    assert not Record.objects.filter(action="search.run").exists()


def test_it_finds_lights_and_explains(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(reader, name="Credit file"), title="Facility Agreement")
    IndexedPassageFactory(document=document, text="The covenants restrict dividends while leverage is high.")
    html = page(visitor, "/search/?q=covenant")
    assert "Facility Agreement" in html
    assert "<mark>covenants</mark>" in html
    assert "Credit file" in html
    assert "Page 1" in html
    assert "Why this rank" in html


def test_a_result_opens_the_page_with_the_passage_lit(visitor: SignedIn, reader: User) -> None:
    passage = IndexedPassageFactory(document=DocumentFactory(collection=owned_by(reader)))
    html = page(visitor, "/search/?q=debt")
    assert f"/documents/{passage.document_id}/?page=1&amp;passage={passage.pk}" in html


def test_markup_in_a_passage_stays_text(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(reader))
    IndexedPassageFactory(document=document, text="Net <b>debt</b> <script>alert(1)</script> fell.")
    html = page(visitor, "/search/?q=debt")
    assert "<script>alert" not in html
    assert "&lt;b&gt;<mark>debt</mark>&lt;/b&gt;" in html


def test_what_may_not_be_read_is_neither_found_nor_counted(visitor: SignedIn, reader: User) -> None:
    IndexedPassageFactory(document=DocumentFactory(collection=CollectionFactory(name="Board"), title="Secret plan"))
    html = page(visitor, "/search/?q=net debt")
    assert "Secret plan" not in html
    assert "There is nothing yet that you may read." in html


def test_a_collection_that_is_not_there_reads_as_one_that_is_not_yours(visitor: SignedIn, reader: User) -> None:
    hidden = CollectionFactory(name="Board secrets")
    for pk in (hidden.pk, uuid.uuid4()):
        html = page(visitor, f"/search/?q=debt&collection={pk}")
        assert "Board secrets" not in html
        assert "Not there, or not yours to read" in html


def test_each_limit_is_a_chip_that_can_be_taken_away(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader, name="Credit file")
    html = page(visitor, f"/search/?q=debt&collection={collection.pk}&kind=pdf&language=de&from=2025-01-31")
    for label in ("Credit file", "PDF", "German", "From 31 January 2025"):
        assert f'<b dir="auto">{label}</b>' in html
    assert 'href="/search/?q=debt&amp;kind=pdf&amp;language=de&amp;from=2025-01-31"' in html


def test_limits_narrow_what_is_found(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    IndexedPassageFactory(document=DocumentFactory(collection=collection, title="A paper"))
    sheet = DocumentFactory(collection=collection, title="A sheet", version__media_type="text/csv")
    IndexedPassageFactory(document=sheet)
    html = page(visitor, "/search/?q=debt&kind=sheet")
    assert "A sheet" in html
    assert "A paper" not in html


@pytest.mark.parametrize("nonsense", ["from=tomorrow", "as_of=2025-99-99", "kind=cake", "collection=x", "language=<b>"])
def test_nonsense_in_the_address_is_left_out(visitor: SignedIn, nonsense: str) -> None:
    assert (
        "aria-current"
        not in page(visitor, f"/search/?q=debt&{nonsense}").partition('id="chips"')[2].partition("</span>")[0]
    )


def test_the_question_can_be_asked_instead(visitor: SignedIn, reader: User) -> None:
    IndexedPassageFactory(document=DocumentFactory(collection=owned_by(reader)))
    assert 'href="/?question=net+debt"' in page(visitor, "/search/?q=net debt")
    assert "net debt</textarea>" in page(visitor, "/?question=net+debt")


def test_more_results_ask_the_database_no_more_often(visitor: SignedIn, reader: User) -> None:
    counts = []
    for _ in range(2):
        document = DocumentFactory(collection=owned_by(reader))
        for _ in range(3):
            IndexedPassageFactory(document=document)
        with CaptureQueriesContext(connection) as queries:
            page(visitor, "/search/?q=debt")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_without_an_embedder_it_searches_by_words_and_says_so(
    visitor: SignedIn, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    IndexedPassageFactory(document=DocumentFactory(collection=owned_by(reader)))
    monkeypatch.setattr("apps.retrieval.search.embed", lambda *_: None)
    html = page(visitor, "/search/?q=debt")
    assert "Searching by words only." in html
    assert "<mark>debt</mark>" in html


def test_typing_replaces_the_address_and_asking_adds_one(visitor: SignedIn, reader: User) -> None:
    run = uuid.uuid4()
    typed = visitor.get(f"/search/?q=deb&typed=1&run={run}", headers=HTMX)
    asked = visitor.get(f"/search/?q=debt&run={run}&from=&to=", headers=HTMX)
    assert typed.headers["HX-Replace-Url"] == "/search/?q=deb"
    assert asked.headers["HX-Push-Url"] == "/search/?q=debt"
    assert "<h1" not in typed.content.decode()


def test_a_search_is_recorded_when_it_is_asked_for(visitor: SignedIn, reader: User) -> None:
    passage = IndexedPassageFactory(document=DocumentFactory(collection=owned_by(reader)))
    page(visitor, "/search/?q=debt")
    record = Record.objects.get(action="search.run")
    data = log.read_body(record)["data"]
    assert (data["query"], data["passages"], data["searches"]) == ("debt", [str(passage.pk)], 1)
    assert record.actor_id == str(reader.pk)


def test_searches_made_while_typing_are_one_record_of_all_they_showed(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    first = IndexedPassageFactory(document=DocumentFactory(collection=collection), text="Dividends were paid.")
    run = uuid.uuid4()
    visitor.get(f"/search/?q=divi&typed=1&run={run}", headers=HTMX)
    visitor.get(f"/search/?q=dividends&typed=1&run={run}", headers=HTMX)
    assert not Record.objects.filter(action="search.run").exists()
    visitor.get(f"/search/?q=dividends&run={run}", headers=HTMX)
    data = log.read_body(Record.objects.get(action="search.run"))["data"]
    assert (data["query"], data["searches"]) == ("dividends", 3)
    assert data["passages"] == [str(first.pk)]


def test_typing_that_rests_is_recorded_once(visitor: SignedIn, reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("apps.web.search_record.current_app.send_task", lambda _name, args, **_: sent.append(args))
    run = uuid.uuid4()
    for words in ("net", "net de", "net debt"):
        visitor.get(f"/search/?q={words}&typed=1&run={run}", headers=HTMX)
    for key, last in [*sent, sent[-1]]:
        record_rested(key, last)
    data = log.read_body(Record.objects.get(action="search.run"))["data"]
    assert (data["query"], data["searches"]) == ("net debt", 3)


def test_typing_is_recorded_at_once_where_it_cannot_be_kept(visitor: SignedIn, reader: User, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    visitor.get(f"/search/?q=debt&typed=1&run={uuid.uuid4()}", headers=HTMX)
    assert Record.objects.filter(action="search.run").count() == 1


def test_an_address_says_the_same_when_it_is_read_again() -> None:
    from django.http import QueryDict

    from apps.web.search_page import Wanted

    asked = f"q=a+b&collection={uuid.uuid4()}&kind=mail&language=en&as_of=2024-02-29"
    wanted = Wanted.of(QueryDict(asked))
    assert Wanted.of(QueryDict(urlsplit(wanted.href).query)) == wanted
    assert parse_qs(urlsplit(wanted.href).query) == parse_qs(asked)
