"""What rests on documents that an asker may no longer open is no longer shown to them, and comes back with their access."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.documents.models import Access, Document, Role
from apps.documents.services import delete_collection, delete_document, grant_role, revoke_role
from apps.ingestion.services import narrow_document, open_document
from apps.reasoning import stream
from apps.reasoning.events import AnswerDelta, Event, Failed, Retrieved
from apps.reasoning.following import follow
from apps.reasoning.models import Answer
from apps.reasoning.objects import answer_object
from tests.factories import (
    AnswerFactory,
    DocumentFactory,
    UserFactory,
    answer_with_grounds,
    grant,
    owned_by,
    passage_json,
    scope_of,
)

pytestmark = pytest.mark.django_db

SECRETS = ("4,120", "Net debt fell", "The first passage states")


@pytest.fixture
def manager() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def asker() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def document(manager: User, asker: User) -> Document:
    made: Document = DocumentFactory(collection=owned_by(manager))
    grant(made.collection, asker)
    return made


@pytest.fixture
def answer(asker: User, document: Document) -> Answer:
    return answer_with_grounds(asker, document)


def shown(asker: User, answer: Answer) -> dict[str, Any]:
    return answer_object(scope_of(asker), Answer.objects.get_visible(scope_of(asker), answer.pk))


def test_it_is_shown_while_its_documents_may_be_read(asker: User, answer: Answer) -> None:
    assert not shown(asker, answer)["withheld"]
    assert len(shown(asker, answer)["candidates"]) == 3


def test_once_access_is_taken_only_the_question_stays(
    manager: User, asker: User, document: Document, answer: Answer
) -> None:
    before = shown(asker, answer)
    revoke_role(scope_of(manager), document.collection, user=asker)
    now = shown(asker, answer)
    assert set(now) == set(before)
    assert (now["withheld"], now["question"], now["status"]) == (True, answer.question, "done")
    assert now["notice"]["code"] == "withheld"
    text = json.dumps(now)
    assert not [secret for secret in (*SECRETS, document.title) if secret in text]
    grant_role(scope_of(manager), document.collection, user=asker, role=Role.READER)
    assert shown(asker, answer) == before


def test_a_document_that_is_narrowed_takes_its_answers_along(
    manager: User, asker: User, document: Document, answer: Answer
) -> None:
    narrow_document(scope_of(manager), document, [], [])
    assert shown(asker, answer)["withheld"]
    open_document(scope_of(manager), document)
    assert not shown(asker, answer)["withheld"]


def test_a_passage_that_was_only_considered_is_left_out_by_itself(
    manager: User, asker: User, document: Document, answer: Answer
) -> None:
    other = DocumentFactory(collection=document.collection)
    answer.candidates.filter(marker=None).update(document_id=other.pk, passage=passage_json(other))
    narrow_document(scope_of(manager), other, [], [])
    now = shown(asker, answer)
    assert not now["withheld"]
    assert [candidate["marker"] for candidate in now["candidates"]] == [1, 2]
    assert other.title not in json.dumps(now)


def test_a_search_in_vain_is_not_told_where_it_names_what_is_hidden(
    manager: User, asker: User, document: Document
) -> None:
    nearest = {"nearest": [passage_json(document)], "unreadable": [], "collections": []}
    answer = AnswerFactory(asker=asker, outcome="not_in_documents", absence=nearest)
    assert shown(asker, answer)["absence"] == nearest
    revoke_role(scope_of(manager), document.collection, user=asker)
    assert shown(asker, answer)["absence"] is None


class TestWhatIsGone:
    def test_answers_keep_what_they_quote_of_a_deleted_document(
        self, manager: User, asker: User, document: Document, answer: Answer
    ) -> None:
        delete_document(scope_of(manager), document)
        assert not shown(asker, answer)["withheld"]

    def test_but_not_for_those_who_could_not_read_it_any_more(
        self, manager: User, asker: User, document: Document, answer: Answer
    ) -> None:
        narrow_document(scope_of(manager), document, [], [])
        delete_document(scope_of(manager), Document.objects.get(pk=document.pk))
        assert shown(asker, answer)["withheld"]

    def test_nor_for_those_who_lose_its_collection_later(
        self, manager: User, asker: User, document: Document, answer: Answer
    ) -> None:
        delete_document(scope_of(manager), document)
        revoke_role(scope_of(manager), document.collection, user=asker)
        assert shown(asker, answer)["withheld"]

    @pytest.mark.parametrize("keeps", [True, False])
    def test_when_a_collection_goes_its_last_readers_keep_their_answers(
        self, manager: User, asker: User, document: Document, answer: Answer, keeps: bool
    ) -> None:
        if not keeps:
            revoke_role(scope_of(manager), document.collection, user=asker)
        delete_collection(scope_of(manager), document.collection)
        assert not Access.objects.exists()
        assert shown(asker, answer)["withheld"] is not keeps


@pytest.mark.django_db(transaction=True)
class TestFollowing:
    @pytest.fixture
    def asked(self, asker: User, document: Document) -> Answer:
        """An answer that is being written from the document."""
        made: Answer = AnswerFactory(asker=asker, status="reasoning", outcome="", text="", finished_at=None)
        passage = passage_json(document)
        stream.append(made.pk, Retrieved([{"rank": 1, "marker": 1, "passage": passage}]))
        stream.append(made.pk, AnswerDelta("Net debt fell"))
        return made

    def follow(
        self, asker: User, answer: Answer, then: Callable[[], object], last: str | None = None
    ) -> tuple[list[Event | None], float]:
        """Return what is told, and how many seconds after `then` was done it ended."""
        scope = scope_of(asker)

        async def told() -> tuple[list[Event | None], float]:
            loop, done = asyncio.get_running_loop(), 0.0
            events: list[Event | None] = []
            async with asyncio.timeout(8):
                async for _, event in follow(scope, answer.pk, last):
                    events.append(event)
                    if isinstance(event, AnswerDelta):
                        await loop.run_in_executor(None, _closing, then)
                        done = loop.time()
            return events, loop.time() - done

        return asyncio.run(told())

    def test_it_ends_within_two_seconds_of_a_revocation(
        self, manager: User, asker: User, document: Document, asked: Answer
    ) -> None:
        events, seconds = self.follow(
            asker, asked, lambda: revoke_role(scope_of(manager), document.collection, user=asker)
        )
        assert [type(event) for event in events] == [Retrieved, AnswerDelta, Failed]
        assert events[-1].code == "withheld"  # type: ignore[union-attr]
        assert seconds < 2

    def test_it_ends_when_the_document_is_narrowed(
        self, manager: User, asker: User, document: Document, asked: Answer
    ) -> None:
        events, seconds = self.follow(asker, asked, lambda: narrow_document(scope_of(manager), document, [], []))
        assert isinstance(events[-1], Failed)
        assert seconds < 2

    def test_it_ends_when_the_account_is_closed(self, asker: User, asked: Answer) -> None:
        events, seconds = self.follow(asker, asked, lambda: User.objects.filter(pk=asker.pk).update(is_active=False))
        assert events[-1].code == "not_found"  # type: ignore[union-attr]
        assert seconds < 2

    def test_who_has_no_access_is_told_nothing_from_the_beginning_nor_from_the_middle(
        self, manager: User, asker: User, document: Document, asked: Answer
    ) -> None:
        revoke_role(scope_of(manager), document.collection, user=asker)
        for last in (None, "1-0"):
            events, _ = self.follow(asker, asked, lambda: None, last)
            assert [type(event) for event in events] == [Failed]


def _closing(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()
