"""An answer beside its sources, in every way an answer can end."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Record
from apps.documents.models import Document
from apps.documents.services import delete_document
from apps.reasoning.models import Answer, Candidate, CandidateReason, Citation, Claim, Feedback, Outcome
from apps.serving.models import Endpoint
from apps.web import wording
from tests.factories import (
    AnswerFactory,
    DocumentFactory,
    PageFactory,
    UserFactory,
    answer_with_grounds,
    grant,
    owned_by,
    passage_json,
    scope_of,
)
from tests.reasoning.exported import full_answer
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(reader: User) -> Document:
    made = DocumentFactory(collection=owned_by(reader), title="Annual report 2024", version__page_count=17)
    PageFactory(version=made.latest, number=1)
    return made


def opened(visitor: SignedIn, answer: Answer) -> str:
    response = visitor.get(f"/answers/{answer.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_sentence_its_citation_and_the_page_stand_side_by_side(
    visitor: SignedIn, reader: User, document: Document
) -> None:
    answer = answer_with_grounds(reader, document)
    html = opened(visitor, answer)
    assert re.search(r'<span class="claim" id="k1" data-verdict="unchecked" data-cited="yes">Net debt was', html)
    assert f"/documents/{document.pk}/?page=1&amp;answer={answer.pk}&amp;marker=1" in html
    assert f'<image href="/documents/{document.pk}/pages/1.png" width="1000" height="1415"/>' in html
    assert 'd="M96 280 H904 V357 H96 V280 Z"' in html
    assert "Found on the page word for word" in html
    assert "Page 1 of 17" in html


def test_unchecked_sentences_are_counted_by_citation_and_never_called_supported(
    visitor: SignedIn, reader: User, document: Document
) -> None:
    html = opened(visitor, answer_with_grounds(reader, document))
    assert "1 of 1 sentence cites a passage" in html
    assert "has not been checked" in html
    assert "supported" not in html.lower().replace("not supported", "")


def test_verdicts_are_told_where_there_are_some(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = answer_with_grounds(reader, document, text="Debt rose [1]. Lenders waive this.")
    Claim.objects.filter(answer=answer).update(text="Debt rose [1].", verdict="supported")
    Claim.objects.create(
        answer=answer, ordinal=2, text="Lenders waive this.", start=15, end=34, verdict="unsupported", why="No passage."
    )
    html = opened(visitor, answer)
    assert "1 of 2 claims supported" in html
    assert '<span data-tone="bad">1 not supported</span>' in html
    assert '<a class="verdict" data-verdict="unsupported" href="#n2">Not supported</a>' in html
    assert 'id="n2" data-verdict="unsupported"' in html


def test_every_other_passage_says_what_became_of_it(visitor: SignedIn, reader: User, document: Document) -> None:
    html = opened(visitor, answer_with_grounds(reader, document))
    assert "3 passages found: 1 cited, 1 read and not cited, 1 set aside" in html
    assert "Read, not cited" in html
    assert "Too far down" in html


@pytest.mark.parametrize("reason", CandidateReason.values)
def test_no_code_of_a_candidate_is_without_a_word(reason: str) -> None:
    assert wording.reason(reason) not in {"", reason}


@pytest.mark.parametrize("outcome", Outcome.values)
def test_no_code_of_an_outcome_is_without_a_word(outcome: str) -> None:
    assert wording.outcome(outcome) not in {"", outcome}


def test_quotations_say_that_no_model_wrote_them(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = answer_with_grounds(
        reader,
        document,
        outcome="extracted",
        reasoning="",
        model={},
        notice_code="model_none",
        notice="None is set up.",
    )
    html = opened(visitor, answer)
    assert "What follows is quoted, not reasoned." in html
    assert "None is set up." in html
    assert "<b>1 quotation</b>" in html
    assert "Not reasoned" in html
    assert 'name="question" value="How much was net debt at the end of the year?"' in html


def test_a_demonstration_model_is_called_one(visitor: SignedIn, reader: User, document: Document) -> None:
    html = opened(visitor, answer_with_grounds(reader, document, model={"name": "tiny", "demonstration": True}))
    assert "it does not reason well" in html


def test_a_failure_says_why_and_offers_to_ask_again(visitor: SignedIn, reader: User) -> None:
    why = "The worker that was writing this answer stopped."
    answer = AnswerFactory(
        asker=reader, status="failed", outcome="", text="", error_code="interrupted", error_detail=why
    )
    html = opened(visitor, answer)
    assert "No answer was written." in html
    assert why in html
    assert "Ask again" in html


def test_what_was_written_before_a_stop_is_kept(visitor: SignedIn, reader: User) -> None:
    html = opened(visitor, AnswerFactory(asker=reader, status="cancelled", outcome="", text="Half an answer"))
    assert "You stopped this answer." in html
    assert "Half an answer" in html


def test_most_sentences_without_a_passage_are_warned_of(visitor: SignedIn, reader: User) -> None:
    answer = AnswerFactory(asker=reader, text="One. Two.")
    Claim.objects.create(answer=answer, ordinal=1, text="One.", start=0, end=4)
    Claim.objects.create(answer=answer, ordinal=2, text="Two.", start=5, end=9)
    assert "Most sentences of this answer rest on no passage." in opened(visitor, answer)


def test_a_running_answer_shows_its_steps_and_can_be_stopped(visitor: SignedIn, reader: User) -> None:
    answer = AnswerFactory(asker=reader, status="retrieving", outcome="", text="", finished_at=None)
    html = opened(visitor, answer)
    assert f'data-stream="/answers/{answer.pk}/stream"' in html
    assert f'action="/answers/{answer.pk}/stop"' in html
    assert 'http-equiv="refresh"' in html
    assert '<li data-state="now">' in html


def test_stopping_marks_the_answer(visitor: SignedIn, reader: User) -> None:
    answer = AnswerFactory(
        asker=reader,
        status="reasoning",
        outcome="",
        finished_at=None,
        lease_until=timezone.now() + timedelta(seconds=9),
    )
    response = visitor.post(f"/answers/{answer.pk}/stop")
    assert response.headers["Location"] == f"/answers/{answer.pk}/"
    answer.refresh_from_db()
    assert answer.cancel_requested


def test_the_documents_do_not_answer(visitor: SignedIn, reader: User, document: Document) -> None:
    absence = {
        "queries": [{"text": "fine imposed by regulator", "legs": ["vector", "keyword"]}],
        "collections": [],
        "searched": {
            "documents": 14, "documents_read": 13, "pages": 641, "pages_read": 627, "passages": 2318,
            "index_generation": "1:all-MiniLM-L6-v2",
        },
        "unreadable": [{"document": {"id": str(document.pk), "title": "Scan"}, "pages": [3], "code": "unread", "detail": ""}],
        "nearest": [passage_json(document)],
    }  # fmt: skip
    html = opened(visitor, AnswerFactory(asker=reader, outcome="not_in_documents", text="", absence=absence))
    assert "The documents do not answer this." in html
    assert "14 of the 641 pages could not be read well" in html
    assert "<b>2,318</b> searched" in html
    assert "fine imposed by regulator" in html
    assert f'<image href="/documents/{document.pk}/pages/1.png"' in html
    assert "Whether others exist is not said here." in html


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_hostile_words_stay_words_wherever_they_come_from(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(reader, name=HOSTILE), title=HOSTILE)
    PageFactory(version=document.latest, number=1)
    text = f"{HOSTILE} [1]."
    answer = answer_with_grounds(reader, document, question=HOSTILE, text=text, reasoning=HOSTILE)
    Citation.objects.filter(answer=answer).update(quote=HOSTILE)
    for candidate in Candidate.objects.filter(answer=answer):
        candidate.passage |= {"text": HOSTILE, "heading": HOSTILE}
        candidate.save()
    for address in (f"/answers/{answer.pk}/", "/", "/answers/"):
        html = visitor.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_what_rests_on_documents_that_may_no_longer_be_opened_is_withheld(visitor: SignedIn, reader: User) -> None:
    answer = answer_with_grounds(reader, DocumentFactory(title="Salaries 2025"))
    for html in (opened(visitor, answer), visitor.get("/answers/").content.decode()):
        assert answer.question in html
        assert "withheld" in html.lower()
        assert not [secret for secret in ("4,120 million", "Salaries 2025", "pages/1.png") if secret in html]


def test_what_is_gone_is_said_and_its_page_is_not_shown(visitor: SignedIn, reader: User) -> None:
    document = DocumentFactory(collection=owned_by(reader))
    answer = answer_with_grounds(reader, document)
    delete_document(scope_of(reader), document)
    html = opened(visitor, answer)
    assert "pages/1.png" not in html
    assert "<mark>Net debt fell to 4,120 million.</mark>" in html


@pytest.mark.parametrize("path", ["", "stop", "feedback"])
def test_somebody_elses_answer_does_not_exist(visitor: SignedIn, path: str) -> None:
    other = answer_with_grounds(UserFactory())
    missing = uuid.uuid4()
    ask = visitor.post if path else visitor.get
    theirs, nothing = ask(f"/answers/{other.pk}/{path}"), ask(f"/answers/{missing}/{path}")
    assert theirs.status_code == nothing.status_code == 404


def test_feedback_is_kept_and_shown(visitor: SignedIn, reader: User) -> None:
    answer = AnswerFactory(asker=reader)
    assert visitor.post(f"/answers/{answer.pk}/feedback", {"rating": "down"}).status_code == 303
    assert Feedback.objects.get(answer=answer).rating == "down"
    assert Record.objects.filter(action="feedback.given", answer=str(answer.pk)).exists()
    assert re.search(r'value="none" aria-pressed="true">No<', opened(visitor, answer))
    fragment = visitor.post(f"/answers/{answer.pk}/feedback", {"rating": "up"}, headers={"HX-Request": "true"})
    assert re.search(r'value="none" aria-pressed="true">Yes<', fragment.content.decode())


def test_the_record_is_linked_for_auditors_only(visitor: SignedIn, reader: User) -> None:
    answer = AnswerFactory(asker=reader, record_sequence=48213, record_hash="9f3c41d8" * 8)
    html = opened(visitor, answer)
    assert "<b>48,213</b>" in html
    assert "Open record" not in html
    reader.is_auditor = True
    reader.save()
    assert "/audit/records/48213/" in opened(visitor, answer)


def test_the_copy_carries_the_sources(visitor: SignedIn, reader: User, document: Document) -> None:
    html = opened(visitor, answer_with_grounds(reader, document))
    copied = re.search(r'<template id="to-copy">(.*?)</template>', html, re.S)
    assert copied is not None
    assert "[1] Annual report 2024, p. 1: “Net debt fell to 4,120 million.”" in copied[1]


def test_a_long_answer_takes_no_more_queries(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = answer_with_grounds(reader, document)
    with CaptureQueriesContext(
        connection,
    ) as few:
        opened(visitor, answer)
    candidate = Candidate.objects.get(answer=answer, marker=1)
    for n in range(3, 23):
        more = Candidate.objects.create(
            answer=answer, rank=n + 10, marker=n, stage="prompt", reason="used", passage_id=uuid.uuid4(),
            document_id=document.pk, collection_id=document.collection_id, version_id=candidate.version_id,
            passage=candidate.passage | {"id": str(uuid.uuid4())},
        )  # fmt: skip
        more.passage["id"] = str(more.passage_id)
        more.save()
        Citation.objects.create(answer=answer, candidate=more, marker=n, quote="Net debt", quote_found=True, boxes=[])
    with CaptureQueriesContext(connection) as many:
        opened(visitor, answer)
    assert len(many) == len(few) <= 28


def test_reading_somebody_elses_collection_shows_their_name_for_it(visitor: SignedIn, reader: User) -> None:
    collection = owned_by(UserFactory(), name="Halden Water: credit file")
    answer: Any = AnswerFactory(asker=reader, collections=[collection.pk])
    assert "A collection that is no longer yours to read" in opened(visitor, answer)
    grant(collection, reader)
    assert "Halden Water: credit file" in opened(visitor, answer)


def test_the_account_says_who_counted_and_what_it_cost(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = answer_with_grounds(reader, document)
    answer.matter = "A-2024/17"
    answer.account = {"amount": "0.028", "currency": "GBP", "basis": {"code": "no_price"}, "energy_wh": 4.2}
    answer.usage = {
        "prompt_tokens": 6412,
        "cached_tokens": 4096,
        "reasoning_tokens": 1912,
        "answer_tokens": 386,
        "source": {"prompt_tokens": "server", "reasoning_tokens": "split", "answer_tokens": "estimated"},
        "seconds": {"queue": 2.1, "retrieve": 0.4, "prefill": 1.1, "decode": 25.1, "verify": 5.9, "total": 34.6},
    }
    answer.save()
    html = opened(visitor, answer)
    assert "£0.028, charged to A-2024/17" in html
    for label, count in (("Prompt", "6,412"), ("of it from the cache", "4,096"), ("Energy", "4.2\u00a0Wh")):
        assert f"<dt>{label}</dt><dd>{count}</dd>" in html
    assert '1,912 <span class="sub">the endpoint’s sum, split by our own count</span>' in html
    assert '386 <span class="sub">our own estimate</span>' in html
    assert "Waiting 2.1\u00a0s, Retrieving 0.4\u00a0s, Reading the prompt 1.1\u00a0s" in html


def test_an_answer_that_another_model_wrote_says_so(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = answer_with_grounds(reader, document)
    why = "The first endpoint could not be reached. Another one wrote this."
    degraded = {"from": "Own server", "code": "model_down", "detail": why}
    answer.model = {"name": "r1", "endpoint_name": "Azure West Europe", "degraded": degraded}
    answer.save()
    html = opened(visitor, answer)
    assert "Azure West Europe wrote this in place of Own server." in html
    assert why in html


def test_asking_again_with_more_effort_says_what_it_costs(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = answer_with_grounds(reader, document)
    assert "Ask again with" not in opened(visitor, answer)
    Endpoint.objects.create(
        name="Own server",
        kind="vllm",
        base_url="http://gpu:8000/v1",
        model="r1",
        currency="GBP",
        price_prompt=Decimal(1),
        price_output=Decimal(4),
    )
    html = opened(visitor, answer)
    assert re.search(r"Ask again with Deep effort, about £0\.\d+", html)
    assert '<input type="hidden" name="effort" value="deep">' in html
    Answer.objects.filter(pk=answer.pk).update(effort="deep")
    assert "Ask again with" not in opened(visitor, answer)


def test_a_question_in_line_says_where_it_stands(visitor: SignedIn, reader: User) -> None:
    first, second = (AnswerFactory(asker=reader, status="queued", finished_at=None, question="Why?") for _ in range(2))
    assert "next in line" in opened(visitor, first)
    assert "number 2 in line" in opened(visitor, second)


def test_pressing_the_same_again_takes_feedback_back(visitor: SignedIn, reader: User) -> None:
    answer = answer_with_grounds(reader)
    path = f"/answers/{answer.pk}/feedback"
    fragment = visitor.post(path, {"rating": "up", "claim": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'value="none" aria-pressed="true">Agree' in fragment
    assert Feedback.objects.get(answer=answer).claim.ordinal == 1
    fragment = visitor.post(path, {"rating": "none", "claim": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'value="up" aria-pressed="false">Agree' in fragment
    assert not Feedback.objects.filter(answer=answer).exists()
    assert Record.objects.filter(action="feedback.withdrawn", answer=str(answer.pk)).count() == 1


def test_what_one_thought_of_a_claim_is_shown_again(visitor: SignedIn, reader: User, document: Document) -> None:
    answer = full_answer(reader, document)
    visitor.post(f"/answers/{answer.pk}/feedback", {"rating": "down", "claim": "3"})
    assert re.search(r'value="none" aria-pressed="true">\s*Dispute', opened(visitor, answer))
