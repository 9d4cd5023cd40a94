"""The auditor's list and one record, told from its sealed bytes."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.actors import Actor
from apps.audit.log import Subject
from apps.audit.models import Record
from tests.factories import DocumentFactory, UserFactory, owned_by
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.django_db

ASKER = Actor("user", "1", "Ingrid Falk", "10.0.0.7", "req-1")


@pytest.fixture
def auditor(db: None) -> SignedIn:
    return SignedIn(UserFactory(name="Marta Oyelaran", is_auditor=True))


def entry(action: Action = Action.COLLECTION_CREATED, label: str = "Credit file", **fields: Any) -> Record:
    with transaction.atomic():
        return log.record(action, Subject("collection", "c1", label), actor=fields.pop("actor", ASKER), **fields)


def sealed_answer(**changes: Any) -> dict[str, Any]:
    document = str(DocumentFactory().pk)
    return {
        "question": "By how much did net debt rise?",
        "effort": "standard",
        "status": "done",
        "outcome": "answered",
        "notice": {"code": "", "detail": ""},
        "error": {"code": "", "detail": ""},
        "scope": {"collections": [], "documents": [], "permitted": [{"id": "c1", "name": "Credit file"}]},
        "candidates": [
            {
                "rank": 1, "marker": 1, "stage": "prompt", "reason": "used", "passage": "p1", "document": document,
                "version_id": "v1", "page": 84, "sha256": "ab" * 32, "scores": {},
            },
            {
                "rank": 2, "marker": None, "stage": "fuse", "reason": "below_k", "passage": "p2", "document": document,
                "version_id": "v1", "page": 3, "sha256": "cd" * 32, "scores": {},
            },
        ],
        "documents": [
            {"document": document, "title": "Annual Report 2025", "version": 2, "version_id": "v1", "sha256": "77e1" * 16}
        ],
        "prompts": [
            {
                "name": "answer",
                "hash": "41aa" * 16,
                "messages": [
                    {
                        "role": "user",
                        "content": "Answer.\n[passage 1 begin]\nNet debt | 1,204\n<script>alert(1)</script>\n[passage 1 end]\nQuestion: x",
                    }
                ],
            }
        ],
        "model": {"name": "r1", "label": "R1 32B", "revision": "711ad2e", "endpoint": "http://m/v1", "parameters": {"temperature": 0.6}},
        "reasoning": {"text": "Note 19 gives both.\n\nThe change is 117.", "source": "field", "cut": False},
        "text": "Net debt rose by 117 [1]. It may fall.",
        "claims": [
            {"text": "Net debt rose by 117 [1].", "markers": [1], "verdict": "unchecked", "why": "Not compared.", "score": None},
            {"text": "It may fall.", "markers": [], "verdict": "unchecked", "why": "No passage is cited.", "score": None},
        ],
        "citations": [{"marker": 1, "passage": "p1", "quote": "Net debt | 1,204", "quote_found": True}],
        "absence": None,
        "searched": 2318,
        "index_generation": "1:mini",
        "usage": {"prompt_tokens": 6412, "reasoning_tokens": 1912, "answer_tokens": 386, "seconds": {"total": 31.4}},
        "asked_at": "2025-07-03T14:31:36+00:00",
        "started_at": "2025-07-03T14:31:36+00:00",
        "finished_at": "2025-07-03T14:32:07+00:00",
    } | changes  # fmt: skip


def answered(**changes: Any) -> Record:
    return entry(Action.ANSWER_FINISHED, "By how much", data=sealed_answer(**changes), answer="a1")


def text_of(auditor: SignedIn, address: str) -> str:
    response = auditor.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("roles", [{}, {"is_administrator": True}])
def test_these_pages_exist_for_auditors_only(roles: dict[str, bool]) -> None:
    other = SignedIn(UserFactory(**roles))
    made = entry()
    assert other.get("/audit/").status_code == 404
    assert other.get(f"/audit/records/{made.sequence}/").status_code == 404
    assert other.post("/audit/verify/").status_code == 404
    assert not Record.objects.filter(action__startswith="audit.").exists()


def test_the_list_tells_who_did_what_newest_first(auditor: SignedIn) -> None:
    entry(label="First")
    entry(label="Second")
    html = text_of(auditor, "/audit/")
    assert html.index("Second") < html.index("First")
    assert "Created a collection" in html
    assert "Ingrid Falk" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=collection.created", "Credit file"),
        ("actor=ingrid", "Credit file"),
        ("q=credit", "Credit file"),
        ("q=1", "Credit file"),
        ("from=2000-01-01", "Credit file"),
        ("to=2000-01-01", "No record matches"),
        ("action=document.deleted", "No record matches"),
        ("document=d9", "No record matches"),
        ("actor=nobody", "No record matches"),
    ],
)
def test_filters_narrow(auditor: SignedIn, query: str, found: str) -> None:
    entry()
    assert found in text_of(auditor, f"/audit/?{query}")


def test_a_date_that_is_none_is_said_and_does_not_narrow(auditor: SignedIn) -> None:
    entry()
    html = text_of(auditor, "/audit/?from=yesterday")
    assert "is neither a date nor a time" in html
    assert "Credit file" in html


def test_older_records_are_a_link_away_and_keep_the_filter(auditor: SignedIn) -> None:
    for n in range(30):
        entry(label=f"Collection {n:02}")
    html = text_of(auditor, "/audit/?action=collection.created")
    assert "Collection 29" in html
    assert "Collection 04" not in html
    link = 'href="?action=collection.created&amp;before=6"'
    assert link in html
    assert "Collection 04" in text_of(auditor, "/audit/?action=collection.created&before=6")


def test_looking_is_recorded_once_for_the_same_filter(auditor: SignedIn) -> None:
    entry()
    for _ in range(3):
        text_of(auditor, "/audit/?q=credit")
    text_of(auditor, "/audit/?q=credit&before=9")
    text_of(auditor, "/audit/?q=other")
    listed = [log.read_body(r)["data"]["filters"] for r in Record.objects.filter(action=Action.AUDIT_LISTED)]
    assert sorted(str(f) for f in listed) == sorted(str(f) for f in [{"q": "credit"}, {"q": "other"}])


def test_verifying_says_that_the_chain_is_whole_and_is_recorded(auditor: SignedIn) -> None:
    entry()
    assert auditor.post("/audit/verify/").headers["Location"] == "/audit/"
    assert "The chain is whole" in text_of(auditor, "/audit/")
    assert log.read_body(Record.objects.get(action=Action.AUDIT_VERIFIED))["data"]["checked"] == 1


def test_a_record_that_was_changed_is_found_named_and_not_repaired(auditor: SignedIn) -> None:
    made = entry()
    entry()
    _change_behind_the_back(made)
    auditor.post("/audit/verify/")
    html = text_of(auditor, "/audit/")
    assert f"record {made.sequence}" in html
    assert "Nothing was repaired." in html
    opened = text_of(auditor, f"/audit/records/{made.sequence}/")
    assert "The seal is broken" in opened
    assert "The seal holds" not in opened


def _change_behind_the_back(made: Record) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_record SET subject_label = 'Other' WHERE sequence = %s", [made.sequence])
        cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER USER")


def test_the_record_of_an_answer_is_told_in_plain_words(auditor: SignedIn) -> None:
    html = text_of(auditor, f"/audit/records/{answered().sequence}/")
    for told in [
        "3 July 2025, 14:31:36 UTC",
        "Ingrid Falk asked one question.",
        "The model was given 1 passage of 1 document, all of them open to the asker at that moment.",
        "2 sentences came back; 1 of them cite a passage.",
        "By how much did net debt rise?",
        "The search looked at 2,318 passages that the asker could read, and at no others.",
        "Annual Report 2025, p. 84",
        "Too far down 1",
        "Not checked",
        "No passage is cited.",
        "Note 19 gives both.",
        "R1 32B, revision 711ad2e",
        "temperature 0.6",
        "6,412 prompt, 1,912 reasoning, 386 answer",
        "10.0.0.7",
        "The seal holds",
    ]:
        assert told in html, told


def test_evidence_in_the_prompt_is_marked_and_inert(auditor: SignedIn) -> None:
    html = text_of(auditor, f"/audit/records/{answered().sequence}/")
    assert html.count('<li class="ev"') == 4
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def test_an_auditor_gets_a_link_only_to_what_they_may_read_themselves(auditor: SignedIn) -> None:
    made = answered()
    assert ">See<" not in text_of(auditor, f"/audit/records/{made.sequence}/")
    mine = DocumentFactory(collection=owned_by(User.objects.get(name="Marta Oyelaran")))
    data = sealed_answer()
    for candidate in data["candidates"]:
        candidate["document"] = str(mine.pk)
    made = entry(Action.ANSWER_FINISHED, data=data, answer="a2")
    assert f"/documents/{mine.pk}/?page=84&amp;passage=p1" in text_of(auditor, f"/audit/records/{made.sequence}/")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outcome": "not_in_documents", "claims": [], "text": ""}, "The documents did not answer it."),
        ({"outcome": "extracted", "model": {}, "prompts": []}, "No model wrote them: they are quotations."),
        ({"status": "failed", "error": {"code": "x", "detail": "The worker stopped."}}, "No answer came of it."),
        ({"status": "cancelled"}, "The asker stopped it."),
        ({"candidates": [], "documents": []}, "No passage was shown to a model."),
    ],
)
def test_every_ending_has_its_words(auditor: SignedIn, changes: dict[str, Any], told: str) -> None:
    assert told in text_of(auditor, f"/audit/records/{answered(**changes).sequence}/")


def test_opening_is_recorded_and_shown_as_this_reading(auditor: SignedIn) -> None:
    made = answered()
    html = text_of(auditor, f"/audit/records/{made.sequence}/")
    opened = Record.objects.get(action=Action.AUDIT_OPENED)
    assert (opened.subject_type, opened.subject_id, opened.actor_label) == (
        "record",
        str(made.sequence),
        "Marta Oyelaran",
    )
    assert "This reading" in html


def test_later_events_of_the_same_answer_are_listed(auditor: SignedIn) -> None:
    made = answered()
    entry(Action.FEEDBACK_GIVEN, "By how much", answer="a1")
    entry(Action.FEEDBACK_GIVEN, "Another", answer="a2")
    html = text_of(auditor, f"/audit/records/{made.sequence}/")
    assert html.count("Gave feedback") == 1


def test_any_other_record_shows_everything_that_was_sealed(auditor: SignedIn) -> None:
    made = entry(
        data={"name": "Credit file", "grants": [{"role": "reader", "to": "Legal"}], "public": False, "tags": ["a", "b"]}
    )
    html = text_of(auditor, f"/audit/records/{made.sequence}/")
    for told in ["Created a collection", "collection.created", "reader", "Legal", "a, b", "10.0.0.7", "req-1"]:
        assert told in html, told


def test_a_record_that_is_not_there_is_not_found(auditor: SignedIn) -> None:
    assert auditor.get("/audit/records/9999/").status_code == 404


def test_more_records_take_no_more_queries(auditor: SignedIn) -> None:
    answered()
    text_of(auditor, "/audit/")
    with CaptureQueriesContext(connection) as few:
        text_of(auditor, "/audit/")
    for _ in range(10):
        answered()
    with CaptureQueriesContext(connection) as many:
        text_of(auditor, "/audit/")
    assert len(many) == len(few)
