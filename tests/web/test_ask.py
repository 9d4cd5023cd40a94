"""The page where questions are asked, and the list of one's own."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import Record
from apps.reasoning.models import Answer
from tests.factories import (
    AnswerFactory,
    CollectionFactory,
    DocumentFactory,
    UserFactory,
    answer_with_grounds,
    owned_by,
)
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known_of_the_model() -> None:
    cache.clear()


def page(visitor: SignedIn, address: str = "/") -> str:
    response = visitor.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_collection_it_says_what_to_do(visitor: SignedIn) -> None:
    html = page(visitor)
    assert "There is nothing to ask yet" in html
    assert 'href="/library/"' in html
    assert "<textarea" not in html


def test_asking_begins_an_answer_and_goes_to_it(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader)
    response = visitor.post("/", {"question": "How much?", "collections": [str(collection.pk)], "effort": "deep"})
    answer = Answer.objects.get(asker=reader)
    assert response.headers["Location"] == f"/answers/{answer.pk}/"
    assert (answer.question, answer.effort, answer.collections) == ("How much?", "deep", [collection.pk])
    assert Record.objects.filter(action="question.asked", answer=str(answer.pk)).exists()


def test_an_empty_question_comes_back_with_its_choices(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader, name="Credit file")
    response = visitor.post("/", {"question": "  ", "collections": [str(collection.pk)], "effort": "quick"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Write a question." in html
    assert f'value="{collection.pk}" data-name="Credit file" checked' in html
    assert 'value="quick" checked' in html
    assert not Answer.objects.exists()


def test_a_question_that_is_too_long_says_so_and_is_not_lost(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    response = visitor.post("/", {"question": "long " * 1000})
    assert response.status_code == 422
    assert "At most 4,000 characters" in response.content.decode()
    assert "long long long" in response.content.decode()


def test_a_collection_of_somebody_else_does_not_exist(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    theirs = CollectionFactory()
    response = visitor.post("/", {"question": "How much?", "collections": [str(theirs.pk)]})
    assert response.status_code == 404
    assert not Answer.objects.exists()


def test_a_link_can_choose_the_collection_or_the_document(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(reader, name="Credit file")
    document = DocumentFactory(collection=collection, title="Facility agreement")
    assert f'value="{collection.pk}" data-name="Credit file" checked' in page(visitor, f"/?collection={collection.pk}")
    html = page(visitor, f"/?document={document.pk}")
    assert f'name="documents" value="{document.pk}"' in html
    assert "Facility agreement" in html
    assert 'name="documents"' not in page(visitor, f"/?document={DocumentFactory().pk}")
    assert 'name="documents"' not in page(visitor, "/?document=nonsense")


def test_efforts_say_what_they_buy_and_invent_no_price(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    html = page(visitor)
    assert "Looks at 40 passages, reads up to 12 of them" in html
    assert "£" not in html


def test_without_a_model_it_says_what_questions_get(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    html = page(visitor)
    assert "Questions are answered with the passages’ own sentences, quoted and cited." in html


def test_recent_questions_show_what_came_of_them(visitor: SignedIn, reader: User) -> None:
    answer_with_grounds(reader, question="Was it met?")
    AnswerFactory(asker=reader, question="Fined?", outcome="not_in_documents")
    AnswerFactory(asker=reader, question="Now?", status="reasoning", outcome="")
    AnswerFactory(question="Somebody else’s?")
    html = page(visitor)
    assert "Was it met?" in html
    assert "Not in the documents" in html
    assert "Being answered" in html
    assert "1 of 1 sentence cites a passage" in html
    assert "Somebody else’s?" not in html


def test_own_questions_are_searched_and_turned_over(visitor: SignedIn, reader: User) -> None:
    for n in range(27):
        AnswerFactory(asker=reader, question=f"Number {n} of debt?")
    AnswerFactory(asker=reader, question="Who signed?")
    first = page(visitor, "/questions/")
    assert first.count('class="recent__q"') == 25
    assert "28 questions" in first
    assert page(visitor, "/questions/?page=2").count('class="recent__q"') == 3
    found = page(visitor, "/questions/?q=signed")
    assert "Who signed?" in found
    assert found.count('class="recent__q"') == 1
    assert "No question holds these words" in page(visitor, "/questions/?q=zebra")


@pytest.mark.parametrize("address", ["/", "/questions/"])
def test_more_questions_take_no_more_queries(visitor: SignedIn, reader: User, address: str) -> None:
    document = DocumentFactory(collection=owned_by(reader))
    answer_with_grounds(reader, document)
    with CaptureQueriesContext(connection) as few:
        page(visitor, address)
    for _ in range(4):
        answer_with_grounds(reader, document)
    with CaptureQueriesContext(connection) as many:
        page(visitor, address)
    assert len(many) == len(few)


def test_nobody_signed_in_is_asked_to_sign_in(client: Client) -> None:
    for address in ("/", "/questions/", f"/answers/{AnswerFactory(asker=UserFactory()).pk}/"):
        assert client.get(address).headers["Location"].startswith("/accounts/login/?next=")
