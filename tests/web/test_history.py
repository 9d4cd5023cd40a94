"""One's own questions as a list that is searched and narrowed."""

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.factories import AnswerFactory, DocumentFactory, UserFactory, answer_with_grounds, grant, owned_by
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


def listed(visitor: SignedIn, query: str = "") -> str:
    response = visitor.get(f"/answers/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_words_of_an_answer_are_shown_with_what_stands_around_them(visitor: SignedIn, reader: User) -> None:
    answer_with_grounds(reader, text="Lenders **waived** the covenant in May [1].")
    AnswerFactory(asker=reader, question="Who signed?", text="The chair.")
    html = listed(visitor, "?q=covenant")
    assert "Lenders waived the <mark>covenant</mark> in May." in html
    assert "Who signed?" not in html
    assert "1 question" in html


def test_what_an_answer_says_is_never_markup_in_the_list(visitor: SignedIn, reader: User) -> None:
    answer_with_grounds(reader, text="Debt <img src=x onerror=alert(1)> rose [1].")
    html = listed(visitor, "?q=rose")
    assert "&lt;img src=x" in html
    assert "<img src=x" not in html


def test_a_withheld_answer_tells_nothing_of_its_text(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(UserFactory()))
    given = grant(document.collection, reader)
    answer_with_grounds(reader, document)
    assert "<mark>4,120</mark>" in listed(visitor, "?q=4,120")
    given.delete()
    assert "No question or answer holds these words" in listed(visitor, "?q=4,120")
    html = listed(visitor, "?q=debt")
    assert "Withheld" in html
    assert "<mark>" not in html


def test_the_list_is_narrowed_and_keeps_what_it_was_narrowed_by(visitor: SignedIn, reader: User) -> None:
    for n in range(30):
        AnswerFactory(asker=reader, question=f"Deep question {n}?", effort="deep")
    AnswerFactory(asker=reader, question="A quick one?", effort="quick", outcome="extracted")
    html = listed(visitor, "?effort=deep&q=question")
    assert "30 questions" in html
    assert '<option value="deep" selected>' in html
    assert "effort=deep&amp;q=question&amp;page=2" in html
    assert "A quick one?" in listed(visitor, "?outcome=extracted")
    assert "No question matches" in listed(visitor, "?from=2099-01-01")
    assert "31 questions" in listed(visitor, "?effort=heroic&from=yesterday&conversation=x")


def test_a_conversation_is_listed_from_its_beginning(visitor: SignedIn, reader: User) -> None:
    first = AnswerFactory(asker=reader, question="How much?")
    AnswerFactory(asker=reader, question="And before?", conversation=first.pk)
    AnswerFactory(asker=reader, question="Who signed?")
    html = listed(visitor, f"?conversation={first.pk}")
    assert html.index("How much?") < html.index("And before?")
    assert "Who signed?" not in html


def test_nobody_signed_in_sees_no_list(client: Client) -> None:
    assert client.get("/answers/").headers["Location"].startswith("/accounts/login/?next=")
