"""Why not this document? What an answer's page says of a document that its asker expected."""

import uuid

import pytest

from apps.accounts.models import User
from apps.reasoning.models import Answer, CandidateReason
from apps.retrieval.fates import Fall, Fate
from apps.web.fate_page import fate_shown
from tests.factories import (
    CollectionFactory,
    DocumentFactory,
    IndexedPassageFactory,
    UserFactory,
    answer_with_grounds,
    owned_by,
    passage_json,
)
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(reader: User) -> Answer:
    return answer_with_grounds(reader, DocumentFactory(collection=owned_by(reader), title="Annual report of Halden"))


def said(visitor: SignedIn, answer: Answer, **asked: str) -> str:
    response = visitor.get(f"/answers/{answer.pk}/fate/", asked, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def test_an_answer_asks_which_document_was_expected(visitor: SignedIn, answer: Answer) -> None:
    html = visitor.get(f"/answers/{answer.pk}/").content.decode()
    assert "Why not this document?" in html
    assert f'action="/answers/{answer.pk}/fate/"' in html


def test_of_a_candidate_it_tells_what_was_kept(visitor: SignedIn, answer: Answer) -> None:
    document = answer.candidates.first().document_id  # type: ignore[union-attr]
    html = said(visitor, answer, document=str(document))
    assert "the answer cites it as 1" in html
    assert "As it was kept when the answer was written." in html


def test_of_another_document_it_searches_again(visitor: SignedIn, answer: Answer, reader: User) -> None:
    other = DocumentFactory(collection=owned_by(reader), title="Facility Agreement")
    IndexedPassageFactory(document=other)
    html = said(visitor, answer, title="facility")
    assert "Facility Agreement" in html
    assert "the search was made again" in html


def test_what_may_not_be_read_is_as_if_it_were_not_there(visitor: SignedIn, answer: Answer) -> None:
    hidden = DocumentFactory(collection=CollectionFactory(), title="Board secrets")
    replies = [said(visitor, answer, document=str(pk)) for pk in (hidden.pk, uuid.uuid4())]
    assert replies[0].replace(str(hidden.pk), "") == replies[1]
    assert "You may read no document that is called so." in said(visitor, answer, title="Board secrets")


def test_a_name_that_several_bear_asks_which(visitor: SignedIn, answer: Answer, reader: User) -> None:
    DocumentFactory(collection=owned_by(reader), title="Annual report of Ryle")
    html = said(visitor, answer, title="annual report")
    assert "Which one?" in html
    assert "Annual report of Ryle" in html


def test_it_is_a_page_of_its_own_without_script(visitor: SignedIn, answer: Answer) -> None:
    html = visitor.get(f"/answers/{answer.pk}/fate/?title=halden").content.decode()
    assert "<h1>Why not this document?</h1>" in html


def test_of_answers_of_others_nothing_is_told(visitor: SignedIn) -> None:
    other = answer_with_grounds(UserFactory())
    assert visitor.get(f"/answers/{other.pk}/fate/").status_code == 404


@pytest.mark.parametrize("reason", [*Fall, *CandidateReason])
def test_every_way_to_fall_out_has_a_sentence(reader: User, reason: str) -> None:
    document = DocumentFactory(collection=owned_by(reader))
    fate = Fate(str(reason), "retrieve", passage_json(document), searched=900, limit=40, duplicate_of=2, marker=3)
    shown = fate_shown(document, fate)
    assert shown.said.endswith(".")
    assert "%" not in shown.said


@pytest.mark.parametrize("facts", [{"status": "failed"}, {"status": "parsing"}, {"status": "without_passages"}])
def test_what_was_not_read_says_why(reader: User, facts: dict[str, str]) -> None:
    shown = fate_shown(DocumentFactory(collection=owned_by(reader)), Fate("not_read", "documents", facts=facts))
    assert shown.said.endswith(".")
    assert shown.href == ""
