"""The page where questions are asked, and the list of one's own."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import Record
from apps.reasoning.models import Answer
from apps.serving.health import ModelState, keep_state
from apps.serving.models import Endpoint
from apps.usage.models import Spending
from apps.usage.services import create_matter
from tests.factories import (
    AnswerFactory,
    CollectionFactory,
    DocumentFactory,
    UserFactory,
    answer_with_grounds,
    owned_by,
    scope_of,
)
from tests.usage.conftest import budget
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
    first = page(visitor, "/answers/")
    assert first.count('class="recent__q"') == 25
    assert "28 questions" in first
    assert page(visitor, "/answers/?page=2").count('class="recent__q"') == 3
    found = page(visitor, "/answers/?q=signed")
    assert "Who signed?" in found
    assert found.count('class="recent__q"') == 1
    assert "No question or answer holds these words" in page(visitor, "/answers/?q=zebra")


@pytest.mark.parametrize("address", ["/", "/answers/"])
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
    for address in ("/", "/answers/", f"/answers/{AnswerFactory(asker=UserFactory()).pk}/"):
        assert client.get(address).headers["Location"].startswith("/accounts/login/?next=")


def an_endpoint(**fields: Any) -> Endpoint:
    """Return an endpoint that is ready and priced."""
    some = {"name": "Own server", "kind": "vllm", "base_url": "http://gpu:8000/v1", "model": "r1", "currency": "GBP"}
    row = Endpoint.objects.create(**(some | {"price_prompt": Decimal(1), "price_output": Decimal(4)} | fields))
    keep_state(ModelState("ready", name="r1", label="R1", endpoint_id=str(row.pk), context=131_072))
    return row


def test_the_effort_is_chosen_by_the_question_unless_one_is_named(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    html = page(visitor)
    assert 'name="effort" value="auto" checked' in html
    visitor.post("/", {"question": "What is the margin?"})
    answer = Answer.objects.get(asker=reader)
    assert answer.effort == "quick"
    shown = page(visitor, f"/answers/{answer.pk}/")
    assert "chosen for it: One passage is likely to say it." in shown


def test_what_a_question_would_take_is_told_while_it_is_typed(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    an_endpoint()
    typed = {"question": "By how much did net debt rise from 2023 to 2024?", "effort": "auto"}
    html = visitor.post("/ask/estimate", typed).content.decode()
    assert "<b>Standard</b> fits." in html
    assert re.search(r"About 75\u00a0s and £0\.0\d+\.", html)
    assert "A usual speed is assumed." in html
    deep = visitor.post("/ask/estimate", typed | {"effort": "deep"}).content.decode()
    assert "fits" not in deep
    assert "min and £" in deep
    assert not Answer.objects.exists()


def test_nothing_is_promised_where_no_model_would_be_asked(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    assert visitor.post("/ask/estimate", {"question": "What is it?", "effort": "deep"}).content.decode().strip() == ""
    assert visitor.post("/ask/estimate", {"question": "What is it?", "effort": "all"}).content.decode().strip() == ""


def test_a_budget_without_room_refuses_and_keeps_what_was_typed(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    an_endpoint()
    budget("0.001", "GBP", principal="user", principal_id=reader.pk)
    response = visitor.post("/", {"question": "What is the margin?", "effort": "deep"})
    html = response.content.decode()
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "This question was not asked, because a budget has no room for it." in html
    assert "What is the margin?</textarea>" in html
    assert not Answer.objects.exists()


def test_a_budget_that_is_nearly_spent_is_told_beforehand(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    limit = budget("10", "GBP", principal="user", principal_id=reader.pk)
    assert "ask__budget" not in page(visitor)
    Spending.objects.filter(budget=limit).update(spent=Decimal(9))
    html = page(visitor)
    assert "ask__budget" in html
    assert "£1 left until it renews on" in html


def test_a_matter_is_asked_for_where_there_are_some(visitor: SignedIn, reader: User) -> None:
    owned_by(reader)
    assert 'name="matter"' not in page(visitor)
    create_matter(scope_of(UserFactory(is_administrator=True)), code="A-2024/17")
    assert '<option value="A-2024/17">' in page(visitor)
    refused = visitor.post("/", {"question": "What is the margin?", "matter": "B-1"})
    assert refused.status_code == 422
    assert "There is no open matter B-1." in refused.content.decode()
    visitor.post("/", {"question": "What is the margin?", "matter": "a-2024/17"})
    assert Answer.objects.get(asker=reader).matter == "A-2024/17"
