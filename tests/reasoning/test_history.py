"""One's own questions are found by their words, and by those of their answers while these may be seen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.documents.models import Document
from apps.reasoning.history import Wanted, history
from apps.reasoning.models import Answer
from tests.factories import AnswerFactory, DocumentFactory, UserFactory, answer_with_grounds, grant, owned_by, scope_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def document() -> Document:
    made: Document = DocumentFactory(collection=owned_by(UserFactory()))
    return made


def found(asker: User, words: str = "", **wanted: object) -> list[Answer]:
    return list(history(scope_of(asker), Wanted(words, **wanted)))  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["covenant", "COVENANTS met", "coven", "4,120", "£4,120", "12.5 %", "million debt"])
def test_words_are_found_in_questions_and_answers(asker: User, words: str) -> None:
    answer = answer_with_grounds(
        asker,
        question="Were the covenants met?",
        text="Net debt was £4,120 million, 12.5 % below the limit; all met [1].",
    )
    AnswerFactory(asker=asker, question="Who signed?", text="The chair.")
    assert found(asker, words) == [answer]


def test_scripts_without_spaces_are_found_as_they_stand(asker: User) -> None:
    answer = answer_with_grounds(asker, question="净债务是多少？", text="净债务为12亿英镑 [1]。")
    assert found(asker, "债务") == found(asker, "亿英镑") == [answer]


@pytest.mark.parametrize("words", ["'", "\\", "a & | !b:*", "(", "%", "_", "'; drop table"])
def test_signs_of_query_languages_are_only_signs(asker: User, words: str) -> None:
    AnswerFactory(asker=asker, question="Who signed?", text="The chair did.")
    assert found(asker, words) == []


def test_what_cannot_be_stored_is_as_if_it_had_not_been_typed(asker: User) -> None:
    answer = AnswerFactory(asker=asker)
    assert found(asker, "\x00") == [answer]


def test_nobody_finds_what_others_asked(asker: User) -> None:
    AnswerFactory(asker=UserFactory(), question="What is the secret?")
    assert found(asker, "secret") == []


def test_a_withheld_answer_is_found_by_its_question_only(asker: User, document: Document) -> None:
    given = grant(document.collection, asker)
    answer = answer_with_grounds(asker, document)
    assert found(asker, "4,120") == found(asker, "4,120 million debt") == [answer]
    given.delete()
    assert found(asker, "4,120") == found(asker, "million") == found(asker, "million debt") == []
    assert found(asker, "net debt") == [answer]
    assert found(asker, outcome="answered") == []


def test_what_was_searched_in_vain_is_found_while_all_of_it_may_be_seen(asker: User, document: Document) -> None:
    given = grant(document.collection, asker)
    place = {"id": str(document.collection_id), "name": "Board papers"}
    absence = {"queries": [], "collections": [place], "searched": {}, "unreadable": [], "nearest": []}
    answer = AnswerFactory(
        asker=asker, text="The board papers are silent.", outcome="not_in_documents", absence=absence
    )
    assert found(asker, "silent") == [answer]
    given.delete()
    assert found(asker, "silent") == []


def test_history_is_narrowed(asker: User) -> None:
    old = AnswerFactory(asker=asker, effort="deep")
    Answer.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    new = AnswerFactory(asker=asker, outcome="extracted", conversation=old.pk)
    day = timezone.localdate()
    assert found(asker, effort="deep") == [old]
    assert found(asker, outcome="extracted") == [new]
    assert found(asker, since=day) == [new]
    assert found(asker, until=day - timedelta(days=39)) == [old]
    assert found(asker, since=day, until=day) == [new]
    assert found(asker) == [new, old]
    assert found(asker, conversation=old.pk) == [old, new]


def test_a_search_takes_no_more_queries_for_more_answers(asker: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            found(asker, "million")
        return len(seen)

    answer_with_grounds(asker)
    few = queries()
    for _ in range(3):
        answer_with_grounds(asker)
    assert queries() == few
