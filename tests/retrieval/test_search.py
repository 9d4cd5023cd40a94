"""The right passage comes first, by words and by meaning, within what the asker may read."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.core.errors import Unavailable
from apps.documents.models import Collection
from apps.retrieval.passages import SearchResult, passage_object
from apps.retrieval.search import search
from tests.factories import CollectionFactory, GroupFactory, UserFactory, grant, owned_by, scope_of
from tests.fakes import FakeEmbedder
from tests.retrieval.documents import heading, text
from tests.retrieval.indexing import indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def collection(person: User) -> Collection:
    return owned_by(person)


def _texts(found: SearchResult) -> list[str]:
    return [passage.text for passage in found.passages]


def test_the_passage_that_answers_comes_first_with_its_place_and_scores(person: User, collection: Collection) -> None:
    document = indexed(collection, "The weather was mild.", "Net debt fell to 4,120 million.", "Staff costs rose.")
    found = search(scope_of(person), "How high was net debt?")
    first = found.passages[0]
    assert first.text == "Net debt fell to 4,120 million."
    assert (first.rank, first.page, first.document_id, first.document_title) == (1, 2, document.pk, "Report")
    assert first.boxes
    assert first.lines[0].end == len(first.text)
    assert first.scores.vector is not None
    assert first.scores.keyword is not None
    assert found.legs == ("vector", "keyword")
    assert found.searched == 3
    assert found.generation == "1:fake"


def test_a_passage_is_json_all_the_way_down(person: User, collection: Collection) -> None:
    indexed(collection, "Net debt fell.")
    shown = passage_object(search(scope_of(person), "net debt").passages[0])
    assert json.loads(json.dumps(shown)) == shown
    assert shown["document"]["title"] == "Report"
    assert shown["ranks"] == {"vector": 1, "keyword": 1, "fused": 1, "rerank": 1}


def test_what_was_not_granted_is_neither_found_nor_counted(person: User, collection: Collection) -> None:
    indexed(CollectionFactory(), "Net debt fell to 4,120 million.")
    indexed(collection, "Staff costs rose.")
    found = search(scope_of(person), "How high was net debt?")
    assert _texts(found) == ["Staff costs rose."]
    assert found.searched == 1


def test_rare_words_are_judged_only_by_what_may_be_read(person: User, collection: Collection) -> None:
    indexed(collection, "Net debt fell.", "Staff costs rose.")
    before = search(scope_of(person), "net debt").passages[0].scores.keyword
    indexed(CollectionFactory(), *["Net debt fell."] * 20)
    assert search(scope_of(person), "net debt").passages[0].scores.keyword == before


def test_a_grant_through_a_group_counts(person: User) -> None:
    shared = CollectionFactory()
    indexed(shared, "Net debt fell.")
    assert not search(scope_of(person), "net debt").passages
    grant(shared, GroupFactory(members=[person]))
    assert search(scope_of(person), "net debt").passages


def test_a_revoked_grant_counts_at_the_next_search(person: User) -> None:
    shared = CollectionFactory()
    indexed(shared, "Net debt fell.")
    given = grant(shared, person)
    assert search(scope_of(person), "net debt").passages
    given.delete()
    assert search(scope_of(person), "net debt").passages == ()


def test_an_administrator_without_a_grant_finds_nothing() -> None:
    indexed(CollectionFactory(), "Net debt fell.")
    assert search(scope_of(UserFactory(is_administrator=True)), "net debt").passages == ()


def test_a_search_can_be_narrowed_to_collections_and_documents(person: User, collection: Collection) -> None:
    one, two = indexed(collection, "Net debt fell."), indexed(collection, "Net debt rose.")
    indexed(owned_by(person), "Net debt stood still.")
    scope = scope_of(person)
    assert len(search(scope, "net debt").passages) == 3
    assert sorted(_texts(search(scope, "net debt", collections=[collection.pk]))) == [
        "Net debt fell.",
        "Net debt rose.",
    ]
    assert _texts(search(scope, "net debt", documents=[str(two.pk)])) == ["Net debt rose."]
    assert search(scope, "net debt", documents=[one.pk]).searched == 1


def test_narrowing_to_what_is_not_yours_finds_nothing(person: User, collection: Collection) -> None:
    indexed(collection, "Net debt fell.")
    hidden = indexed(CollectionFactory(), "Net debt rose.")
    scope = scope_of(person)
    assert search(scope, "net debt", collections=[hidden.collection_id]).passages == ()
    assert search(scope, "net debt", documents=[hidden.pk]).passages == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("clause 4.3(b)", "Clause 4.3(b) deals with notices."),
        ("clause 4.3(c)", "Clause 4.3(c) deals with fees."),
        ("ISO 9001", "The plant holds ISO-9001."),
        ("ISO-9001", "The plant holds ISO-9001."),
        ("revenue in Q3 FY24", "Revenue in Q3/FY24 was lower."),
        ("1204.6", "The total was 1,204.6 million."),
        ("1\u00a0204.6", "The total was 1,204.6 million."),
        ("what is it about reorganisations", "A reorganisation is planned."),
        ("CUSIP 88579Y101", "Its number is CUSIP 88579Y101."),
    ],
)
def test_identifiers_and_figures_are_matched_by_words(
    person: User, collection: Collection, question: str, answer: str
) -> None:
    indexed(
        collection,
        "Clause 4.3(b) deals with notices.",
        "Clause 4.3(c) deals with fees.",
        "The plant holds ISO-9001.",
        "The plant holds ISO-14001.",
        "Revenue in Q3/FY24 was lower.",
        "Revenue in Q4/FY23 was lower.",
        "The total was 1,204.6 million.",
        "The total was 1,087.3 million.",
        "A reorganisation is planned.",
        "Its number is CUSIP 88579Y101.",
    )
    found = search(scope_of(person), question)
    by_words = max(found.passages, key=lambda passage: passage.scores.keyword or 0)
    assert by_words.text == answer


def test_a_word_broken_at_a_line_end_is_found_whole(person: User, collection: Collection) -> None:
    indexed(collection, "Nothing of note.", "The reorgani\u00adsation is done.")
    assert search(scope_of(person), "reorganisation").passages[0].scores.keyword is not None


def test_documents_are_found_in_the_words_of_their_language(person: User, collection: Collection) -> None:
    indexed(collection, "Die Kündigungsfristen betragen sechs Monate.", title="Vertrag", language="de")
    indexed(collection, "The notice periods are six months.", title="Contract", language="en")
    german = search(scope_of(person), "Wie lang ist die Kündigungsfrist?").passages[0]
    assert german.document_title == "Vertrag"
    assert german.scores.keyword is not None
    english = search(scope_of(person), "What is the notice period?").passages[0]
    assert english.document_title == "Contract"
    assert english.scores.keyword is not None


def test_headings_and_titles_are_searched_with_the_text(person: User, collection: Collection) -> None:
    indexed(collection, [heading("Remuneration"), text("It is set every spring.")], "It is set every autumn.")
    assert search(scope_of(person), "remuneration").passages[0].heading == "Remuneration"


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "the of and",
        "'; DROP TABLE x; --",
        "a & b | !c <-> d:*",
        "\\' \\ ''",
        "net\x00debt",
        "🙂",
        "%(size)s %s",
    ],
)
def test_any_question_is_survived(person: User, collection: Collection, question: str) -> None:
    indexed(collection, "Net debt fell.")
    assert len(search(scope_of(person), question).passages) <= 1


def test_words_answer_alone_while_questions_cannot_be_embedded(
    person: User, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(self: FakeEmbedder, question: str) -> None:
        raise Unavailable("The answers worker does not answer.")

    indexed(collection, "Net debt fell.", "Staff costs rose.")
    monkeypatch.setattr(FakeEmbedder, "embed_question", unavailable)
    found = search(scope_of(person), "net debt")
    assert found.legs == ("keyword",)
    assert _texts(found) == ["Net debt fell."]
    assert found.searched == 2


def test_words_answer_alone_while_the_index_is_of_another_embedder(
    person: User, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(collection, "Net debt fell.")
    monkeypatch.setattr(FakeEmbedder, "name", "other")
    assert search(scope_of(person), "net debt").legs == ("keyword",)


def test_the_number_of_queries_does_not_grow(person: User, collection: Collection) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            search(scope_of(person), "net debt")
        return len(captured)

    indexed(collection, "Net debt fell.")
    before = queries()
    for n in range(5):
        indexed(owned_by(person), *[f"Net debt of unit {n} fell.", f"Rent of unit {n}."])
    assert queries() == before <= 14
